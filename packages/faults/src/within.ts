/** Waits that end. */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** What should have happened by now did not, and it is not what was being measured. */
export class Stuck extends Data.TaggedError("Stuck")<{ readonly waitedFor: string }> {
  override get message(): string {
    return `waited in vain for ${this.waitedFor}`
  }
}

/** Waits at most so long, whether or not what is waited for can be interrupted. */
export const within =
  (duration: Duration.DurationInput, waitedFor: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Stuck, R> =>
    effect.pipe(
      Effect.disconnect,
      Effect.timeoutFail({ duration, onTimeout: () => new Stuck({ waitedFor }) })
    )
