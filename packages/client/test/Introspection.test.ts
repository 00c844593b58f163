import { assert, describe, it } from "@effect/vitest"
import * as Introspection from "@fiberline/client/Introspection"
import * as SchemaServer from "@fiberline/testing/SchemaServer"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import {
  buildSchema,
  type GraphQLInputObjectType,
  type GraphQLScalarType,
  introspectionFromSchema,
  validateSchema
} from "graphql"
import { networkError } from "./support/errors.js"
import { scenario } from "./support/scenario.js"

const sdl = `"""Films, and who made them."""
schema {
  query: Query
  mutation: Mutation
  subscription: Subscription
}

directive @cost(weight: Int = 1) repeatable on FIELD_DEFINITION

"""A point in time."""
scalar Time @specifiedBy(url: "https://example.com/time")

"""What can be watched."""
type Film implements Node {
  id: ID!
  title(locale: String = "en", old: String @deprecated(reason: "no")): String
  year: Int @deprecated(reason: "See released.")
  released: Time
}

interface Node {
  id: ID!
}

union Found = Film

enum Order {
  TITLE
  YEAR
}

input By @oneOf {
  id: ID
  title: String
}

type Query {
  films(order: [Order!]! = [TITLE]): [[Film!]!]!
  find(by: By!): Found
}

type Mutation {
  watch(id: ID!): Film!
}

type Subscription {
  watched: Film!
}
`

const schema = buildSchema(sdl)
const everything = {
  schemaDescription: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  inputValueDeprecation: true,
  oneOf: true
}

const introspected = (options?: Introspection.IntrospectionOptions) =>
  Effect.gen(function* () {
    let found = schema
    yield* scenario(
      {},
      ({ client }) =>
        Effect.map(Introspection.introspect(client, options), (schema) => {
          found = schema
        }),
      SchemaServer.layer({ schema })
    )
    assert.notStrictEqual(found, schema)
    return found
  })

/** What becomes of an introspection that is answered with this. */
const answered = (result: { readonly data?: unknown; readonly errors?: ReadonlyArray<Error> }) =>
  Effect.gen(function* () {
    let error: unknown
    yield* scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Introspection.introspect(client)))
        const operation = yield* (yield* server.acceptReady).awaitSubscribe
        yield* operation.result({
          ...(result.data !== undefined && { data: result.data }),
          ...(result.errors && { errors: result.errors.map(({ message }) => ({ message })) })
        })
        error = yield* Fiber.join(fiber)
      })
    )
    assert(error instanceof Introspection.IntrospectionError, String(error))
    return error
  })

describe("introspecting", () => {
  it.effect("gives the server's schema, to the last word where all of it is asked for", () =>
    Effect.gen(function* () {
      const found = yield* introspected(everything)
      assert.strictEqual(Introspection.print(found), Introspection.print(schema))
      assert.deepStrictEqual(Array.from(validateSchema(found)), [])
    })
  )

  it.effect("asks for nothing new unless it is told to", () =>
    Effect.gen(function* () {
      const found = yield* introspected()
      const time = found.getType("Time") as GraphQLScalarType
      const by = found.getType("By") as GraphQLInputObjectType
      assert.strictEqual(time.description, "A point in time.")
      assert.isNotOk(time.specifiedByURL)
      assert.isNotOk(by.isOneOf)
      assert.isNotOk(found.description)
    })
  )

  it.effect("leaves descriptions out where nobody wants them", () =>
    Effect.gen(function* () {
      const found = yield* introspected({ descriptions: false, specifiedByUrl: undefined })
      assert.isNotOk(found.getType("Film")?.description)
    })
  )

  it.effect("is sent again when the connection is lost: it changes nothing", () =>
    scenario({ reconnect: Schedule.spaced("1 second") }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Introspection.introspect(client))
        const first = yield* server.acceptReady
        const { request } = yield* first.awaitSubscribe
        assert.strictEqual(request.operationName, "IntrospectionQuery")
        yield* first.drop
        yield* TestClock.adjust("1 second")
        const operation = yield* (yield* server.acceptReady).awaitSubscribe
        yield* operation.next(introspectionFromSchema(schema))
        yield* operation.complete
        assert.isDefined((yield* Fiber.join(fiber)).getType("Film"))
      })
    )
  )

  it.effect("has the bound of a query", () =>
    scenario({}, ({ client }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Effect.flip(Introspection.introspect(client, { timeout: "1 second" }))
        )
        yield* TestClock.adjust("1 second")
        networkError(yield* Fiber.join(fiber), "OperationTimeout")
      })
    )
  )
})

describe("a server that gives no schema", () => {
  it.effect("refuses, with its errors", () =>
    Effect.gen(function* () {
      const error = yield* answered({ errors: [new Error("introspection is not allowed")] })
      assert.strictEqual(error.reason, "Refused")
      assert.deepStrictEqual(error.errors, [{ message: "introspection is not allowed" }])
      assert.include(error.message, "introspection is not allowed")
    })
  )

  it.effect("refuses in part, and is not believed the rest", () =>
    Effect.gen(function* () {
      const data = introspectionFromSchema(schema)
      assert.strictEqual((yield* answered({ data, errors: [new Error("no")] })).reason, "Refused")
    })
  )

  it.effect("answers with something else", () =>
    Effect.gen(function* () {
      const { __schema } = introspectionFromSchema(schema)
      const incomplete = __schema.types.filter(({ name }) => name !== "Film")
      for (const data of [
        null,
        {},
        1,
        [],
        { __schema: null },
        { __schema: {} },
        { __schema: { ...__schema, types: [null] } },
        { __schema: { ...__schema, types: incomplete } },
        { __schema: { ...__schema, types: [{ kind: "OBJECT", name: "x".repeat(100_000) }] } }
      ]) {
        const error = yield* answered({ data })
        assert.strictEqual(error.reason, "Invalid")
        assert.deepStrictEqual(error.errors, [])
        assert.isNotEmpty(error.issue)
        assert.isAtMost(error.issue.length, 1000)
      }
    })
  )
})

describe("a schema that is printed", () => {
  it("has its types where the server has them, or by their names", () => {
    const text = Introspection.print(buildSchema("type Query { b: A a: Int } type A { x: Int }"))
    assert.isBelow(text.indexOf("type Query"), text.indexOf("type A"))
    const sorted = Introspection.print(buildSchema(text), { sorted: true })
    assert.isBelow(sorted.indexOf("type A"), sorted.indexOf("type Query"))
    assert.isBelow(sorted.indexOf("a: Int"), sorted.indexOf("b: A"))
  })

  it("is read again as the same schema", () => {
    const text = Introspection.print(schema)
    assert.strictEqual(Introspection.print(buildSchema(text)), text)
  })
})
