import { assert, describe, it } from "@effect/vitest"
import type * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as IncrementalDelivery from "@fiberline/client/IncrementalDelivery"
import * as Operation from "@fiberline/client/Operation"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as HttpScenario from "./support/httpScenario.js"
import { scenario } from "./support/scenario.js"

const document = "{ user { name ... @defer { age } } }"

const initial = {
  data: { user: { name: "Ada" } },
  pending: [{ id: "0", path: ["user"] }],
  hasNext: true
}
const rest = {
  incremental: [{ id: "0", data: { age: 36 } }],
  completed: [{ id: "0" }],
  hasNext: false
}

const collect = (client: GraphQLClient.Service) =>
  Effect.fork(Stream.runCollect(IncrementalDelivery.stream(client, document)))

const wholeResult = [
  {
    result: { user: { name: "Ada" } },
    pending: [{ id: "0", path: ["user"], label: undefined }],
    hasNext: true
  },
  { result: { user: { name: "Ada", age: 36 } }, pending: [], hasNext: false }
]

const part = (payload: unknown): string =>
  `\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(payload)}\r\n---`

describe("incremental delivery", () => {
  it.effect("over a WebSocket brings what is known, each time there is more", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* collect(client)
        const connection = yield* server.acceptReady
        const { complete, request, result } = yield* connection.awaitSubscribe
        assert.deepStrictEqual(request, { query: document })
        yield* result(initial)
        yield* result(rest)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), wholeResult)
        yield* complete
      })
    )
  )

  it.effect("over HTTP is a multipart response", () =>
    HttpScenario.scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* collect(client)
        const request = yield* server.accept
        assert.include(request.headers["accept"], "multipart/mixed;incrementalSpec=v0.2")
        const body = yield* request.stream(`multipart/mixed; boundary="-"`)
        yield* body.send(`\r\n---${part(initial)}`)
        yield* body.send(`${part(rest)}--\r\n`)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), wholeResult)
      })
    )
  )

  it.effect("over Server-Sent Events comes as events", () =>
    HttpScenario.scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runCollect(IncrementalDelivery.stream(client, document, { transport: "sse" }))
        )
        const request = yield* server.accept
        const body = yield* request.stream("text/event-stream")
        yield* body.send(`event: next\ndata: ${JSON.stringify(initial)}\n\n`)
        yield* body.send(`event: next\ndata: ${JSON.stringify(rest)}\n\nevent: complete\ndata:\n\n`)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), wholeResult)
      })
    )
  )

  it.effect("is the one result of a server that knows none", () =>
    HttpScenario.scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* collect(client)
        const request = yield* server.accept
        yield* request.respond({ data: { user: { name: "Ada", age: 36 } } })
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [
          { result: { user: { name: "Ada", age: 36 } }, pending: [], hasNext: false }
        ])
      })
    )
  )

  it.effect("waits for the end of what does not say whether there is more", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* collect(client)
        const connection = yield* server.acceptReady
        const { complete, result } = yield* connection.awaitSubscribe
        yield* result({ data: { user: { name: "Ada" } } })
        yield* TestClock.adjust("1 seconds")
        assert.isNull(fiber.unsafePoll())
        yield* complete
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [
          { result: { user: { name: "Ada" } }, pending: [], hasNext: false }
        ])
      })
    )
  )

  it.effect("takes the last of whole results for the whole", () =>
    HttpScenario.scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* collect(client)
        const request = yield* server.accept
        const body = yield* request.stream(`multipart/mixed; boundary="-"`)
        yield* body.send(`\r\n---${part({ data: { user: { name: "Ada" } } })}`)
        yield* body.send(`${part({ data: { user: { name: "Ada", age: 36 } } })}--\r\n`)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [
          { result: { user: { name: "Ada" } }, pending: [], hasNext: true },
          { result: { user: { name: "Ada", age: 36 } }, pending: [], hasNext: false }
        ])
      })
    )
  )

  it.effect("keeps partial data beside its errors, inline", () =>
    HttpScenario.scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runCollect(IncrementalDelivery.stream(client, document, { errors: "inline" }))
        )
        const request = yield* server.accept
        yield* request.respond({ data: { user: null }, errors: [{ message: "no" }] })
        assert.deepStrictEqual(
          Array.from(yield* Fiber.join(fiber)).map(({ result }) => result),
          [{ data: { user: null }, errors: [{ message: "no" }] }]
        )
      })
    )
  )

  it.effect("decodes each of them with the operation's Schema", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const operation = Operation.query(document, {
          data: Schema.Struct({
            user: Schema.Struct({
              name: Schema.String,
              age: Schema.optionalWith(Schema.NumberFromString, { exact: true })
            })
          })
        })
        const fiber = yield* Effect.fork(
          Stream.runCollect(IncrementalDelivery.stream(client, operation))
        )
        const { result } = yield* Effect.flatMap(
          server.acceptReady,
          (connection) => connection.awaitSubscribe
        )
        yield* result(initial)
        yield* result({ ...rest, incremental: [{ id: "0", data: { age: "36" } }] })
        assert.deepStrictEqual(
          Array.from(yield* Fiber.join(fiber)).map(({ result }) => result.user.age),
          [undefined, 36]
        )
      })
    )
  )

  it.effect("fails with what the pieces do not fit", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* collect(client)
        const connection = yield* server.acceptReady
        const { awaitComplete, result } = yield* connection.awaitSubscribe
        yield* result(initial)
        yield* result({ incremental: [{ id: "7", data: {} }], hasNext: false })
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "ProtocolError")
        assert.strictEqual(error.violation, "InvalidField")
        yield* awaitComplete
      })
    )
  )

  it.effect("fails when it completes before the last piece", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* collect(client)
        const connection = yield* server.acceptReady
        const { complete, result } = yield* connection.awaitSubscribe
        yield* result(initial)
        yield* complete
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "ProtocolError")
        assert.strictEqual(error.violation, "NoResult")
      })
    )
  )

  it.effect("fails with OperationTimeout when a piece does not come in time", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* collect(client)
        const connection = yield* server.acceptReady
        const { awaitComplete, result } = yield* connection.awaitSubscribe
        yield* TestClock.adjust("29 seconds")
        yield* result(initial)
        yield* TestClock.adjust("29 seconds")
        assert.isNull(fiber.unsafePoll())
        yield* TestClock.adjust("1 seconds")
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "NetworkError")
        assert.strictEqual(error.reason._tag, "OperationTimeout")
        assert.isTrue(error.sent)
        yield* awaitComplete
      })
    )
  )

  it.effect("is lost with its connection, and not begun again", () =>
    HttpScenario.scenario({ reconnect: undefined }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runCollect(IncrementalDelivery.stream(client, document, { idempotent: true }))
        )
        const request = yield* server.accept
        const body = yield* request.stream(`multipart/mixed; boundary="-"`)
        yield* body.send(`\r\n---${part(initial)}`)
        yield* TestClock.adjust("1 seconds")
        yield* body.end
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "NetworkError")
        assert.strictEqual(error.reason._tag, "ConnectionLost")
        assert.strictEqual(yield* server.requests, 1)
      })
    )
  )

  it.effect("is begun again where nothing of it had come, if it is idempotent", () =>
    HttpScenario.scenario({ reconnect: undefined }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runCollect(IncrementalDelivery.stream(client, document, { idempotent: true }))
        )
        const first = yield* server.accept
        yield* first.fail(new Error("gone"))
        yield* TestClock.adjust("1 seconds")
        const second = yield* server.accept
        yield* second.respond({ data: { user: null } })
        assert.lengthOf(yield* Fiber.join(fiber), 1)
      })
    )
  )

  it.effect("ends the request when the stream is left", () =>
    HttpScenario.scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runHead(IncrementalDelivery.stream(client, document))
        )
        const request = yield* server.accept
        const body = yield* request.stream(`multipart/mixed; boundary="-"`)
        yield* body.send(`\r\n---${part(initial)}`)
        yield* Fiber.join(fiber)
        yield* request.aborted
      })
    )
  )
})
