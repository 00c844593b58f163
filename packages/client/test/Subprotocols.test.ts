import { assert, describe, it } from "@effect/vitest"
import { WireConstructor } from "@fiberline/client/Wire"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { networkError, protocolError } from "./support/errors.js"
import { isRunning } from "./support/fibers.js"
import { scenario } from "./support/scenario.js"

const legacy = [subscriptionsTransportWs]
const both = [graphqlTransportWs, subscriptionsTransportWs]
const keepalive = { interval: "2 seconds", timeout: "1 second" } as const

describe("what is spoken", () => {
  it.effect("is offered by preference, and the server's to choose", () =>
    scenario({ subprotocols: both }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          client.query("query Q($a: Int) { a }", { variables: { a: 1 } })
        )
        const connection = yield* server.accept
        assert.deepStrictEqual(connection.request.subprotocols, [
          "graphql-transport-ws",
          "graphql-ws"
        ])
        yield* connection.open("graphql-ws")
        yield* connection.awaitInit
        yield* connection.ack()
        // It was encoded before the server could choose, and reads as the protocol's nevertheless.
        const operation = yield* connection.awaitSubscribe
        assert.deepStrictEqual(operation.request, {
          query: "query Q($a: Int) { a }",
          variables: { a: 1 }
        })
        yield* operation.next({ a: 2 })
        yield* operation.complete
        assert.deepStrictEqual(yield* Fiber.join(fiber), { a: 2 })
      })
    )
  )

  it.effect("may be another after a reconnect, for what was sent before", () =>
    scenario({ subprotocols: both, reconnect: Schedule.spaced("1 second") }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runCollect(Stream.take(client.subscribe("subscription { n }"), 2))
        )
        const first = yield* server.accept
        yield* first.open("graphql-ws")
        yield* first.awaitInit
        yield* first.ack()
        yield* Effect.flatMap(first.awaitSubscribe, ({ next }) => next(1))
        yield* first.drop
        yield* TestClock.adjust("1 second")
        const second = yield* server.accept
        yield* second.open("graphql-transport-ws")
        yield* second.awaitInit
        yield* second.ack()
        yield* Effect.flatMap(second.awaitSubscribe, ({ next }) => next(2))
        assert.deepStrictEqual(Array.from(yield* Fiber.join(fiber)), [1, 2])
      })
    )
  )

  it.effect("is the one offered, where the server names none", () =>
    scenario({ subprotocols: legacy }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.connect)
        const connection = yield* server.accept
        yield* connection.open("")
        // `connection_init` and its answer are the same in both.
        yield* connection.awaitInit
        yield* connection.ack()
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("is none of several, where the server names none", () =>
    scenario({ subprotocols: both }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.connect))
        yield* Effect.flatMap(server.accept, ({ open }) => open(""))
        const error = protocolError(yield* Fiber.join(fiber), "UnexpectedSubprotocol")
        assert.strictEqual(error.detail, "the server chose none of the subprotocols")
      })
    )
  )
})

describe("the protocol of subscriptions-transport-ws", () => {
  it.effect("tells the server that a subscriber has left, and that the client does", () =>
    Effect.gen(function* () {
      const said = yield* Ref.make<ReadonlyArray<string>>([])
      yield* scenario({ subprotocols: legacy }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("subscription { n }")))
          const connection = yield* server.acceptReady
          const operation = yield* connection.awaitSubscribe
          yield* operation.next({ n: 1 })
          yield* Fiber.interrupt(fiber)
          yield* operation.awaitComplete
          yield* Effect.forkDaemon(
            Effect.zipRight(
              connection.awaitClose,
              Effect.flatMap(connection.received, (all) =>
                Ref.set(
                  said,
                  all.map(({ _tag }) => _tag)
                )
              )
            )
          )
        })
      )
      assert.deepStrictEqual(yield* Ref.get(said), [
        "ConnectionInit",
        "Subscribe",
        "Complete",
        "ConnectionTerminate"
      ])
    })
  )

  it.effect("fails one operation with the one object of its error, and no other", () =>
    scenario({ subprotocols: legacy }, ({ client, server }) =>
      Effect.gen(function* () {
        const denied = yield* Effect.fork(Effect.flip(client.query("{ secret }")))
        const allowed = yield* Effect.fork(client.query("{ open }"))
        const connection = yield* server.acceptReady
        const first = yield* connection.awaitSubscribe
        const second = yield* connection.awaitSubscribe
        yield* connection.sendFrame(
          JSON.stringify({ type: "error", id: first.id, payload: { message: "no" } })
        )
        yield* second.next({ open: true })
        const error = yield* Fiber.join(denied)
        assert.strictEqual(error._tag, "OperationError")
        assert.deepStrictEqual(error._tag === "OperationError" && error.errors[0]?.message, "no")
        assert.deepStrictEqual(yield* Fiber.join(allowed), { open: true })
      })
    )
  )

  it.effect("notices a dead link by ping frames, interval + timeout after the last byte", () =>
    scenario({ subprotocols: legacy, keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        const connection = yield* server.acceptReady
        // Answered, and heard: it lives.
        yield* TestClock.adjust("9 seconds")
        yield* connection.awaitPing
        assert.isTrue(yield* isRunning(fiber))
        yield* connection.ignorePings
        // The last answer came a second ago.
        yield* TestClock.adjust("1999 millis")
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust("1 millis")
        networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
      })
    )
  )

  it.effect("measures the round trip of a ping frame", () =>
    scenario({ subprotocols: legacy, keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        yield* server.acceptReady
        yield* TestClock.adjust("5 seconds")
        const status = yield* client.status.get
        assert.strictEqual(status._tag, "Live")
        if (status._tag !== "Live") return
        assert.deepStrictEqual(Option.map(status.roundTrip, Duration.toMillis), Option.some(0))
      })
    )
  )

  /** A socket like a browser's, which has no ping frames. */
  const withoutPing = Layer.map(TestServer.layer, (context) =>
    Context.add(context, WireConstructor, (request, listener) => {
      const { ping: _, ...wire } = Context.get(context, WireConstructor)(request, listener)
      return wire
    })
  )

  it.effect("means nothing by its silence where nobody can ask and no ka has come", () =>
    scenario(
      { subprotocols: legacy, keepalive },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runHead(client.subscribe("s")))
          const connection = yield* server.acceptReady
          const operation = yield* connection.awaitSubscribe
          yield* TestClock.adjust("2 minutes")
          assert.isTrue(yield* isRunning(fiber))
          yield* operation.next(1)
          assert.deepStrictEqual(yield* Fiber.join(fiber), Option.some(1))
        }),
      withoutPing
    )
  )

  it.effect.each([
    ["before the acknowledgement", true],
    ["after it", false]
  ] as const)("is dead interval + timeout after the last ka, which first came %s", ([, early]) =>
    scenario(
      { subprotocols: legacy, keepalive },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
          const connection = yield* server.accept
          const keepAlive = connection.send({ _tag: "KeepAlive" })
          yield* connection.open()
          yield* connection.awaitInit
          if (early) yield* keepAlive
          yield* connection.ack()
          if (!early) {
            yield* TestClock.adjust("2 minutes")
            yield* keepAlive
          }
          for (let i = 0; i < 5; i++) {
            yield* TestClock.adjust("2500 millis")
            yield* keepAlive
          }
          // What nobody asked for is no answer.
          const status = yield* client.status.get
          assert.deepStrictEqual(status._tag === "Live" && status.roundTrip, Option.none())
          yield* TestClock.adjust("2999 millis")
          assert.isTrue(yield* isRunning(fiber))
          yield* TestClock.adjust("1 millis")
          networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
        }),
      withoutPing
    )
  )
})

describe("a refusal in the words of the subprotocol", () => {
  const payloads: ReadonlyArray<readonly [object, string]> = [
    [{ message: "no" }, "no"],
    [{ errors: [{ errorType: "UnauthorizedException", message: "expired" }] }, "expired"],
    [{ errors: [{ errorType: "UnauthorizedException" }] }, "UnauthorizedException"],
    [{}, ""]
  ]

  it.effect.each([
    ["graphql-transport-ws", [graphqlTransportWs]],
    ["graphql-ws", legacy]
  ] as const)("over %s is typed, with the server's words", ([, subprotocols]) =>
    Effect.forEach(payloads, ([payload, detail]) =>
      scenario({ subprotocols }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query("{ a }")))
          const connection = yield* server.accept
          yield* connection.open()
          yield* connection.awaitInit
          yield* connection.sendFrame(JSON.stringify({ type: "connection_error", payload }))
          const error = networkError(yield* Fiber.join(fiber), "ConnectionRejected")
          assert.strictEqual(error.reason.detail, detail)
          assert.strictEqual(error.phase, "acknowledging")
          assert.isFalse(error.sent)
          // Such a server says good-bye.
          assert.strictEqual((yield* connection.awaitClose).code, 1000)
        })
      )
    )
  )

  it.effect("has the credentials evaluated anew, once", () =>
    Effect.gen(function* () {
      const evaluated = yield* Ref.make(0)
      yield* scenario(
        {
          subprotocols: legacy,
          reconnect: Schedule.spaced("1 second"),
          connectionPayload: Effect.map(
            Ref.updateAndGet(evaluated, (n) => n + 1),
            (n) => Redacted.make({ token: `a-token-of-some-length-${n}` })
          )
        },
        ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(Effect.flip(client.query("{ a }")))
            for (let i = 1; i <= 2; i++) {
              const connection = yield* server.accept
              yield* connection.open()
              yield* connection.awaitInit
              yield* connection.send({
                _tag: "ConnectionError",
                payload: { message: `a-token-of-some-length-${i} is no good` }
              })
              yield* TestClock.adjust("1 second")
            }
            const error = networkError(yield* Fiber.join(fiber), "Unauthorized")
            assert.strictEqual(error.reason.code, 4403)
            // What was sent in confidence is not repeated, not even by the server.
            assert.notInclude(String(error.cause), "a-token-of-some-length-2")
            assert.include(String(error.cause), "is no good")
          })
      )
      assert.strictEqual(yield* Ref.get(evaluated), 2)
    })
  )
})
