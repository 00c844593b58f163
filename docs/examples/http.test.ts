import { assert, it } from "@effect/vitest"
import { FetchHttpClient } from "@effect/platform"
import { GraphQLClient, Http, IncrementalDelivery } from "@fiberline/client"
import { NodeWire } from "@fiberline/node"
import { TestHttpServer } from "@fiberline/testing"
import { Context, Effect, Fiber, Layer, Redacted, Stream } from "effect"

/** Where tokens come from. */
class Tokens extends Context.Tag("Tokens")<
  Tokens,
  { readonly next: Effect.Effect<Redacted.Redacted<string>> }
>() {}

// #region layer
const Client = Http.layer({
  url: "https://example.com/graphql",
  headers: Effect.map(
    Effect.flatMap(Tokens, ({ next }) => next),
    (token) => ({ authorization: Redacted.make(`Bearer ${Redacted.value(token)}`) })
  ),
  subscriptions: "sse"
})

const Live = Layer.provide(Client, FetchHttpClient.layer)
// #endregion

// #region program
const program = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  yield* client.mutate("mutation { start }")
  return yield* client.subscribe("subscription { progress }").pipe(
    Stream.takeUntil((data) => JSON.stringify(data) === `{"progress":100}`),
    Stream.runCount
  )
})
// #endregion

// #region websocket
const Both = Http.layer({
  url: "https://example.com/graphql",
  subscriptions: "websocket",
  webSocket: { connectionPayload: { role: "viewer" } }
}).pipe(Layer.provide([FetchHttpClient.layer, NodeWire.layer()]))

const overTheWebSocket = Effect.flatMap(GraphQLClient.GraphQLClient, (client) =>
  client.query("{ name }", { transport: "websocket" })
)
// #endregion

// #region incremental
const page = Effect.flatMap(GraphQLClient.GraphQLClient, (client) =>
  IncrementalDelivery.stream(client, "{ user { name ... @defer { posts { title } } } }")
    .pipe(Stream.map(({ hasNext, result }) => ({ hasNext, result })))
    .pipe(Stream.runCollect)
)
// #endregion

const tokens = (values: Array<string>) =>
  Layer.succeed(Tokens, {
    next: Effect.sync(() => Redacted.make(values.shift() ?? "none left"))
  })

// #region test
it.effect("credentials that were refused are made anew, once", () =>
  Effect.gen(function* () {
    const server = yield* TestHttpServer.TestHttpServer
    const running = yield* Effect.fork(program)

    const refused = yield* server.accept
    assert.strictEqual(refused.headers.authorization, "Bearer old")
    yield* refused.respond("", { status: 401 })
    const start = yield* server.accept
    assert.strictEqual(start.headers.authorization, "Bearer new")
    yield* start.respond({ data: { start: true } })

    const progress = yield* server.accept
    const body = yield* progress.stream("text/event-stream")
    yield* body.send(`event: next\ndata: {"data":{"progress":50}}\n\n`)
    yield* body.send(`event: next\ndata: {"data":{"progress":100}}\n\n`)
    assert.strictEqual(yield* Fiber.join(running), 2)
    yield* progress.aborted
  }).pipe(
    Effect.provide(Layer.provideMerge(Client, TestHttpServer.layer)),
    Effect.provide(tokens(["old", "new"]))
  )
)
// #endregion

it.effect("the pieces of a result", () =>
  Effect.gen(function* () {
    const server = yield* TestHttpServer.TestHttpServer
    const running = yield* Effect.fork(page)
    const request = yield* server.accept
    yield* request.respond({ data: { user: { name: "Ada", posts: [] } } })
    assert.lengthOf(yield* Fiber.join(running), 1)
  }).pipe(
    Effect.provide(Layer.provideMerge(Client, TestHttpServer.layer)),
    Effect.provide(tokens(["token"]))
  )
)

it.effect("layers that need what they say", () =>
  Effect.gen(function* () {
    yield* Effect.scoped(Layer.build(Live)).pipe(Effect.provide(tokens([])))
    yield* Effect.scoped(Layer.build(Both))
    assert.isTrue(Effect.isEffect(overTheWebSocket))
  })
)
