import { assert, describe } from "@effect/vitest"
import * as Operation from "@fiberline/client/Operation"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { connect, detection, failureOf, network } from "./support/client.js"
import { graphqlServer } from "./support/graphqlServer.js"
import { eventually, live } from "./support/live.js"
import { type Peer, scriptedServer } from "./support/scriptedServer.js"

const ballast = 16 * 1024
const flood = (to: number) =>
  Operation.subscription(`subscription { flood(to: ${to}, ballast: ${ballast}) { n ballast } }`, {
    data: Schema.Struct({ flood: Schema.Struct({ n: Schema.Int, ballast: Schema.String }) })
  })

describe("a consumer slower than its server", () => {
  live(
    "loses nothing and holds the server back, while the connection lives on",
    Effect.gen(function* () {
      const to = 4000
      const server = yield* graphqlServer()
      const client = yield* connect(server.url, { buffer: { capacity: 16, strategy: "suspend" } })
      const go = yield* Deferred.make<void>()
      const consumer = yield* client.subscribe(flood(to)).pipe(
        Stream.map(({ flood }) => flood.n),
        Stream.tap((n) => (n === 1 ? Deferred.await(go) : Effect.void)),
        Stream.runCollect,
        Effect.fork
      )
      yield* Effect.sleep(3 * detection)
      assert.isBelow(server.flooded(), to, "the server waits")
      assert.lengthOf(server.closeCodes, 0)

      yield* Deferred.succeed(go, undefined)
      const seen = yield* Fiber.join(consumer)
      assert.deepStrictEqual(
        Chunk.toReadonlyArray(seen),
        Array.from({ length: to }, (_, i) => i + 1)
      )
      yield* client.query("{ hello }")
      assert.lengthOf(server.headers, 1)
    })
  )

  live(
    "gets everything that a server sent before it closed, and then the close",
    Effect.gen(function* () {
      const to = 500
      const server = yield* scriptedServer({
        onSubscribe: ({ send, ws }, id) => {
          for (let n = 1; n <= to; n++) {
            send({ type: "next", id, payload: { data: { flood: { n, ballast: "" } } } })
          }
          ws.close(1001, "restarting")
        }
      })
      const client = yield* connect(server.url, { buffer: { capacity: 16 } })
      const seen: Array<number> = []
      const error = yield* client.subscribe(flood(to)).pipe(
        Stream.tap(({ flood }) => Effect.sync(() => seen.push(flood.n))),
        Stream.tap(({ flood }) => (flood.n % 100 === 1 ? Effect.sleep("150 millis") : Effect.void)),
        failureOf
      )
      assert.strictEqual(seen.length, to)
      assert.deepStrictEqual(network(error).reason, {
        _tag: "ServerClosed",
        code: 1001,
        reason: "restarting"
      })
    })
  )

  live(
    "can be left, and the others are read again",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const client = yield* connect(server.url, { buffer: { capacity: 16 } })
      const stalled = yield* client.subscribe(flood(100_000)).pipe(
        Stream.mapEffect(() => Effect.never),
        Stream.runDrain,
        Effect.fork
      )
      yield* eventually(() => assert.isAtLeast(server.flooded(), 100))
      const query = yield* Effect.fork(client.query("{ hello }"))
      yield* Effect.sleep(detection)
      assert.strictEqual(query.unsafePoll(), null, "the query waits with the connection")
      yield* Fiber.interrupt(stalled)
      assert.deepStrictEqual(yield* Fiber.join(query), { hello: "hello world" })
    })
  )
})

describe("a server that pings and does not read", () => {
  live(
    "is given no more pongs than maxFrameSize, and the connection lives on",
    Effect.gen(function* () {
      const pings = 300
      const filler = "x".repeat(100_000)
      const peers: Array<Peer> = []
      const server = yield* scriptedServer({
        onSubscribe: (connection, id) => {
          peers.push(connection)
          connection.ws.pause()
          for (let i = 0; i < pings; i++) connection.send({ type: "ping", payload: { i, filler } })
          connection.send({ type: "next", id, payload: { data: 1 } })
          connection.send({ type: "complete", id })
        }
      })
      const client = yield* connect(server.url, { maxFrameSize: 200_000 })
      assert.deepStrictEqual(
        Array.from(yield* Stream.runCollect(client.subscribe("subscription { a }"))),
        [1]
      )
      peers[0]?.ws.resume()
      // Once it reads, it is answered again.
      yield* eventually(() => {
        peers[0]?.send({ type: "ping" })
        assert.deepStrictEqual(server.received.at(-1), { type: "pong" })
      })
      // What the kernel took is not ours to hold.
      assert.isBelow(pongs(), 250)

      function pongs(): number {
        return server.received.filter(({ type }) => type === "pong").length
      }
    })
  )
})
