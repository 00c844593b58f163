import { assert, describe, it } from "@effect/vitest"
// #region client
import { GraphQLClient } from "@fiberline/client"
import { GraphQLTransportWs, SubscriptionsTransportWs } from "@fiberline/core"

const Client = GraphQLClient.layer({
  url: "wss://example.com/graphql",
  subprotocols: [
    SubscriptionsTransportWs.subscriptionsTransportWs,
    GraphQLTransportWs.graphqlTransportWs
  ]
})
// #endregion
import { TestServer } from "@fiberline/testing"
import { Effect, Fiber, Layer } from "effect"

describe("a client of both subprotocols", () => {
  it.effect("speaks what its server chooses", () =>
    Effect.gen(function* () {
      const client = yield* GraphQLClient.GraphQLClient
      const server = yield* TestServer.TestServer
      const fiber = yield* Effect.fork(client.query("{ station }"))
      const connection = yield* server.accept
      yield* connection.open("graphql-ws")
      yield* connection.awaitInit
      yield* connection.ack()
      const operation = yield* connection.awaitSubscribe
      yield* operation.next({ station: "Ben Nevis" })
      assert.deepStrictEqual(yield* Fiber.join(fiber), { station: "Ben Nevis" })
    }).pipe(Effect.provide(Layer.provideMerge(Client, TestServer.layer)), Effect.scoped)
  )
})
