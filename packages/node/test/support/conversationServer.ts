/** A WebSocket server of any subprotocol, by core's own end of it. */
import type { ClientMessage, Rejected, ServerMessage } from "@fiberline/core/Message"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer } from "node:http"
import { WebSocketServer } from "ws"
import { type Address, listen } from "./servers.js"

/** The server's end of one connection. */
export interface Speaker {
  readonly send: (message: ServerMessage) => void
  /** Sends text that need not be a message. */
  readonly sendText: (text: string) => void
}

export interface ConversationServer extends Address {
  /** Every message received, and every frame that was none. */
  readonly received: ReadonlyArray<ClientMessage | Rejected>
  /** How many ping frames came. */
  readonly pings: () => number
  readonly closeCodes: ReadonlyArray<number>
  readonly speakers: ReadonlyArray<Speaker>
}

/** It acknowledges, answers pings, and has `onMessage` see to the rest. */
export const conversationServer = (
  subprotocol: Subprotocol,
  onMessage: (message: ClientMessage, speaker: Speaker) => void = () => {}
): Effect.Effect<ConversationServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const received: Array<ClientMessage | Rejected> = []
    const closeCodes: Array<number> = []
    const speakers: Array<Speaker> = []
    let pings = 0

    const http = createServer()
    const address = yield* listen(http)
    const wss = new WebSocketServer({ server: http })
    wss.on("connection", (ws) => {
      const handle = (message: ClientMessage | Rejected): void => {
        received.push(message)
        if (message._tag === "ConnectionInit") return speaker.send({ _tag: "ConnectionAck" })
        if (message._tag === "Ping") return speaker.send({ _tag: "Pong" })
        if (message._tag !== "Rejected") onMessage(message, speaker)
      }
      const conversation = subprotocol.accept({
        send: (frame) => ws.send(frame),
        // ActionCable's clients introduce themselves by connecting, before there is a conversation.
        deliver: (message) => queueMicrotask(() => handle(message))
      })
      const speaker: Speaker = {
        send: (message) => conversation.send(message),
        sendText: (text) => ws.send(text)
      }
      speakers.push(speaker)
      ws.on("error", () => {})
      ws.on("ping", () => pings++)
      ws.on("message", (frame) => conversation.receive(String(frame)))
      ws.on("close", (code) => closeCodes.push(code))
    })
    return { ...address, received, pings: () => pings, closeCodes, speakers }
  })
