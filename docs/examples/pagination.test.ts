import { assert, it } from "@effect/vitest"
import { GraphQLClient, Operation, Pagination } from "@fiberline/client"
import { SchemaServer } from "@fiberline/testing"
import { Chunk, Effect, Layer, Schema, Stream } from "effect"
import { buildSchema } from "graphql"

const schema = buildSchema(`
  type Station { name: String! }
  type StationEdge { node: Station }
  type PageInfo {
    hasNextPage: Boolean! endCursor: String
    hasPreviousPage: Boolean! startCursor: String
  }
  type StationConnection { edges: [StationEdge] pageInfo: PageInfo! }
  type Query {
    stations(first: Int, after: String, last: Int, before: String): StationConnection
    ranking(page: Int!): [String!]!
  }
`)

const names = ["Ben Nevis", "Snowdon", "Scafell Pike", "Slieve Donard"]

interface Paging {
  readonly first?: number
  readonly after?: string
  readonly last?: number
  readonly before?: string
}

const rootValue = {
  stations: ({ after, before, first = names.length, last }: Paging) => {
    const from = last ? Math.max(0, Number(before ?? names.length) - last) : Number(after ?? -1) + 1
    const to = last ? Number(before ?? names.length) : Math.min(from + first, names.length)
    return {
      edges: names.slice(from, to).map((name) => ({ node: { name } })),
      pageInfo: {
        hasNextPage: to < names.length,
        endCursor: String(to - 1),
        hasPreviousPage: from > 0,
        startCursor: String(from)
      }
    }
  },
  ranking: ({ page }: { readonly page: number }) => names.slice(2 * page, 2 * page + 2)
}

const Test = Layer.provideMerge(
  GraphQLClient.layer({ url: "ws://test/graphql" }),
  SchemaServer.layer({ schema, rootValue })
)

// #region nodes
const Stations = Operation.query(
  `query ($first: Int, $after: String) {
    stations(first: $first, after: $after) {
      edges { node { name } }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  {
    variables: Schema.Struct({ first: Schema.Int, after: Schema.optional(Schema.String) }),
    data: Schema.Struct({
      stations: Schema.Struct({
        edges: Schema.Array(Schema.Struct({ node: Schema.Struct({ name: Schema.String }) })),
        pageInfo: Schema.Struct({
          hasNextPage: Schema.Boolean,
          endCursor: Schema.NullOr(Schema.String)
        })
      })
    })
  }
)

const firstThree = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  return yield* Pagination.nodes(client, Stations, {
    variables: { first: 2 },
    connection: (data) => data.stations
  }).pipe(
    Stream.map(({ name }) => name),
    Stream.take(3),
    Stream.runCollect
  )
})
// #endregion

it.effect("nodes", () =>
  Effect.gen(function* () {
    const found = yield* firstThree
    assert.deepStrictEqual(Chunk.toReadonlyArray(found), names.slice(0, 3))
  }).pipe(Effect.provide(Test))
)

// #region backward
const Latest = Operation.query(
  `query ($last: Int, $before: String) {
    stations(last: $last, before: $before) {
      edges { node { name } }
      pageInfo { hasPreviousPage startCursor }
    }
  }`,
  {
    variables: Schema.Struct({ last: Schema.Int, before: Schema.optional(Schema.String) }),
    data: Schema.Struct({
      stations: Schema.Struct({
        edges: Schema.Array(Schema.Struct({ node: Schema.Struct({ name: Schema.String }) })),
        pageInfo: Schema.Struct({
          hasPreviousPage: Schema.Boolean,
          startCursor: Schema.NullOr(Schema.String)
        })
      })
    })
  }
)

const fromTheLast = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  return yield* Pagination.nodes(client, Latest, {
    direction: "backward",
    variables: { last: 2 },
    connection: (data) => data.stations,
    prefetch: true
  }).pipe(Stream.runCollect)
})
// #endregion

it.effect("backward", () =>
  Effect.gen(function* () {
    const found = Chunk.toReadonlyArray(yield* fromTheLast)
    assert.deepStrictEqual(
      found.map(({ name }) => name),
      [...names].reverse()
    )
  }).pipe(Effect.provide(Test))
)

// #region next
const Ranking = Operation.query(`query ($page: Int!) { ranking(page: $page) }`, {
  variables: Schema.Struct({ page: Schema.Int }),
  data: Schema.Struct({ ranking: Schema.Array(Schema.String) })
})

const ranking = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  return yield* Pagination.nodes(client, Ranking, {
    variables: { page: 0 },
    connection: ({ ranking }) => ({
      nodes: ranking,
      pageInfo: { hasNextPage: ranking.length > 0, endCursor: ranking.at(-1) }
    }),
    next: (_cursor, { page }) => ({ page: page + 1 })
  }).pipe(Stream.runCollect)
})
// #endregion

it.effect("next", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(Chunk.toReadonlyArray(yield* ranking), names)
  }).pipe(Effect.provide(Test))
)
