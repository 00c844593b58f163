import { assert, describe, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { WireConstructor } from "@fiberline/client/Wire"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Chunk from "effect/Chunk"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { isRunning } from "./support/fibers.js"
import { scenario, url } from "./support/scenario.js"

/** Wires on which reading cannot be stopped, as a browser's. */
const withoutFlow = Layer.map(TestServer.layer, (context) =>
  Context.add(context, WireConstructor, (request, listener) => {
    const { flow: _, ...wire } = Context.get(context, WireConstructor)(request, listener)
    return wire
  })
)

const keepalive = { interval: "2 seconds", timeout: "1 second" } as const

describe("a link that dies silently", () => {
  it.effect("while idle is noticed interval + timeout after the last byte, not before", () =>
    scenario({ keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        const connection = yield* server.acceptReady
        yield* connection.awaitSubscribe
        yield* connection.goSilent
        yield* TestClock.adjust("2999 millis")
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust("1 millis")
        const error = networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
        assert.deepStrictEqual(
          [error.reason.interval, error.reason.timeout, error.reason.silentFor].map(
            Duration.toMillis
          ),
          [2000, 1000, 3000]
        )
        assert.strictEqual(error.phase, "live")
        assert.isTrue(error.sent)
        assert.isTrue(yield* connection.isGone)
      })
    )
  )

  it.effect("in mid-stream is noticed the same time after the last result", () =>
    scenario({ keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        for (let i = 0; i < 10; i++) {
          yield* TestClock.adjust("700 millis")
          yield* operation.next(i)
        }
        yield* connection.goSilent
        yield* TestClock.adjust("2999 millis")
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust("1 millis")
        networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
      })
    )
  )

  it.effect("behind a full buffer is noticed where that does not stop reading", () =>
    scenario(
      { keepalive, buffer: { capacity: 1 } },
      ({ client, server }) =>
        Effect.gen(function* () {
          const subscription = yield* client.subscription("s")
          const connection = yield* server.acceptReady
          yield* (yield* connection.awaitSubscribe).next(1)
          yield* connection.goSilent
          yield* TestClock.adjust("3 seconds")
          assert.strictEqual(yield* subscription.progress, "ended")
          assert.deepStrictEqual(Array.from(yield* subscription.take), [1])
          const error = Option.getOrThrow(yield* Effect.flip(subscription.take))
          networkError(error, "KeepaliveTimeout")
        }),
      withoutFlow
    )
  )

  it.effect("with the ping in flight is noticed at the timeout", () =>
    scenario({ keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        const connection = yield* server.acceptReady
        yield* connection.ignorePings
        yield* TestClock.adjust("2 seconds")
        yield* connection.awaitPing
        yield* connection.goSilent
        yield* TestClock.adjust("999 millis")
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust("1 millis")
        networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
      })
    )
  )

  it.effect("is told to every subscriber and query once, with the cause", () =>
    scenario({ keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const told: Array<string> = []
        const tell = (who: string) => (error: { readonly _tag: string }) =>
          Effect.sync(() => told.push(`${who} ${error._tag}`))
        const fibers = [
          yield* Effect.fork(Effect.catchAll(client.query("{ x }"), tell("query"))),
          ...(yield* Effect.replicateEffect(
            Effect.fork(Effect.catchAll(Stream.runDrain(client.subscribe("s")), tell("stream"))),
            3
          ))
        ]
        const connection = yield* server.acceptReady
        yield* connection.goSilent
        yield* TestClock.adjust("1 hour")
        yield* Fiber.joinAll(fibers)
        assert.deepStrictEqual(told.sort(), [
          "query NetworkError",
          "stream NetworkError",
          "stream NetworkError",
          "stream NetworkError"
        ])
      })
    )
  )

  it.effect("is forgotten by the next operation, which connects anew", () =>
    scenario({ keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const first = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        yield* (yield* server.acceptReady).goSilent
        yield* TestClock.adjust("3 seconds")
        yield* Fiber.join(first)
        const second = yield* Effect.fork(client.query("{ x }"))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).next({ x: 1 })
        assert.deepStrictEqual(yield* Fiber.join(second), { x: 1 })
      })
    )
  )
})

describe("a link that lives", () => {
  it.effect("is kept by answered pings, one an interval", () =>
    scenario({ keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        const connection = yield* server.acceptReady
        yield* TestClock.adjust("5 minutes")
        assert.isTrue(yield* isRunning(fiber))
        const pings = (yield* connection.received).filter(({ _tag }) => _tag === "Ping")
        assert.lengthOf(pings, 150)
        yield* Fiber.interrupt(fiber)
      })
    )
  )

  it.effect("is not pinged while results arrive often enough", () =>
    scenario({ keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        const connection = yield* server.acceptReady
        yield* connection.ignorePings
        const operation = yield* connection.awaitSubscribe
        for (let i = 0; i < 100; i++) {
          yield* TestClock.adjust("1999 millis")
          yield* operation.next(i)
        }
        assert.notInclude(
          (yield* connection.received).map(({ _tag }) => _tag),
          "Ping"
        )
        yield* Fiber.interrupt(fiber)
      })
    )
  )

  it.effect("whose pongs stay away but whose results arrive is alive", () =>
    scenario({ keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        const connection = yield* server.acceptReady
        yield* connection.ignorePings
        const operation = yield* connection.awaitSubscribe
        for (let i = 0; i < 100; i++) {
          yield* TestClock.adjust("2500 millis")
          yield* operation.next(i)
        }
        assert.isTrue(yield* isRunning(fiber))
        yield* Fiber.interrupt(fiber)
      })
    )
  )

  it.effect("is not kept by a pong that came before the ping", () =>
    scenario({ keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        const connection = yield* server.acceptReady
        yield* connection.ignorePings
        yield* TestClock.adjust("1 second")
        yield* connection.send({ _tag: "Pong" })
        yield* TestClock.adjust("2999 millis")
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust("1 millis")
        networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
      })
    )
  )

  it.effect("is never asked with keepalive: false", () =>
    scenario({ keepalive: false }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        const connection = yield* server.acceptReady
        yield* TestClock.adjust("10 hours")
        assert.isTrue(yield* isRunning(fiber))
        assert.isFalse(yield* connection.isGone)
        yield* Fiber.interrupt(fiber)
      })
    )
  )

  it.effect("a short interval and a long timeout keep their bound too", () =>
    scenario({ keepalive: { interval: "1 second", timeout: "10 seconds" } }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        const connection = yield* server.acceptReady
        yield* connection.ignorePings
        yield* TestClock.adjust("1100 millis")
        // Answers the ping that went out at 1 s; the next goes out at 2.1 s and not at 11 s.
        yield* connection.send({ _tag: "Pong" })
        yield* connection.goSilent
        yield* TestClock.adjust("10999 millis")
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust("1 millis")
        networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
      })
    )
  )
})

describe("what is not a dead peer", () => {
  it.effect("a socket that we have paused ourselves", () =>
    scenario({ keepalive, buffer: { capacity: 2 } }, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("s")
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* operation.next(1)
        yield* operation.next(2)
        assert.isTrue(yield* connection.isPaused)
        yield* TestClock.adjust("5 minutes")
        assert.isFalse(yield* connection.isGone)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [1, 2])
        assert.isFalse(yield* connection.isPaused)
        // And from here on the full bound holds again.
        yield* connection.goSilent
        const waiting = yield* Effect.fork(Effect.flip(subscription.take))
        yield* TestClock.adjust("2999 millis")
        assert.isTrue(yield* isRunning(waiting))
        yield* TestClock.adjust("1 millis")
        yield* Fiber.join(waiting)
      })
    )
  )

  /** A server whose pongs lie unread until somebody settles the wire. */
  const unreadUntilSettled = Layer.map(TestServer.layer, (context) => {
    const open = Context.get(context, WireConstructor)
    return Context.add(context, WireConstructor, (request, listener) => {
      const unread: Array<() => void> = []
      let isHeldBack = false
      const wire = open(request, {
        ...listener,
        onFrame: (frame) => {
          if (isHeldBack) unread.push(() => listener.onFrame(frame))
          else listener.onFrame(frame)
        }
      })
      return {
        ...wire,
        send: (text) => {
          isHeldBack = text.includes(`"ping"`)
          wire.send(text)
        },
        settle: Effect.sync(() => {
          isHeldBack = false
          for (const read of unread.splice(0)) read()
        })
      }
    })
  })

  it.effect("an answer that has arrived but was not read yet", () =>
    scenario(
      { keepalive },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
          const connection = yield* server.acceptReady
          yield* TestClock.adjust("1 minute")
          assert.isTrue(yield* isRunning(fiber))
          assert.isFalse(yield* connection.isGone)
          yield* Fiber.interrupt(fiber)
        }),
      unreadUntilSettled
    )
  )

  it.effect("a machine that slept: the link is probed at once, within the timeout", () =>
    // The clock jumps by hours while no timer fires, as it does on a laptop that was closed.
    Effect.gen(function* () {
      let slept = 0
      const clock = yield* Effect.clock
      // The test's own clock, which `TestClock` still has to find in it, but for what time it is.
      const sleepy: Clock.Clock = Object.assign(Object.create(clock), {
        unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis() + slept
      })
      const program = Effect.gen(function* () {
        const server = yield* TestServer.TestServer
        const client = yield* GraphQLClient.GraphQLClient
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        const connection = yield* server.acceptReady
        yield* TestClock.adjust("1 second")
        slept += 5 * 60 * 60 * 1000
        yield* TestClock.adjust("1 second")
        yield* connection.awaitPing
        yield* TestClock.adjust("1 minute")
        assert.isTrue(yield* isRunning(fiber), "a link that answers lives on")

        // Asleep while an answer is awaited: it is asked once more rather than given up.
        yield* connection.ignorePings
        yield* TestClock.adjust("2500 millis")
        slept += 5 * 60 * 60 * 1000
        yield* TestClock.adjust("500 millis")
        assert.isTrue(yield* isRunning(fiber), "it is not given up blindly")
        yield* TestClock.adjust("1 second")
        networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
      })
      yield* program.pipe(
        Effect.provide(
          Layer.provideMerge(
            GraphQLClient.layer({ url, keepalive, reconnect: false }),
            TestServer.layer
          )
        ),
        Effect.withClock(sleepy)
      )
    })
  )
})
