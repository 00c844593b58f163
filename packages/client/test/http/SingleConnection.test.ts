import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import { OperationError } from "@fiberline/client/OperationError"
import * as TestHttpServer from "@fiberline/testing/TestHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { acceptOver, idOf, reserve, single } from "../support/carriers.js"
import { networkError } from "../support/errors.js"
import { isRunning } from "../support/fibers.js"
import { scenario } from "../support/httpScenario.js"

const { options } = single
const document = "subscription { n }"
const reconnect = Schedule.spaced("1 second")
const validation = { errors: [{ message: "Cannot query field" }] }
const json = { "content-type": "application/json; charset=utf-8" }

describe("a single connection", () => {
  it.effect("is one for all, and each message reaches whom it is for", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const fibers = yield* Effect.forEach(Array.from({ length: 10 }).keys(), (i) =>
          Effect.fork(Stream.runCollect(client.subscribe(document, { variables: { i } })))
        )
        const reserved = yield* reserve(server)
        const all = yield* Effect.replicateEffect(acceptOver(reserved, server), 10)
        assert.strictEqual(new Set(all.map(({ id }) => id)).size, 10)
        for (const { next, request } of [...all].reverse()) yield* next({ data: request.variables })
        for (const { complete } of all) yield* complete
        const results = yield* Fiber.join(Fiber.all(fibers))
        results.forEach((result, i) => assert.deepStrictEqual(Array.from(result), [{ i }]))
        assert.strictEqual(yield* server.requests, 12)
      })
    )
  )

  it.effect("says of each request what graphql-sse compares to the letter, and the token", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
        const put = yield* server.accept
        assert.include(["*/*", "text/plain"], put.headers["accept"])
        yield* put.respond("t", { status: 201, headers: { "content-type": "text/plain" } })
        const get = yield* server.accept
        assert.strictEqual(get.headers["accept"], "text/event-stream")
        yield* get.stream("text/event-stream")
        const post = yield* server.accept
        assert.strictEqual(post.headers["accept"], "application/json")
        for (const { headers } of [get, post]) {
          assert.strictEqual(headers["x-graphql-event-stream-token"], "t")
        }
        yield* post.respond("", { status: 202 })
        yield* Fiber.interrupt(fiber)
      })
    )
  )

  it.effect("brings results before the server has said that it took the operation on", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe(document)))
        const { body } = yield* reserve(server)
        const post = yield* server.accept
        yield* body.send(single.encode(idOf(post), { data: { n: 1 } }))
        yield* body.send(`event: complete\ndata: {"id":"${idOf(post)}"}\n\n`)
        assert.lengthOf(yield* Fiber.join(fiber), 1)
        yield* post.respond("", { status: 202 })
      })
    )
  )

  it.effect("tells the server who has left, and nobody else", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const left = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
        const reserved = yield* reserve(server)
        const { id } = yield* acceptOver(reserved, server)
        const stays = yield* Effect.fork(Stream.runCollect(client.subscribe(document)))
        const other = yield* acceptOver(reserved, server)
        yield* Fiber.interrupt(left)
        const request = yield* server.accept
        assert.strictEqual(request.method, "DELETE")
        assert.strictEqual(request.url.searchParams.get("operationId"), id)
        assert.strictEqual(request.headers["x-graphql-event-stream-token"], "the-token")
        // The server had one more under way.
        yield* reserved.body.send(single.encode(id, { data: { n: 1 } }))
        yield* request.respond("", { status: 200 })
        yield* other.complete
        yield* Fiber.join(stays)
        assert.strictEqual(yield* server.requests, 5)
      })
    )
  )

  it.effect("tells it only when it knows of the operation", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
        yield* reserve(server)
        const post = yield* server.accept
        yield* Fiber.interrupt(fiber)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* server.requests, 3)
        yield* post.respond("", { status: 202 })
        assert.strictEqual((yield* server.accept).method, "DELETE")
      })
    )
  )

  it.effect("does not wait for a server that does not answer a farewell", () =>
    scenario({ ...options, connectTimeout: "2 seconds" }, ({ client, server }) =>
      Effect.gen(function* () {
        const left = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
        const reserved = yield* reserve(server)
        yield* acceptOver(reserved, server)
        const stays = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
        const other = yield* acceptOver(reserved, server)
        yield* Fiber.interrupt(left)
        const farewell = yield* server.accept
        yield* TestClock.adjust("2 seconds")
        yield* farewell.aborted
        assert.isTrue(yield* isRunning(stays))
        yield* other.complete
        yield* Fiber.join(stays)
      })
    )
  )

  it.effect("is left when nobody has used it for idleTimeout, and reserved anew", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        for (const token of ["first", "second"]) {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const reserved = yield* reserve(server, token)
          yield* (yield* acceptOver(reserved, server)).complete
          yield* Fiber.join(fiber)
          yield* TestClock.adjust("5 seconds")
          yield* reserved.request.aborted
        }
      })
    )
  )
})

describe("an operation that the server refuses", () => {
  for (const [what, status, body] of [
    ["a validation error", 400, validation],
    ["an id that is in use", 409, { errors: [{ message: "Operation with ID already exists" }] }],
    ["errors and 200", 200, { data: null, errors: [{ message: "no subscriptions here" }] }]
  ] as const) {
    it.effect(`for ${what} fails alone`, () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const refused = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("no"))))
          const reserved = yield* reserve(server)
          const stays = yield* Effect.fork(Stream.runCollect(client.subscribe(document)))
          const first = yield* server.accept
          const second = yield* server.accept
          const [bad, good] = first.body.includes('"no"') ? [first, second] : [second, first]
          yield* good.respond("", { status: 202 })
          yield* bad.respond(body, { status, headers: json })
          const error = yield* Fiber.join(refused)
          assert.instanceOf(error, OperationError)
          assert.strictEqual(error.message, body.errors[0].message)
          yield* reserved.body.send(`event: complete\ndata: {"id":"${idOf(good)}"}\n\n`)
          yield* Fiber.join(stays)
          assert.strictEqual(yield* server.requests, 4)
        })
      )
    )
  }

  it.effect("or answers in place of taking it on has that for its one result", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe(document)))
        yield* reserve(server)
        yield* (yield* server.accept).respond({ data: { n: 1 } }, { headers: json })
        assert.deepStrictEqual(Array.from(yield* Fiber.join(fiber)), [{ n: 1 }])
      })
    )
  )

  it.effect("too late, when its stream is lost, is not refused over the next", () =>
    scenario({ ...options, reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe(document)))
        const lost = yield* reserve(server)
        const late = yield* server.accept
        yield* lost.body.end
        yield* TestClock.adjust("1 second")
        const carried = yield* acceptOver(yield* reserve(server, "another"), server)
        yield* late.respond(validation, { status: 400, headers: json })
        yield* TestClock.adjust("1 second")
        assert.isTrue(yield* isRunning(fiber))
        yield* carried.next({ data: { n: 1 } })
        yield* carried.complete
        assert.lengthOf(yield* Fiber.join(fiber), 1)
      })
    )
  )
})

describe("a single connection that the server does not know any more", () => {
  it.effect("is reserved anew, and all operations are sent again", () =>
    scenario({ ...options, reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const first = yield* Effect.fork(Stream.runCollect(client.subscribeEvents(document)))
        const lost = yield* reserve(server)
        yield* (yield* acceptOver(lost, server)).next({ data: { n: 1 } })
        const second = yield* Effect.fork(Stream.runCollect(client.subscribeEvents(document)))
        yield* (yield* server.accept).respond(
          { errors: [{ message: "Stream not found" }] },
          { status: 404, headers: json }
        )
        yield* TestClock.adjust("1 second")
        yield* lost.request.aborted
        const reserved = yield* reserve(server, "another")
        for (const { complete, next } of yield* Effect.replicateEffect(
          acceptOver(reserved, server),
          2
        )) {
          yield* next({ data: { n: 2 } })
          yield* complete
        }
        assert.deepStrictEqual(
          Array.from(yield* Fiber.join(first), ({ _tag }) => _tag),
          ["Data", "Gap", "Data"]
        )
        assert.strictEqual(Array.from(yield* Fiber.join(second)).at(-1)?._tag, "Data")
      })
    )
  )

  it.effect("has its credentials refused by a later request is reserved with fresh ones", () => {
    let evaluations = 0
    const headers = Effect.sync(() => ({ authorization: `token ${++evaluations}` }))
    return scenario({ ...options, headers, reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
        yield* reserve(server)
        yield* (yield* server.accept).respond(
          { errors: [{ message: "expired" }] },
          { status: 401, headers: json }
        )
        yield* TestClock.adjust("1 second")
        const carried = yield* acceptOver(yield* reserve(server, "another"), server)
        assert.strictEqual(carried.headers["authorization"], "token 2")
        yield* carried.complete
        yield* Fiber.join(fiber)
      })
    )
  })
})

describe("a request for an operation", () => {
  it.effect("that is never answered is a lost connection within connectTimeout", () =>
    scenario({ ...options, connectTimeout: "3 seconds" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
        const reserved = yield* reserve(server)
        const post = yield* server.accept
        yield* TestClock.adjust("2999 millis")
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust("1 millis")
        const error = networkError(yield* Fiber.join(fiber), "ConnectTimeout")
        assert.isTrue(error.sent)
        yield* post.aborted
        yield* reserved.request.aborted
      })
    )
  )

  it.effect("is aborted with its stream", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
        const reserved = yield* reserve(server)
        const post = yield* server.accept
        yield* reserved.body.end
        networkError(yield* Fiber.join(fiber), "ConnectionLost")
        yield* post.aborted
        assert.strictEqual(yield* server.open, 0)
      })
    )
  )

  it.effect("whose client dies has its subscription end with that", () =>
    Effect.gen(function* () {
      yield* scenario(
        options,
        ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.exit(Stream.runDrain(client.subscribe(document)))
            )
            yield* reserve(server)
            assert.include(String(yield* Fiber.join(fiber)), "bug")
          }),
        Layer.map(TestHttpServer.layer, (context) =>
          Context.add(
            context,
            HttpClient.HttpClient,
            HttpClient.mapRequestEffect(Context.get(context, HttpClient.HttpClient), (request) =>
              request.method === "POST" ? Effect.dieMessage("bug") : Effect.succeed(request)
            )
          )
        )
      )
    })
  )
})

describe("a reservation", () => {
  for (const token of ["", "<html>\nhello\n</html>"]) {
    it.effect(`that brings no token but ${JSON.stringify(token)} is a violation`, () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          yield* (yield* server.accept).respond(token, {
            status: 201,
            headers: { "content-type": "text/plain" }
          })
          assert.strictEqual((yield* Fiber.join(fiber))._tag, "ProtocolError")
          assert.strictEqual(yield* server.requests, 1)
        })
      )
    )
  }

  it.effect("may have blanks around its token", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
        yield* (yield* server.accept).respond("token\n", { status: 201 })
        const get = yield* server.accept
        assert.strictEqual(get.headers["x-graphql-event-stream-token"], "token")
        yield* Fiber.interrupt(fiber)
      })
    )
  )
})
