import { assert, it } from "@effect/vitest"
import { GraphQLClient, Http, Middleware } from "@fiberline/client"
import { TestHttpServer, TestServer } from "@fiberline/testing"
import {
  Context,
  Data,
  Duration,
  Effect,
  Fiber,
  Layer,
  Option,
  Redacted,
  Schedule,
  Stream,
  TestClock
} from "effect"

const Client = Layer.provideMerge(
  GraphQLClient.layer({ url: "ws://test/graphql" }),
  TestServer.layer
)

// #region signing
class SessionExpired extends Data.TaggedError("SessionExpired") {}

class Session extends Context.Tag("Session")<
  Session,
  { readonly token: Effect.Effect<Option.Option<string>> }
>() {}

const signing = Middleware.mapRequestEffect((request) =>
  Effect.gen(function* () {
    const session = yield* Session
    const token = Option.getOrUndefined(yield* session.token)
    if (token === undefined) return yield* new SessionExpired()
    return { ...request, extensions: { ...request.extensions, token } }
  })
)
// #endregion

// #region applying
/** The client of those who have a session: each of its operations needs one, and may find it expired. */
class Api extends Context.Tag("Api")<Api, GraphQLClient.Service<SessionExpired, Session>>() {
  static readonly layer = Layer.effect(
    Api,
    Effect.map(GraphQLClient.GraphQLClient, Middleware.apply(signing))
  )
}
// #endregion

it.effect("signs what is sent", () =>
  Effect.gen(function* () {
    const api = yield* Api
    const server = yield* TestServer.TestServer
    const withToken = Effect.provideService(Session, { token: Effect.succeedSome("t") })
    const query = yield* Effect.fork(withToken(api.query("{ me }")))
    const subscription = yield* Effect.fork(
      withToken(Stream.runDrain(api.subscribe("subscription { me }")))
    )
    const connection = yield* server.acceptReady
    for (const fiber of [query, subscription]) {
      const { complete, next, request } = yield* connection.awaitSubscribe
      assert.deepStrictEqual(request.extensions, { token: "t" })
      yield* next({ me: "you" })
      yield* complete
      yield* Fiber.join(fiber)
    }
    const expired = yield* Effect.flip(
      Effect.provideService(api.query("{ me }"), Session, { token: Effect.succeedNone })
    )
    assert.instanceOf(expired, SessionExpired)
  }).pipe(Effect.provide(Layer.provideMerge(Api.layer, Client)))
)

// #region headers
const tenant = (name: string) =>
  Middleware.mapRequest((request) =>
    request.transport === "websocket"
      ? request
      : { ...request, headers: { ...request.headers, "x-tenant": Redacted.make(name) } }
  )
// #endregion

it.effect("has headers", () =>
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    const server = yield* TestHttpServer.TestHttpServer
    const fiber = yield* Effect.fork(Middleware.apply(client, tenant("acme")).query("{ me }"))
    const request = yield* server.accept
    assert.strictEqual(request.headers["x-tenant"], "acme")
    yield* request.respond({ data: { me: "you" } })
    yield* Fiber.join(fiber)
  }).pipe(
    Effect.provide(
      Layer.provideMerge(Http.layer({ url: "https://test/graphql" }), TestHttpServer.layer)
    )
  )
)

const logged: Array<string> = []
const log = (line: string) => Effect.sync(() => logged.push(line))

// #region around
/** Says how long each took. */
const timing = Middleware.transform(
  (next) => (request) =>
    Effect.flatMap(Effect.timed(next(request)), ([duration, executed]) =>
      Effect.as(log(`${request.operationName}: ${Duration.toMillis(duration)} ms`), executed)
    )
)

/** Asks again, where the server never heard the question. */
const persistent = Middleware.transform(
  (next) => (request) =>
    Effect.retry(next(request), {
      schedule: Schedule.spaced("1 second"),
      while: (error) => error._tag === "NetworkError" && !error.sent
    })
)

/** Asks once. What is set up is set up once, when the middleware is applied. */
const caching = Middleware.transform((next) => {
  const known = new Map<string, Middleware.Executed>()
  return (request) => {
    const key = JSON.stringify([request.query, request.variables])
    const found = known.get(key)
    if (found) return Effect.succeed(found)
    return Effect.tap(next(request), (executed) =>
      Effect.sync(() => {
        if (request.kind === "query" && !executed.result.errors) known.set(key, executed)
      })
    )
  }
})

const all = Middleware.compose(timing, caching, persistent)
// #endregion

it.effect("is around a query", () =>
  Effect.gen(function* () {
    const client = Middleware.apply(yield* GraphQLClient.GraphQLClient, all)
    const server = yield* TestServer.TestServer
    const fiber = yield* Effect.fork(client.query("query Me { me }", { operationName: "Me" }))
    const { complete, next } = yield* (yield* server.acceptReady).awaitSubscribe
    yield* TestClock.adjust("20 millis")
    yield* next({ me: "you" })
    yield* complete
    yield* Fiber.join(fiber)
    yield* client.query("query Me { me }", { operationName: "Me" })
    assert.deepStrictEqual(logged, ["Me: 20 ms", "Me: 0 ms"])
  }).pipe(Effect.provide(Client))
)

// #region results
/** Not for the eyes of users. */
const masking = Middleware.mapResult(({ errors, ...result }) => ({
  ...result,
  ...(errors && { errors: errors.map(() => ({ message: "something went wrong" })) })
}))
// #endregion

it.effect("maps each result of a subscription", () =>
  Effect.gen(function* () {
    const client = Middleware.apply(yield* GraphQLClient.GraphQLClient, masking)
    const server = yield* TestServer.TestServer
    const fiber = yield* Effect.fork(
      Effect.flip(Stream.runDrain(client.subscribe("subscription { me }")))
    )
    const { result } = yield* (yield* server.acceptReady).awaitSubscribe
    yield* result({ data: null, errors: [{ message: "SELECT * FROM users" }] })
    assert.strictEqual((yield* Fiber.join(fiber)).message, "something went wrong")
  }).pipe(Effect.provide(Client))
)
