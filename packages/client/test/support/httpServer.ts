import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Http from "@fiberline/client/Http"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A server on a free port, which ends with the scope. */
export const listen = (handler: Handler): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const server = createServer((request, response) => void handler(request, response))
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )

export const urlOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`

/** A client of such a server, over `fetch`. */
export const withServer = (
  handler: Handler,
  options: Partial<Omit<Http.HttpOptions, "webSocket" | "subscriptions">> = {}
): Effect.Effect<GraphQLClient.Service, never, Scope.Scope> =>
  Effect.gen(function* () {
    const url = urlOf(yield* listen(handler))
    const layer = Layer.provide(
      Http.layer({ url, reconnect: false, ...options }),
      FetchHttpClient.layer
    )
    return Context.get(yield* Layer.build(layer), GraphQLClient.GraphQLClient)
  })

/** Fails where the body is broken off. */
export const bodyOf = async (request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> => {
  const chunks: Array<Uint8Array> = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  return Uint8Array.from(Buffer.concat(chunks))
}

export const textOf = async (request: IncomingMessage): Promise<string> =>
  new TextDecoder().decode(await bodyOf(request))

export const respond = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { "content-type": "application/graphql-response+json" })
  response.end(JSON.stringify(body))
}
