import { assert, describe, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { OperationError } from "@fiberline/client/OperationError"
import * as SchemaServer from "@fiberline/testing/SchemaServer"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql"

let stopped = 0

const schema = new GraphQLSchema({
  query: new GraphQLObjectType<unknown, { readonly user: string }>({
    name: "Query",
    fields: {
      hello: { type: GraphQLString, resolve: (_, __, { user }) => `hello ${user}` },
      boom: {
        type: GraphQLString,
        resolve: () => {
          throw new Error("boom")
        }
      }
    }
  }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: {
      count: {
        type: GraphQLInt,
        args: { to: { type: GraphQLInt } },
        resolve: (n: number) => n,
        subscribe: async function* (_, { to }: { readonly to?: number }) {
          try {
            for (let n = 1; n <= (to ?? Infinity); n++) yield n
          } finally {
            stopped++
          }
        }
      },
      breaking: {
        type: GraphQLInt,
        resolve: (n: number) => n,
        subscribe: async function* () {
          yield await Promise.resolve(1)
          throw new Error("broken")
        }
      },
      refused: {
        type: GraphQLInt,
        subscribe: () => {
          throw new Error("refused")
        }
      }
    }
  })
})

const layer = Layer.provideMerge(
  GraphQLClient.layer({ url: "ws://test/", connectionPayload: { user: "Ada" } }),
  SchemaServer.layer({ schema, context: (payload) => payload })
)

describe("SchemaServer", () => {
  it.effect("refuses a subscription whose source throws, after what came before", () =>
    Effect.gen(function* () {
      const client = yield* GraphQLClient.GraphQLClient
      const seen: Array<unknown> = []
      const error = yield* client.subscribe("subscription { breaking }").pipe(
        Stream.runForEach((data) => Effect.sync(() => seen.push(data))),
        Effect.flip
      )
      assert.deepStrictEqual(seen, [{ breaking: 1 }])
      assert(error instanceof OperationError)
      assert.strictEqual(error.message, "broken")
    }).pipe(Effect.provide(layer))
  )

  it.effect("executes queries with the context made of the payload", () =>
    Effect.gen(function* () {
      const client = yield* GraphQLClient.GraphQLClient
      assert.deepEqual(yield* client.query("{ hello }"), { hello: "hello Ada" })
    }).pipe(Effect.provide(layer))
  )

  it.effect("gives field errors beside the data", () =>
    Effect.gen(function* () {
      const client = yield* GraphQLClient.GraphQLClient
      const result = yield* client.query("{ hello boom }", { errors: "inline" })
      assert.deepEqual(result.data, { hello: "hello Ada", boom: null })
      assert.deepEqual(result.errors[0]?.path, ["boom"])
    }).pipe(Effect.provide(layer))
  )

  it.effect("refuses what does not parse, does not validate, or does not subscribe", () =>
    Effect.gen(function* () {
      const client = yield* GraphQLClient.GraphQLClient
      for (const [document, message] of [
        ["{", "Syntax Error: Expected Name, found <EOF>."],
        ["{ nope }", `Cannot query field "nope" on type "Query".`]
      ] as const) {
        const error = yield* Effect.flip(client.query(document))
        assert.instanceOf(error, OperationError)
        assert.strictEqual(error.errors[0]?.message, message)
      }
      const error = yield* Effect.flip(
        Stream.runDrain(client.subscribe("subscription { refused }"))
      )
      assert.instanceOf(error, OperationError)
      assert.strictEqual(error.errors[0]?.message, "refused")
    }).pipe(Effect.provide(layer))
  )

  it.effect("streams a subscription to its end", () =>
    Effect.gen(function* () {
      const client = yield* GraphQLClient.GraphQLClient
      const results = yield* Stream.runCollect(
        client.subscribe("subscription ($to: Int) { count(to: $to) }", { variables: { to: 3 } })
      )
      assert.deepEqual(Chunk.toReadonlyArray(results), [{ count: 1 }, { count: 2 }, { count: 3 }])
    }).pipe(Effect.provide(layer))
  )

  it.effect("stops a subscription that is left", () =>
    Effect.gen(function* () {
      const client = yield* GraphQLClient.GraphQLClient
      const before = stopped
      yield* Stream.runDrain(Stream.take(client.subscribe("subscription { count }"), 2))
      while (stopped === before) yield* Effect.yieldNow()
    }).pipe(Effect.provide(layer))
  )
})
