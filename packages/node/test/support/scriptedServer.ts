/** A WebSocket server that says what a test wants it to, well-behaved or not. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer } from "node:http"
import type { Socket } from "node:net"
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws"
import { type Address, listen } from "./servers.js"

/** The server's end of one connection. */
export interface Peer {
  readonly ws: WebSocket
  /** Below the WebSocket, for bytes that no WebSocket would send. */
  readonly socket: Socket
  readonly send: (message: object | string) => void
}

export interface Script {
  /** Default: acknowledges. */
  readonly onInit?: (peer: Peer) => void
  /** Default: nothing. */
  readonly onSubscribe?: (peer: Peer, id: string) => void
  /** Default: answers. */
  readonly onPing?: (peer: Peer) => void
}

export interface ScriptedServer extends Address {
  readonly closeCodes: Array<number>
  /** Every message received. */
  readonly received: Array<{ readonly type: string; readonly id?: string }>
}

export const scriptedServer = (
  script: Script = {},
  options: ServerOptions = {}
): Effect.Effect<ScriptedServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const closeCodes: Array<number> = []
    const received: ScriptedServer["received"] = []
    const http = createServer()
    const address = yield* listen(http)
    const wss = new WebSocketServer({ ...options, server: http })
    wss.on("connection", (ws, { socket }) => {
      const peer: Peer = {
        ws,
        socket,
        send: (message) => ws.send(typeof message === "string" ? message : JSON.stringify(message))
      }
      ws.on("error", () => {})
      ws.on("close", (code) => closeCodes.push(code))
      ws.on("message", (data) => {
        const message: { type: string; id: string } = JSON.parse(String(data))
        received.push(message)
        const { onInit = ack, onPing = pong, onSubscribe } = script
        if (message.type === "connection_init") onInit(peer)
        if (message.type === "ping") onPing(peer)
        if (message.type === "subscribe") onSubscribe?.(peer, message.id)
      })
    })
    return { ...address, closeCodes, received }
  })

const ack = ({ send }: Peer) => send({ type: "connection_ack" })
const pong = ({ send }: Peer) => send({ type: "pong" })
