import { assert, describe } from "@effect/vitest"
import { type Wire, WireConstructor, type WireEnd } from "@fiberline/client/Wire"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Effect from "effect/Effect"
import { Agent } from "node:http"
import { eventually, live } from "./support/live.js"
import { scriptedServer } from "./support/scriptedServer.js"
import { neverUpgrades, refusing } from "./support/servers.js"
import { assertNoSocketTo } from "./support/sockets.js"
import { open } from "./support/wire.js"

/** Calls everything there is to call. */
const useAll = ({ close, flow, send, terminate }: Wire) => {
  send("{}")
  flow?.pause()
  flow?.resume()
  close(1000, "bye")
  close(1000, "bye")
  send("{}")
  flow?.pause()
  flow?.resume()
  terminate()
  terminate()
  close(1000, "bye")
  flow?.pause()
  send("{}")
}

const closedWithoutCode: WireEnd = { _tag: "Closed", code: 1006, reason: "" }

describe("opening", () => {
  for (const [name, request] of [
    ["no URL", { url: "hunter2" }],
    ["a URL of another scheme", { url: "ftp://ada:hunter2@127.0.0.1/" }],
    ["a header that cannot be sent", { url: "ws://127.0.0.1:1/", headers: { a: "hunter2\n" } }],
    ["a header without a name", { url: "ws://127.0.0.1:1/", headers: { "": "hunter2" } }],
    ["a subprotocol that is none", { url: "ws://127.0.0.1:1/", subprotocols: ["hunter2 "] }]
  ] as const) {
    live(
      `with ${name} never throws: it ends as Failed, later, and shows nothing`,
      Effect.gen(function* () {
        const { ended, ends, wire } = open(request)
        assert.deepStrictEqual(ends, [])
        useAll(wire)
        yield* wire.settle
        yield* ended
        const [end] = ends
        assert(end?._tag === "Failed" && end.cause instanceof Error)
        const { cause } = end
        assert.notInclude(`${cause} ${cause.stack} ${JSON.stringify({ ...cause })}`, "hunter2")
      })
    )
  }

  live(
    "is told before any frame, with the subprotocol",
    Effect.gen(function* () {
      const server = yield* scriptedServer()
      const { heard, wire } = open(server)
      yield* eventually(() => assert.deepStrictEqual(heard, ["open graphql-transport-ws"]))
      wire.send('{"type":"connection_init"}')
      yield* eventually(() => assert.deepStrictEqual(heard.slice(1), ['{"type":"connection_ack"}']))
      wire.terminate()
    })
  )

  live(
    "works whether or not a subprotocol is offered or chosen",
    Effect.gen(function* () {
      const names = yield* scriptedServer({}, { handleProtocols: () => "theirs" })
      const silent = yield* scriptedServer({}, { handleProtocols: () => false })
      for (const [server, subprotocols, expected] of [
        [names, ["ours"], "open theirs"],
        [names, ["ours", "theirs"], "open theirs"],
        [silent, ["ours"], "open "],
        [silent, [], "open "]
      ] as const) {
        const { heard, wire } = open({ url: server.url, subprotocols })
        yield* eventually(() => assert.deepStrictEqual(heard, [expected]))
        wire.terminate()
      }
    })
  )
})

describe("frames", () => {
  live(
    "arrive as strings, or as exactly their bytes",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onInit: ({ ws }) => {
          ws.send("grüß dich 👋")
          ws.send(Buffer.of(1, 2, 3))
          ws.send("")
          ws.send(Buffer.alloc(0))
        }
      })
      const { heard, wire } = open(server)
      yield* eventually(() => assert.lengthOf(heard, 1))
      wire.send('{"type":"connection_init"}')
      yield* eventually(() => assert.lengthOf(heard, 5))
      assert.deepStrictEqual(heard.slice(1), [
        "grüß dich 👋",
        Uint8Array.of(1, 2, 3).buffer,
        "",
        new ArrayBuffer(0)
      ])
      wire.terminate()
    })
  )

  live(
    "may be as large as maxFrameSize, in bytes, and no larger",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onInit: ({ send }) => {
          send("ü".repeat(50))
          send("x".repeat(101))
        }
      })
      const { ended, ends, heard, wire } = open({ url: server.url, maxFrameSize: 100.5 })
      yield* eventually(() => assert.lengthOf(heard, 1))
      wire.send('{"type":"connection_init"}')
      yield* ended
      assert.deepStrictEqual(heard.slice(1), ["ü".repeat(50)])
      const [end] = ends
      assert(end?._tag === "Violated")
      assert.strictEqual(end.code, 1009)
      wire.terminate()
    })
  )
  live(
    "may be of any size there is where maxFrameSize is larger than that",
    Effect.gen(function* () {
      const server = yield* scriptedServer({ onInit: ({ send }) => send("x".repeat(100)) })
      for (const maxFrameSize of [2 ** 31, 2 ** 32 + 5, Infinity]) {
        const { heard, wire } = open({ url: server.url, maxFrameSize })
        yield* eventually(() => assert.lengthOf(heard, 1))
        wire.send('{"type":"connection_init"}')
        yield* eventually(() => assert.lengthOf(heard, 2))
        wire.terminate()
      }
    })
  )
})

describe("ending", () => {
  live(
    "while connecting is quiet, whatever is called",
    Effect.gen(function* () {
      const server = yield* neverUpgrades
      const { ended, ends, wire } = open(server)
      useAll(wire)
      yield* ended
      assert.deepStrictEqual(ends, [closedWithoutCode])
      useAll(wire)
    })
  )

  live(
    "while connecting through an agent leaves nothing with it",
    Effect.gen(function* () {
      const server = yield* neverUpgrades
      const agent = new Agent({ keepAlive: true })
      const { ended, wire } = open(server, { agent })
      yield* Effect.sleep("20 millis")
      useAll(wire)
      yield* ended
      assert.deepStrictEqual(Object.keys(agent.sockets), [])
      assert.deepStrictEqual(Object.keys(agent.freeSockets), [])
    })
  )

  live(
    "once open is quiet, whatever is called",
    Effect.gen(function* () {
      const server = yield* scriptedServer()
      const { ended, ends, heard, wire } = open(server)
      yield* eventually(() => assert.lengthOf(heard, 1))
      useAll(wire)
      yield* ended
      assert.deepStrictEqual(ends, [closedWithoutCode])
      useAll(wire)
    })
  )

  live(
    "after the upgrade was refused is quiet, whatever is called",
    Effect.gen(function* () {
      const server = yield* refusing(418, { "x-pot": "tea" })
      const { ended, ends, wire } = open(server)
      yield* ended
      assert.deepStrictEqual(ends, [{ _tag: "Rejected", status: 418, headers: { "x-pot": "tea" } }])
      yield* eventually(() => assertNoSocketTo(server.port))
      useAll(wire)
      yield* Effect.sleep("50 millis")
      assert.lengthOf(ends, 1)
    })
  )

  live(
    "with a code that no close frame can carry still ends",
    Effect.gen(function* () {
      const server = yield* scriptedServer()
      for (const [code, reason] of [
        [1006, "never on the wire"],
        [1000, "too long".repeat(100)]
      ] as const) {
        const { ended, ends, heard, wire } = open(server)
        yield* eventually(() => assert.lengthOf(heard, 1))
        wire.close(code, reason)
        yield* ended
        assert.deepStrictEqual(ends, [closedWithoutCode])
      }
    })
  )

  live(
    "with an answered close frame tells the peer's code",
    Effect.gen(function* () {
      const server = yield* scriptedServer()
      const { ended, ends, heard, wire } = open(server)
      yield* eventually(() => assert.lengthOf(heard, 1))
      wire.close(4400, "Bad Request")
      yield* ended
      assert.deepStrictEqual(ends, [{ _tag: "Closed", code: 4400, reason: "Bad Request" }])
    })
  )

  live(
    "by a peer that hangs up without having read what we sent is told at once",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onInit: ({ socket }) => {
          socket.pause()
          setTimeout(() => socket.end(), 50)
        }
      })
      const { ended, ends, heard, wire } = open(server)
      yield* eventually(() => assert.lengthOf(heard, 1))
      wire.send('{"type":"connection_init"}')
      // More than the operating system takes.
      for (let i = 0; i < 20; i++) wire.send("x".repeat(2 ** 20))
      yield* ended
      assert.deepStrictEqual(ends, [closedWithoutCode])
    })
  )

  live(
    "of a paused socket loses no frame that was read",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onInit: ({ send, ws }) => {
          send("last words")
          ws.close(1001)
        }
      })
      const { ended, ends, heard, wire } = open(server)
      yield* eventually(() => assert.lengthOf(heard, 1))
      wire.send('{"type":"connection_init"}')
      wire.flow?.pause()
      yield* Effect.sleep("100 millis")
      assert.lengthOf(ends, 0)
      wire.flow?.resume()
      yield* ended
      assert.deepStrictEqual(heard.slice(1), ["last words"])
      assert.deepStrictEqual(ends, [{ _tag: "Closed", code: 1001, reason: "" }])
    })
  )
})

live(
  "the layer provides the constructor",
  Effect.gen(function* () {
    assert.isFunction(yield* WireConstructor)
  }).pipe(Effect.provide(NodeWire.layer({ perMessageDeflate: true })))
)
