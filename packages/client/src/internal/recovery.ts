/** What follows a failure: another attempt and when, or none. */
import type { Retry } from "@fiberline/core/CloseCode"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Intervals from "effect/ScheduleIntervals"
import type * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as NetworkError from "../NetworkError.js"
import type { ConnectionError } from "./loss.js"
import type { Options } from "./options.js"

export type Decision =
  | { readonly _tag: "Retry"; readonly at: number; readonly attempt: number }
  /** With the failure to tell, which may say more than the one that was decided on. */
  | { readonly _tag: "GiveUp"; readonly reason: NetworkError.Reason | undefined }

/** Whether trying again can help: the user's word first, then the tables of core. */
export const retryOf = (error: ConnectionError, overrides: Options["retry"]): Retry => {
  // The server broke the protocol, and would again.
  if (error._tag === "ProtocolError") return "never"
  const code = codeOf(error)
  return (code === undefined ? undefined : overrides[code]) ?? error.retry
}

const forbidden = 4403

/** The close code or the HTTP status of a server that has spoken. */
const codeOf = (error: ConnectionError): number | undefined => {
  if (error._tag === "ProtocolError") return undefined
  const { reason } = error
  return reason._tag === "ServerClosed"
    ? reason.code
    : reason._tag === "HandshakeRejected" || reason._tag === "RequestRejected"
      ? reason.status
      : reason._tag === "ConnectionRejected"
        ? // What a server that closes instead would close with.
          forbidden
        : undefined
}

/**
 * Failures in a row. The schedule is stepped by hand because Effect's own drivers either never start
 * it afresh or do so in the middle of an outage; here a connection that proved itself does.
 */
export class Recovery {
  #failures = 0
  #state: unknown
  #wasRefused = false

  constructor(
    readonly schedule: Schedule.Schedule<unknown, ConnectionError>,
    readonly overrides: Options["retry"]
  ) {
    this.#state = schedule.initial
  }

  /** Failures in a row so far. */
  get failures(): number {
    return this.#failures
  }

  /** A connection proved itself: what failed before it is forgotten. */
  reset(): void {
    this.#failures = 0
    this.#state = this.schedule.initial
    this.#wasRefused = false
  }

  /** For a failure that trying again may mend. */
  decide(error: ConnectionError): Effect.Effect<Decision> {
    return Effect.gen(this, function* () {
      this.#failures++
      if (retryOf(error, this.overrides) === "refresh") {
        if (this.#wasRefused) {
          return giveUp(new NetworkError.Unauthorized({ code: codeOf(error) ?? 0 }))
        }
        this.#wasRefused = true
      }
      const now = yield* Clock.currentTimeMillis
      const [state, , decision] = yield* this.schedule.step(now, error, this.#state)
      this.#state = state
      if (ScheduleDecision.isDone(decision)) return giveUp(undefined)
      return {
        _tag: "Retry",
        at: Math.max(now + askedToWait(error), Intervals.start(decision.intervals)),
        attempt: this.#failures
      } as const
    })
  }
}

/** Milliseconds that the server asks for: to be back earlier can only be refused again. */
const askedToWait = (error: ConnectionError): number =>
  error._tag === "NetworkError" && error.reason._tag === "RequestRejected"
    ? Duration.toMillis(error.reason.retryAfter ?? 0)
    : 0

const giveUp = (reason: NetworkError.Reason | undefined): Decision => ({ _tag: "GiveUp", reason })
