import { assert, it } from "@effect/vitest"
import { GraphQLClient, LocalSchema } from "@fiberline/client"
import { Chunk, Context, Deferred, Effect, Stream } from "effect"
import { buildSchema } from "graphql"

// #region schema
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

it.effect("a program beside its schema", () =>
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    assert.deepStrictEqual(yield* client.query("{ station }"), { station: "Ben Nevis" })
    const readings = yield* Stream.runCollect(client.subscribe("subscription { temperature }"))
    assert.deepStrictEqual(Chunk.toReadonlyArray(readings), [
      { temperature: 20 },
      { temperature: 20.5 },
      { temperature: 21 }
    ])
  }).pipe(Effect.provide(LocalSchema.layer({ schema, rootValue })))
)
// #endregion

// #region context
class Session extends Context.Tag("Session")<Session, { readonly user: string }>() {}

/** What the resolvers get as their context. */
const context = Effect.map(Session, ({ user }) => ({ user, roles: ["reader"] }))

it.effect("a context of services", () =>
  Effect.gen(function* () {
    const client = yield* LocalSchema.make({
      schema,
      rootValue: { station: (_: unknown, { user }: { readonly user: string }) => `${user}'s` },
      context
    })
    assert.deepStrictEqual(yield* client.query("{ station }"), { station: "Anna's" })
  }).pipe(Effect.scoped, Effect.provideService(Session, { user: "Anna" }))
)
// #endregion

// #region back-pressure
it.effect("a source that is asked for no more than is wanted", () =>
  Effect.gen(function* () {
    const measured: Array<number> = []
    const closed = yield* Deferred.make<void>()
    const client = yield* LocalSchema.make({
      schema,
      rootValue: {
        async *temperature() {
          try {
            for (let temperature = 0; ; temperature++) {
              measured.push(temperature)
              yield { temperature }
            }
          } finally {
            Deferred.unsafeDone(closed, Effect.void)
          }
        }
      },
      buffer: { capacity: 1 }
    })
    yield* client.subscribe("subscription { temperature }").pipe(Stream.take(3), Stream.runDrain)
    yield* Deferred.await(closed)
    // One that was read ahead at most.
    assert.isAtMost(measured.length, 4)
  }).pipe(Effect.scoped)
)
// #endregion
