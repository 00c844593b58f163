/**
 * Races: the first to end decides, and has the others interrupted and waited for, so that whoever lost
 * has ended when the race has.
 *
 * By hand because Effect's own (`raceFirst`, `timeout`, all that is made of `raceFibersWith`) makes its
 * fibers one instruction before it starts them. A parent that is interrupted in between waits without
 * end for children that never began. Here each fiber is made and started in one instruction.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"

/** Ends as the first of them does. Where the race cannot be interrupted, those who lose still can. */
export const raceFirst = <A, E, R>(
  ...contestants: ReadonlyArray<Effect.Effect<A, E, R>>
): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const first = Deferred.unsafeMake<A, E>(FiberId.none)
      const fibers: Array<Fiber.RuntimeFiber<A, E>> = []
      for (const contestant of contestants) {
        const fiber = yield* Effect.fork(Effect.interruptible(contestant))
        fiber.addObserver((exit) => Deferred.unsafeDone(first, exit))
        fibers.push(fiber)
      }
      return yield* Effect.ensuring(restore(Deferred.await(first)), Fiber.interruptAll(fibers))
    })
  )

/** Runs an effect for at most so many milliseconds, and then, once it is interrupted, the other. */
export const within = <A, E, R, A2, E2, R2>(
  millis: number,
  effect: Effect.Effect<A, E, R>,
  onTimeout: () => Effect.Effect<A2, E2, R2>
): Effect.Effect<A | A2, E | E2, R | R2> =>
  Effect.flatten(
    raceFirst<Effect.Effect<A | A2, E2, R2>, E, R>(
      Effect.map(effect, Effect.succeed<A>),
      Effect.as(Effect.sleep(millis), Effect.suspend(onTimeout))
    )
  )
