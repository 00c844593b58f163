import { assert, describe, it } from "@effect/vitest"
import { GraphQLClient, NetworkError, Operation, ProtocolError } from "@fiberline/client"
import { TestServer } from "@fiberline/testing"
import { Effect, Fiber, Layer, Schema, TestClock } from "effect"

const Test = Layer.provideMerge(GraphQLClient.layer({ url: "ws://test/graphql" }), TestServer.layer)

// #region operations
const Humidity = Operation.query("{ humidity }", {
  data: Schema.Struct({ humidity: Schema.NullOr(Schema.Number) })
})

const Calibrate = Operation.mutation("mutation ($offset: Float!) { calibrate(offset: $offset) }", {
  variables: Schema.Struct({ offset: Schema.Number }),
  data: Schema.Struct({ calibrate: Schema.Number })
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

/** Connects. `Unauthorized` is no longer among the reasons in the type; the others are. */
const connect = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  return yield* client.connect
}).pipe(NetworkError.catchReason("Unauthorized", () => Effect.fail(new SignInAgain())))
// #endregion

// #region sent
/** Whether it was done. Of what was sent over a connection that was lost, only the station knows. */
const calibrate = (offset: number) =>
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    yield* client.mutate(Calibrate, { variables: { offset } })
    return "done"
  }).pipe(
    Effect.catchTag("NetworkError", ({ sent }) => Effect.succeed(sent ? "unknown" : "not done"))
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
      yield* TestClock.adjust("30 seconds")
      assert.isNull(yield* Fiber.join(fiber))
    }).pipe(Effect.provide(Test))
  )

  it.effect("by reason", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const fiber = yield* Effect.fork(Effect.flip(connect))
      yield* (yield* server.accept).reject(401)
      yield* TestClock.adjust("500 millis")
      yield* (yield* server.accept).reject(401)
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "SignInAgain")
    }).pipe(Effect.provide(Test))
  )

  it.effect("by whether it was sent", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const unsent = yield* Effect.fork(calibrate(0.5))
      const connection = yield* server.accept
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(yield* connection.isGone)
      assert.strictEqual(yield* Fiber.join(unsent), "not done")
    }).pipe(Effect.provide(Test))
  )

  it.effect("by whether it was sent before the loss", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const sent = yield* Effect.fork(calibrate(0.5))
      const connection = yield* server.acceptReady
      yield* connection.awaitSubscribe
      yield* connection.drop
      assert.strictEqual(yield* Fiber.join(sent), "unknown")
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
      yield* (yield* server.accept).close(4400, "no")
      const error = yield* Fiber.join(fiber)
      const back = yield* Effect.flatMap(toJson(error), fromJson)
      assert(back instanceof NetworkError.NetworkError)
      assert.strictEqual(back.message, error.message)
    }).pipe(Effect.provide(Test))
  )
})
