import { assert, describe, it } from "@effect/vitest"
import * as Operation from "@fiberline/client/Operation"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type DocumentNode, parse } from "graphql"
import { scenario as httpScenario } from "./support/httpScenario.js"
import { scenario } from "./support/scenario.js"

const text = "{ hello }"
const data = { hello: "world" }

/** As the client preset writes them. */
const node = { ...parse(text), __meta__: { hash: "f1" } }
const string = Object.assign(new String(text), { __meta__: { hash: "f2" } })

describe("documentHash", () => {
  it("is that of a document of GraphQL Code Generator", () => {
    assert.strictEqual(Operation.documentHash(node), "f1")
    assert.strictEqual(Operation.documentHash(string), "f2")
  })

  it("is that of an operation that was given one", () => {
    for (const document of [text, parse(text)]) {
      const operation = Operation.query(document, { data: Schema.Unknown, hash: "f5" })
      assert.strictEqual(operation.hash, "f5")
      assert.strictEqual(Operation.documentHash(operation), "f5")
      // What `documentId` is given.
      assert.strictEqual(Operation.documentHash(operation.document), "f5")
    }
    const operation = Operation.query(text, { data: Schema.Unknown })
    assert.isUndefined(Operation.documentHash(operation))
    assert.strictEqual(operation.document, text)
    assert.strictEqual(
      Operation.documentHash(Operation.query(node, { data: Schema.Unknown })),
      "f1"
    )
  })

  it("is none of any other document", () => {
    assert.isUndefined(Operation.documentHash(text))
    assert.isUndefined(Operation.documentHash(parse(text)))
    for (const __meta__ of [undefined, null, "f", {}, { hash: 1 }]) {
      assert.isUndefined(Operation.documentHash(Object.assign(new String(text), { __meta__ })))
    }
  })
})

describe("a persisted document", () => {
  it.effect("with a hash is sent in full where nobody asks for the hash", () =>
    httpScenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const operation = Operation.query(text, { data: Schema.Unknown, hash: "f5" })
        const fiber = yield* Effect.fork(client.query(operation))
        const request = yield* server.accept
        assert.deepStrictEqual(JSON.parse(request.body), { query: text })
        yield* request.respond({ data })
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("is sent by its name over HTTP, and any other by its text", () =>
    httpScenario({ documentId: Operation.documentHash }, ({ client, server }) =>
      Effect.gen(function* () {
        const documents = [
          [node, { documentId: "f1" }],
          [string, { documentId: "f2" }],
          [Operation.query(node, { data: Schema.Unknown }), { documentId: "f1" }],
          [Operation.query(text, { data: Schema.Unknown, hash: "f5" }), { documentId: "f5" }],
          [
            Operation.query(parse(text), { data: Schema.Unknown, hash: "f6" }),
            { documentId: "f6" }
          ],
          [text, { query: text }]
        ] as const
        for (const [document, body] of documents) {
          const fiber = yield* Effect.fork(client.query(document))
          const request = yield* server.accept
          assert.deepStrictEqual(JSON.parse(request.body), body)
          yield* request.respond({ data })
          assert.deepStrictEqual(yield* Fiber.join(fiber), data)
        }
        const byGet = yield* Effect.fork(client.query(node, { method: "GET" }))
        const request = yield* server.accept
        assert.strictEqual(request.url.search, "?documentId=f1")
        yield* request.respond({ data })
        yield* Fiber.join(byGet)
      })
    )
  )

  it.effect("is sent by its name over Server-Sent Events", () =>
    httpScenario({ documentId: () => "f3" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("subscription { n }")))
        const request = yield* server.accept
        assert.deepStrictEqual(JSON.parse(request.body), { documentId: "f3" })
        const body = yield* request.stream("text/event-stream")
        yield* body.send("event: complete\n\n")
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("is asked for by its name when a connection is made over HTTP", () =>
    httpScenario({ documentId: () => "f3" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.connect)
        const request = yield* server.accept
        assert.deepStrictEqual(JSON.parse(request.body), { documentId: "f3" })
        yield* request.respond({ data })
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("is not printed", () =>
    httpScenario({ documentId: () => "f4" }, ({ client, server }) =>
      Effect.gen(function* () {
        // What cannot be printed is a defect of whoever has it printed.
        const unprintable = { kind: "Document", definitions: 1 } as unknown
        const fiber = yield* Effect.fork(client.query(unprintable as DocumentNode))
        yield* (yield* server.accept).respond({ data })
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("is sent by its name over a WebSocket", () =>
    scenario({ documentId: Operation.documentHash }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(node))
        const operation = yield* (yield* server.acceptReady).awaitSubscribe
        assert.deepStrictEqual(operation.request, { query: "", documentId: "f1" })
        yield* operation.next(data)
        yield* operation.complete
        yield* Fiber.join(fiber)
      })
    )
  )
})
