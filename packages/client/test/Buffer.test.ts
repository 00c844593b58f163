import { assert, describe, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { OperationError, OverflowError } from "@fiberline/client/OperationError"
import { WireConstructor } from "@fiberline/client/Wire"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { scenario, url } from "./support/scenario.js"

/** A server that sends ten results to a subscriber that has not taken any. */
const tenResults = (server: TestServer.TestServer) =>
  Effect.gen(function* () {
    const connection = yield* server.acceptReady
    const operation = yield* connection.awaitSubscribe
    for (let n = 1; n <= 10; n++) yield* operation.next(n)
    return { connection, operation }
  })

describe("a consumer slower than its server", () => {
  it.effect("suspend: loses nothing, holds what was read, and makes the server wait", () =>
    scenario({ buffer: { capacity: 3 } }, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("s")
        const { connection } = yield* tenResults(server)
        assert.isTrue(yield* connection.isPaused)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [1, 2, 3])
        const rest: Array<unknown> = []
        while (rest.length < 7) rest.push(...(yield* subscription.take))
        assert.deepStrictEqual(rest, [4, 5, 6, 7, 8, 9, 10])
        assert.isFalse(yield* connection.isPaused)
      })
    )
  )

  it.effect("suspend: a sibling and the connection go on once it has caught up", () =>
    scenario({ buffer: { capacity: 1 } }, ({ client, server }) =>
      Effect.gen(function* () {
        const slow = yield* client.subscription("slow")
        const { connection } = yield* tenResults(server)
        const sibling = yield* Effect.fork(client.query("{ x }"))
        const query = yield* connection.awaitSubscribe
        yield* query.next({ x: 1 })
        yield* TestClock.adjust("10 seconds")
        for (let n = 0; n < 10; n++) yield* slow.take
        assert.deepStrictEqual(yield* Fiber.join(sibling), { x: 1 })
      })
    )
  )

  it.effect("suspend: a subscriber that leaves no longer holds the others up", () =>
    scenario({ buffer: { capacity: 1 } }, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = Effect.scoped(
          Effect.zipRight(client.subscription("slow"), tenResults(server))
        )
        const { connection } = yield* subscription
        assert.isFalse(yield* connection.isPaused)
      })
    )
  )

  it.effect("suspend: what is held survives the loss of the connection, and then the loss", () =>
    scenario({ buffer: { capacity: 3 } }, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("s")
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* operation.next(1)
        yield* operation.next(2)
        yield* connection.drop
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [1, 2])
        const error = yield* Effect.flip(subscription.take)
        networkError(Option.getOrThrow(error), "ConnectionLost")
      })
    )
  )

  it.effect("suspend: closing reads the server's farewell from a socket that is paused", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(
        Layer.provideMerge(GraphQLClient.layer({ url, buffer: { capacity: 1 } }), TestServer.layer),
        scope
      )
      const client = Context.get(context, GraphQLClient.GraphQLClient)
      // The subscription, which holds the socket paused, outlives its client.
      yield* client.subscription("s")
      const { connection } = yield* tenResults(Context.get(context, TestServer.TestServer))
      assert.isTrue(yield* connection.isPaused)
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(yield* connection.isGone, "without waiting for closeTimeout")
    }).pipe(Effect.scoped)
  )

  for (const strategy of ["suspend", "sliding", "dropping", "fail"] as const) {
    it.effect(`${strategy}: the error that ends a subscription is not lost in a full buffer`, () =>
      scenario({ buffer: { capacity: 1, strategy } }, ({ client, server }) =>
        Effect.gen(function* () {
          const subscription = yield* client.subscription("s")
          const connection = yield* server.acceptReady
          const operation = yield* connection.awaitSubscribe
          yield* operation.next(1)
          yield* operation.error([{ message: "no" }])
          if (strategy !== "sliding") {
            assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [1])
          }
          const error = Option.getOrThrow(yield* Effect.flip(subscription.take))
          assert.instanceOf(error, OperationError)
        })
      )
    )
  }

  it.effect("sliding: keeps the newest", () =>
    scenario({ buffer: { capacity: 3, strategy: "sliding" } }, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("s")
        const { connection } = yield* tenResults(server)
        assert.isFalse(yield* connection.isPaused)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [8, 9, 10])
      })
    )
  )

  it.effect("dropping: keeps the oldest", () =>
    scenario({ buffer: { capacity: 3, strategy: "dropping" } }, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("s")
        yield* tenResults(server)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [1, 2, 3])
      })
    )
  )

  it.effect("fail: ends that subscription alone, after what it holds, and tells the server", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const buffer = { capacity: 3, strategy: "fail" } as const
        const subscription = yield* client.subscription("s", { buffer })
        const { connection, operation } = yield* tenResults(server)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [1, 2, 3])
        const error = Option.getOrThrow(yield* Effect.flip(subscription.take))
        assert.instanceOf(error, OverflowError)
        assert.strictEqual(error.capacity, 3)
        yield* operation.awaitComplete
        assert.isFalse(yield* connection.isGone)
      })
    )
  )

  it.effect("suspend on a socket that cannot pause is fail", () =>
    scenario(
      { buffer: { capacity: 3 } },
      ({ client, server }) =>
        Effect.gen(function* () {
          const subscription = yield* client.subscription("s")
          yield* tenResults(server)
          assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [1, 2, 3])
          const error = Option.getOrThrow(yield* Effect.flip(subscription.take))
          assert.instanceOf(error, OverflowError)
        }),
      Layer.map(TestServer.layer, (context) =>
        Context.add(context, WireConstructor, (request, listener) => {
          const { flow: _, ...wire } = Context.get(context, WireConstructor)(request, listener)
          return wire
        })
      )
    )
  )

  it.effect("a capacity that makes no sense is a defect that names the option", () =>
    scenario({}, ({ client }) =>
      Effect.gen(function* () {
        for (const capacity of [0, -1, NaN]) {
          const cause = yield* Stream.runDrain(
            client.subscribe("s", { buffer: { capacity } })
          ).pipe(Effect.sandbox, Effect.flip)
          assert.include(String(cause), "buffer.capacity")
        }
      })
    )
  )
})
