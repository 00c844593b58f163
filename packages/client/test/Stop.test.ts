import { assert, describe, it } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { isRunning } from "./support/fibers.js"
import { scenario, url } from "./support/scenario.js"

/** A client whose scope the test closes itself. */
const closable = (options: Partial<ClientOptions> = {}) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(
      Layer.provideMerge(
        GraphQLClient.layer({ url, reconnect: false, ...options }),
        TestServer.layer
      ),
      scope
    )
    return {
      close: Scope.close(scope, Exit.void),
      server: Context.get(context, TestServer.TestServer),
      client: Context.get(context, GraphQLClient.GraphQLClient)
    }
  })

/** How much virtual time an effect takes. */
const measure = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const start = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(effect)
    while (yield* isRunning(fiber)) yield* TestClock.adjust("10 millis")
    yield* Fiber.join(fiber)
    return (yield* Clock.currentTimeMillis) - start
  })

describe("stopping", () => {
  it.effect("leaving a stream early sends exactly one complete", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(client.subscribe("s"), 2)))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        for (const n of [1, 2, 3]) yield* operation.next(n)
        yield* Fiber.join(fiber)
        yield* operation.awaitComplete
        const completes = (yield* connection.received).filter(({ _tag }) => _tag === "Complete")
        assert.deepStrictEqual(completes, [{ _tag: "Complete", id: operation.id }])
      })
    )
  )

  it.effect("a stream that has ended sends no complete", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe("s")))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).complete
        yield* Fiber.join(fiber)
        const completes = (yield* connection.received).filter(({ _tag }) => _tag === "Complete")
        assert.deepStrictEqual(completes, [])
      })
    )
  )

  it.effect("leaving before the acknowledgement never subscribes and sends no complete", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe("s")))
        const connection = yield* server.accept
        yield* connection.open()
        yield* connection.awaitInit
        yield* Fiber.interrupt(fiber)
        yield* connection.ack()
        yield* client.connect
        assert.deepStrictEqual(
          (yield* connection.received).map(({ _tag }) => _tag),
          ["ConnectionInit"]
        )
      })
    )
  )

  it.effect("interrupting is interruption, and a query's server is told", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const query = yield* Effect.fork(client.query("{ x }"))
        const stream = yield* Effect.fork(Stream.runCollect(client.subscribe("s")))
        const connection = yield* server.acceptReady
        const operations = [yield* connection.awaitSubscribe, yield* connection.awaitSubscribe]
        for (const fiber of [query, stream]) {
          const exit = yield* Fiber.interrupt(fiber)
          assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
        }
        for (const operation of operations) yield* operation.awaitComplete
      })
    )
  )

  it.effect("closing ends every operation with a typed failure and says good-bye", () =>
    Effect.gen(function* () {
      const { client, close, server } = yield* closable()
      const stream = yield* Effect.fork(Effect.flip(Stream.runCollect(client.subscribe("s"))))
      const query = yield* Effect.fork(Effect.flip(client.query("{ x }")))
      const connection = yield* server.acceptReady
      const operations = [yield* connection.awaitSubscribe, yield* connection.awaitSubscribe]
      yield* close
      for (const fiber of [stream, query]) {
        const error = networkError(yield* Fiber.join(fiber), "ClientClosed")
        assert.isTrue(error.sent)
      }
      for (const operation of operations) yield* operation.awaitComplete
      assert.strictEqual((yield* connection.awaitClose).code, 1000)
      assert.strictEqual(yield* server.sockets, 0)
    })
  )

  it.effect("what is asked of a closed client fails at once and connects nothing", () =>
    Effect.gen(function* () {
      const { client, close, server } = yield* closable()
      yield* close
      networkError(yield* Effect.flip(client.query("{ x }")), "ClientClosed")
      networkError(yield* Effect.flip(Stream.runDrain(client.subscribe("s"))), "ClientClosed")
      networkError(yield* Effect.flip(client.connect), "ClientClosed")
      assert.strictEqual(yield* server.attempts, 0)
    })
  )

  it.effect("closing under a black hole takes closeTimeout, and the socket is gone", () =>
    Effect.gen(function* () {
      const { client, close, server } = yield* closable({ closeTimeout: "2 seconds" })
      const stream = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
      const connection = yield* server.acceptReady
      yield* connection.goSilent
      const closing = yield* Effect.fork(measure(close))
      // The subscriber does not wait for the peer's farewell.
      networkError(yield* Fiber.join(stream), "ClientClosed")
      assert.isFalse(yield* connection.isGone)
      assert.strictEqual(yield* Fiber.join(closing), 2000)
      assert.isTrue(yield* connection.isGone)
    })
  )

  for (const [phase, advance] of [
    ["while the URL is evaluated", () => Effect.void],
    ["while connecting", (server) => server.accept],
    [
      "before the acknowledgement",
      (server) => Effect.tap(server.accept, (connection) => connection.open())
    ]
  ] satisfies ReadonlyArray<[string, (server: TestServer.TestServer) => Effect.Effect<unknown>]>) {
    it.effect(`closing ${phase} is bounded and leaves no socket`, () =>
      Effect.gen(function* () {
        const { client, close, server } = yield* closable({
          ...(phase === "while the URL is evaluated" && { url: Effect.never })
        })
        const query = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        yield* Effect.yieldNow()
        yield* advance(server)
        assert.isAtMost(yield* measure(close), 5000)
        assert.isFalse(networkError(yield* Fiber.join(query), "ClientClosed").sent)
        assert.strictEqual(yield* server.sockets, 0)
      })
    )

    it.effect(`closing ${phase} under a black hole is bounded and leaves no socket`, () =>
      Effect.gen(function* () {
        const { client, close, server } = yield* closable()
        yield* Effect.fork(Effect.exit(client.query("{ x }")))
        const connection = yield* server.accept
        if (phase === "before the acknowledgement") yield* connection.open()
        yield* connection.goSilent
        assert.isAtMost(yield* measure(close), 5000)
        assert.strictEqual(yield* server.sockets, 0)
      })
    )
  }

  for (const [what, lose] of [
    ["asked to reconnect", (_connection, client) => client.reconnect],
    ["cut", (connection) => connection.drop],
    ["closed by a deploy", (connection) => connection.close(1012)]
  ] satisfies ReadonlyArray<
    [
      string,
      (connection: TestServer.TestConnection, client: GraphQLClient.Service) => Effect.Effect<void>
    ]
  >) {
    it.effect(`closing a client in the moment in which it is ${what} still tells everybody`, () =>
      Effect.gen(function* () {
        for (let yields = 0; yields < 10; yields++) {
          const { client, close, server } = yield* closable({
            reconnect: Schedule.spaced("1 hour")
          })
          const stream = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
          const connection = yield* server.acceptReady
          yield* connection.awaitSubscribe
          yield* lose(connection, client)
          yield* Effect.replicateEffect(Effect.yieldNow(), yields)
          yield* close
          const error = yield* Fiber.join(stream)
          assert.strictEqual(error._tag, "NetworkError")
        }
      })
    )
  }

  it.effect("closing twice is closing once", () =>
    Effect.gen(function* () {
      const { client, close, server } = yield* closable()
      yield* Effect.fork(client.connect)
      yield* server.acceptReady
      yield* Effect.all([close, close], { concurrency: "unbounded" })
      yield* close
      assert.strictEqual(yield* server.sockets, 0)
    })
  )

  it.effect("a close that is itself interrupted still destroys the socket", () =>
    Effect.gen(function* () {
      const { client, close, server } = yield* closable()
      yield* Effect.fork(client.connect)
      const connection = yield* server.acceptReady
      yield* connection.goSilent
      const closing = yield* Effect.fork(close)
      yield* TestClock.adjust("1 second")
      assert.isFalse(yield* connection.isGone)
      const interrupting = yield* Effect.fork(Fiber.interrupt(closing))
      yield* TestClock.adjust("4 seconds")
      yield* Fiber.join(interrupting)
      assert.isTrue(yield* connection.isGone)
    })
  )

  it.effect("a consumer may close the client it consumes from", () =>
    Effect.gen(function* () {
      const { client, close, server } = yield* closable()
      const consumer = yield* Effect.fork(
        Effect.flip(Stream.runForEach(client.subscribe("s"), () => close))
      )
      const connection = yield* server.acceptReady
      yield* (yield* connection.awaitSubscribe).next(1)
      networkError(yield* Fiber.join(consumer), "ClientClosed")
      assert.strictEqual(yield* server.sockets, 0)
    })
  )

  it.effect("while the last connection is being closed, the next waits: never two sockets", () =>
    scenario({ closeTimeout: "3 seconds" }, ({ client, server }) =>
      Effect.gen(function* () {
        const first = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const connection = yield* server.acceptReady
        yield* connection.sendFrame("nonsense")
        yield* connection.goSilent
        assert.strictEqual((yield* Fiber.join(first))._tag, "ProtocolError")
        const second = yield* Effect.fork(client.query("{ y }"))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* server.sockets, 1)
        assert.strictEqual(yield* server.attempts, 1)
        yield* TestClock.adjust("2 seconds")
        const next = yield* server.acceptReady
        assert.strictEqual(yield* server.sockets, 1)
        yield* (yield* next.awaitSubscribe).next({ y: 1 })
        assert.deepStrictEqual(yield* Fiber.join(second), { y: 1 })
      })
    )
  )

  it.effect("a subscription ends with its scope", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const subscription = yield* Scope.extend(client.subscription("s"), scope)
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        const waiting = yield* Effect.fork(Effect.flip(subscription.take))
        yield* Effect.yieldNow()
        yield* Scope.close(scope, Exit.void)
        assert.isTrue(Option.isNone(yield* Fiber.join(waiting)))
        yield* operation.awaitComplete
      })
    )
  )
})
