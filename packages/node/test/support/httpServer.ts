/** HTTP servers that a test writes itself, and clients of theirs over Node's `fetch`. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Http from "@fiberline/client/Http"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import * as https from "node:https"
import { bounds } from "./client.js"
import { type Address, listen } from "./servers.js"

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

export const httpServer = (
  handle: Handler,
  tls?: { readonly cert: string; readonly key: string }
): Effect.Effect<Address & { readonly http: string }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const server = tls ? https.createServer(tls, handle) : createServer(handle)
    // Before it is told to stop, which waits for those that are open.
    const address = yield* listen(server)
    yield* Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
    return { ...address, http: `${tls ? "https" : "http"}://127.0.0.1:${address.port}/graphql` }
  })

interface Options extends Omit<Http.HttpOptions, "url" | "webSocket" | "subscriptions"> {
  readonly subscriptions?: Exclude<Http.Subscriptions, "websocket">
}

export const connectHttp = (url: string, options: Options = {}) =>
  Http.make({ url, reconnect: false, ...bounds, ...options }).pipe(
    Effect.provide(FetchHttpClient.layer)
  )

/** A client that can be closed before its test ends. */
export const connectHttpClosable = (url: string, options: Options = {}) =>
  Effect.gen(function* () {
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) =>
      Scope.close(scope, Exit.void)
    )
    const client = yield* Scope.extend(connectHttp(url, options), scope)
    return { client, close: Scope.close(scope, Exit.void) }
  })

const child = `
  const server = require("node:http").createServer((request, response) => {
    request.resume()
    response.setHeader("content-type", "application/json")
    response.end('{"data":{"x":1}}')
  })
  server.keepAliveTimeout = 60000
  server.listen(0, "127.0.0.1", () => console.log(server.address().port))
`

/** One in a process of its own, so that the sockets of this one are the client's. */
export const childHttpServer = Effect.gen(function* () {
  const { stdout } = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["-e", child], { stdio: ["ignore", "pipe", "inherit"] })
    ),
    (child) =>
      Effect.promise(() => {
        const closed = once(child, "close")
        child.kill("SIGKILL")
        return closed
      })
  )
  const [line] = yield* Effect.promise(() => once(stdout, "data"))
  const port = Number(String(line))
  return { port, http: `http://127.0.0.1:${port}/graphql` }
})
