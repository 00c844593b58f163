/** What is measured and logged of connections and messages. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"
import * as Metrics from "../Metrics.js"
import type * as Loss from "./loss.js"

/** A connection is live. */
export const connected = (): void => {
  Metrics.connections.unsafeUpdate(1, [])
  Metrics.attempts.unsafeUpdate(1, [MetricLabel.make("outcome", "live")])
}

/** A connection is over, or an attempt at one has failed. */
export const ended = (exit: Exit.Exit<void, Loss.Failure>, wasLive: boolean): void => {
  const reason = Option.map(
    Exit.isFailure(exit) ? Cause.failureOption(exit.cause) : Option.none(),
    (failure) => {
      const error = failure.of(wasLive)
      return error._tag === "NetworkError" ? error.reason : error
    }
  )
  if (wasLive) {
    Metrics.connections.unsafeUpdate(-1, [])
  } else {
    const outcome = Option.isSome(reason) ? reason.value._tag : "Interrupted"
    Metrics.attempts.unsafeUpdate(1, [MetricLabel.make("outcome", outcome)])
  }
  if (Option.isSome(reason) && reason.value._tag === "KeepaliveTimeout") {
    Metrics.detection.unsafeUpdate(Duration.toSeconds(reason.value.silentFor), [])
  }
}

/** In milliseconds. */
export const roundTrip = (millis: number): void => Metrics.roundTrip.unsafeUpdate(millis / 1000, [])

/** In milliseconds. */
export const closed = (millis: number): void => Metrics.closing.unsafeUpdate(millis / 1000, [])

const incoming = [MetricLabel.make("direction", "in")]
const outgoing = [MetricLabel.make("direction", "out")]

export const received = (text: string): void => count(incoming, text)

export const sent = (text: string): void => count(outgoing, text)

const count = (direction: ReadonlyArray<MetricLabel.MetricLabel>, text: string): void => {
  Metrics.messages.unsafeUpdate(1, direction)
  Metrics.bytes.unsafeUpdate(text.length, direction)
}

/** At debug: whether a lost connection is worth more is for the application to say. */
export const log = (
  message: string,
  cause: Loss.ConnectionError,
  annotations: { readonly attempt: number }
): Effect.Effect<void> =>
  Effect.annotateLogs(Effect.logDebug(message, cause.message), {
    endpoint: cause.endpoint,
    ...annotations
  })
