/**
 * A server that speaks a subprotocol well, but for frames that it sends in between; and what has to come of
 * those. What they say is read by core's own end, which has fuzzing of its own: on trial are the connection
 * and the socket.
 */
import type { Rejected, ServerMessage } from "@fiberline/core/Message"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import * as Effect from "effect/Effect"
import { createServer } from "node:http"
import { WebSocketServer } from "ws"
import { listen } from "./servers.js"

export interface Attack {
  /** In place of the acknowledgement, or between two results. */
  readonly stage: "acknowledging" | "live"
  readonly frames: ReadonlyArray<string | Uint8Array>
  /** What follows: a session that goes on, or a cut. */
  readonly ending: "goOn" | "fin" | "reset"
}

/** What a subscription has to be told, where it cannot go on. */
export interface Verdict {
  readonly error: string
  /** The code of the close frame, where it is the client that closes. */
  readonly code?: number
}

/** One connection: what it came to, and what it had to. */
export class Assault {
  verdict: Verdict | undefined = undefined
  code: number | undefined = undefined
  isClosed = false
  /** The subscription has come to its end, whatever that was. */
  isTold = false
  #isAcknowledged = false

  constructor(readonly attack: Attack) {}

  /** A message arrives at the client, or a frame that is none. */
  readonly judge = (message: ServerMessage | Rejected): void => {
    // What answers the client's good-bye is nothing to be told.
    if (this.isTold) return
    this.verdict ??= this.#verdictOn(message)
    if (message._tag === "ConnectionAck") this.#isAcknowledged = true
  }

  #verdictOn(message: ServerMessage | Rejected): Verdict | undefined {
    switch (message._tag) {
      case "Rejected":
        return { error: message.reason, code: 4400 }
      case "ConnectionError":
        return { error: "ConnectionRejected" }
      case "Disconnected":
        return { error: "ServerDisconnected" }
      case "KeepAlive":
      case "Ping":
      case "Pong":
        return undefined
      default: {
        const isAck = message._tag === "ConnectionAck"
        const isUnexpected = isAck === this.#isAcknowledged
        return isUnexpected ? { error: "UnexpectedMessage", code: 4400 } : undefined
      }
    }
  }
}

/** Each connection has the assault that is next. */
export const hostileServer = (subprotocol: Subprotocol, next: () => Assault) =>
  Effect.gen(function* () {
    const http = createServer()
    const address = yield* listen(http)
    const wss = new WebSocketServer({ server: http })
    wss.on("connection", (ws, { socket }) => {
      const assault = next()
      const { ending, frames, stage } = assault.attack
      const reader = subprotocol.connect({ send: () => {}, deliver: assault.judge })
      reader.send({ _tag: "ConnectionInit" })
      const say = (frame: string | Uint8Array): void => {
        reader.receive(frame)
        ws.send(frame)
      }
      const attack = (): void => {
        frames.forEach(say)
        if (ending === "goOn") return
        assault.verdict ??= { error: "ConnectionLost" }
        if (ending === "fin") socket.end()
        else socket.resetAndDestroy()
      }
      const conversation = subprotocol.accept({
        send: say,
        deliver: (message) =>
          queueMicrotask(() => {
            if (message._tag === "ConnectionInit") {
              if (stage === "acknowledging") attack()
              return conversation.send({ _tag: "ConnectionAck" })
            }
            if (message._tag !== "Subscribe") return
            const { id } = message
            reader.start(id, subprotocol.write(message))
            if (!subprotocol.lacks.has("Established")) {
              conversation.send({ _tag: "Established", id })
            }
            conversation.send({ _tag: "Next", id, payload: { data: { n: 1 } } })
            if (stage === "live") attack()
            conversation.send({ _tag: "Next", id, payload: { data: { n: 2 } } })
          })
      })
      ws.on("error", () => {})
      ws.on("message", (frame) => conversation.receive(String(frame)))
      ws.on("close", (code) => {
        assault.code = code
        assault.isClosed = true
      })
    })
    return address
  })
