import { assert, describe } from "@effect/vitest"
import { NetworkError } from "@fiberline/client/NetworkError"
import * as Operation from "@fiberline/client/Operation"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { childServer } from "./support/childServer.js"
import {
  assertTook,
  causeOf,
  closing,
  connect,
  connectClosable,
  detection,
  network,
  running
} from "./support/client.js"
import { graphqlServer } from "./support/graphqlServer.js"
import { live } from "./support/live.js"
import { relay } from "./support/relay.js"
import { scriptedServer } from "./support/scriptedServer.js"
import { watchSocketTo } from "./support/sockets.js"

const ticks = (every: number) => `subscription { ticks(every: ${every}) }`

/** Asserts that a dead link was noticed in time, and that the error says so. */
const assertKeepaliveTimeout = (error: unknown, took: Duration.Duration) => {
  assert(error instanceof NetworkError && error.reason._tag === "KeepaliveTimeout", String(error))
  const { silentFor } = error.reason
  assert.deepStrictEqual(network(error), {
    _tag: "NetworkError",
    reason: {
      _tag: "KeepaliveTimeout",
      interval: Duration.millis(300),
      timeout: Duration.millis(300),
      silentFor
    },
    phase: "live",
    sent: true
  })
  assertTook(silentFor, { atLeast: detection, atMost: detection })
  assertTook(took, { atMost: detection })
}

describe("a link that goes silent", () => {
  for (const [when, every] of [
    ["mid-stream", 10],
    ["idle", 1_000_000]
  ] as const) {
    live(
      `${when}: KeepaliveTimeout within interval + timeout, and the socket is gone`,
      Effect.gen(function* () {
        const server = yield* scriptedServer({
          onSubscribe: ({ send, ws }, id) => {
            const next = () => send({ type: "next", id, payload: { data: { ticks: 1 } } })
            const timer = setInterval(next, every)
            ws.on("close", () => clearInterval(timer))
          }
        })
        const link = yield* relay(server)
        const { client, close } = yield* connectClosable(link.url)
        const failure = yield* running(client, ticks(every))
        yield* Effect.sleep("100 millis")
        const socket = watchSocketTo(link.port)
        link.goSilent()
        const [took, error] = yield* Effect.timed(Fiber.join(failure))
        assertKeepaliveTimeout(error, took)
        const [closed] = yield* Effect.timed(close)
        socket.assertGone()
        assertTook(closed, { atMost: closing })
      })
    )
  }

  live(
    "and the client is closed before it is noticed: within closeTimeout, and the socket is gone",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const link = yield* relay(server)
      const { client, close } = yield* connectClosable(link.url)
      const failure = yield* running(client, ticks(10))
      yield* Effect.sleep("100 millis")
      const socket = watchSocketTo(link.port)
      link.goSilent()
      const [took] = yield* Effect.timed(close)
      socket.assertGone()
      assertTook(took, { atLeast: closing, atMost: closing })
      assert.deepStrictEqual(network(yield* Fiber.join(failure)), {
        _tag: "NetworkError",
        reason: { _tag: "ClientClosed" },
        phase: "live",
        sent: true
      })
    })
  )

  live(
    "is replaced by the next operation, which works",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const link = yield* relay(server)
      const client = yield* connect(link.url)
      const failure = yield* running(client, ticks(10))
      yield* Effect.sleep("50 millis")
      link.goSilent()
      assert.strictEqual(network(yield* Fiber.join(failure)).reason._tag, "KeepaliveTimeout")
      assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "hello world" })
    })
  )
})

describe("a server process", () => {
  live(
    "that is stopped: KeepaliveTimeout, and closing takes no longer than closeTimeout",
    Effect.gen(function* () {
      const server = yield* childServer
      const { client, close } = yield* connectClosable(server.url)
      const failure = yield* running(client, ticks(10))
      yield* Effect.sleep("50 millis")
      const socket = watchSocketTo(server.port)
      server.signal("SIGSTOP")
      const [took, error] = yield* Effect.timed(Fiber.join(failure))
      assertKeepaliveTimeout(error, took)
      const [closed] = yield* Effect.timed(close)
      socket.assertGone()
      assertTook(closed, { atMost: closing })
    })
  )

  live(
    "that is killed: ConnectionLost, at once",
    Effect.gen(function* () {
      const server = yield* childServer
      const client = yield* connect(server.url)
      const failure = yield* running(client, ticks(10))
      yield* Effect.sleep("50 millis")
      server.signal("SIGKILL")
      const [took, error] = yield* Effect.timed(Fiber.join(failure))
      assert.deepStrictEqual(network(error), {
        _tag: "NetworkError",
        reason: { _tag: "ConnectionLost" },
        phase: "live",
        sent: true
      })
      assertTook(took, { atMost: 0 })
    })
  )
})

describe("a link that is reset", () => {
  live(
    "fails the operation with ConnectionLost and the cause",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const link = yield* relay(server)
      const client = yield* connect(link.url)
      const failure = yield* running(client, ticks(10))
      yield* Effect.sleep("100 millis")
      link.reset()
      const error = yield* Fiber.join(failure)
      assert.deepStrictEqual(network(error), {
        _tag: "NetworkError",
        reason: { _tag: "ConnectionLost" },
        phase: "live",
        sent: true
      })
      assert.strictEqual(causeOf(error), "ECONNRESET")
    })
  )
})

describe("a link that is well", () => {
  live(
    "outlives many keepalive periods without traffic",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const client = yield* connect(server.url)
      yield* client.connect
      yield* Effect.sleep(2.5 * detection)
      assert.isAtLeast(server.received.filter(({ type }) => type === "ping").length, 3)
      yield* client.query("{ hello }")
      assert.lengthOf(server.headers, 1)
    })
  )

  live(
    "outlives a consumer that blocks the event loop for longer than interval + timeout",
    Effect.gen(function* () {
      const server = yield* childServer
      const client = yield* connect(server.url)
      const data = Schema.Struct({ ticks: Schema.Int })
      const seen = yield* client.subscribe(Operation.subscription(ticks(10), { data })).pipe(
        Stream.tap(({ ticks }) => Effect.sync(() => ticks === 10 && block(1.5 * detection))),
        Stream.take(20),
        Stream.runCollect
      )
      assert.lengthOf(Array.from(seen), 20)
    })
  )

  live(
    "outlives a program that is busy when the answer to a ping comes",
    Effect.gen(function* () {
      const server = yield* childServer
      let connections = 0
      let pings = 0
      const wire: ReturnType<typeof NodeWire.make> = (request, listener) => {
        connections++
        const real = NodeWire.make()(request, listener)
        return {
          ...real,
          send: (text) => {
            real.send(text)
            if (!text.includes('"ping"')) return
            pings++
            // Once it has left, for what is sent in one turn leaves at its end: past the deadline of the
            // answer, which by then lies unread in the kernel, even where the server has to wait for a
            // processor.
            setImmediate(() => block(1500))
          }
        }
      }
      const keepalive = { interval: "300 millis", timeout: "1 second" } as const
      const client = yield* connect(server.url, { keepalive }, wire)
      const failure = yield* running(client, ticks(60_000))
      yield* Effect.sleep("3 seconds")
      assert.isAtLeast(pings, 1)
      assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "hello" })
      // Over the very same one: another would hide that it was given up.
      assert.strictEqual(connections, 1)
      yield* Fiber.interrupt(failure)
    })
  )

  live(
    "outlives a frame that takes longer to arrive than interval + timeout",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onSubscribe: ({ socket, ws }, id) => {
          const text = JSON.stringify({
            type: "next",
            id,
            payload: { data: { text: "x".repeat(20_000) } }
          })
          const frame = Buffer.concat([
            Buffer.of(0x81, 126, text.length >> 8, text.length & 0xff),
            Buffer.from(text)
          ])
          let sent = 0
          const timer = setInterval(() => {
            socket.write(frame.subarray(sent, (sent += 1000)))
            if (sent >= frame.length) clearInterval(timer)
          }, 60)
          ws.on("close", () => clearInterval(timer))
        }
      })
      const client = yield* connect(server.url)
      const [first] = yield* client
        .subscribe("subscription { text }")
        .pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(first, { text: "x".repeat(20_000) })
    })
  )
})

const block = (millis: number): void => {
  const until = performance.now() + millis
  while (performance.now() < until);
}
