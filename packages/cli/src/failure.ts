/** What an operation failed with: for people to read, and as the exit code. */
import type { IntrospectionError } from "@fiberline/client/Introspection"
import * as Effect from "effect/Effect"
import type { Conceal } from "./conceal.js"
import * as Ending from "./ending.js"
import { Ended, ExitCode } from "./exit.js"
import { printable } from "./printable.js"
import { Status } from "./status.js"

export type Failure = Ending.OperationFailure | IntrospectionError

export const exitCodeOf = (error: Failure): ExitCode => {
  switch (error._tag) {
    case "NetworkError":
      return ExitCode.Network
    case "ProtocolError":
      return ExitCode.Protocol
    case "EncodeError":
      return ExitCode.Usage
    case "IntrospectionError":
      return error.reason === "Invalid" ? ExitCode.Protocol : ExitCode.OperationErrors
    default:
      return ExitCode.OperationErrors
  }
}

/** Says so, and ends with it. */
export const failed = (
  error: Failure,
  hide: Conceal,
  ...more: ReadonlyArray<string>
): Effect.Effect<never, Ended, Status> =>
  Effect.flatMap(Status, ({ complain }) =>
    Effect.zipRight(
      complain(...describe(error, hide), ...more),
      new Ended({ code: exitCodeOf(error) })
    )
  )

/** What it is, what it says, and whatever more is known of it. */
export const describe = (error: Failure, hide: Conceal): ReadonlyArray<string> => {
  if (error._tag === "IntrospectionError") return [printable(hide(error.message))]
  const ending = hide(Ending.ofFailure(error))
  return [Ending.show(ending), printable(ending.message), ...hide(because(error)).map(printable)]
}

/** The same in a part of a line. */
export const summary = (error: Ending.OperationFailure, hide: Conceal): string =>
  [Ending.ofFailure(error).detail, ...because(error)]
    .map((text) => printable(hide(text)))
    .join("; ")

const because = (error: Ending.OperationFailure): ReadonlyArray<string> => {
  const cause = causeOf(error)
  const said =
    error._tag === "NetworkError" && error.reason._tag === "RequestRejected"
      ? error.reason.body
      : error._tag === "ProtocolError"
        ? error.received
        : undefined
  return [
    ...(cause === undefined ? [] : [`because of: ${cause}`]),
    ...(said ? [`it sent: ${said.slice(0, 200)}`] : [])
  ]
}

const causeOf = (error: Ending.OperationFailure): string | undefined => {
  if (!("cause" in error && error.cause instanceof Error)) return undefined
  const { cause } = error
  // Node's error for a name with several addresses has nothing to say but its code.
  return cause.message || ("code" in cause ? String(cause.code) : cause.name)
}
