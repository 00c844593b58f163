// #region setup
import { assert, it } from "@effect/vitest"
import { GraphQLClient } from "@fiberline/client"
import { TestServer } from "@fiberline/testing"
import { Chunk, Effect, Exit, Fiber, Layer, Schedule, Scope, Stream, TestClock } from "effect"

/** The first loss is the last, so that it can be looked at. */
const Test = Layer.provideMerge(
  GraphQLClient.layer({
    url: "ws://test/graphql",
    ackTimeout: "10 seconds",
    closeTimeout: "5 seconds",
    reconnect: false
  }),
  TestServer.layer
)

/** Comes back after a second sharp: the default waits for a time that no test can foresee. */
const Reconnecting = Layer.provideMerge(
  GraphQLClient.layer({ url: "ws://test/graphql", reconnect: Schedule.spaced("1 second") }),
  TestServer.layer
)

/** Stands for the program under test. */
const watch = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  return yield* Stream.runDrain(client.subscribe("subscription { temperature }"))
})
// #endregion

// #region never-acks
it.effect("a server that never acknowledges", () =>
  Effect.gen(function* () {
    const server = yield* TestServer.TestServer
    const fiber = yield* Effect.fork(Effect.flip(watch))
    const connection = yield* server.accept
    yield* connection.open()
    yield* connection.awaitInit
    yield* TestClock.adjust("10 seconds")
    const error = yield* Fiber.join(fiber)
    assert(error._tag === "NetworkError" && error.reason._tag === "AckTimeout")
    assert.deepStrictEqual(yield* connection.awaitClose, {
      code: 4504,
      reason: "Acknowledgement Timeout"
    })
  }).pipe(Effect.provide(Test))
)
// #endregion

// #region close-code
it.effect("a server that restarts", () =>
  Effect.gen(function* () {
    const server = yield* TestServer.TestServer
    const fiber = yield* Effect.fork(Effect.flip(watch))
    const connection = yield* server.acceptReady
    yield* connection.awaitSubscribe
    yield* connection.close(1012, "deploy")
    const error = yield* Fiber.join(fiber)
    assert(error._tag === "NetworkError" && error.reason._tag === "ServerClosed")
    assert.strictEqual(error.reason.code, 1012)
    assert.strictEqual(error.retry, "backoff")
    assert.isTrue(error.sent)
  }).pipe(Effect.provide(Test))
)
// #endregion

// #region reconnects
it.effect("what the program makes of a gap", () =>
  Effect.gen(function* () {
    const server = yield* TestServer.TestServer
    const client = yield* GraphQLClient.GraphQLClient
    const events = client.subscribeEvents("subscription { temperature }")
    const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(events, 3)))
    const before = yield* server.acceptReady
    yield* (yield* before.awaitSubscribe).next({ temperature: 20 })
    yield* before.close(1012, "deploy")
    yield* TestClock.adjust("1 second")
    const after = yield* server.acceptReady
    yield* (yield* after.awaitSubscribe).next({ temperature: 21 })
    const tags = Chunk.map(yield* Fiber.join(fiber), ({ _tag }) => _tag)
    assert.deepStrictEqual(Chunk.toReadonlyArray(tags), ["Data", "Gap", "Data"])
  }).pipe(Effect.provide(Reconnecting))
)
// #endregion

// #region gives-up
it.effect("a server that stays away", () =>
  Effect.gen(function* () {
    const server = yield* TestServer.TestServer
    const client = yield* GraphQLClient.make({ url: "ws://test/graphql" })
    const fiber = yield* Effect.fork(Effect.flip(client.connect))
    yield* Effect.forkScoped(
      Effect.forever(Effect.flatMap(server.accept, (connection) => connection.reject(503)))
    )
    // Nine waits, the longest of which are half a minute.
    yield* TestClock.adjust("3 minutes")
    const error = yield* Fiber.join(fiber)
    assert(error._tag === "NetworkError" && error.reason._tag === "HandshakeRejected")
    assert.strictEqual(yield* server.attempts, 10)
  }).pipe(Effect.scoped, Effect.provide(TestServer.layer))
)
// #endregion

// #region slow-consumer
it.effect("a consumer that is slower than its server", () =>
  Effect.gen(function* () {
    const server = yield* TestServer.TestServer
    const client = yield* GraphQLClient.GraphQLClient
    const subscription = yield* client.subscription("subscription { temperature }", {
      buffer: { capacity: 2, strategy: "suspend" }
    })
    const connection = yield* server.acceptReady
    const operation = yield* connection.awaitSubscribe
    for (const temperature of [20, 21, 22]) yield* operation.next({ temperature })
    assert.isTrue(yield* connection.isPaused)
    const first = yield* subscription.take
    assert.deepStrictEqual(Chunk.toReadonlyArray(first), [{ temperature: 20 }, { temperature: 21 }])
    const second = yield* subscription.take
    assert.deepStrictEqual(Chunk.toReadonlyArray(second), [{ temperature: 22 }])
    assert.isFalse(yield* connection.isPaused)
  }).pipe(Effect.scoped, Effect.provide(Test))
)
// #endregion

// #region black-hole
it.effect("closing under a black hole", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(Test, scope)
    const fiber = yield* Effect.fork(Effect.provide(Effect.flip(watch), context))
    const server = yield* Effect.provide(TestServer.TestServer, context)
    const connection = yield* server.acceptReady
    yield* connection.goSilent

    const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
    const error = yield* Fiber.join(fiber)
    assert(error._tag === "NetworkError" && error.reason._tag === "ClientClosed")
    assert.isFalse(yield* connection.isGone)
    yield* TestClock.adjust("5 seconds")
    yield* Fiber.join(closing)
    assert.isTrue(yield* connection.isGone)
    assert.strictEqual(yield* server.sockets, 0)
  })
)
// #endregion
