/** What came of a check, and waits that end. */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"

export class Unexpected extends Data.TaggedError("Unexpected")<{
  readonly expected: string
  readonly came: string
}> {
  override get message(): string {
    return `expected ${this.expected}, but there came ${this.came}`
  }
}

export const unexpected = (expected: string, came: unknown): Effect.Effect<never, Unexpected> =>
  Effect.fail(
    new Unexpected({ expected, came: typeof came === "string" ? came : JSON.stringify(came) })
  )

/** Waits at most so long, whether or not what is waited for can be interrupted. */
export const within =
  (duration: Duration.DurationInput, expected: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Unexpected, R> =>
    effect.pipe(
      Effect.disconnect,
      Effect.timeoutFail({
        duration,
        onTimeout: () => new Unexpected({ expected, came: "nothing" })
      })
    )

/** What an operation ended with, in a line. */
export const tell = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.match(exit, {
    onSuccess: (value) => `${JSON.stringify(value) ?? "an end"} without an error`,
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: tellError,
        onNone: () => Cause.pretty(cause)
      })
  })

export const tellError = (error: unknown): string =>
  error instanceof Unexpected
    ? error.message
    : Predicate.hasProperty(error, "_tag") && Predicate.hasProperty(error, "message")
      ? [error._tag, reasonOf(error), error.message].filter((part) => part !== undefined).join(" ")
      : String(error)

const reasonOf = (error: object): unknown =>
  Predicate.hasProperty(error, "reason") && Predicate.hasProperty(error.reason, "_tag")
    ? `(${String(error.reason._tag)})`
    : undefined
