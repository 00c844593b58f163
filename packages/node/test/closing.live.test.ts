import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import {
  assertTook,
  closing,
  connect,
  connectClosable,
  failureOf,
  network,
  running
} from "./support/client.js"
import { graphqlServer } from "./support/graphqlServer.js"
import { eventually, live } from "./support/live.js"
import { scriptedServer } from "./support/scriptedServer.js"
import { assertNoSocketTo, watchSocketTo } from "./support/sockets.js"

const ticks = "subscription { ticks }"

describe("a server that closes", () => {
  for (const code of [1000, 1001, 1011, 1012, 4400, 4401, 4403, 4408, 4429, 4500]) {
    live(
      `with ${code}: ServerClosed with the code and the reason`,
      Effect.gen(function* () {
        const server = yield* scriptedServer({
          onSubscribe: ({ ws }) => ws.close(code, "because – so")
        })
        const client = yield* connect(server.url)
        assert.deepStrictEqual(network(yield* failureOf(client.subscribe(ticks))), {
          _tag: "NetworkError",
          reason: { _tag: "ServerClosed", code, reason: "because – so" },
          phase: "live",
          sent: true
        })
        yield* eventually(() => assert.deepStrictEqual(server.closeCodes, [code]))
      })
    )
  }

  live(
    "without a code: ServerClosed with 1005",
    Effect.gen(function* () {
      const server = yield* scriptedServer({ onSubscribe: ({ ws }) => ws.close() })
      const client = yield* connect(server.url)
      assert.deepStrictEqual(network(yield* failureOf(client.subscribe(ticks))).reason, {
        _tag: "ServerClosed",
        code: 1005,
        reason: ""
      })
    })
  )

  live(
    "and never hangs up: ServerClosed at once all the same, and the socket is gone",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onSubscribe: ({ socket }) => {
          // A close frame with 1011, from one who does not wait for the answer to it.
          socket.write(Buffer.of(0x88, 2, 0x03, 0xf3))
          socket.pause()
        }
      })
      const client = yield* connect(server.url)
      const [took, error] = yield* Effect.timed(failureOf(client.subscribe(ticks)))
      assert.deepStrictEqual(network(error), {
        _tag: "NetworkError",
        reason: { _tag: "ServerClosed", code: 1011, reason: "" },
        phase: "live",
        sent: true
      })
      assertTook(took, { atMost: 0 })
      yield* eventually(() => assertNoSocketTo(server.port))
    })
  )

  live(
    "before it acknowledges: ServerClosed, and nothing was sent",
    Effect.gen(function* () {
      const server = yield* scriptedServer({ onInit: ({ ws }) => ws.close(4403, "Forbidden") })
      const client = yield* connect(server.url)
      assert.deepStrictEqual(network(yield* failureOf(client.subscribe(ticks))), {
        _tag: "NetworkError",
        reason: { _tag: "ServerClosed", code: 4403, reason: "Forbidden" },
        phase: "acknowledging",
        sent: false
      })
    })
  )

  live(
    "by hanging up in the middle of a frame: ConnectionLost",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onSubscribe: ({ socket }) => socket.end(Buffer.of(0x81, 126, 0x10))
      })
      const client = yield* connect(server.url)
      assert.deepStrictEqual(network(yield* failureOf(client.subscribe(ticks))), {
        _tag: "NetworkError",
        reason: { _tag: "ConnectionLost" },
        phase: "live",
        sent: true
      })
    })
  )
})

describe("closing the client", () => {
  live(
    "ends every operation, says good-bye, and leaves no socket",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const { client, close } = yield* connectClosable(server.url)
      const failures = yield* Effect.forEach([1, 2, 3], () => running(client, ticks))
      yield* client.query("{ hello }")
      const socket = watchSocketTo(server.port)
      const [took] = yield* Effect.timed(close)
      socket.assertGone()
      assertTook(took, { atMost: closing })
      for (const failure of failures) {
        assert.deepStrictEqual(network(yield* Fiber.join(failure)), {
          _tag: "NetworkError",
          reason: { _tag: "ClientClosed" },
          phase: "live",
          sent: true
        })
      }
      yield* eventually(() => assert.deepStrictEqual(server.closeCodes, [1000]))
      assert.strictEqual(server.received.filter(({ type }) => type === "complete").length, 3)
    })
  )

  live(
    "before anything was connected takes no time, and later operations fail at once",
    Effect.gen(function* () {
      const { client, close } = yield* connectClosable("ws://127.0.0.1:1/")
      yield* close
      yield* close
      assert.deepStrictEqual(network(yield* failureOf(client.subscribe(ticks))), {
        _tag: "NetworkError",
        reason: { _tag: "ClientClosed" },
        phase: "closed",
        sent: false
      })
    })
  )

  live(
    "from inside a consumer ends that consumer too",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const { client, close } = yield* connectClosable(server.url)
      const consumed = client.subscribe(ticks).pipe(Stream.tap(() => close))
      assert.deepStrictEqual(network(yield* failureOf(consumed)).reason, { _tag: "ClientClosed" })
    })
  )

  live(
    "while the server floods it: within closeTimeout, and the socket is gone",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const { client, close } = yield* connectClosable(server.url)
      const stalled = client
        .subscribe("subscription { flood(to: 1000000, ballast: 10000) { n ballast } }")
        .pipe(Stream.mapEffect(() => Effect.never))
      const failure = yield* Effect.fork(Effect.exit(Stream.runDrain(stalled)))
      yield* Effect.sleep("200 millis")
      const socket = watchSocketTo(server.port)
      const [took] = yield* Effect.timed(close)
      socket.assertGone()
      assertTook(took, { atMost: closing })
      yield* Fiber.interrupt(failure)
    })
  )

  live(
    "on a server that takes the good-bye and never hangs up: within closeTimeout",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        // From here on it reads nothing.
        onSubscribe: ({ socket }) => socket.pause()
      })
      const { client, close } = yield* connectClosable(server.url)
      const failure = yield* running(client, ticks)
      yield* Effect.sleep("100 millis")
      const socket = watchSocketTo(server.port)
      const [took] = yield* Effect.timed(close)
      socket.assertGone()
      assertTook(took, { atLeast: closing, atMost: closing })
      yield* Fiber.join(failure)
    })
  )
})
