/** Servers on this machine: those that are well, and those that a diagnosis is for. */
import * as Effect from "effect/Effect"
import { buildSchema } from "graphql"
import { useServer } from "graphql-ws/use/ws"
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import { type WebSocket, WebSocketServer } from "ws"
import { listen } from "../../src/demo/loopback.js"

const schema = buildSchema("type Query { a: Int } type Subscription { a: Int }")

export interface GraphQLOptions {
  /** How often it pings, in milliseconds. */
  readonly keepAlive?: number
  readonly tls?: Https.ServerOptions
  readonly ackPayload?: (request: Http.IncomingMessage, params: unknown) => object
  readonly headers?: (request: Http.IncomingMessage) => ReadonlyArray<string>
  readonly perMessageDeflate?: boolean
}

/** graphql-ws, with queries over HTTP. */
export const graphql = ({
  ackPayload,
  headers,
  keepAlive = 1000,
  perMessageDeflate = false,
  tls
}: GraphQLOptions = {}) =>
  Effect.gen(function* () {
    const answer: Http.RequestListener = (_, response) =>
      response
        .writeHead(200, { "content-type": "application/json" })
        .end('{"data":{"__typename":"Query"}}')
    const http = tls === undefined ? Http.createServer(answer) : Https.createServer(tls, answer)
    const sockets = new WebSocketServer({ server: http, perMessageDeflate })
    if (headers) sockets.on("headers", (all, request) => all.push(...headers(request)))
    useServer(
      {
        schema,
        onConnect: ({ connectionParams, extra }) =>
          ackPayload?.(extra.request, connectionParams) as Record<string, unknown> | undefined
      },
      sockets,
      keepAlive
    )
    const port = yield* listen(http)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => sockets.clients.forEach((socket) => socket.terminate()))
    )
    const scheme = tls === undefined ? "ws" : "wss"
    return {
      port,
      url: `${scheme}://127.0.0.1:${port}/graphql`,
      clients: () => sockets.clients.size
    }
  })

/** A WebSocket server that does with each socket what it is told to. */
export const webSocket = (
  subprotocol: string | false,
  serve: (socket: WebSocket) => void,
  autoPong = true
) =>
  Effect.gen(function* () {
    const http = Http.createServer()
    new WebSocketServer({ server: http, autoPong, handleProtocols: () => subprotocol }).on(
      "connection",
      serve
    )
    return { url: `ws://127.0.0.1:${yield* listen(http)}/` }
  })

/** An HTTP server that knows of no WebSockets. */
export const http = (status: number, headers: Http.OutgoingHttpHeaders, body = "") =>
  Effect.map(
    listen(
      Http.createServer((_, response) => response.writeHead(status, headers).end(body)).on(
        "upgrade",
        (_request, socket: Net.Socket) => {
          const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
          const head = `HTTP/1.1 ${status} ${Http.STATUS_CODES[status]}\r\n${lines.join("")}`
          socket.end(`${head}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`)
        }
      )
    ),
    (port) => ({ url: `ws://127.0.0.1:${port}/` })
  )

/** TCP, and whatever it is told to do. */
export const tcp = (serve: (socket: Net.Socket) => void) =>
  Effect.map(
    listen(
      Net.createServer((socket) => {
        socket.on("error", () => {})
        serve(socket)
      })
    ),
    (port) => ({ port, url: `ws://127.0.0.1:${port}/` })
  )

/** Passes bytes on, and cuts a connection on which none have passed for so long: with a reset, or by forgetting it. */
export const idleRelay = (target: number, idle: number, how: "reset" | "forget") =>
  tcp((client) => {
    const upstream = Net.connect(target, "127.0.0.1")
    let isForgotten = false
    const cut = () => {
      isForgotten = true
      upstream.destroy()
      if (how === "reset") client.resetAndDestroy()
    }
    let timer = setTimeout(cut, idle)
    const pass = (from: Net.Socket, to: Net.Socket) =>
      from
        .on("data", (bytes) => {
          if (isForgotten) return
          clearTimeout(timer)
          timer = setTimeout(cut, idle)
          to.write(bytes)
        })
        .on("error", () => {})
        .on("close", () => {
          clearTimeout(timer)
          if (!isForgotten) to.destroy()
        })
    pass(client, upstream)
    pass(upstream, client)
  })
