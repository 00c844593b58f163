/** Hive Gateway, in the same process as what it is the gateway of: a graphql-yoga. */
import {
  createGatewayRuntime,
  getGraphQLWSOptions,
  type GatewayPlugin
} from "@graphql-hive/gateway-runtime"
import http from "@graphql-mesh/transport-http"
import { type Extra, useServer } from "graphql-ws-6/use/ws"
import { useAPQ } from "@graphql-yoga/plugin-apq"
import { useDeferStream } from "@graphql-yoga/plugin-defer-stream"
import { createYoga } from "graphql-yoga"
import type { AddressInfo } from "node:net"
import { WebSocketServer } from "ws"
import { schema } from "../schema.js"
import {
  host,
  httpServer,
  isAuthorized,
  isPayloadAuthorized,
  listen,
  path,
  type Start
} from "./server.js"

export const start: Start = async (port, options) => {
  const upstream = httpServer(
    createYoga({ schema, graphqlEndpoint: path, plugins: [useDeferStream()], logging: false })
  )
  await listen(upstream, 0)
  // Type boundary: the address of a server that listens on a TCP port.
  const { port: upstreamPort } = upstream.address() as AddressInfo

  const origin = `http://${host}:${port}${path}`
  const guard: GatewayPlugin = {
    onRequest: ({ endResponse, fetchAPI, request }) => {
      if (!isAuthorized(options, request.headers.get("authorization"))) {
        endResponse(new fetchAPI.Response(null, { status: 401 }))
      }
    }
  }
  let log: unknown = undefined
  const gateway = createGatewayRuntime({
    proxy: { endpoint: `http://${host}:${upstreamPort}${path}` },
    schema,
    // Otherwise it looks for this package from where it lies itself, and does not find it.
    transports: { http },
    graphqlEndpoint: path,
    deferStream: true,
    batching: true,
    multipart: true,
    logging: false,
    plugins: (context) => {
      log = context.log
      return [guard, useAPQ()]
    }
  })
  const server = httpServer(gateway)
  useServer(
    {
      // What its own server gives it of a connection, and the log: 2.12 wants one of every operation
      // (useSubgraphExecuteDebug) and has it of those alone that come by HTTP.
      ...getGraphQLWSOptions<Record<string, unknown>, Extra>(gateway, ({ extra }) => ({
        req: extra.request,
        socket: extra.socket,
        request: new gateway.fetchAPI.Request(origin, { method: "POST" }),
        log
      })),
      onConnect: ({ connectionParams }) => isPayloadAuthorized(options, connectionParams)
    },
    new WebSocketServer({ server, path })
  )
  await listen(server, port)
}
