/**
 * What a server sends to cost its client memory or time. This file has a process of its own, whose peak
 * the operating system keeps.
 */
import { assert, describe } from "@effect/vitest"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Operation from "@fiberline/client/Operation"
import { OperationError } from "@fiberline/client/OperationError"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Socket } from "node:net"
import { constants, deflateRawSync } from "node:zlib"
import { bounded, mebi, pour, roomForLevels } from "./support/bounded.js"
import { connect, failureOf, network, protocol } from "./support/client.js"
import { eventually, live } from "./support/live.js"
import { encodeFrame, opcodes, type RawFrame } from "./support/rawFrames.js"
import { scriptedServer } from "./support/scriptedServer.js"
import { tcpServer } from "./support/servers.js"

const ticks = "subscription { ticks }"
const patient = { keepalive: { interval: "20 seconds", timeout: "20 seconds" } } as const

const header = (frame: Omit<RawFrame, "payload" | "masked">): Buffer =>
  encodeFrame({ ...frame, masked: false, payload: Buffer.alloc(0) })

const piece = Buffer.alloc(64 * 1024, "x")
const pieces = 1024

/** What inflates to a megabyte of spaces, and can be repeated, for it ends on a byte and refers to nothing. */
const blanks = deflateRawSync(Buffer.alloc(mebi, " "), { finishFlush: constants.Z_FULL_FLUSH })

const text = opcodes.text
const whole = BigInt(pieces * piece.length)

// First of all: memory that is free by the time of a test would hide what the test takes.
describe("what a server does not read:", () => {
  live(
    "pings of a server that reads no pongs: what waits for it is at most maxFrameSize",
    Effect.gen(function* () {
      const ping = `{"type":"ping","payload":{"filler":"${"x".repeat(mebi)}"}}`
      const server = yield* scriptedServer({
        onSubscribe: ({ send, socket, ws }, id) => {
          ws.pause()
          const frame = {
            fin: true,
            rsv: 0,
            opcode: text,
            masked: false,
            payload: Buffer.from(ping)
          }
          pour(socket, encodeFrame(frame), 128, () => {
            send({ type: "next", id, payload: { data: 1 } })
            send({ type: "complete", id })
          })
        }
      })
      const client = yield* connect(server.url, { ...patient, maxFrameSize: 4 * mebi })
      yield* client.connect
      const seen = yield* bounded(Stream.runCollect(client.subscribe(ticks)), 100)
      assert.deepStrictEqual(Array.from(seen), [1])
    })
  )
})

describe("more than maxFrameSize: FrameTooLarge, and it is never held:", () => {
  const cases: ReadonlyArray<[name: string, send: (socket: Socket) => void]> = [
    [
      "64 MiB in a frame",
      (socket) => {
        socket.write(header({ fin: true, rsv: 0, opcode: text, declared: whole }))
        pour(socket, piece, pieces)
      }
    ],
    [
      "64 MiB in a binary frame",
      (socket) => {
        socket.write(header({ fin: true, rsv: 0, opcode: opcodes.binary, declared: whole }))
        pour(socket, piece, pieces)
      }
    ],
    [
      "64 MiB in a thousand fragments",
      (socket) => {
        const part = (opcode: number) =>
          encodeFrame({ fin: false, rsv: 0, opcode, masked: false, payload: piece })
        socket.write(part(text))
        pour(socket, part(opcodes.continuation), pieces)
      }
    ],
    [
      "2^63 bytes, of which none comes",
      (socket) => socket.write(header({ fin: true, rsv: 0, opcode: text, declared: 2n ** 63n }))
    ]
  ]
  const bombs: typeof cases = [
    [
      "1 MiB that inflates to 1 GiB",
      (socket) => {
        const declared = BigInt(1024 * blanks.length)
        socket.write(header({ fin: true, rsv: 4, opcode: text, declared }))
        pour(socket, blanks, 1024)
      }
    ],
    [
      "fragments of 1 KiB that inflate to 1 MiB each",
      (socket) => {
        const part = { fin: false, masked: false, payload: blanks }
        socket.write(encodeFrame({ ...part, rsv: 4, opcode: text }))
        pour(socket, encodeFrame({ ...part, rsv: 0, opcode: opcodes.continuation }), 1024)
      }
    ]
  ]
  for (const [name, send, compresses] of [
    ...cases.map(([name, send]) => [name, send, false] as const),
    ...cases.map(([name, send]) => [`${name}, with compression on`, send, true] as const),
    ...bombs.map(([name, send]) => [name, send, true] as const)
  ]) {
    live(
      name,
      Effect.gen(function* () {
        const server = yield* scriptedServer(
          { onSubscribe: ({ socket }) => send(socket) },
          { perMessageDeflate: compresses }
        )
        const wire = NodeWire.make({ perMessageDeflate: compresses })
        const client = yield* connect(server.url, patient, wire)
        yield* client.connect
        const error = yield* bounded(failureOf(client.subscribe(ticks)))
        assert.deepStrictEqual(protocol(error), {
          _tag: "ProtocolError",
          violation: "FrameTooLarge",
          phase: "live",
          sent: true
        })
      })
    )
  }
})

describe("a million levels of nesting, in good time:", () => {
  const depth = 1_000_000
  const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`
  const levels = (value: unknown): number => {
    let levels = 0
    for (let inner = value; Array.isArray(inner); inner = inner[0]) levels++
    return levels
  }

  for (const [name, frame, violation] of [
    ["brackets", deep, "NotAnObject"],
    ["brackets that are never closed", "[".repeat(depth), "NotJson"],
    ["objects", `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`, "UnknownType"],
    ["a payload of no message", `{"type":"data","payload":${deep}}`, "UnknownType"]
  ] as const) {
    live(
      `${name}: ${violation}`,
      Effect.gen(function* () {
        const server = yield* scriptedServer({ onSubscribe: ({ send }) => send(frame) })
        const client = yield* connect(server.url, patient)
        const error = yield* bounded(failureOf(client.subscribe(ticks)), roomForLevels)
        assert.strictEqual(protocol(error).violation, violation)
        yield* eventually(() => assert.deepStrictEqual(server.closeCodes, [4400]))
      })
    )
  }

  live(
    "in the acknowledgement, a ping and a result: passes as data",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onInit: ({ send }) => send(`{"type":"connection_ack","payload":{"deep":${deep}}}`),
        onSubscribe: ({ send }, id) => {
          send(`{"type":"ping","payload":{"deep":${deep}}}`)
          send(`{"type":"next","id":"${id}","payload":{"data":${deep}}}`)
          send({ type: "complete", id })
        }
      })
      const client = yield* connect(server.url, patient)
      yield* bounded(
        Effect.gen(function* () {
          assert.strictEqual(levels((yield* client.connect).deep), depth)
          const [seen] = yield* Stream.runCollect(client.subscribe(ticks))
          assert.strictEqual(levels(seen), depth)
        }),
        roomForLevels
      )
      // The payload cannot be written again.
      yield* eventually(() => assert.deepInclude(server.received, { type: "pong" }))
    })
  )

  live(
    "in a result that a Schema has to fit: DecodeError",
    Effect.gen(function* () {
      const server = yield* scriptedServer({
        onSubscribe: ({ send }, id) =>
          send(`{"type":"next","id":"${id}","payload":{"data":${deep}}}`)
      })
      const client = yield* connect(server.url, patient)
      const Ticks = Operation.subscription(ticks, { data: Schema.Struct({ ticks: Schema.Number }) })
      const error = yield* bounded(failureOf(client.subscribe(Ticks)), roomForLevels)
      assert.strictEqual(error._tag, "DecodeError")
    })
  )

  live(
    "in an error: OperationError, without what is nested",
    Effect.gen(function* () {
      const error = `{"message":"no","path":${deep},"locations":${deep},"extensions":{"deep":${deep}}}`
      const server = yield* scriptedServer({
        onSubscribe: ({ send }, id) => send(`{"type":"error","id":"${id}","payload":[${error}]}`)
      })
      const client = yield* connect(server.url, patient)
      const failure = yield* bounded(failureOf(client.subscribe(ticks)), roomForLevels)
      assert(failure instanceof OperationError)
      assert.deepStrictEqual(failure.errors, [{ message: "no", path: [], locations: [] }])
    })
  )
})

describe("what has no end is bounded:", () => {
  for (const [name, first, piece, reason] of [
    [
      "headers",
      "HTTP/1.1 101 Switching Protocols\r\n",
      `a: ${"x".repeat(1000)}\r\n`,
      "ConnectFailed"
    ],
    ["other answers", "", "HTTP/1.1 103 Early Hints\r\n\r\n", "ConnectTimeout"],
    ["a body", "HTTP/1.1 200 OK\r\n\r\n", "x".repeat(1000), "HandshakeRejected"]
  ] as const) {
    live(
      `${name}, in place of an upgrade: ${reason}`,
      Effect.gen(function* () {
        const server = yield* tcpServer((socket) => {
          socket.once("data", () => {
            socket.write(first)
            pour(socket, Buffer.from(piece), Infinity)
          })
        })
        const client = yield* connect(server.url, { ...patient, connectTimeout: "500 millis" })
        const error = yield* bounded(Effect.flip(client.connect))
        assert.strictEqual(network(error).reason._tag, reason)
      })
    )
  }

  for (const [name, frame, expected] of [
    [
      "empty fragments",
      (at: number) => ({ fin: false, opcode: at === 0 ? text : opcodes.continuation }),
      (error: unknown) => protocol(error).violation === "InvalidFrame"
    ],
    [
      "pings of the WebSocket's that are answered to nobody",
      () => ({ fin: true, opcode: opcodes.ping }),
      (error: unknown) => network(error).reason._tag === "ConnectionLost"
    ]
  ] as const) {
    live(
      name,
      Effect.gen(function* () {
        const server = yield* scriptedServer({
          onSubscribe: ({ socket, ws }) => {
            ws.pause()
            const rest = { rsv: 0, masked: false, payload: Buffer.alloc(0) }
            socket.write(encodeFrame({ ...frame(0), ...rest }))
            pour(socket, encodeFrame({ ...frame(1), ...rest }), 20_000)
          }
        })
        const client = yield* connect(server.url, patient)
        const error = yield* bounded(failureOf(client.subscribe(ticks)))
        assert.isTrue(expected(error), String(error))
      })
    )
  }
})
