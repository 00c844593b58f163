import { assert, describe, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Http from "@fiberline/client/Http"
import * as Middleware from "@fiberline/client/Middleware"
import * as Operation from "@fiberline/client/Operation"
import { DecodeError, OperationError } from "@fiberline/client/OperationError"
import * as TestHttpServer from "@fiberline/testing/TestHttpServer"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { pipe } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { overBoth } from "./support/bothTransports.js"
import { networkError } from "./support/errors.js"
import { isRunning } from "./support/fibers.js"
import { scenario } from "./support/scenario.js"

class Expired extends Data.TaggedError("Expired") {}

class Session extends Context.Tag("Session")<Session, { readonly token: string }>() {}

const query = "query Film { film }"
const film = { data: { film: "Metropolis" } }

/** Writes down when it sees a request and when a result. */
const noting = (name: string, seen: Array<string>) =>
  Middleware.transform((next) => (request) => {
    seen.push(`${name} in`)
    return Effect.tap(next(request), () => Effect.sync(() => seen.push(`${name} out`)))
  })

for (const [transport, scenario] of Object.entries(overBoth)) {
  describe(`around a query over ${transport}, middleware`, () => {
    it.effect("sees all of the request, encoded, and changes it", () =>
      scenario({}, ({ client, receive }) =>
        Effect.gen(function* () {
          let seen: unknown
          const changing = Middleware.mapRequest((request) => {
            seen = request
            return {
              ...request,
              query: "{ other }",
              operationName: undefined,
              variables: { at: 1 },
              extensions: { ...request.extensions, b: 2 }
            }
          })
          const document = Operation.query(query, {
            operationName: "Film",
            data: Schema.Struct({ film: Schema.String }),
            variables: Schema.Struct({ at: Schema.Date })
          })
          const fiber = yield* Effect.fork(
            Middleware.apply(client, changing).query(document, {
              variables: { at: new Date(0) },
              extensions: { a: 1 }
            })
          )
          const received = yield* receive
          assert.deepInclude(seen, {
            kind: "query",
            transport: transport === "HTTP" ? "http" : "websocket",
            query,
            operationName: "Film",
            variables: { at: "1970-01-01T00:00:00.000Z" },
            extensions: { a: 1 }
          })
          assert.deepStrictEqual(received.request, {
            query: "{ other }",
            variables: { at: 1 },
            extensions: { a: 1, b: 2 }
          })
          yield* received.respond(film)
          assert.deepStrictEqual(yield* Fiber.join(fiber), film.data)
        })
      )
    )

    it.effect("is around mutations too, and the client without it goes on without", () =>
      scenario({}, ({ client, receive }) =>
        Effect.gen(function* () {
          const seen: Array<string> = []
          const mutation = yield* Effect.fork(
            Middleware.apply(client, noting("a", seen)).mutate("mutation { film }")
          )
          yield* (yield* receive).respond(film)
          yield* Fiber.join(mutation)
          assert.deepStrictEqual(seen.splice(0), ["a in", "a out"])
          const fiber = yield* Effect.fork(client.query(query))
          yield* (yield* receive).respond(film)
          yield* Fiber.join(fiber)
          assert.deepStrictEqual(seen, [])
        })
      )
    )

    it.effect("is outermost where it is composed first, or applied last", () =>
      scenario({}, ({ client, receive }) =>
        Effect.gen(function* () {
          const seen: Array<string> = []
          const [a, b, c] = [noting("a", seen), noting("b", seen), noting("c", seen)] as const
          const composed = Middleware.apply(client, Middleware.compose(a, b, c))
          const applied = pipe(
            client,
            Middleware.apply(c),
            Middleware.apply(b),
            Middleware.apply(a)
          )
          for (const around of [composed, applied]) {
            const fiber = yield* Effect.fork(around.query(query))
            yield* (yield* receive).respond(film)
            yield* Fiber.join(fiber)
            const expected = ["a in", "b in", "c in", "c out", "b out", "a out"]
            assert.deepStrictEqual(seen.splice(0), expected)
          }
        })
      )
    )

    it.effect("maps requests and results in the same order", () =>
      scenario({}, ({ client, receive }) =>
        Effect.gen(function* () {
          const marking = (mark: string) =>
            Middleware.compose(
              Middleware.mapRequest(({ query, ...rest }) => ({ ...rest, query: query + mark })),
              Middleware.mapResult(({ extensions, ...rest }) => ({
                ...rest,
                extensions: { marks: `${String(extensions?.["marks"] ?? "")}${mark}` }
              }))
            )
          const marked = Middleware.apply(client, Middleware.compose(marking("a"), marking("b")))
          const fiber = yield* Effect.fork(
            Middleware.apply(marked, marking("c")).query("q", { errors: "inline" })
          )
          const received = yield* receive
          assert.strictEqual(received.request.query, "qcab")
          yield* received.respond(film)
          assert.deepStrictEqual((yield* Fiber.join(fiber)).extensions, { marks: "bac" })
        })
      )
    )

    it.effect("is set up once, and knows which operation it is of", () =>
      scenario({}, ({ client, receive }) =>
        Effect.gen(function* () {
          const known = new Map<string, Middleware.Executed>()
          let times = 0
          const caching = Middleware.transform((next) => {
            times++
            return (request) => {
              const found = known.get(request.query)
              if (found) return Effect.succeed(found)
              return Effect.tap(next(request), (executed) =>
                Effect.sync(() => known.set(request.query, executed))
              )
            }
          })
          const cached = Middleware.apply(client, caching)
          const first = yield* Effect.fork(cached.query("a"))
          const received = yield* receive
          // Two at once go their own ways.
          const second = yield* Effect.fork(cached.query("b"))
          const other = yield* receive
          yield* other.respond({ data: { of: "b" } })
          yield* received.respond({ data: { of: "a" } })
          assert.deepStrictEqual(yield* Fiber.join(first), { of: "a" })
          assert.deepStrictEqual(yield* Fiber.join(second), { of: "b" })
          // Answered by nobody else.
          assert.deepStrictEqual(yield* cached.query("a"), { of: "a" })
          assert.strictEqual(times, 1)
        })
      )
    )

    it.effect("sends it again as often as it likes", () =>
      scenario({ reconnect: false }, ({ client, receive }) =>
        Effect.gen(function* () {
          const failures: Array<unknown> = []
          const retrying = Middleware.transform(
            (next) => (request) =>
              next(request).pipe(
                Effect.tapError((error) => Effect.sync(() => failures.push(error))),
                Effect.retry({ times: 2 })
              )
          )
          const fiber = yield* Effect.fork(Middleware.apply(client, retrying).query(query))
          yield* (yield* receive).lose
          yield* (yield* receive).lose
          yield* (yield* receive).respond(film)
          assert.deepStrictEqual(yield* Fiber.join(fiber), film.data)
          assert.lengthOf(failures, 2)
          for (const failure of failures) {
            assert.isTrue(networkError(failure, "ConnectionLost").sent)
          }
        })
      )
    )

    it.effect("changes results before errors are thrown and data is decoded", () =>
      scenario({}, ({ client, receive }) =>
        Effect.gen(function* () {
          const renaming = Middleware.mapResult(({ data, errors }, { kind, operationName }) => ({
            data: data === null ? null : { film: `${kind} ${operationName}` },
            ...(errors && { errors: errors.map(() => ({ message: "masked" })) })
          }))
          const around = Middleware.apply(client, renaming)
          const document = Operation.query(query, {
            operationName: "Film",
            data: Schema.Struct({ film: Schema.String })
          })
          const fiber = yield* Effect.fork(around.query(document))
          yield* (yield* receive).respond({ data: { film: 1 } })
          assert.deepStrictEqual(yield* Fiber.join(fiber), { film: "query Film" })
          const failing = yield* Effect.fork(Effect.flip(around.query(document)))
          yield* (yield* receive).respond({ data: null, errors: [{ message: "secret" }] })
          const error = yield* Fiber.join(failing)
          assert.instanceOf(error, OperationError)
          assert.strictEqual(error.message, "masked")
        })
      )
    )

    it.effect("does not see what decoding fails with", () =>
      scenario({}, ({ client, receive }) =>
        Effect.gen(function* () {
          const catching = Middleware.transform(
            (next) => (request) => Effect.orElse(next(request), () => Effect.dieMessage("seen"))
          )
          const document = Operation.query(query, { data: Schema.Number })
          const fiber = yield* Effect.fork(
            Effect.flip(Middleware.apply(client, catching).query(document))
          )
          yield* (yield* receive).respond(film)
          assert.instanceOf(yield* Fiber.join(fiber), DecodeError)
        })
      )
    )

    it.effect("fails it with an error of its own, and needs what it needs", () =>
      scenario({}, ({ client, receive }) =>
        Effect.gen(function* () {
          const authenticated = Middleware.mapRequestEffect((request) =>
            Effect.flatMap(Session, ({ token }) =>
              token === "" ? new Expired() : Effect.succeed({ ...request, extensions: { token } })
            )
          )
          const around = Middleware.apply(client, authenticated)
          const withToken = (token: string) => Effect.provideService(Session, { token })
          const expired = yield* Effect.flip(withToken("")(around.query(query)))
          assert.instanceOf(expired, Expired)
          const fiber = yield* Effect.fork(withToken("t")(around.query(query)))
          const received = yield* receive
          assert.deepStrictEqual(received.request.extensions, { token: "t" })
          yield* received.respond(film)
          yield* Fiber.join(fiber)
        })
      )
    )

    for (const [how, around] of Object.entries({
      "in its effect": () => () => Effect.die("a bug"),
      "for its request": () => () => {
        throw "a bug"
      }
    })) {
      it.effect(`dies ${how}, and of that the query`, () =>
        scenario({}, ({ client }) =>
          Effect.gen(function* () {
            const broken = Middleware.apply(client, Middleware.transform(around))
            const exit = yield* Effect.exit(broken.query(query))
            assert(Exit.isFailure(exit) && Cause.isDie(exit.cause))
            assert.strictEqual(Cause.squash(exit.cause), "a bug")
          })
        )
      )
    }

    const hangs = {
      "before it sends": { sent: false, f: () => Effect.never },
      "before it sends, uninterruptibly": {
        sent: false,
        f: () => Effect.uninterruptible(Effect.sleep("1 hour"))
      },
      "after it has sent": {
        sent: true,
        f: (next: Effect.Effect<unknown, unknown>) => Effect.zipRight(next, Effect.never)
      },
      "after a failure that it caught": {
        sent: true,
        f: (next: Effect.Effect<unknown, unknown>) => Effect.catchAll(next, () => Effect.never)
      }
    }
    for (const [when, { f, sent }] of Object.entries(hangs)) {
      it.effect(`hangs ${when}, for no longer than the query's timeout`, () =>
        scenario({ operationTimeout: "10 seconds", reconnect: false }, ({ client, receive }) =>
          Effect.gen(function* () {
            const hanging = Middleware.transform<never, never>(
              (next) => (request) => f(next(request)) as never
            )
            const fiber = yield* Effect.fork(
              Effect.flip(Middleware.apply(client, hanging).query(query))
            )
            if (sent) {
              const received = yield* receive
              yield* when.includes("failure") ? received.lose : received.respond(film)
            }
            yield* TestClock.adjust("9999 millis")
            assert.isTrue(yield* isRunning(fiber))
            yield* TestClock.adjust("1 millis")
            const error = networkError(yield* Fiber.join(fiber), "OperationTimeout")
            assert.strictEqual(error.sent, sent)
          })
        )
      )
    }

    it.effect("is bounded while it waits for the server, who is told", () =>
      scenario({}, ({ client, receive }) =>
        Effect.gen(function* () {
          const around = Middleware.apply(client, noting("a", []))
          const fiber = yield* Effect.fork(Effect.flip(around.query(query, { timeout: 1000 })))
          const received = yield* receive
          yield* TestClock.adjust("1 second")
          assert.isTrue(networkError(yield* Fiber.join(fiber), "OperationTimeout").sent)
          yield* received.left
        })
      )
    )

    it.effect("is interrupted with its query, and the server told", () =>
      scenario({}, ({ client, receive }) =>
        Effect.gen(function* () {
          let wasInterrupted = false
          const watching = Middleware.transform(
            (next) => (request) =>
              Effect.onInterrupt(next(request), () => Effect.sync(() => (wasInterrupted = true)))
          )
          const fiber = yield* Effect.fork(Middleware.apply(client, watching).query(query))
          const received = yield* receive
          yield* Fiber.interrupt(fiber)
          yield* received.left
          yield* Effect.yieldNow()
          assert.isTrue(wasInterrupted)
        })
      )
    )
  })
}

const closable = {
  "a WebSocket": Layer.provideMerge(
    GraphQLClient.layer({ url: "ws://test/graphql" }),
    TestServer.layer
  ),
  HTTP: Layer.provideMerge(Http.layer({ url: "https://test/graphql" }), TestHttpServer.layer)
}

describe("middleware", () => {
  for (const [transport, layer] of Object.entries<Layer.Layer<GraphQLClient.GraphQLClient>>(
    closable
  )) {
    it.effect(`is ended by the client that closes, over ${transport}`, () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const context = yield* Layer.buildWithScope(layer, scope)
        const hanging = Middleware.transform(() => () => Effect.never)
        const client = Middleware.apply(Context.get(context, GraphQLClient.GraphQLClient), hanging)
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* TestClock.adjust("1 second")
        yield* Scope.close(scope, Exit.void)
        assert.isFalse(networkError(yield* Fiber.join(fiber), "ClientClosed").sent)
        networkError(yield* Effect.flip(client.query(query)), "ClientClosed")
      })
    )
  }

  it.effect("cannot be applied to what no client was made of", () =>
    scenario({}, ({ client }) =>
      Effect.sync(() => {
        const copy = { ...client }
        assert.throws(() => Middleware.apply(copy, Middleware.compose()), /Fiberline has made/)
      })
    )
  )
})
