import { WebSocketConstructor } from "@effect/platform/Socket"
import { assert, describe, it } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as WebSocketWire from "@fiberline/client/WebSocketWire"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { buildSchema } from "graphql"
import { useServer } from "graphql-ws/use/ws"
import type { AddressInfo } from "node:net"
import { WebSocket, WebSocketServer } from "ws"
import { networkError } from "./support/errors.js"

const schema = buildSchema(`
  type Query { hello: String }
  type Subscription { count(to: Int!): Int }
`)

const roots = {
  query: { hello: () => "world" },
  subscription: {
    async *count({ to }: { readonly to: number }) {
      for (let count = 1; count <= to; count++) yield { count }
    }
  }
}

const server: Effect.Effect<WebSocketServer, never, Scope.Scope> = Effect.acquireRelease(
  Effect.async<WebSocketServer>((resume) => {
    const listening: WebSocketServer = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () =>
      resume(Effect.succeed(listening))
    )
    useServer({ schema, roots }, listening)
  }),
  (server) =>
    Effect.async<void>((resume) => {
      for (const socket of server.clients) socket.terminate()
      server.close(() => resume(Effect.void))
    })
)

/** A `WebSocket` with nothing but what the standard gives it, as a browser's is. */
class StandardWebSocket extends WebSocket {
  constructor(url: string, protocols?: string | Array<string>) {
    super(url, protocols)
    Object.assign(this, { terminate: undefined, pause: undefined, resume: undefined })
  }
}

const clientTo = (
  Socket: new (url: string, protocols?: string | Array<string>) => WebSocket,
  options: ClientOptions
) =>
  GraphQLClient.make({ reconnect: false, ...options }).pipe(
    Effect.provide(WebSocketWire.layer),
    Effect.provide(
      // Type boundary: `ws` implements the standard interface; its own types are written apart.
      Layer.succeed(
        WebSocketConstructor,
        (url, protocols) => new Socket(url, protocols) as unknown as globalThis.WebSocket
      )
    )
  )

for (const [name, Socket] of [
  ["ws", WebSocket],
  ["a standard WebSocket", StandardWebSocket]
] as const) {
  describe(`the wire over ${name}`, () => {
    it.scopedLive("queries, subscribes and closes", () =>
      Effect.gen(function* () {
        const { port } = (yield* server).address() as AddressInfo
        yield* Effect.gen(function* () {
          const client = yield* clientTo(Socket, { url: `ws://127.0.0.1:${port}` })
          assert.deepEqual(yield* client.query("{ hello }"), { hello: "world" })
          const counted = yield* Stream.runCollect(
            client.subscribe("subscription { count(to: 3) }")
          )
          assert.deepEqual(Chunk.toReadonlyArray(counted), [
            { count: 1 },
            { count: 2 },
            { count: 3 }
          ])
        }).pipe(Effect.scoped)
      })
    )

    it.scopedLive("tells that the server cannot be reached", () =>
      Effect.gen(function* () {
        const client = yield* clientTo(Socket, { url: "ws://127.0.0.1:1" })
        const error = networkError(yield* Effect.flip(client.connect), "ConnectFailed")
        assert.instanceOf(error.cause, Error)
      })
    )

    it.scopedLive("says that it cannot send headers rather than leaving them out", () =>
      Effect.gen(function* () {
        const client = yield* clientTo(Socket, { url: "ws://127.0.0.1:1", headers: { a: "b" } })
        const error = networkError(yield* Effect.flip(client.connect), "ConnectFailed")
        assert.include(String(error.cause), "headers")
      })
    )
  })
}
