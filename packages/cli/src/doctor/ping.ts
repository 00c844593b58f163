/** Round trips, one after the other: by the protocol's ping message, and by WebSocket's ping frame. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ConnectionEnded, type TimedOut } from "./failure.js"
import { median } from "./median.js"
import * as Protocol from "./protocol.js"
import type { Ping, RoundTrips } from "./report.js"
import { type Session, within } from "./session.js"
import { nowMs } from "./time.js"
import type { Arrival } from "./transcript.js"

/** Of each kind. */
const rounds = 10

/** Between the answer to one and the next, in milliseconds. */
const pause = 100

export const measure = (session: Session, timeout: number): Effect.Effect<Ping, ConnectionEnded> =>
  Effect.all(
    {
      messages: Protocol.hasPings(session.protocol)
        ? measureKind(timeout, () => messageRoundTrip(session, timeout))
        : Effect.succeed(null),
      frames: measureKind(timeout, (round) =>
        frameRoundTrip(session, timeout, `fiberline ${round}`)
      )
    },
    { concurrency: "unbounded" }
  )

/**
 * Stops at the first that is not answered, for the next would not be either; and when its time is up, so
 * that it takes twice the timeout at most.
 */
const measureKind = (
  timeout: number,
  roundTrip: (round: number) => Effect.Effect<number, ConnectionEnded | TimedOut>
): Effect.Effect<RoundTrips, ConnectionEnded> =>
  Effect.gen(function* () {
    const times: Array<number> = []
    const start = yield* nowMs
    let sent = 0
    while (sent < rounds && (yield* nowMs) - start < timeout) {
      if (sent > 0) yield* Effect.sleep(pause)
      sent++
      const time = yield* roundTrip(sent).pipe(
        Effect.asSome,
        Effect.catchTag("TimedOut", () => Effect.succeedNone)
      )
      if (Option.isNone(time)) break
      times.push(time.value)
    }
    return {
      sent,
      answered: times.length,
      minMs: times.length === 0 ? null : Math.min(...times),
      medianMs: median(times),
      maxMs: times.length === 0 ? null : Math.max(...times)
    }
  })

/** A pong may come without having been asked for; the next one after a ping is taken for its answer. */
export const messageRoundTrip = ({ line, read, say }: Session, timeout: number) =>
  roundTrip(say({ _tag: "Ping" }), (arrival) => read(arrival)?._tag === "Pong", line, timeout)

export const frameRoundTrip = ({ line }: Session, timeout: number, data: string) =>
  roundTrip(
    line.ping(data),
    (arrival) => arrival._tag === "PongFrame" && arrival.data === data,
    line,
    timeout
  )

const roundTrip = (
  ping: Effect.Effect<void>,
  isPong: (arrival: Arrival) => boolean,
  { transcript }: Session["line"],
  timeout: number
): Effect.Effect<number, ConnectionEnded | TimedOut> =>
  Effect.suspend(() => {
    const start = transcript.now()
    const from = transcript.length
    return ping.pipe(
      Effect.zipRight(
        transcript.find(from, (arrival) => (isPong(arrival) ? arrival.at - start : undefined))
      ),
      Effect.catchTag("LineEnded", ({ end }) => new ConnectionEnded({ end })),
      within(timeout)
    )
  })
