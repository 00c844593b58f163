import { assert, it } from "@effect/vitest"
import { GraphQLClient, Http } from "@fiberline/client"
import { TestHttpServer } from "@fiberline/testing"
import { Effect, Fiber, Layer, TestClock } from "effect"

// #region client
const Client = Http.layer({
  url: "https://example.com/graphql",
  batch: { interval: "10 millis", size: 10 }
})
// #endregion

it.scoped("queries that begin together are one request", () =>
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    const server = yield* TestHttpServer.TestHttpServer
    const fibers = yield* Effect.forEach(["{ a }", "{ b }"], (query) =>
      Effect.fork(client.query(query))
    )
    yield* TestClock.adjust("10 millis")
    const request = yield* server.accept
    assert.strictEqual(request.body, '[{"query":"{ a }"},{"query":"{ b }"}]')
    yield* request.respond([{ data: { a: 1 } }, { data: { b: 2 } }])
    assert.deepStrictEqual(yield* Fiber.joinAll(fibers), [{ a: 1 }, { b: 2 }])
  }).pipe(Effect.provide(Layer.provideMerge(Client, TestHttpServer.layer)))
)
