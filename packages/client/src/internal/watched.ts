import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Stream from "effect/Stream"
import * as Subscribable from "effect/Subscribable"

/** How many changes a watcher may fall behind; one that is slower misses the oldest of them. */
const mostBehind = 64

/**
 * A value and whoever watches it, who is told of changes only.
 *
 * Setting it is no effect, so nobody can be kept from it. With a `SubscriptionRef` everybody can: a
 * watcher that is interrupted while it begins may keep its only permit for ever.
 */
export class Watched<A> {
  readonly #watchers = new Set<(value: A) => void>()

  constructor(private current: A) {}

  set(value: A): void {
    if (Equal.equals(this.current, value)) return
    this.current = value
    for (const tell of this.#watchers) tell(value)
  }

  readonly subscribable: Subscribable.Subscribable<A> = Subscribable.make({
    get: Effect.sync(() => this.current),
    changes: Stream.asyncPush<A>(
      (emit) => {
        const tell = (value: A) => void emit.single(value)
        return Effect.acquireRelease(
          Effect.sync(() => {
            this.#watchers.add(tell)
            tell(this.current)
          }),
          () => Effect.sync(() => this.#watchers.delete(tell))
        )
      },
      { bufferSize: mostBehind, strategy: "sliding" }
    )
  })
}
