import { assert, describe, it } from "@effect/vitest"
import * as Operation from "@fiberline/client/Operation"
import { DecodeError, OperationError } from "@fiberline/client/OperationError"
import type { Violation } from "@fiberline/client/ProtocolError"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { networkError, protocolError } from "./support/errors.js"
import { scenario } from "./support/scenario.js"

const nested = `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`

const frames: ReadonlyArray<[string, string | ArrayBuffer, Violation]> = [
  ["a binary frame", new ArrayBuffer(8), "NotText"],
  ["an empty frame", "", "NotJson"],
  ["not JSON", "{", "NotJson"],
  ["a string", `"next"`, "NotAnObject"],
  ["null", "null", "NotAnObject"],
  ["an array", "[]", "NotAnObject"],
  ["a million brackets", nested, "NotAnObject"],
  ["no type", "{}", "UnknownType"],
  ["an unknown type", `{"type":"data","id":"1"}`, "UnknownType"],
  ["a type from the prototype", `{"type":"__proto__"}`, "UnknownType"],
  ["a missing id", `{"type":"complete"}`, "InvalidField"],
  ["an empty id", `{"type":"complete","id":""}`, "InvalidField"],
  ["a numeric id", `{"type":"next","id":1,"payload":{"data":{}}}`, "InvalidField"],
  ["a missing payload", `{"type":"next","id":"1"}`, "InvalidField"],
  ["a payload that is an array", `{"type":"next","id":"1","payload":[]}`, "InvalidField"],
  ["errors that are no array", `{"type":"next","id":"1","payload":{"errors":{}}}`, "InvalidField"],
  ["an error payload that is an object", `{"type":"error","id":"1","payload":{}}`, "InvalidField"],
  ["a ping whose payload is a string", `{"type":"ping","payload":"x"}`, "InvalidField"],
  ["an id inherited from __proto__", `{"type":"complete","__proto__":{"id":"1"}}`, "InvalidField"]
]

describe("bad input", () => {
  for (const [name, frame, violation] of frames) {
    it.effect(`${name}: a typed ${violation}, and the server is told 4400`, () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
          const connection = yield* server.acceptReady
          yield* connection.awaitSubscribe
          yield* connection.sendFrame(frame)
          const error = protocolError(yield* Fiber.join(fiber), violation)
          assert.strictEqual(error.phase, "live")
          assert.isTrue(error.sent)
          assert.isAtMost(error.received?.length ?? 0, 200)
          assert.strictEqual((yield* connection.awaitClose).code, 4400)
        })
      )
    )
  }

  it.effect("keys that only look dangerous pass as data", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query("{ x }"))
        const connection = yield* server.acceptReady
        const { id } = yield* connection.awaitSubscribe
        const data = `{"__proto__":{"polluted":true},"constructor":1,"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`
        yield* connection.sendFrame(`{"type":"next","id":"${id}","payload":{"data":${data}}}`)
        const result = yield* Fiber.join(fiber)
        assert.hasAllKeys(result, ["__proto__", "constructor", "x"])
        assert.notProperty({}, "polluted")
      })
    )
  )

  it.effect("a ping nested too deeply to be written again is answered without its payload", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query("{ x }"))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* connection.sendFrame(`{"type":"ping","payload":{"x":${nested}}}`)
        yield* operation.next({ x: 1 })
        assert.deepStrictEqual(yield* Fiber.join(fiber), { x: 1 })
        assert.deepStrictEqual((yield* connection.received).at(-1), { _tag: "Pong" })
      })
    )
  )

  interface Nested extends ReadonlyArray<Nested> {}
  const Nested: Schema.Schema<Nested> = Schema.Array(Schema.suspend(() => Nested))
  const Slow = Schema.transformOrFail(Schema.Array(Schema.Unknown), Schema.Array(Nested), {
    // Type boundary: what it is in truth is for the other Schema to say.
    decode: (value) => Effect.as(Effect.yieldNow(), value as ReadonlyArray<Nested>),
    encode: (value) => Effect.succeed(value)
  })
  for (const [name, operation] of [
    ["that is as deep", Operation.query("{ x }", { data: Nested })],
    ["that it does not fit", Operation.query("{ x }", { data: Schema.Number })],
    ["that takes effects", Operation.query("{ x }", { data: Slow })]
  ] as const) {
    it.effect(`data nested too deeply for a Schema ${name}: DecodeError`, () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query<typeof operation>(operation)))
          const connection = yield* server.acceptReady
          const { id } = yield* connection.awaitSubscribe
          yield* connection.sendFrame(`{"type":"next","id":"${id}","payload":{"data":${nested}}}`)
          assert.instanceOf(yield* Fiber.join(fiber), DecodeError)
        })
      )
    )
  }

  it.effect("extensions of an error are what the server sent, a key called __proto__ too", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const connection = yield* server.acceptReady
        const { id } = yield* connection.awaitSubscribe
        const extensions = `{"__proto__":{"isAdmin":true},"code":"A"}`
        yield* connection.sendFrame(
          `{"type":"error","id":"${id}","payload":[{"message":"","extensions":${extensions}}]}`
        )
        const error = yield* Fiber.join(fiber)
        assert(error._tag === "OperationError")
        assert.notProperty(error.errors[0]?.extensions, "isAdmin")
        assert.strictEqual(JSON.stringify(error.errors[0]?.extensions), extensions)
        const json = yield* Schema.encode(OperationError)(error)
        assert.strictEqual(JSON.stringify(json.errors[0]?.extensions), extensions)
      })
    )
  )

  it.effect("NoData is of a live connection, also where that is gone when it is read", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* operation.result({})
        yield* connection.drop
        assert.strictEqual(protocolError(yield* Fiber.join(fiber), "NoData").phase, "live")
      })
    )
  )

  it.effect("a frame larger than maxFrameSize: FrameTooLarge, and the server is told 1009", () =>
    scenario({ maxFrameSize: 100 }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).next("x".repeat(100))
        protocolError(yield* Fiber.join(fiber), "FrameTooLarge")
        assert.strictEqual((yield* connection.awaitClose).code, 1009)
      })
    )
  )

  for (const code of [1000, 1001, 1005, 1011, 1012, 4400, 4401, 4403, 4408, 4429, 4500, 4999]) {
    it.effect(`the server closes with ${code}: ServerClosed with code and reason`, () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
          const connection = yield* server.acceptReady
          yield* connection.awaitSubscribe
          yield* connection.close(code, "because")
          const error = networkError(yield* Fiber.join(fiber), "ServerClosed")
          assert.deepInclude(error.reason, { code, reason: "because" })
          assert.isTrue(error.sent)
        })
      )
    )
  }

  it.effect("the server is killed: ConnectionLost", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        for (const end of ["drop", "fail"] as const) {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
          const connection = yield* server.acceptReady
          yield* connection.awaitSubscribe
          yield* end === "drop" ? connection.drop : connection.fail(new Error("ECONNRESET"))
          const error = networkError(yield* Fiber.join(fiber), "ConnectionLost")
          assert.strictEqual(error.cause instanceof Error, end === "fail")
        }
      })
    )
  )
})
