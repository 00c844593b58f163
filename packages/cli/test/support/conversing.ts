/** A server that speaks by core's own conversations, over WebSockets, and answers queries over HTTP. */
import type { ClientMessage, ServerMessage } from "@fiberline/core/Message"
import type { Conversation, Subprotocol } from "@fiberline/core/Subprotocol"
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import { WebSocketServer } from "ws"
import { listen } from "../../src/demo/loopback.js"

/** What it was told, in the order in which it was. */
export interface Told {
  readonly upgrades: Array<Http.IncomingMessage>
  readonly messages: Array<ClientMessage>
  readonly requests: Array<{ readonly headers: Http.IncomingHttpHeaders; readonly body: string }>
}

export interface Behaviour {
  /** Refuses whoever comes. */
  readonly refuses?: boolean
  /** What it says of each connection that it acknowledges. */
  readonly ack?: { readonly [name: string]: unknown }
  /** Whether it answers who subscribes; default `true`. */
  readonly establishes?: boolean
  /** Serves a connection no longer once something is subscribed to. */
  readonly disconnects?: boolean
}

/** A subscription has two results, and then its end where there is a word for that. */
export const conversing = (subprotocol: Subprotocol, behaviour: Behaviour = {}) =>
  Effect.gen(function* () {
    const told: Told = { upgrades: [], messages: [], requests: [] }
    const http = Http.createServer((request, response) => {
      let body = ""
      request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk))
      request.on("end", () => {
        told.requests.push({ headers: request.headers, body })
        response
          .writeHead(200, { "content-type": "application/json" })
          .end(JSON.stringify({ data: { hello: echoed(request) } }))
      })
    })
    new WebSocketServer({
      server: http,
      handleProtocols: () => (subprotocol.name === "" ? false : subprotocol.name)
    }).on("connection", (socket, request) => {
      told.upgrades.push(request)
      const heard: Array<ClientMessage> = []
      const conversation = subprotocol.accept({
        send: (frame) => socket.send(frame),
        deliver: (message) => {
          if (message._tag !== "Rejected") heard.push(message)
        }
      })
      const answer = () => {
        for (const message of heard.splice(0)) {
          told.messages.push(message)
          reply(conversation, subprotocol, message, behaviour, echoed(request))
        }
      }
      socket.on("message", (data) => {
        conversation.receive(String(data))
        answer()
      })
      answer()
    })
    const port = yield* listen(http)
    return { told, url: `http://127.0.0.1:${port}`, port }
  })

/** Everything that a client might have said in confidence. */
const echoed = ({ headers, url }: Http.IncomingMessage): string => JSON.stringify([url, headers])

const reply = (
  conversation: Conversation<ServerMessage>,
  { lacks }: Subprotocol,
  message: ClientMessage,
  { ack, disconnects = false, establishes = true, refuses = false }: Behaviour,
  echo: string
): void => {
  const say = (message: ServerMessage) => conversation.send(message)
  switch (message._tag) {
    case "ConnectionInit":
      return refuses
        ? say({ _tag: "ConnectionError", payload: { message: `not with ${echo}` } })
        : say({ _tag: "ConnectionAck", ...(ack && { payload: ack }) })
    case "Ping":
      return say({ _tag: "Pong" })
    case "Subscribe": {
      const { id, payload } = message
      if (!payload.query.startsWith("subscription")) {
        return say({ _tag: "Result", id, payload: { data: { hello: "world" } } })
      }
      if (!establishes) return
      if (!lacks.has("Established")) say({ _tag: "Established", id })
      if (disconnects) return say({ _tag: "Disconnected", detail: echo, retry: "never" })
      say({ _tag: "Next", id, payload: { data: { said: echo } } })
      say({ _tag: "Next", id, payload: { data: { said: JSON.stringify(payload.extensions) } } })
      if (!lacks.has("ServerComplete")) say({ _tag: "Complete", id })
      return
    }
    default:
      return
  }
}
