/** Whether the server pings, and how often: its ping messages, its ping frames, what else it says by itself. */
import * as Effect from "effect/Effect"
import { ConnectionEnded, ServerDisconnected } from "./failure.js"
import { median } from "./median.js"
import * as Protocol from "./protocol.js"
import type { Heard, Listen } from "./report.js"
import type { Line } from "./prober.js"
import type { Session } from "./session.js"
import type { Ended } from "./transcript.js"

/** Listens for so long, and tells of all that has come since the connection was opened at `openedAt`. */
export const listen = (
  session: Session,
  openedAt: number,
  limit: number
): Effect.Effect<Listen, ConnectionEnded | ServerDisconnected> =>
  session.line.transcript
    .find(0, (arrival) => {
      const said = session.read(arrival)
      return said?._tag === "Disconnected" ? said : undefined
    })
    .pipe(
      Effect.catchAll(({ end }) => endedAfterSilence(session.line, end)),
      Effect.flatMap(({ detail }) => new ServerDisconnected({ detail })),
      Effect.timeoutTo({
        duration: limit,
        onSuccess: (never: never) => never,
        onTimeout: () => heard(session, openedAt)
      })
    )

/** The end of a connection on which not much happened. */
export const endedAfterSilence = ({ transcript }: Line, end: Ended): ConnectionEnded => {
  const { silentMs } = transcript
  return new ConnectionEnded({ end, ...(silentMs !== undefined && { silentMs }) })
}

export const heard = (
  { line: { transcript }, protocol, read }: Session,
  openedAt: number
): Listen => {
  const messages: Array<number> = []
  const frames: Array<number> = []
  const keepAlives: Array<number> = []
  for (const arrival of transcript.since(0)) {
    const at = arrival.at - openedAt
    const said = read(arrival)?._tag
    if (arrival._tag === "PingFrame") frames.push(at)
    else if (said === "Ping") messages.push(at)
    else if (said === "KeepAlive") keepAlives.push(at)
  }
  return {
    listenedMs: transcript.now() - openedAt,
    messages: Protocol.hasServerPings(protocol) ? toHeard(messages) : null,
    frames: toHeard(frames),
    keepAlives: Protocol.hasKeepAlives(protocol) ? toHeard(keepAlives) : null
  }
}

const toHeard = (times: ReadonlyArray<number>): Heard => ({
  count: times.length,
  firstMs: times[0] ?? null,
  periodMs: median(times.slice(1).map((time, index) => time - (times[index] ?? 0)))
})
