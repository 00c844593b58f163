import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Runtime from "effect/Runtime"

/** The fibers of a session. */
export class Fibers {
  readonly #running = new Set<Fiber.RuntimeFiber<unknown>>()

  constructor(readonly runtime: Runtime.Runtime<never>) {}

  /** Starts one that is nobody's child: whoever forks one is held for as long as it runs. */
  start<A>(effect: Effect.Effect<A>): Fiber.RuntimeFiber<A> {
    return Runtime.runFork(this.runtime, Effect.interruptible(effect))
  }

  /** Starts one that ends with the session at the latest. */
  fork<A>(effect: Effect.Effect<A>): Fiber.RuntimeFiber<A> {
    const fiber = this.start(effect)
    this.#running.add(fiber)
    fiber.addObserver(() => this.#running.delete(fiber))
    return fiber
  }

  get interrupt(): Effect.Effect<void> {
    return Effect.suspend(() => Fiber.interruptAll(this.#running))
  }
}
