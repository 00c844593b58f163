import { assert, it } from "@effect/vitest"
import { GraphQLClient, Status } from "@fiberline/client"
import { TestServer } from "@fiberline/testing"
import { DateTime, Effect, Layer, Schedule, Stream, TestClock } from "effect"

const Test = Layer.provideMerge(
  GraphQLClient.layer({ url: "ws://test/graphql", reconnect: Schedule.spaced("5 seconds") }),
  TestServer.layer
)

// #region banner
/** What stands at the top of the page; nothing while all is well. */
const banner = Status.$match({
  Idle: () => "",
  Connecting: ({ attempt }) => (attempt === 1 ? "" : `trying again, for the ${attempt}. time`),
  Live: () => "",
  Reconnecting: ({ nextAttemptAt }) =>
    `offline until ${DateTime.formatIso(nextAttemptAt)} or later`,
  Closing: () => "",
  Closed: () => "",
  Failed: ({ cause }) => `offline: ${cause.message}`
})

const banners = Stream.unwrap(
  Effect.map(GraphQLClient.GraphQLClient, (client) => client.status.changes)
).pipe(Stream.map(banner), Stream.changes)
// #endregion

it.effect("a banner says how the connection is", () =>
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    const server = yield* TestServer.TestServer
    const shown: Array<string> = []
    yield* Effect.forkScoped(
      Stream.runForEach(banners, (text) => Effect.sync(() => shown.push(text)))
    )
    yield* Effect.yieldNow()
    yield* Effect.forkScoped(Stream.runDrain(client.subscribe("subscription { temperature }")))
    yield* (yield* server.acceptReady).drop
    yield* TestClock.adjust("5 seconds")
    yield* server.acceptReady
    yield* TestClock.adjust("1 millis")
    assert.deepStrictEqual(shown, [
      "",
      "offline until 1970-01-01T00:00:05.000Z or later",
      "trying again, for the 2. time",
      ""
    ])
  }).pipe(Effect.scoped, Effect.provide(Test))
)
