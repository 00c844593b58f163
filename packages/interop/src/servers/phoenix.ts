/**
 * Phoenix channels with Absinthe behind them, rebuilt on ws: the real ones are written in Elixir. It follows
 * phoenix 1.8, absinthe 1.11 and absinthe_phoenix 2.0, with the default settings of each.
 */
import type { GraphQLSchema } from "graphql"
import type { IncomingMessage, Server } from "node:http"
import { WebSocketServer } from "ws"
import { schema } from "../schema.js"
import { serializerOf } from "./phoenix/serializer.js"
import * as Socket from "./phoenix/socket.js"
import {
  httpServer,
  isAuthorized,
  isPayloadAuthorized,
  listen,
  type Options,
  type Start
} from "./server.js"

const path = "/socket/websocket"

export const start: Start = async (port, options) => {
  await serve(port, options, schema)
}

/** Closes the connection of a client that says nothing for so many milliseconds: its heartbeats are every 30 s. */
export const serve = async (
  port: number,
  options: Options,
  schema: GraphQLSchema,
  idleMillis = 60_000
): Promise<Server> => {
  const server = httpServer((request, response) =>
    response.writeHead(refusalOf(request, options) ?? 400).end()
  )
  const sockets = new WebSocketServer({
    server,
    handleProtocols: () => false,
    verifyClient: ({ req }, verified) => {
      const refusal = refusalOf(req, options)
      verified(refusal === undefined, refusal)
    }
  })
  sockets.on("connection", (webSocket, request) => {
    const { authorization, serializer } = askedFor(request)
    if (serializer === undefined) return webSocket.terminate()
    const socket = Socket.make({
      serializer,
      schema,
      // Absinthe's own channel lets in whoever has come so far. One that asks again is common.
      isAuthorized: (payload) => authorization !== null || isPayloadAuthorized(options, payload),
      send: (text) => webSocket.send(text)
    })
    // As Bandit closes it. Cowboy does with 1000.
    const idle = setTimeout(() => webSocket.close(1002), idleMillis)
    webSocket.on("ping", () => idle.refresh())
    webSocket.on("message", (data: Buffer) => {
      idle.refresh()
      try {
        socket.receive(data.toString())
      } catch {
        webSocket.close(1011)
      }
    })
    // What follows an error is `close`.
    webSocket.on("error", () => {})
    webSocket.on("close", () => {
      clearTimeout(idle)
      socket.end()
    })
  })
  await listen(server, port)
  return server
}

const askedFor = ({ url = "/" }: IncomingMessage) => {
  const { pathname, searchParams } = new URL(url, "ws://localhost")
  return {
    pathname,
    serializer: serializerOf(searchParams.get("vsn") ?? "1.0.0"),
    authorization: searchParams.get("authorization")
  }
}

/** The status of what is answered instead of an upgrade. */
const refusalOf = (request: IncomingMessage, options: Options): number | undefined => {
  const { authorization, pathname, serializer } = askedFor(request)
  if (pathname !== path) return 404
  const isWrong = authorization !== null && !isAuthorized(options, authorization)
  return serializer === undefined || isWrong ? 403 : undefined
}
