/**
 * AWS AppSync's realtime protocol, and its HTTP beside it, on ws and graphql. Not AppSync: a witness that
 * Amplify takes for it (test/appSync.live.test.ts), with none of our own codecs in it.
 *
 * A connection is always accepted and refused by a message, as AppSync does. What AppSync says was taken
 * from AWS's "Building a real-time WebSocket client" and from what people saw it say. Two things are ours:
 * a subscription may end by itself, and nobody is asked for credentials unless `auth` is.
 */
import { createServer, type Server } from "node:http"
import { WebSocketServer } from "ws"
import { isRealtime, subprotocol } from "./appsync/handshake.js"
import { listener } from "./appsync/http.js"
import { type RealtimeOptions, serve } from "./appsync/session.js"
import { listen, type Start } from "./server.js"

export { permanent, refused, temporary } from "./appsync/credentials.js"
export type { RealtimeOptions } from "./appsync/session.js"

/** Makes a server, of http or of https, speak it. */
export const attach = (server: Server, options: RealtimeOptions): void => {
  const sockets = new WebSocketServer({
    noServer: true,
    // Nobody is turned away for it here, but then nothing is agreed on.
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false)
  })
  server.on("request", listener(options))
  server.on("upgrade", (request, socket, head) => {
    if (!isRealtime(request)) return socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")
    sockets.handleUpgrade(request, socket, head, (socket) => serve(socket, request, options))
  })
}

export const start: Start = async (port, options) => {
  const server = createServer()
  attach(server, options)
  await listen(server, port)
}
