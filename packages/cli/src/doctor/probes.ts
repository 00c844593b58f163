/** What a server makes of a message of unknown type, and of a ping that is not answered. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { UnansweredPing, UnknownMessage } from "./report.js"
import type { Session } from "./session.js"
import type { Ended } from "./transcript.js"

/** A server that has not reacted by then does not. */
const reaction = 3000

/** Sends it a message of a type that nobody knows. */
export const unknownMessage = (
  { line, protocol, read }: Session,
  timeout: number
): Effect.Effect<UnknownMessage> =>
  Effect.suspend(() => {
    const { transcript } = line
    const start = transcript.now()
    const from = transcript.length
    return line.send(protocol.unknown).pipe(
      Effect.zipRight(
        transcript.find(from, (arrival): UnknownMessage | undefined => {
          const said = read(arrival)?._tag
          // What a server says anyway is no answer.
          return said === undefined || said === "Ping" || said === "Pong" || said === "KeepAlive"
            ? undefined
            : {
                treatment: "answered",
                closeCode: null,
                reason: null,
                afterMs: arrival.at - start
              }
        })
      ),
      Effect.catchTag("LineEnded", ({ end }) =>
        Effect.succeed<UnknownMessage>({
          ...treatmentOf(end),
          reason: end.reason === "" ? null : end.reason,
          afterMs: end.at - start
        })
      ),
      Effect.timeoutTo({
        duration: Math.min(timeout, reaction),
        onSuccess: (found) => found,
        onTimeout: (): UnknownMessage => ({
          treatment: "ignored",
          closeCode: null,
          reason: null,
          afterMs: null
        })
      })
    )
  })

/** Waits for a ping on a connection that answers none, and then for what becomes of it. */
export const unansweredPing = (
  { line, read }: Session,
  limitMs: number
): Effect.Effect<UnansweredPing> =>
  Effect.gen(function* () {
    const { transcript } = line
    const pingedAt = () =>
      transcript
        .since(0)
        .find((arrival) => arrival._tag === "PingFrame" || read(arrival)?._tag === "Ping")?.at
    const end = yield* Effect.timeoutOption(transcript.ended, limitMs)
    const at = pingedAt()
    if (Option.isNone(end)) {
      return {
        treatment: at === undefined ? "noPing" : "kept",
        closeCode: null,
        // So long it has been kept.
        afterMs: at === undefined ? null : transcript.now() - at,
        limitMs
      }
    }
    return {
      ...treatmentOf(end.value),
      afterMs: at === undefined ? null : end.value.at - at,
      limitMs
    }
  })

const treatmentOf = ({ closeFrameAt, code }: Ended) =>
  closeFrameAt === undefined
    ? ({ treatment: "cut", closeCode: null } as const)
    : ({ treatment: "closed", closeCode: code } as const)
