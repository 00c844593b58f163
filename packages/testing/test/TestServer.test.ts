import { assert, describe, it } from "@effect/vitest"
import type { WireEnd } from "@fiberline/client/Wire"
import { WireConstructor } from "@fiberline/client/Wire"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Effect from "effect/Effect"

/** A wire, and everything its listener was told. */
const open = Effect.gen(function* () {
  const events: Array<unknown> = []
  const construct = yield* WireConstructor
  const wire = construct(
    { url: "ws://test/", subprotocols: ["graphql-transport-ws"], headers: {}, maxFrameSize: 100 },
    {
      onOpen: (subprotocol) => events.push(["open", subprotocol]),
      onActivity: () => {},
      onFrame: (frame) => events.push(["frame", frame]),
      onEnd: (end: WireEnd) => events.push(["end", end])
    }
  )
  const server = yield* TestServer.TestServer
  return { wire, events, server, connection: yield* server.accept }
})

const closed = (code: number, reason = "") => ["end", { _tag: "Closed", code, reason }]

describe("TestServer", () => {
  it.effect("upgrades, receives and sends at once", () =>
    Effect.gen(function* () {
      const { connection, events, wire } = yield* open
      yield* connection.open()
      wire.send(`{"type":"connection_init","payload":{"a":1}}`)
      assert.deepStrictEqual((yield* connection.awaitInit).payload, { a: 1 })
      yield* connection.ack({ b: 2 })
      wire.send(`{"type":"ping"}`)
      assert.deepStrictEqual(events, [
        ["open", "graphql-transport-ws"],
        ["frame", `{"type":"connection_ack","payload":{"b":2}}`],
        ["frame", `{"type":"pong"}`]
      ])
    }).pipe(Effect.provide(TestServer.layer))
  )

  it.effect("drops what is sent before the upgrade and after the end", () =>
    Effect.gen(function* () {
      const { connection, wire } = yield* open
      wire.send(`{"type":"ping"}`)
      yield* connection.open()
      yield* connection.close(1000)
      wire.send(`{"type":"ping"}`)
      assert.deepStrictEqual(yield* connection.received, [])
    }).pipe(Effect.provide(TestServer.layer))
  )

  it.effect("ends once, however often it is ended", () =>
    Effect.gen(function* () {
      const { connection, events, server, wire } = yield* open
      yield* connection.open()
      assert.strictEqual(yield* server.sockets, 1)
      yield* connection.close(1012, "deploy")
      yield* connection.drop
      yield* connection.sendFrame("late")
      wire.close(1000, "")
      wire.terminate()
      assert.deepStrictEqual(events.slice(1), [closed(1012, "deploy")])
      assert.strictEqual(yield* server.sockets, 0)
    }).pipe(Effect.provide(TestServer.layer))
  )

  it.effect("answers a closing handshake and sees its code", () =>
    Effect.gen(function* () {
      const { connection, events, wire } = yield* open
      yield* connection.open()
      wire.close(1000, "bye")
      assert.deepStrictEqual(yield* connection.awaitClose, { code: 1000, reason: "bye" })
      assert.deepStrictEqual(events.slice(1), [closed(1000, "bye")])
    }).pipe(Effect.provide(TestServer.layer))
  )

  it.effect("holds back what a paused client does not read, in order, its end included", () =>
    Effect.gen(function* () {
      const { connection, events, wire } = yield* open
      yield* connection.open()
      wire.flow?.pause()
      yield* connection.sendFrame("1")
      yield* connection.sendFrame("2")
      yield* connection.close(1000)
      assert.isTrue(yield* connection.isPaused)
      assert.lengthOf(events, 1)
      wire.flow?.resume()
      assert.deepStrictEqual(events.slice(1), [["frame", "1"], ["frame", "2"], closed(1000)])
    }).pipe(Effect.provide(TestServer.layer))
  )

  it.effect("gone silent, neither end hears of the other, and terminate still works", () =>
    Effect.gen(function* () {
      const { connection, events, wire } = yield* open
      yield* connection.open()
      yield* connection.goSilent
      wire.send(`{"type":"ping"}`)
      yield* connection.sendFrame("x")
      yield* connection.close(1000)
      wire.close(1000, "")
      assert.lengthOf(events, 1)
      assert.isFalse(yield* connection.isGone)
      wire.terminate()
      assert.isTrue(yield* connection.isGone)
    }).pipe(Effect.provide(TestServer.layer))
  )

  it.effect("closes on a client that breaks the protocol, as servers do", () =>
    Effect.gen(function* () {
      const { connection, events, wire } = yield* open
      yield* connection.open()
      wire.send("nonsense")
      assert.deepStrictEqual(events.slice(1), [closed(4400, "text that is not JSON")])
    }).pipe(Effect.provide(TestServer.layer))
  )
})
