import { assert, describe, it } from "@effect/vitest"
import * as Middleware from "@fiberline/client/Middleware"
import type { TestRequest } from "@fiberline/testing/TestHttpServer"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { networkError } from "./support/errors.js"
import * as OverHttp from "./support/httpScenario.js"
import { scenario } from "./support/scenario.js"

const options = { headers: { Authorization: "the client's", "x-client": "yes" } }
const headers = { AUTHORIZATION: Redacted.make("the call's own"), "X-Call": "1" }

const assertHas = (request: TestRequest) =>
  assert.deepInclude(request.headers, {
    authorization: "the call's own",
    "x-client": "yes",
    "x-call": "1"
  })

const subscription = "subscription { n }"

describe("headers of one operation over HTTP", () => {
  for (const method of ["GET", "POST"] as const) {
    it.effect(`are those of a query by ${method}, beside the client's`, () =>
      OverHttp.scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(client.query("{ n }", { headers, method }))
          const request = yield* server.accept
          assert.strictEqual(request.method, method)
          assertHas(request)
          yield* request.respond({ data: { n: 1 } })
          yield* Fiber.join(fiber)
          const without = yield* Effect.fork(client.query("{ n }"))
          const next = yield* server.accept
          assert.strictEqual(next.headers["authorization"], "the client's")
          assert.notProperty(next.headers, "x-call")
          yield* next.respond({ data: { n: 1 } })
          yield* Fiber.join(without)
        })
      )
    )
  }

  it.effect("are those of a mutation, with what middleware adds", () =>
    OverHttp.scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const adding = Middleware.mapRequest((request) => ({
          ...request,
          headers: { ...request.headers, "x-middleware": "2" }
        }))
        const around = Middleware.apply(client, adding)
        const fiber = yield* Effect.fork(around.mutate("mutation { n }", { headers }))
        const request = yield* server.accept
        assertHas(request)
        assert.strictEqual(request.headers["x-middleware"], "2")
        yield* request.respond({ data: { n: 1 } })
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("are those of a subscription's response, over Server-Sent Events", () =>
    OverHttp.scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runDrain(client.subscribe(subscription, { headers }))
        )
        const request = yield* server.accept
        assertHas(request)
        assert.strictEqual(request.headers["accept"], "text/event-stream")
        const body = yield* request.stream("text/event-stream")
        yield* body.send("event: complete\n\n")
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("are those of a subscription's response, over a multipart response", () =>
    OverHttp.scenario({ ...options, subscriptions: "multipart" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runDrain(client.subscribe(subscription, { headers }))
        )
        const request = yield* server.accept
        assertHas(request)
        const body = yield* request.stream(`multipart/mixed;boundary="-";subscriptionSpec=1.0`)
        yield* body.send("\r\n-----\r\n")
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("are those of the request that begins it, where all share one response", () =>
    OverHttp.scenario({ ...options, singleConnection: true }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runDrain(client.subscribe(subscription, { headers }))
        )
        const reservation = yield* server.accept
        assert.notProperty(reservation.headers, "x-call")
        yield* reservation.respond("stream-token", {
          status: 201,
          headers: { "content-type": "text/plain" }
        })
        const stream = yield* server.accept
        assert.notProperty(stream.headers, "x-call")
        const body = yield* stream.stream("text/event-stream")
        const begin = yield* server.accept
        assertHas(begin)
        assert.strictEqual(begin.headers["x-graphql-event-stream-token"], "stream-token")
        yield* begin.respond("", { status: 202 })
        yield* body.send(`event: complete\ndata: {"id":"1"}\n\n`)
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("are kept out of errors, where they are Redacted", () =>
    OverHttp.scenario({ reconnect: false }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ n }", { headers })))
        const request = yield* server.accept
        yield* request.respond("no such thing as the call's own", {
          status: 403,
          headers: { "content-type": "text/plain" }
        })
        const error = networkError(yield* Fiber.join(fiber), "RequestRejected")
        assert.notInclude(JSON.stringify(error), "the call's own")
      })
    )
  )
})

describe("headers of one operation over a WebSocket", () => {
  const assertDies = (exit: Exit.Exit<unknown, unknown>) => {
    assert(Exit.isFailure(exit) && Cause.isDie(exit.cause))
    assert.match(String(Cause.squash(exit.cause)), /no headers/)
  }

  it.effect("are a defect, of a call or of middleware", () =>
    scenario({}, ({ client }) =>
      Effect.gen(function* () {
        const around = Middleware.apply(
          client,
          Middleware.mapRequest((request) => ({ ...request, headers }))
        )
        assertDies(yield* Effect.exit(client.query("{ n }", { headers })))
        assertDies(yield* Effect.exit(around.query("{ n }")))
        const elements = client.subscribe(subscription, { headers })
        assertDies(yield* Effect.exit(Stream.runDrain(elements)))
        assertDies(yield* Effect.exit(Stream.runDrain(around.subscribe(subscription))))
      })
    )
  )

  it.effect("can be left to the operations that have some", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const careful = Middleware.mapRequest((request) =>
          request.transport === "websocket" ? request : { ...request, headers }
        )
        const fiber = yield* Effect.fork(Middleware.apply(client, careful).query("{ n }"))
        const operation = yield* (yield* server.acceptReady).awaitSubscribe
        assert.deepStrictEqual(operation.request, { query: "{ n }" })
        yield* operation.next({ n: 1 })
        yield* operation.complete
        yield* Fiber.join(fiber)
      })
    )
  )
})
