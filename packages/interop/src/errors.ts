/** Telling the client's errors apart. */
import { NetworkError } from "@fiberline/client/NetworkError"
import { OperationError } from "@fiberline/client/OperationError"
import * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import * as Option from "effect/Option"

const errorOf = (exit: Exit.Exit<unknown, unknown>): unknown =>
  exit._tag === "Failure" ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined

export const isOperationError = (
  exit: Exit.Exit<unknown, unknown>,
  matches: (error: OperationError) => boolean
): boolean => {
  const error = errorOf(exit)
  return error instanceof OperationError && matches(error)
}

export const isNetworkError = (
  exit: Exit.Exit<unknown, unknown>,
  reason: NetworkError["reason"]["_tag"]
): boolean => {
  const error = errorOf(exit)
  return error instanceof NetworkError && error.reason._tag === reason
}

/** HTTP's, and what became of them among close codes. */
const refusals: ReadonlyArray<unknown> = [401, 403, 4401, 4403]

/** Whether a NetworkError says that credentials were refused: by a status, a close code or a message. */
export const isRefusal = (exit: Exit.Exit<unknown, unknown>): boolean => {
  const error = errorOf(exit)
  if (!(error instanceof NetworkError)) return false
  const { reason } = error
  return (
    reason._tag === "ConnectionRejected" ||
    ("code" in reason && refusals.includes(reason.code)) ||
    ("status" in reason && refusals.includes(reason.status))
  )
}
