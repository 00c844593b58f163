import { assert, describe, it } from "@effect/vitest"
import { GraphQLClient, NetworkMonitor, Operation, Reconnect } from "@fiberline/client"
import { TestServer } from "@fiberline/testing"
import {
  Chunk,
  Clock,
  Duration,
  Effect,
  Fiber,
  Layer,
  Schedule,
  Schema,
  Stream,
  SubscriptionRef,
  TestClock
} from "effect"

const url = "ws://test/graphql"

const Test = Layer.provideMerge(
  GraphQLClient.layer({ url, reconnect: Schedule.spaced("2 seconds") }),
  TestServer.layer
)

// #region events
const Temperature = Operation.subscription("subscription { temperature }", {
  data: Schema.Struct({ temperature: Schema.Number })
})

/** The log of a station: what it measured, and when nobody was listening. */
const log = Stream.unwrap(
  Effect.map(GraphQLClient.GraphQLClient, (client) => client.subscribeEvents(Temperature))
).pipe(
  Stream.map((event) =>
    event._tag === "Gap"
      ? `nothing for ${Duration.format(event.duration)}`
      : `${event.data.temperature} °C`
  )
)
// #endregion

// #region resume
const Readings = Operation.subscription(
  "subscription ($after: Int!) { reading(after: $after) { id celsius } }",
  {
    variables: Schema.Struct({ after: Schema.Int }),
    data: Schema.Struct({ reading: Schema.Struct({ id: Schema.Int, celsius: Schema.Number }) })
  }
)

/** Every reading once, also those that were made while there was no connection. */
const readings = Stream.unwrap(
  Effect.map(GraphQLClient.GraphQLClient, (client) =>
    client.subscribe(Readings, {
      variables: { after: 0 },
      resume: ({ reading }) => ({ after: reading.id })
    })
  )
)
// #endregion

// #region schedules
/** As the default, but for ever. */
const patient = Reconnect.growth

/** As the default, but for an hour rather than ten times. */
const anHour = Schedule.upTo(Reconnect.growth, "1 hour")

/** Within a data centre: ten times a second, and soon given up. */
const hasty = Schedule.intersect(Schedule.spaced("100 millis"), Schedule.recurs(5))

const Client = GraphQLClient.layer({
  url: "ws://test/graphql",
  reconnect: patient,
  // This server's way to say that the plan has ended.
  retry: { 4402: "never" }
})
// #endregion

// #region monitor
interface Browser extends EventTarget {
  readonly navigator: { readonly onLine: boolean }
}

/** `Online(window)`: what a browser knows of its network. */
const Online = (window: Browser) =>
  Layer.scoped(
    NetworkMonitor.NetworkMonitor,
    Effect.gen(function* () {
      const online = yield* SubscriptionRef.make(window.navigator.onLine)
      for (const [event, value] of [
        ["online", true],
        ["offline", false]
      ] as const) {
        yield* Stream.fromEventListener(window, event).pipe(
          Stream.runForEach(() => SubscriptionRef.set(online, value)),
          Effect.forkScoped
        )
      }
      return online
    })
  )
// #endregion

describe("reconnecting", () => {
  it.effect("shows the gap", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(log, 3)))
      const before = yield* server.acceptReady
      yield* (yield* before.awaitSubscribe).next({ temperature: 20 })
      yield* before.drop
      yield* TestClock.adjust("2 seconds")
      const after = yield* server.acceptReady
      yield* (yield* after.awaitSubscribe).next({ temperature: 21 })
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [
        "20 °C",
        "nothing for 2s",
        "21 °C"
      ])
    }).pipe(Effect.provide(Test))
  )

  it.effect("resumes", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(readings, 2)))
      for (const id of [1, 2]) {
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        assert.deepStrictEqual(operation.request.variables, { after: id - 1 })
        yield* operation.next({ reading: { id, celsius: 20 } })
        yield* connection.drop
        yield* TestClock.adjust("2 seconds")
      }
      const ids = Chunk.map(yield* Fiber.join(fiber), ({ reading }) => reading.id)
      assert.deepStrictEqual(Chunk.toReadonlyArray(ids), [1, 2])
    }).pipe(Effect.provide(Test))
  )

  for (const [name, reconnect, least, most] of [
    ["anHour", anHour, 3600, 3660],
    ["hasty", hasty, 0.5, 0.5]
  ] as const) {
    it.effect(`gives up by the schedule ${name}`, () =>
      Effect.gen(function* () {
        const server = yield* TestServer.TestServer
        const client = yield* GraphQLClient.make({ url, reconnect })
        yield* Effect.forkScoped(
          Effect.forever(Effect.flatMap(server.accept, (connection) => connection.reject(503)))
        )
        const fiber = yield* Effect.fork(
          Effect.zipRight(Effect.flip(client.connect), Clock.currentTimeMillis)
        )
        yield* TestClock.adjust("2 hours")
        const after = (yield* Fiber.join(fiber)) / 1000
        assert.isAtLeast(after, least)
        assert.isAtMost(after, most)
      }).pipe(Effect.scoped, Effect.provide(TestServer.layer))
    )
  }

  it.effect("is patient, but not with a plan that has ended", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const client = yield* GraphQLClient.GraphQLClient
      const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(Temperature))))
      const outage = yield* Effect.fork(
        Effect.forever(Effect.flatMap(server.accept, (connection) => connection.reject(503)))
      )
      yield* TestClock.adjust("1 hour")
      assert.isAbove(yield* server.attempts, 100)
      yield* Fiber.interrupt(outage)
      const connection = yield* Effect.raceFirst(
        server.acceptReady,
        Effect.forever(TestClock.adjust("1 second"))
      )
      yield* connection.close(4402)
      const error = yield* Fiber.join(fiber)
      assert(error._tag === "NetworkError" && error.reason._tag === "ServerClosed")
    }).pipe(Effect.provide(Layer.provideMerge(Client, TestServer.layer)))
  )

  it.effect("waits for the network", () =>
    Effect.gen(function* () {
      const window = Object.assign(new EventTarget(), { navigator: { onLine: true } })
      const context = yield* Layer.build(Online(window))
      const client = yield* Effect.provide(
        GraphQLClient.make({ url, reconnect: Schedule.spaced("1 hour") }),
        context
      )
      const server = yield* TestServer.TestServer
      yield* Effect.forkScoped(Stream.runDrain(client.subscribe(Temperature)))
      const connection = yield* server.acceptReady
      window.dispatchEvent(new Event("offline"))
      yield* connection.drop
      yield* TestClock.adjust("2 hours")
      assert.strictEqual(yield* server.attempts, 1)
      window.dispatchEvent(new Event("online"))
      yield* server.acceptReady
    }).pipe(Effect.scoped, Effect.provide(TestServer.layer))
  )
})
