import { assert, it } from "@effect/vitest"
import { GraphQLClient, Operation } from "@fiberline/client"
import { SchemaServer } from "@fiberline/testing"
import { Effect, Either, Exit, Layer, Schema, Stream } from "effect"
import { buildSchema } from "graphql"

const schema = buildSchema(`
  type Query { stations: [String!]! }
  type Subscription { temperature(station: String!): Float! }
`)

const readings: { readonly [station: string]: ReadonlyArray<number> } = {
  "Ben Nevis": [4, 4.5],
  Snowdon: [7]
}

const rootValue = {
  stations: () => Object.keys(readings),
  async *temperature({ station }: { readonly station: string }) {
    for (const temperature of readings[station] ?? []) yield { temperature }
  }
}

const Test = Layer.provideMerge(
  GraphQLClient.layer({ url: "ws://test/graphql" }),
  SchemaServer.layer({ schema, rootValue })
)

const seen: Array<string> = []
const show = (text: string) => Effect.sync(() => seen.push(text))

const expectSeen = (...expected: ReadonlyArray<string>) =>
  Effect.sync(() => assert.sameMembers(seen.splice(0), Array.from(expected)))

// #region for-each
const watchOne = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  yield* client.runForEach(
    `subscription ($station: String!) { temperature(station: $station) }`,
    (data) => show(JSON.stringify(data)),
    { variables: { station: "Ben Nevis" } }
  )
})
// #endregion

it.effect("runForEach", () =>
  watchOne.pipe(
    Effect.zipRight(expectSeen(`{"temperature":4}`, `{"temperature":4.5}`)),
    Effect.provide(Test)
  )
)

// #region many
const watchAll = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  const stations = yield* client.subscribeMany(
    `subscription ($station: String!) { temperature(station: $station) }`,
    [["Ben Nevis", { station: "Ben Nevis" }]]
  )
  yield* stations.add("Snowdon", { station: "Snowdon" })

  let running = 2
  yield* stations.events.pipe(
    Stream.tap((event) => {
      switch (event._tag) {
        case "Data":
          return show(`${event.key}: ${JSON.stringify(event.data)}`)
        case "Gap":
          return show("the connection was lost, and is there again")
        case "Ended":
          running--
          return show(`${event.key} ${Exit.isSuccess(event.exit) ? "completed" : "failed"}`)
      }
    }),
    Stream.takeUntil(() => running === 0),
    Stream.runDrain
  )
}).pipe(Effect.scoped)
// #endregion

it.effect("subscribeMany", () =>
  watchAll.pipe(
    Effect.zipRight(
      expectSeen(
        `Ben Nevis: {"temperature":4}`,
        `Ben Nevis: {"temperature":4.5}`,
        "Ben Nevis completed",
        `Snowdon: {"temperature":7}`,
        "Snowdon completed"
      )
    ),
    Effect.provide(Test)
  )
)

// #region decode-errors
const Mild = Operation.subscription(
  `subscription Mild($station: String!) { temperature(station: $station) }`,
  {
    data: Schema.Struct({ temperature: Schema.Int }),
    variables: Schema.Struct({ station: Schema.String }),
    operationName: "Mild"
  }
)

const watchWhatFits = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  yield* client.runForEach(
    Mild,
    Either.match({
      onLeft: ({ operationName, path }) => show(`${operationName}: ${path.join(".")} does not fit`),
      onRight: ({ temperature }) => show(`${temperature} °C`)
    }),
    { variables: { station: "Ben Nevis" }, decodeErrors: "inline" }
  )
})
// #endregion

it.effect("decodeErrors", () =>
  watchWhatFits.pipe(
    Effect.zipRight(expectSeen("4 °C", "Mild: temperature does not fit")),
    Effect.provide(Test)
  )
)
