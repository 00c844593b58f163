import * as Cause from "effect/Cause"
import { NetworkError, type Phase, type Reason } from "../NetworkError.js"
import { ProtocolError, type Violation } from "../ProtocolError.js"

/** What ends a connection, and is therefore part of every operation's error. */
export type ConnectionError = NetworkError | ProtocolError

/**
 * The end of a connection as its operations get to know it. They differ in whether they had been
 * sent, and in nothing else, so ten thousand of them share two errors.
 */
export interface Loss {
  readonly sent: Cause.Cause<ConnectionError>
  readonly unsent: Cause.Cause<ConnectionError>
}

/** A failure that does not yet say whose it is. */
export type Failure = (sent: boolean) => ConnectionError

export const networkFailure =
  (
    reason: Reason,
    phase: Phase,
    endpoint: string,
    cause: { readonly cause?: unknown } = {}
  ): Failure =>
  (sent) =>
    new NetworkError({ reason, phase, endpoint, sent, ...cause })

export const protocolFailure =
  (fields: {
    readonly violation: Violation
    readonly detail: string
    readonly received?: string
    readonly phase: Phase
    readonly endpoint: string
    readonly cause?: unknown
  }): Failure =>
  (sent) =>
    new ProtocolError({ ...fields, sent })

export const fromFailure = (failure: Failure): Loss => ({
  sent: Cause.fail(failure(true)),
  unsent: Cause.fail(failure(false))
})

export const fromDefect = (defect: unknown): Loss => {
  const cause = Cause.die(defect)
  return { sent: cause, unsent: cause }
}
