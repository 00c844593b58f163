import { assert, describe, it } from "@effect/vitest"
import type { Service } from "@fiberline/client/GraphQLClient"
import * as Operation from "@fiberline/client/Operation"
import * as Validation from "@fiberline/client/Validation"
import * as SchemaServer from "@fiberline/testing/SchemaServer"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { buildSchema, parse } from "graphql"
import { scenario } from "./support/scenario.js"

const schema = buildSchema(`
  type Film { title: String! year: Int }
  type Query { film(id: ID!): Film }
  type Mutation { watch(id: ID!): Film! }
  type Subscription { watched: Int! }
`)

const rootValue = {
  film: () => ({ title: "Alien", year: 1979 }),
  watch: () => ({ title: "Alien" }),
  async *watched() {
    for (const watched of [1, 2]) yield { watched }
  }
}

/** Runs with a client that validates, and says how many sockets it took: none, where nothing was sent. */
const validating = <E>(
  body: (
    client: Service<Validation.ValidationError>,
    attempts: Effect.Effect<number>,
    plain: Service
  ) => Effect.Effect<void, E>
) =>
  scenario(
    {},
    ({ client, server }) => body(Validation.validated(client, schema), server.attempts, client),
    SchemaServer.layer({ schema, rootValue })
  )

/** What the subscription of a key ends with. */
const endOfKey = (client: Service<Validation.ValidationError>, document: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { events } = yield* client.subscribeMany(document, [["key", {}]])
      const event = yield* Effect.flatten(Stream.runHead(events))
      assert(event._tag === "Ended")
      return yield* Effect.flip(event.exit)
    })
  )

/** A `TypedDocumentString`, as code generators make them. */
class DocumentString extends String {
  declare readonly __apiType?: (variables: { readonly id: string }) => unknown
}

const valid = "query ($id: ID!) { film(id: $id) { title } }"

describe("a document", () => {
  it("that fits the schema has no errors, whatever its form", () => {
    const data = Schema.Unknown
    for (const document of [
      valid,
      parse(valid),
      new DocumentString(valid),
      Operation.query(valid, { data }),
      Operation.query(parse(valid), { data }),
      "mutation { watch(id: 1) { year } }",
      "subscription { watched }"
    ]) {
      assert.deepStrictEqual(Validation.validate(schema, document), [])
    }
  })

  it("that does not fit has each error with its place", () => {
    const errors = Validation.validate(schema, "{\n  film {\n    titel\n  }\n}")
    assert.deepStrictEqual(
      errors.map(({ locations }) => locations),
      [[{ line: 3, column: 5 }], [{ line: 2, column: 3 }]]
    )
    assert.include(errors[0]?.message, "titel")
  })

  it("has its places where it is sent, whatever becomes of those that it had", () => {
    const bad = "{ film(id: 1) { titel } }"
    const expected = [[{ line: 3, column: 5 }]]
    for (const document of [
      parse(bad),
      parse(bad, { noLocation: true }),
      // As code generators write them: positions without their source.
      JSON.parse(JSON.stringify(parse(bad))) as ReturnType<typeof parse>
    ]) {
      const errors = Validation.validate(schema, document)
      assert.deepStrictEqual(
        errors.map(({ locations }) => locations),
        expected
      )
    }
  })

  it("that is none has one error", () => {
    for (const [text, line, column] of [
      ["", 1, 1],
      ["{ film(", 1, 8],
      ["query {\n  film }}", 2, 9]
    ] as const) {
      const errors = Validation.validate(schema, text)
      assert.deepStrictEqual(
        errors.map(({ locations }) => locations),
        [[{ line, column }]]
      )
    }
  })
})

describe("check", () => {
  it.effect("fails with a message that has lines and columns", () =>
    Effect.gen(function* () {
      const check = Validation.check(schema)
      yield* check(valid)
      const error = yield* Effect.flip(check("{\n  film { titel }\n}"))
      assert.instanceOf(error, Validation.ValidationError)
      assert.lengthOf(error.errors, 2)
      assert.include(error.message, "2:10 Cannot query field")
      assert.include(error.message, "; 2:3 ")
    })
  )

  it.effect("judges a document once, whatever its form", () =>
    Effect.gen(function* () {
      const check = Validation.check(schema)
      const first = yield* Effect.flip(check("{ nothing }"))
      for (const document of [
        "{ nothing }",
        new DocumentString("{ nothing }"),
        Operation.query("{ nothing }", { data: Schema.Unknown })
      ]) {
        assert.strictEqual(yield* Effect.flip(check(document)), first)
      }
      const node = parse("{ nothing }")
      assert.strictEqual(yield* Effect.flip(check(node)), yield* Effect.flip(check(node)))
    })
  )

  it.effect("does not keep what a program makes without end", () =>
    Effect.gen(function* () {
      const check = Validation.check(schema)
      const first = yield* Effect.flip(check("{ a }"))
      for (let i = 0; i < 1000; i++) yield* Effect.flip(check(`{ a${i} }`))
      assert.notStrictEqual(yield* Effect.flip(check("{ a }")), first)
    })
  )
})

describe("a client that validates", () => {
  it.effect("executes what fits, as the client does", () =>
    validating((client) =>
      Effect.gen(function* () {
        const variables = { id: "1" }
        assert.deepStrictEqual(yield* client.query(valid, { variables }), {
          film: { title: "Alien" }
        })
        assert.deepStrictEqual(
          yield* client.query(valid, { variables, errors: "inline" as const }),
          { data: { film: { title: "Alien" } }, errors: [] }
        )
        assert.deepStrictEqual(yield* client.mutate("mutation { watch(id: 1) { title } }"), {
          watch: { title: "Alien" }
        })

        const document = "subscription { watched }"
        const expected = [{ watched: 1 }, { watched: 2 }]
        const results = yield* Stream.runCollect(client.subscribe(document))
        assert.deepStrictEqual(Chunk.toReadonlyArray(results), expected)
        const events = yield* Stream.runCollect(client.subscribeEvents(document))
        assert.deepStrictEqual(
          Array.from(events, (event) => event._tag),
          ["Data", "Data"]
        )
        const seen: Array<unknown> = []
        yield* client.runForEach(document, (data) => Effect.sync(() => seen.push(data)))
        yield* client.runForEachChunk(document, (all) => Effect.sync(() => seen.push(...all)))
        assert.deepStrictEqual(seen, [...expected, ...expected])
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { take } = yield* client.subscription(document)
            assert.isAtLeast((yield* Effect.orDie(take)).length, 1)
            const many = yield* client.subscribeMany(document, [["key", {}]])
            assert.isAtLeast((yield* Effect.orDie(many.take)).length, 1)
          })
        )
      })
    )
  )

  it.effect("refuses what does not fit, and sends nothing", () =>
    validating((client, attempts) =>
      Effect.gen(function* () {
        const bad = "subscription { wached }"
        const none = () => Effect.void
        for (const error of [
          yield* Effect.flip(client.query("{ film { title } }")),
          yield* Effect.flip(client.query("{ film { title } }", { errors: "inline" })),
          yield* Effect.flip(client.mutate("mutation { wach }")),
          yield* Effect.flip(Stream.runDrain(client.subscribe(bad))),
          yield* Effect.flip(Stream.runDrain(client.subscribeEvents(bad))),
          yield* Effect.flip(client.runForEach(bad, none)),
          yield* Effect.flip(client.runForEachChunk(bad, none)),
          yield* Effect.flip(Effect.scoped(client.subscription(bad))),
          yield* endOfKey(client, bad)
        ]) {
          assert.instanceOf(error, Validation.ValidationError)
        }
        assert.strictEqual(yield* attempts, 0)
      })
    )
  )

  it.effect("sends by its name what the server knows, whose text is not at hand", () =>
    scenario({ documentId: () => "f1" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Validation.validated(client, schema).query("{ nothing }"))
        const sent = Effect.flatMap(server.acceptReady, ({ awaitSubscribe }) => awaitSubscribe)
        // Or it would wait for what was refused.
        const operation = yield* Effect.raceFirst(
          sent,
          Effect.zipRight(Fiber.join(fiber), Effect.never)
        )
        assert.deepStrictEqual(operation.request, { query: "", documentId: "f1" })
        yield* operation.next({})
        yield* operation.complete
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("judges when it runs, and not when it is called", () =>
    validating((client) =>
      Effect.sync(() => {
        client.query("{")
        client.subscribe("{")
      })
    )
  )

  it.effect("is the same connection", () =>
    validating((client, attempts, plain) =>
      Effect.gen(function* () {
        yield* client.connect
        yield* plain.query("{ __typename }")
        assert.strictEqual(client.status, plain.status)
        assert.strictEqual(yield* attempts, 1)
      })
    )
  )
})
