import { assert, it } from "@effect/vitest"
import { GraphQLClient, Operation, QueryResolver } from "@fiberline/client"
import { SchemaServer } from "@fiberline/testing"
import { Effect, Layer, Request, Schema } from "effect"
import { buildSchema } from "graphql"

const asked: Array<string> = []

const Test = Layer.provideMerge(
  GraphQLClient.layer({ url: "ws://test/graphql" }),
  SchemaServer.layer({
    schema: buildSchema(`type Query { temperature(station: String!): Float! }`),
    rootValue: {
      temperature: ({ station }: { readonly station: string }) => {
        asked.push(station)
        return station.length
      }
    }
  })
)

const expectAsked = (...expected: ReadonlyArray<string>) =>
  Effect.sync(() => assert.deepStrictEqual(asked.splice(0), expected))

// #region resolver
const Temperature = Operation.query(
  `query ($station: String!) { temperature(station: $station) }`,
  {
    variables: Schema.Struct({ station: Schema.String }),
    data: Schema.Struct({ temperature: Schema.Number })
  }
)

class Weather extends Effect.Service<Weather>()("Weather", {
  effect: Effect.gen(function* () {
    const resolver = QueryResolver.make(yield* GraphQLClient.GraphQLClient)
    const temperature = (station: string) =>
      QueryResolver.query(resolver, Temperature, { variables: { station } }).pipe(
        Effect.map((data) => data.temperature)
      )
    return { temperature }
  })
}) {}
// #endregion

const Services = Layer.provideMerge(Weather.Default, Test)

// #region together
const together = Effect.gen(function* () {
  const weather = yield* Weather
  return yield* Effect.forEach(["Snowdon", "Ben Nevis", "Snowdon"], weather.temperature, {
    batching: true
  })
})
// #endregion

it.effect("together", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* together, [7, 9, 7])
    yield* expectAsked("Snowdon", "Ben Nevis")
  }).pipe(Effect.provide(Services))
)

// #region cached
const cached = Effect.gen(function* () {
  const weather = yield* Weather
  const cache = yield* Request.makeCache({ capacity: 1000, timeToLive: "10 seconds" })
  const twice = Effect.zip(weather.temperature("Snowdon"), weather.temperature("Snowdon"))
  return yield* twice.pipe(Effect.withRequestCaching(true), Effect.withRequestCache(cache))
})
// #endregion

it.effect("cached", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* cached, [7, 7])
    yield* expectAsked("Snowdon")
  }).pipe(Effect.provide(Services))
)
