import { assert, it } from "@effect/vitest"
import { GraphQLClient, Introspection, Validation } from "@fiberline/client"
import { SchemaServer } from "@fiberline/testing"
import { Effect, Layer } from "effect"
import { buildSchema } from "graphql"

const Test = Layer.provideMerge(
  GraphQLClient.layer({ url: "ws://test/graphql" }),
  SchemaServer.layer({
    schema: buildSchema(`type Query { temperature(station: String!): Float }`),
    rootValue: { temperature: () => 4.5 }
  })
)

// #region introspect
const sdl = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  const schema = yield* Introspection.introspect(client, { inputValueDeprecation: true })
  return Introspection.print(schema, { sorted: true })
}).pipe(
  Effect.catchTag("IntrospectionError", (error) => Effect.succeed(`# none: ${error.message}`))
)
// #endregion

it.effect("introspect", () =>
  Effect.gen(function* () {
    assert.strictEqual(yield* sdl, "type Query {\n  temperature(station: String!): Float\n}")
  }).pipe(Effect.provide(Test))
)

// #region validate
const schema = buildSchema(`
  type Query {
    temperature(station: String!): Float
  }
`)

it("every document fits the schema", () => {
  for (const document of [`{ temperature(station: "Snowdon") }`]) {
    assert.deepStrictEqual(Validation.validate(schema, document), [])
  }
})
// #endregion

// #region check
const checked = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  const check = Validation.check(schema)
  const document = `{\n  temperatur\n}`
  return yield* Effect.zipRight(check(document), client.query(document))
})
// #endregion

const message =
  `the document does not fit the schema: 2:3 Cannot query field "temperatur" on type "Query". ` +
  `Did you mean "temperature"?`

it.effect("check", () =>
  Effect.gen(function* () {
    assert.strictEqual((yield* Effect.flip(checked)).message, message)
  }).pipe(Effect.provide(Test))
)

// #region validated
const validated = Effect.gen(function* () {
  const plain = yield* GraphQLClient.GraphQLClient
  const client = Validation.validated(plain, schema)
  return yield* client.query(`{\n  temperatur\n}`)
}).pipe(Effect.catchTag("ValidationError", (error) => Effect.succeed(error.message)))
// #endregion

it.effect("validated", () =>
  Effect.gen(function* () {
    assert.strictEqual(yield* validated, message)
  }).pipe(Effect.provide(Test))
)
