import { assert, describe } from "@effect/vitest"
import { ProtocolError } from "@fiberline/client/ProtocolError"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { causeOf, connect, failureOf, protocol } from "./support/client.js"
import { eventually, live } from "./support/live.js"
import { type Peer, type Script, scriptedServer } from "./support/scriptedServer.js"

const ticks = "subscription { ticks }"
const payload = { data: { ticks: 1 } }

/** Bytes of a frame as a server sends it, unmasked, of less than 126 bytes. */
const frame = (opcode: number, ...content: ReadonlyArray<number>) =>
  Buffer.of(0x80 | opcode, content.length, ...content)

describe("a frame that breaks the protocol ends the connection:", () => {
  const cases: ReadonlyArray<
    [name: string, violation: string, closeCode: number, send: (peer: Peer, id: string) => void]
  > = [
    ["text that is not JSON", "NotJson", 4400, ({ send }) => send("{ not json")],
    ["an empty frame", "NotJson", 4400, ({ send }) => send("")],
    ["an array", "NotAnObject", 4400, ({ send }) => send("[]")],
    ["null", "NotAnObject", 4400, ({ send }) => send("null")],
    ["a binary frame", "NotText", 4400, ({ ws }) => ws.send(Buffer.from("{}"))],
    ["an empty binary frame", "NotText", 4400, ({ ws }) => ws.send(Buffer.alloc(0))],
    ["no type", "UnknownType", 4400, ({ send }) => send({})],
    ["an unknown type", "UnknownType", 4400, ({ send }) => send({ type: "data" })],
    ["no id", "InvalidField", 4400, ({ send }) => send({ type: "next", payload })],
    ["an empty id", "InvalidField", 4400, ({ send }) => send({ type: "next", id: "", payload })],
    ["a numeric id", "InvalidField", 4400, ({ send }) => send({ type: "next", id: 1, payload })],
    ["no payload", "InvalidField", 4400, ({ send }, id) => send({ type: "next", id })],
    [
      "an error that is an object",
      "InvalidField",
      4400,
      ({ send }, id) => send({ type: "error", id, payload: { message: "boom" } })
    ],
    ["a second ack", "UnexpectedMessage", 4400, ({ send }) => send({ type: "connection_ack" })],
    [
      "a frame larger than maxFrameSize",
      "FrameTooLarge",
      1009,
      ({ send }, id) => send({ type: "next", id, payload: { data: "x".repeat(5000) } })
    ],
    [
      "text that is not UTF-8",
      "InvalidFrame",
      1007,
      ({ socket }) => socket.write(frame(0x1, 0x22, 0xc3, 0x28, 0x22))
    ],
    ["a frame of no kind", "InvalidFrame", 1002, ({ socket }) => socket.write(frame(0x3, 0x20))],
    [
      "a close frame with a code that may not be sent",
      "InvalidFrame",
      1002,
      ({ socket }) => socket.write(frame(0x8, 0x03, 0xee))
    ]
  ]

  for (const [name, violation, closeCode, send] of cases) {
    live(
      name,
      Effect.gen(function* () {
        const server = yield* scriptedServer({ onSubscribe: send })
        const client = yield* connect(server.url, { maxFrameSize: 4096 })
        const error = yield* failureOf(client.subscribe(ticks))
        assert.deepStrictEqual(protocol(error), {
          _tag: "ProtocolError",
          violation,
          phase: "live",
          sent: true
        })
        yield* eventually(() => assert.deepStrictEqual(server.closeCodes, [closeCode]))
      })
    )
  }

  live(
    "what the WebSocket layer found is the cause",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onSubscribe: ({ socket }) => socket.write(frame(0x1, 0xff))
      })
      const error = yield* failureOf((yield* connect(server.url)).subscribe(ticks))
      assert.strictEqual(causeOf(error), "WS_ERR_INVALID_UTF8")
    })
  )

  live(
    "the error shows the beginning of the frame, without what we sent in confidence",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onSubscribe: ({ send }) => send({ type: "hunter2-hunter2", more: "x".repeat(1000) })
      })
      const client = yield* connect(server.url, { connectionPayload: { token: "hunter2-hunter2" } })
      const error = yield* failureOf(client.subscribe(ticks))
      assert(error instanceof ProtocolError)
      assert.match(error.received ?? "", /^\{"type":"<redacted>","more":"x+$/)
      assert.lengthOf(error.received ?? "", 200)
    })
  )

  for (const [name, onInit] of [
    ["data", ({ send }) => send({ type: "next", id: "1", payload })],
    ["garbage", ({ send }) => send("garbage")]
  ] satisfies ReadonlyArray<[string, Script["onInit"]]>) {
    live(
      `${name} before the acknowledgement`,
      Effect.gen(function* () {
        const server = yield* scriptedServer({ onInit })
        const error = yield* failureOf((yield* connect(server.url)).subscribe(ticks))
        const { phase, sent } = protocol(error)
        assert.deepStrictEqual({ phase, sent }, { phase: "acknowledging", sent: false })
        yield* eventually(() => assert.deepStrictEqual(server.closeCodes, [4400]))
      })
    )
  }
})

describe("what is strange but no violation does not disturb the subscription:", () => {
  const depth = 100_000
  const deep = "[".repeat(depth) + "]".repeat(depth)
  const cases: ReadonlyArray<[name: string, send: (peer: Peer, id: string) => void]> = [
    ["the id __proto__", ({ send }) => send({ type: "next", id: "__proto__", payload })],
    [
      "keys called __proto__",
      ({ send }, id) =>
        send(`{"__proto__":{"type":"x"},"type":"complete","id":"not ${id}","constructor":1}`)
    ],
    ["an unknown id", ({ send }) => send({ type: "error", id: "42", payload: [{ message: "" }] })],
    ["a pong that nobody asked for", ({ send }) => send({ type: "pong" })],
    ["a ping", ({ send }) => send({ type: "ping", payload: { at: 1 } })],
    ["a ping of the WebSocket itself", ({ ws }) => ws.ping("at")],
    ["fields the protocol does not know", ({ send }) => send({ type: "pong", future: true })],
    [
      `${depth} levels of nesting`,
      ({ send }) => send(`{"type":"next","id":"42","payload":{"data":${deep}}}`)
    ],
    [
      "a result in many frames",
      ({ ws }) => {
        const text = '{"type":"pong"}'
        for (const [i, char] of Array.from(text).entries()) {
          ws.send(char, { fin: i === text.length - 1 })
        }
      }
    ]
  ]

  for (const [name, send] of cases) {
    live(
      name,
      Effect.gen(function* () {
        const server = yield* scriptedServer({
          onSubscribe: (peer, id) => {
            send(peer, id)
            peer.send({ type: "next", id, payload })
            peer.send({ type: "complete", id })
          }
        })
        const client = yield* connect(server.url)
        const seen = yield* Stream.runCollect(client.subscribe(ticks))
        assert.deepStrictEqual(Chunk.toReadonlyArray(seen), [{ ticks: 1 }])
        assert.strictEqual(Object.prototype.hasOwnProperty.call(Object.prototype, "type"), false)
      })
    )
  }

  live(
    `${depth} levels of nesting in a result of our own`,
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onSubscribe: ({ send }, id) => {
          send(`{"type":"next","id":"${id}","payload":{"data":${deep}}}`)
          send({ type: "complete", id })
        }
      })
      const client = yield* connect(server.url)
      const [seen] = yield* Stream.runCollect(client.subscribe(ticks))
      let levels = 0
      for (let value = seen; Array.isArray(value); value = value[0]) levels++
      assert.strictEqual(levels, depth)
    })
  )
})
