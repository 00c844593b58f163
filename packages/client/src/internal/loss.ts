import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import { NetworkError, type Phase, type Reason } from "../NetworkError.js"
import { ProtocolError, type Violation } from "../ProtocolError.js"

/** What ends a connection, and is therefore part of every operation's error. */
export type ConnectionError = NetworkError | ProtocolError

/**
 * The end of a connection as its operations get to know it. They differ in whether they had been
 * sent, and in nothing else, so ten thousand of them share two errors, and two ends.
 */
export interface Loss {
  readonly sent: Ending
  readonly unsent: Ending
}

/** A failure as an operation's, and as the end of what is taken from. */
export interface Ending {
  readonly cause: Cause.Cause<ConnectionError>
  readonly end: Cause.Cause<Option.Option<ConnectionError>>
}

const endingBy = (cause: Cause.Cause<ConnectionError>): Ending => ({
  cause,
  end: Cause.map(cause, Option.some)
})

/**
 * A failure that does not yet say whose it is.
 *
 * Within a span Effect hands a failure on behind a proxy, which has no `#fields`.
 */
export class Failure {
  private sent: ConnectionError | undefined = undefined
  private unsent: ConnectionError | undefined = undefined

  constructor(readonly make: (sent: boolean) => ConnectionError) {}

  /** The error for an operation that was sent, or for one that was not: made once, when it is needed. */
  of(sent: boolean): ConnectionError {
    return sent ? (this.sent ??= this.make(true)) : (this.unsent ??= this.make(false))
  }

  /** What a span that ends with it shows. */
  toString(): string {
    return this.of(false).message
  }
}

export const networkFailure = (
  reason: Reason,
  phase: Phase,
  endpoint: string,
  cause: { readonly cause?: unknown } = {}
): Failure => new Failure((sent) => new NetworkError({ reason, phase, endpoint, sent, ...cause }))

/** What there is to say of a violation, wherever it was found. */
export interface ViolationFields {
  readonly violation: Violation
  readonly detail: string
  readonly received?: string
  readonly cause?: unknown
}

export const protocolFailure = (
  fields: ViolationFields & { readonly phase: Phase; readonly endpoint: string }
): Failure => new Failure((sent) => new ProtocolError({ ...fields, sent }))

export const fromFailure = (failure: Failure): Loss => ({
  sent: endingBy(Cause.fail(failure.of(true))),
  unsent: endingBy(Cause.fail(failure.of(false)))
})

export const fromDefect = (defect: unknown): Loss => {
  const ending = endingBy(Cause.die(defect))
  return { sent: ending, unsent: ending }
}
