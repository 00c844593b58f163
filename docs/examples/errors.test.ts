import { assert, describe, it } from "@effect/vitest"
import { GraphQLClient, NetworkError, Operation, ProtocolError } from "@fiberline/client"
import { TestServer } from "@fiberline/testing"
import { Chunk, Effect, Fiber, Layer, Schedule, Schema, Stream, TestClock } from "effect"

const Test = Layer.provideMerge(GraphQLClient.layer({ url: "ws://test/graphql" }), TestServer.layer)

// #region operations
const Humidity = Operation.query("{ humidity }", {
  data: Schema.Struct({ humidity: Schema.NullOr(Schema.Number) })
})

const Calibrate = Operation.mutation("mutation ($offset: Float!) { calibrate(offset: $offset) }", {
  variables: Schema.Struct({ offset: Schema.Number }),
  data: Schema.Struct({ calibrate: Schema.Number })
})

const Temperature = Operation.subscription("subscription { temperature }", {
  data: Schema.Struct({ temperature: Schema.Number })
})
// #endregion

// #region tag
/** The humidity, or `null` without a link. What else can go wrong is still in the type. */
const humidity = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  return (yield* client.query(Humidity)).humidity
}).pipe(Effect.catchTag("NetworkError", () => Effect.succeed(null)))
// #endregion

// #region reason
class SignInAgain extends Schema.TaggedError<SignInAgain>()("SignInAgain", {}) {}

/** Connects. `HandshakeRejected` is no longer among the reasons in the type; the others are. */
const connect = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  return yield* client.connect
}).pipe(
  NetworkError.catchReason("HandshakeRejected", ({ reason, retry }) =>
    retry === "refresh"
      ? Effect.fail(new SignInAgain())
      : Effect.dieMessage(`the endpoint is not what we think: ${reason.status}`)
  )
)
// #endregion

// #region sent
/** Tries again, but not where the server may have done it already. */
const calibrate = (offset: number) =>
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    return yield* client.mutate(Calibrate, { variables: { offset } })
  }).pipe(
    Effect.retry({
      schedule: Schedule.jittered(Schedule.exponential("1 second")),
      times: 3,
      while: (error) => error._tag === "NetworkError" && error.isRetryable && !error.sent
    })
  )
// #endregion

// #region resubscribe
/** Subscribes again after a loss. What happened in between is missed, and nothing marks the gap. */
const temperatures = Stream.unwrap(
  Effect.map(GraphQLClient.GraphQLClient, (client) => client.subscribe(Temperature))
).pipe(
  Stream.retry(
    Schedule.exponential("1 second").pipe(
      Schedule.jittered,
      Schedule.whileInput(
        (error: GraphQLClient.SubscriptionError<typeof Temperature, "throw">) =>
          error._tag === "NetworkError" && error.isRetryable
      )
    )
  )
)
// #endregion

// #region inline
/** What there is of the data, and what the server says about the rest. */
const report = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  const { data, errors } = yield* client.query(Humidity, { errors: "inline" })
  return `${data?.humidity ?? "unknown"} ${errors.map(({ message }) => `(${message})`).join(" ")}`
})
// #endregion

// #region boundary
const Failure = Schema.parseJson(
  Schema.Union(NetworkError.NetworkError, ProtocolError.ProtocolError)
)
const toJson = Schema.encode(Failure)
const fromJson = Schema.decode(Failure)
// #endregion

describe("errors", () => {
  it.effect("by tag", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const fiber = yield* Effect.fork(humidity)
      yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
      assert.isNull(yield* Fiber.join(fiber))
    }).pipe(Effect.provide(Test))
  )

  it.effect("by reason", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const fiber = yield* Effect.fork(Effect.flip(connect))
      yield* (yield* server.accept).reject(401)
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "SignInAgain")
    }).pipe(Effect.provide(Test))
  )

  it.effect("by whether it was sent", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const fiber = yield* Effect.fork(Effect.flip(calibrate(0.5)))
      yield* (yield* server.accept).reject(503)
      yield* TestClock.adjust("2 seconds")
      const connection = yield* server.acceptReady
      yield* connection.awaitSubscribe
      yield* connection.drop
      const error = yield* Fiber.join(fiber)
      assert.isTrue(error._tag === "NetworkError" && error.sent)
      assert.strictEqual(yield* server.attempts, 2)
    }).pipe(Effect.provide(Test))
  )

  it.effect("by subscribing again", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(temperatures, 2)))
      for (const temperature of [20, 21]) {
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).next({ temperature })
        yield* TestClock.adjust("1 millis")
        yield* connection.drop
        yield* TestClock.adjust("2 seconds")
      }
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [
        { temperature: 20 },
        { temperature: 21 }
      ])
    }).pipe(Effect.provide(Test))
  )

  it.effect("inline", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const fiber = yield* Effect.fork(report)
      const connection = yield* server.acceptReady
      yield* (yield* connection.awaitSubscribe).result({
        data: { humidity: null },
        errors: [{ message: "the sensor is wet", path: ["humidity"] }]
      })
      assert.strictEqual(yield* Fiber.join(fiber), "unknown (the sensor is wet)")
    }).pipe(Effect.provide(Test))
  )

  it.effect("across a boundary", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const client = yield* GraphQLClient.GraphQLClient
      const fiber = yield* Effect.fork(Effect.flip(client.connect))
      yield* (yield* server.accept).close(4403, "no")
      const error = yield* Fiber.join(fiber)
      const back = yield* Effect.flatMap(toJson(error), fromJson)
      assert(back instanceof NetworkError.NetworkError)
      assert.strictEqual(back.message, error.message)
    }).pipe(Effect.provide(Test))
  )
})
