import { assert, it } from "@effect/vitest"
import { GraphQLClient } from "@fiberline/client"
import { SchemaServer } from "@fiberline/testing"
import { Chunk, Effect, Layer, Stream } from "effect"
import { buildSchema } from "graphql"

const schema = buildSchema(`
  type Query { station: String! }
  type Subscription { temperature: Float! }
`)

const rootValue = {
  station: () => "Ben Nevis",
  async *temperature() {
    for (const temperature of [20, 20.5, 21]) yield { temperature }
  }
}

const Test = Layer.provideMerge(
  GraphQLClient.layer({ url: "ws://test/graphql" }),
  SchemaServer.layer({ schema, rootValue })
)

it.effect("the station has a name and a thermometer", () =>
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    assert.deepStrictEqual(yield* client.query("{ station }"), { station: "Ben Nevis" })
    const readings = yield* Stream.runCollect(client.subscribe("subscription { temperature }"))
    assert.deepStrictEqual(Chunk.toReadonlyArray(readings), [
      { temperature: 20 },
      { temperature: 20.5 },
      { temperature: 21 }
    ])
  }).pipe(Effect.provide(Test))
)
