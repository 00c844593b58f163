import { assert, describe, it } from "@effect/vitest"
import * as Authorization from "@fiberline/appsync/Authorization"
import { OperationError } from "@fiberline/client/OperationError"
import type { TestRequest } from "@fiberline/testing/TestHttpServer"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { scenario } from "./support/scenario.js"

/** As AppSync does, or what stands before it. */
const refuse = ({ respond }: TestRequest, status = 401) => {
  const message = "You are not authorized to make this call."
  return respond(
    status === 401 ? { errors: [{ errorType: "UnauthorizedException", message }] } : { message },
    {
      status,
      headers: { "content-type": "application/json", "x-amzn-errortype": "UnauthorizedException" }
    }
  )
}

/** Another each time. */
const tokens = () => {
  let times = 0
  return Authorization.token(Effect.sync(() => Redacted.make(`token-${++times}`)))
}

const reconnect = Schedule.spaced("1 second")

const operations = { query: "query { x }", mutation: "mutation { x }" } as const

describe("a request", () => {
  for (const [how, authorization, headers] of [
    ["an API key", Authorization.apiKey("da2-key"), { "x-api-key": "da2-key" }],
    ["a token", Authorization.token(Redacted.make("a-token")), { authorization: "a-token" }]
  ] as const) {
    it.effect(`with ${how} carries it, beside headers of its own`, () =>
      scenario({ authorization }, ({ client, http, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            client.query("{ x }", { headers: { "x-amz-user-agent": "me" } })
          )
          const request = yield* http.accept
          assert.deepInclude(request.headers, { ...headers, "x-amz-user-agent": "me" })
          assert.strictEqual(request.headers["content-type"], "application/json")
          yield* request.respond({ data: { x: 1 } })
          assert.deepStrictEqual(yield* Fiber.join(fiber), { x: 1 })
          assert.strictEqual(yield* server.attempts, 0)
        })
      )
    )
  }

  it.effect("whose fields are denied has what was allowed, and why", () =>
    scenario({ authorization: tokens() }, ({ client, http }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x y }")))
        const request = yield* http.accept
        yield* request.respond(
          {
            data: { x: 1, y: null },
            errors: [{ path: ["y"], errorType: "Unauthorized", message: "Not Authorized" }]
          },
          { headers: { "content-type": "application/json" } }
        )
        const error = yield* Fiber.join(fiber)
        assert.instanceOf(error, OperationError)
        assert.deepStrictEqual(error.data, { x: 1, y: null })
      })
    )
  )
})

describe("a request that is refused", () => {
  for (const status of [401, 403]) {
    for (const [kind, document] of Object.entries(operations)) {
      it.effect(`with ${status}, a ${kind}, is sent with new credentials at once`, () =>
        scenario({ authorization: tokens(), reconnect }, ({ client, http }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              kind === "query" ? client.query(document) : client.mutate(document)
            )
            const first = yield* http.accept
            assert.strictEqual(first.headers["authorization"], "token-1")
            yield* refuse(first, status)
            const second = yield* http.accept
            assert.strictEqual(second.headers["authorization"], "token-2")
            assert.strictEqual(second.body, first.body)
            yield* second.respond({ data: { x: 1 } })
            assert.deepStrictEqual(yield* Fiber.join(fiber), { x: 1 })
          })
        )
      )
    }

    it.effect(`with ${status} twice fails with Unauthorized, after two requests`, () =>
      scenario({ authorization: tokens(), reconnect }, ({ client, http }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
          for (const _ of [1, 2]) yield* Effect.flatMap(http.accept, (one) => refuse(one, status))
          const error = networkError(yield* Fiber.join(fiber), "Unauthorized")
          assert.strictEqual(error.reason.code, status)
          assert.isTrue(error.sent)
          const cause = networkError(error.cause, "RequestRejected")
          assert.include(cause.reason.body, "You are not authorized to make this call.")
          assert.strictEqual(cause.reason.headers["x-amzn-errortype"], "UnauthorizedException")
          yield* TestClock.adjust("1 minute")
          assert.strictEqual(yield* http.requests, 2)
        })
      )
    )
  }

  it.effect("has no second chance where nothing is tried again", () =>
    scenario({ authorization: tokens(), reconnect: false }, ({ client, http }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        yield* Effect.flatMap(http.accept, refuse)
        const { reason } = networkError(yield* Fiber.join(fiber), "RequestRejected")
        assert.strictEqual(reason.status, 401)
        assert.strictEqual(yield* http.requests, 1)
      })
    )
  )

  it.effect("has none where the user knows better", () =>
    scenario({ authorization: tokens(), reconnect, retry: { 401: "never" } }, ({ client, http }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        yield* Effect.flatMap(http.accept, refuse)
        networkError(yield* Fiber.join(fiber), "RequestRejected")
        assert.strictEqual(yield* http.requests, 1)
      })
    )
  )

  it.effect("for something else is not sent with other credentials", () =>
    scenario({ authorization: tokens(), reconnect }, ({ client, http }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        yield* Effect.flatMap(http.accept, (request) => refuse(request, 400))
        networkError(yield* Fiber.join(fiber), "RequestRejected")
        assert.strictEqual(yield* http.requests, 1)
      })
    )
  )

  it.effect("fails with what its new credentials fail with", () => {
    let times = 0
    const authorization = Authorization.token(
      Effect.suspend(() =>
        ++times === 1 ? Effect.succeed("a-token") : Effect.fail("expired" as const)
      )
    )
    return scenario({ authorization, reconnect }, ({ client, http }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        yield* Effect.flatMap(http.accept, refuse)
        assert.strictEqual(yield* Fiber.join(fiber), "expired")
      })
    )
  })

  it.effect("leaves the upgrade of a WebSocket as it was", () =>
    scenario({ authorization: tokens(), reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Effect.flip(client.runForEach("subscription { n }", () => Effect.void))
        )
        for (const _ of [1, 2]) {
          yield* Effect.flatMap(server.accept, ({ reject }) => reject(401))
          yield* TestClock.adjust("1 second")
        }
        networkError(yield* Fiber.join(fiber), "Unauthorized")
        assert.strictEqual(yield* server.attempts, 2)
      })
    )
  )
})
