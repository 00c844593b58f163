import { assert, describe, it } from "@effect/vitest"
import type { TestRequest } from "@fiberline/testing/TestHttpServer"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import { networkError } from "../support/errors.js"
import { isRunning } from "../support/fibers.js"
import { scenario } from "../support/httpScenario.js"

const query = "{ x }"
const reconnect = Schedule.intersect(Schedule.spaced("1 second"), Schedule.recurs(2))

/** As Node's `fetch` says it. */
const refusedConnection = new TypeError("fetch failed", {
  cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })
})
const resetConnection = new TypeError("fetch failed", {
  cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })
})

const busy = (request: TestRequest, retryAfter: string, status = 503) =>
  request.respond("busy", {
    status,
    headers: { "content-type": "text/plain", "retry-after": retryAfter }
  })

const answer = (request: TestRequest) => request.respond({ data: { x: 1 } })

describe("a request that never reached the server", () => {
  it.effect("is sent again, mutation or not", () =>
    scenario({ reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.mutate("mutation { m }"))
        yield* (yield* server.accept).fail(refusedConnection)
        yield* TestClock.adjust("1 second")
        yield* answer(yield* server.accept)
        assert.deepStrictEqual(yield* Fiber.join(fiber), { x: 1 })
      })
    )
  )

  it.effect("until the schedule is done; then the last cause surfaces", () =>
    scenario({ reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        for (let i = 0; i < 3; i++) {
          yield* (yield* server.accept).fail(refusedConnection)
          yield* TestClock.adjust("1 second")
        }
        const error = networkError(yield* Fiber.join(fiber), "ConnectFailed")
        assert.isFalse(error.sent)
        assert.strictEqual(error.phase, "connecting")
        assert.strictEqual((error.cause as Error).message, "fetch failed")
        assert.strictEqual(yield* server.requests, 3)
      })
    )
  )

  const because = (cause: Error, more: object) =>
    new TypeError("fetch failed", { cause: Object.assign(cause, more) })
  const failed = new Error("connect")

  for (const [what, cause, isUnsent] of [
    ["no such host", because(failed, { code: "ENOTFOUND" }), true],
    ["no answer to a SYN", because(new Error(), { code: "ETIMEDOUT", syscall: "connect" }), true],
    [
      "none of several addresses",
      because(new AggregateError([Object.assign(new Error(), { code: "EHOSTUNREACH" })]), {}),
      true
    ],
    ["a silent peer", because(new Error(), { code: "ETIMEDOUT", syscall: "read" }), false],
    ["what a browser says", new TypeError("Failed to fetch"), false],
    ["what is no error", "no", false]
  ] as const) {
    it.effect(`is known by its cause, or not: ${what}`, () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
          yield* (yield* server.accept).fail(cause)
          const tag = isUnsent ? "ConnectFailed" : "ConnectionLost"
          assert.strictEqual(networkError(yield* Fiber.join(fiber), tag).sent, !isUnsent)
        })
      )
    )
  }

  it.effect("is not sent again with `reconnect: false`", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* (yield* server.accept).fail(refusedConnection)
        assert.isFalse(networkError(yield* Fiber.join(fiber), "ConnectFailed").sent)
      })
    )
  )

  it.effect("in time is told why, in the cause of the timeout", () =>
    scenario({ reconnect: Schedule.spaced("1 second") }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Effect.flip(client.query(query, { timeout: "1500 millis" }))
        )
        yield* (yield* server.accept).fail(refusedConnection)
        yield* TestClock.adjust("1 second")
        yield* server.accept
        yield* TestClock.adjust("500 millis")
        const error = networkError(yield* Fiber.join(fiber), "OperationTimeout")
        assert.isTrue(error.sent)
        networkError(error.cause, "ConnectFailed")
      })
    )
  )
})

describe("a request that may have reached the server", () => {
  const breakings: ReadonlyArray<[string, (request: TestRequest) => Effect.Effect<void>]> = [
    ["without an answer", (request) => request.fail(resetConnection)],
    [
      "and whose answer breaks off",
      (request) =>
        Effect.flatMap(request.stream("application/json"), (body) =>
          Effect.zipRight(body.send('{"data":'), body.fail(new Error("terminated")))
        )
    ],
    ["and fails with 502", (request) => request.respond("", { status: 502 })]
  ]
  for (const [what, breaks] of breakings) {
    it.effect(`${what} is not sent again`, () =>
      scenario({ reconnect }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.mutate("mutation { m }")))
          yield* breaks(yield* server.accept)
          const error = yield* Fiber.join(fiber)
          assert(error._tag === "NetworkError")
          assert.isTrue(error.sent)
          assert.strictEqual(yield* server.requests, 1)
        })
      )
    )

    it.effect(`${what} is sent again if it is idempotent`, () =>
      scenario({ reconnect }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(client.query(query, { idempotent: true }))
          yield* breaks(yield* server.accept)
          yield* TestClock.adjust("1 second")
          yield* answer(yield* server.accept)
          yield* Fiber.join(fiber)
        })
      )
    )
  }

  it.effect("once is no longer unsent when the next attempt is", () =>
    scenario({ reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query, { idempotent: true })))
        yield* (yield* server.accept).fail(resetConnection)
        for (let i = 0; i < 2; i++) {
          yield* TestClock.adjust("1 second")
          yield* (yield* server.accept).fail(refusedConnection)
        }
        assert.isTrue(networkError(yield* Fiber.join(fiber), "ConnectFailed").sent)
      })
    )
  )
})

describe("Retry-After", () => {
  for (const status of [429, 503]) {
    it.effect(`in seconds is honoured with ${status}, for a mutation too`, () =>
      scenario({ reconnect }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(client.mutate("mutation { m }"))
          yield* busy(yield* server.accept, "5", status)
          yield* TestClock.adjust("4999 millis")
          assert.strictEqual(yield* server.requests, 1)
          yield* TestClock.adjust("1 millis")
          yield* answer(yield* server.accept)
          yield* Fiber.join(fiber)
        })
      )
    )
  }

  it.effect("as a date is honoured", () =>
    scenario({ reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        const at = (yield* Clock.currentTimeMillis) + 20_000
        yield* busy(yield* server.accept, new Date(at).toUTCString())
        yield* TestClock.adjust("19999 millis")
        assert.strictEqual(yield* server.requests, 1)
        yield* TestClock.adjust("1 millis")
        yield* answer(yield* server.accept)
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("sooner than the schedule would is not sooner for it", () =>
    scenario({ reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        yield* busy(yield* server.accept, "0")
        yield* TestClock.adjust("999 millis")
        assert.strictEqual(yield* server.requests, 1)
        yield* TestClock.adjust("1 millis")
        yield* answer(yield* server.accept)
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("later than the deadline is told at once", () =>
    scenario({ reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query, { timeout: "5 seconds" })))
        yield* busy(yield* server.accept, "5")
        const error = networkError(yield* Fiber.join(fiber), "RequestRejected")
        assert.isTrue(error.sent)
        assert.deepStrictEqual(error.reason.retryAfter, Duration.seconds(5))
        assert.strictEqual(error.reason.body, "busy")
      })
    )
  )

  it.effect("with a 500 is no invitation to send a mutation twice", () =>
    scenario({ reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.mutate("mutation { m }")))
        yield* busy(yield* server.accept, "1", 500)
        networkError(yield* Fiber.join(fiber), "RequestRejected")
      })
    )
  )

  it.effect("is not waited for with `reconnect: false`", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* busy(yield* server.accept, "1")
        networkError(yield* Fiber.join(fiber), "RequestRejected")
      })
    )
  )

  it.effect("is waited for by nobody who has left", () =>
    scenario({ reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        yield* busy(yield* server.accept, "10")
        yield* TestClock.adjust("1 second")
        assert.isTrue(yield* isRunning(fiber))
        yield* Fiber.interrupt(fiber)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* server.requests, 1)
      })
    )
  )
})

describe("the application's own table", () => {
  it.effect("says that a status can be tried again, or not", () =>
    scenario({ reconnect, retry: { 404: "backoff", 503: "never" } }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query, { idempotent: true })))
        yield* (yield* server.accept).respond("", { status: 404 })
        yield* TestClock.adjust("1 second")
        yield* busy(yield* server.accept, "1")
        const error = networkError(yield* Fiber.join(fiber), "RequestRejected")
        assert.strictEqual(error.reason.status, 503)
      })
    )
  )
})
