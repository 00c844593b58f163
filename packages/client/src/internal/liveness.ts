import type { Keepalive } from "@fiberline/core/Keepalive"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { KeepaliveTimeout } from "../NetworkError.js"

/** What keeping alive asks of a connection. */
export interface Watching<E> {
  /** Asks the peer for a sign of life, where the connection knows a way. */
  readonly probe: () => void
  /** A probe was answered, after so many milliseconds. */
  readonly answered: (roundTrip: number | undefined) => void
  /** Hands over what has reached this machine. */
  readonly settle: Effect.Effect<void>
  /** How the connection fails. */
  readonly silent: (reason: KeepaliveTimeout) => Effect.Effect<never, E>
}

/** Fails when the peer has been silent for too long. */
export const watch = <E>(
  keepalive: Keepalive,
  clock: Clock.Clock,
  { answered, probe, settle, silent }: Watching<E>
): Effect.Effect<never, E> => {
  const now = (): number => clock.unsafeCurrentTimeMillis()
  let answers = 0
  const look = (): Effect.Effect<never, E> => {
    if (keepalive.answers > answers) {
      answers = keepalive.answers
      answered(keepalive.roundTrip)
    }
    const due = keepalive.due(now())
    if (due === "Dead") {
      // We may have been too busy to read. What lies waiting is a sign of life.
      return Effect.flatMap(settle, () =>
        keepalive.due(now()) === "Dead" ? silent(timeout(keepalive, now())) : sleep
      )
    }
    if (due === "Probe") {
      keepalive.probed(now())
      probe()
    }
    return sleep
  }
  const sleep = Effect.flatMap(
    Effect.suspend(() => Effect.sleep(keepalive.wait(now()))),
    look
  )
  return sleep
}

const timeout = (keepalive: Keepalive, now: number): KeepaliveTimeout =>
  new KeepaliveTimeout({
    interval: Duration.millis(keepalive.settings.interval),
    timeout: Duration.millis(keepalive.settings.timeout),
    silentFor: Duration.millis(keepalive.silentFor(now))
  })
