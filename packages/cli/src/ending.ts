/** How an operation ended, as its caller was told: the typed error, flattened for showing. */
import type { NetworkError } from "@fiberline/client/NetworkError"
import type {
  DecodeError,
  EncodeError,
  OperationError,
  OverflowError
} from "@fiberline/client/OperationError"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"

export type OperationFailure =
  NetworkError | ProtocolError | OperationError | DecodeError | EncodeError | OverflowError

export interface Ending {
  readonly _tag: string
  /** Which kind of it, where the error says so. */
  readonly reason: string | null
  readonly phase: string | null
  readonly sent: boolean | null
  readonly message: string
  /** The message without what the other fields say. */
  readonly detail: string
}

export const ofExit = (exit: Exit.Exit<unknown, OperationFailure>): Ending =>
  Exit.match(exit, {
    onSuccess: () => other("Completed", "the subscription completed"),
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: ofFailure,
        onNone: () =>
          Cause.isInterruptedOnly(cause)
            ? other("Interrupted", "the subscriber was interrupted")
            : other("Defect", Cause.pretty(cause))
      })
  })

export const ofFailure = (error: OperationFailure): Ending => {
  switch (error._tag) {
    case "NetworkError":
      return { ...fields(error), reason: error.reason._tag, detail: error.reason.message }
    case "ProtocolError":
      return { ...fields(error), reason: error.violation, detail: error.detail }
    default:
      return other(error._tag, error.message)
  }
}

const fields = ({ _tag, message, phase, sent }: NetworkError | ProtocolError) => ({
  _tag,
  phase,
  sent,
  message
})

const other = (_tag: string, message: string): Ending => ({
  _tag,
  reason: null,
  phase: null,
  sent: null,
  message,
  detail: message
})

/** In a line: `NetworkError KeepaliveTimeout · phase live · sent`. */
export const show = ({ _tag, reason, phase, sent }: Ending): string =>
  [
    reason === null ? _tag : `${_tag} ${reason}`,
    ...(phase === null ? [] : [`phase ${phase}`]),
    ...(sent === null ? [] : [sent ? "sent" : "not sent"])
  ].join(" · ")
