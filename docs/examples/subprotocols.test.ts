import { assert, describe, it } from "@effect/vitest"
// #region absinthe
import { GraphQLClient } from "@fiberline/client"
import { Absinthe } from "@fiberline/core"

const Phoenix = GraphQLClient.layer({
  url: "wss://example.com/socket/websocket",
  subprotocols: [Absinthe.make()]
})
// #endregion
// #region actioncable
import { ActionCable } from "@fiberline/core"

const Rails = GraphQLClient.layer({
  url: "wss://example.com/cable",
  headers: { origin: "https://example.com" },
  subprotocols: [ActionCable.make({ channel: "GraphqlChannel" })]
})
// #endregion
// #region established
import { Effect } from "effect"

/** Asks for what there is once nothing can be missed any more. */
const watched = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  const changes = yield* client.subscription("subscription { temperature }")
  yield* changes.established
  const before = yield* client.query("{ temperature }")
  return { before, changes }
})
// #endregion
import { TestServer } from "@fiberline/testing"
import { Fiber, Layer } from "effect"

describe.each([
  ["Absinthe", Phoenix],
  ["ActionCable", Rails]
] as const)("a client of %s", (_, Client) => {
  it.effect("waits until its subscription is established", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const fiber = yield* Effect.fork(watched)
      const connection = yield* server.acceptReady
      const subscription = yield* connection.awaitSubscribe
      yield* subscription.establish
      yield* subscription.next({ temperature: 21 })
      const query = yield* connection.awaitSubscribe
      yield* query.next({ temperature: 20 })
      const { before, changes } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(before, { temperature: 20 })
      assert.deepStrictEqual(Array.from(yield* changes.take), [{ temperature: 21 }])
    }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(Client, TestServer.layer)))
  )
})
