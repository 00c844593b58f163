/** The close handshake: our close frame, the server's, and the end of TCP. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ConnectionEnded } from "./failure.js"
import { endedAfterSilence } from "./listen.js"
import type { Line } from "./prober.js"
import type { Close } from "./report.js"

export const close = (line: Line, limitMs: number): Effect.Effect<Close, ConnectionEnded> =>
  Effect.gen(function* () {
    const { transcript } = line
    if (transcript.end !== undefined) return yield* endedAfterSilence(line, transcript.end)
    const start = transcript.now()
    yield* line.close(1000)
    const end = yield* Effect.timeoutOption(transcript.ended, limitMs)
    if (Option.isNone(end)) {
      const closeFrameAt = line.closeFrameAt()
      return {
        closeFrameMs: closeFrameAt === undefined ? null : closeFrameAt - start,
        closeCode: null,
        tcpEndMs: null
      }
    }
    const { at, closeFrameAt, code } = end.value
    return {
      closeFrameMs: closeFrameAt === undefined ? null : closeFrameAt - start,
      closeCode: closeFrameAt === undefined ? null : code,
      tcpEndMs: at - start
    }
  })
