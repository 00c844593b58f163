import { assert, describe, it } from "@effect/vitest"
import type { NetworkError } from "@fiberline/client/NetworkError"
import { OperationError } from "@fiberline/client/OperationError"
import type { TestRequest } from "@fiberline/testing/TestHttpServer"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import { networkError } from "../support/errors.js"
import { isRunning } from "../support/fibers.js"
import { closable, type Options, scenario } from "../support/httpScenario.js"

const query = "{ x }"
const reconnect = Schedule.forever

/** Headers that are counted: each evaluation gives the next token. */
const tokens = () => {
  const counted = { evaluations: 0 }
  const headers = Effect.sync(() => ({ authorization: `token ${++counted.evaluations}` }))
  return Object.assign(counted, { headers })
}

const refuse = (request: TestRequest, status = 401) => request.respond("", { status })

const tokenOf = ({ headers }: TestRequest) => headers["authorization"]

describe("credentials", () => {
  it.effect("are evaluated when the first request needs them, and kept", () =>
    Effect.gen(function* () {
      const counted = tokens()
      yield* scenario({ headers: counted.headers }, ({ client, server }) =>
        Effect.gen(function* () {
          assert.strictEqual(counted.evaluations, 0)
          for (let i = 0; i < 3; i++) {
            const fiber = yield* Effect.fork(client.query(query))
            const request = yield* server.accept
            assert.strictEqual(tokenOf(request), "token 1")
            yield* request.respond({ data: {} })
            yield* Fiber.join(fiber)
          }
        })
      )
    })
  )

  for (const status of [401, 403, 407]) {
    it.effect(
      `refused with ${status} are evaluated anew, and the query sent once more, at once`,
      () =>
        Effect.gen(function* () {
          const counted = tokens()
          yield* scenario({ headers: counted.headers, reconnect }, ({ client, server }) =>
            Effect.gen(function* () {
              const fiber = yield* Effect.fork(client.query(query))
              yield* refuse(yield* server.accept, status)
              const request = yield* server.accept
              assert.strictEqual(tokenOf(request), "token 2")
              yield* request.respond({ data: { x: 1 } })
              assert.deepStrictEqual(yield* Fiber.join(fiber), { x: 1 })
            })
          )
        })
    )
  }

  it.effect("refused twice are an error that says so, with the second refusal as its cause", () =>
    scenario({ headers: tokens().headers, reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.mutate("mutation { m }")))
        yield* refuse(yield* server.accept)
        yield* (yield* server.accept).respond("no", {
          status: 403,
          headers: { "content-type": "text/plain" }
        })
        const error = networkError(yield* Fiber.join(fiber), "Unauthorized")
        assert.strictEqual(error.reason.code, 403)
        assert.isTrue(error.sent)
        const cause = networkError(error.cause, "RequestRejected")
        assert.deepStrictEqual([cause.reason.status, cause.reason.body], [403, "no"])
        assert.strictEqual(yield* server.requests, 2)
      })
    )
  )

  it.effect("refused with a GraphQL body are refused all the same", () =>
    scenario({ headers: tokens().headers, reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        const body = { errors: [{ message: "not authorized" }] }
        for (let i = 0; i < 2; i++) yield* (yield* server.accept).respond(body, { status: 401 })
        networkError(yield* Fiber.join(fiber), "Unauthorized")
      })
    )
  )

  it.effect("a 403 that GraphQL has written concerns the operation", () =>
    scenario({ headers: tokens().headers, reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* (yield* server.accept).respond({ errors: [{ message: "not you" }] }, { status: 403 })
        const error = yield* Fiber.join(fiber)
        assert.instanceOf(error, OperationError)
        assert.strictEqual(yield* server.requests, 1)
      })
    )
  )

  it.effect("refused to a hundred at once are evaluated once", () =>
    Effect.gen(function* () {
      const counted = tokens()
      yield* scenario({ headers: counted.headers, reconnect }, ({ client, server }) =>
        Effect.gen(function* () {
          const fibers = yield* Effect.replicateEffect(Effect.fork(client.query(query)), 100)
          const requests = yield* Effect.replicateEffect(server.accept, 100)
          assert.strictEqual(counted.evaluations, 1)
          yield* Effect.forEach(requests, (request) => refuse(request))
          const again = yield* Effect.replicateEffect(server.accept, 100)
          for (const request of again) {
            assert.strictEqual(tokenOf(request), "token 2")
            yield* request.respond({ data: {} })
          }
          yield* Fiber.join(Fiber.all(fibers))
          assert.strictEqual(counted.evaluations, 2)
        })
      )
    })
  )

  it.effect("a late refusal of old ones does not forget the new", () =>
    Effect.gen(function* () {
      const counted = tokens()
      yield* scenario({ headers: counted.headers, reconnect }, ({ client, server }) =>
        Effect.gen(function* () {
          const fibers = yield* Effect.replicateEffect(Effect.fork(client.query(query)), 2)
          const [first, second] = yield* Effect.all([server.accept, server.accept])
          yield* refuse(first)
          yield* (yield* server.accept).respond({ data: {} })
          yield* refuse(second)
          yield* (yield* server.accept).respond({ data: {} })
          yield* Fiber.join(Fiber.all(fibers))
          assert.strictEqual(counted.evaluations, 2)
        })
      )
    })
  )

  it.effect("refused without `reconnect` are told at once, and evaluated anew by the next", () =>
    scenario({ headers: tokens().headers }, ({ client, server }) =>
      Effect.gen(function* () {
        const first = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* refuse(yield* server.accept)
        networkError(yield* Fiber.join(first), "RequestRejected")
        const second = yield* Effect.fork(client.query(query))
        const request = yield* server.accept
        assert.strictEqual(tokenOf(request), "token 2")
        yield* request.respond({ data: {} })
        yield* Fiber.join(second)
      })
    )
  )

  it.effect("that are constants are tried once more, and no oftener", () =>
    scenario({ headers: { authorization: "constant" }, reconnect }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* refuse(yield* server.accept)
        yield* refuse(yield* server.accept)
        networkError(yield* Fiber.join(fiber), "Unauthorized")
        assert.strictEqual(yield* server.requests, 2)
      })
    )
  )

  it.effect("are evaluated anew when the application asks", () =>
    scenario({ headers: tokens().headers }, ({ client, server }) =>
      Effect.gen(function* () {
        for (const token of ["token 1", "token 2"]) {
          const fiber = yield* Effect.fork(client.query(query))
          const request = yield* server.accept
          assert.strictEqual(tokenOf(request), token)
          yield* request.respond({ data: {} })
          yield* Fiber.join(fiber)
          yield* client.reconnect
        }
      })
    )
  )
})

/** A query that gets no further than its options. */
const failing = (options: Options, check: (error: NetworkError) => void) =>
  scenario(options, ({ client, server }) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
      yield* TestClock.adjust("10 seconds")
      const error = networkError(yield* Fiber.join(fiber), "OptionFailed")
      assert.isFalse(error.sent)
      assert.strictEqual(error.phase, "connecting")
      assert.strictEqual(yield* server.requests, 0)
      check(error)
    })
  )

describe("an effect that gives credentials", () => {
  it.effect("and fails is a typed failure with its cause, and tried again by the schedule", () => {
    let evaluations = 0
    const headers = Effect.suspend(() => Effect.fail(new Error(`no token ${++evaluations}`)))
    const reconnect = Schedule.intersect(Schedule.spaced("1 second"), Schedule.recurs(2))
    return failing({ headers, reconnect }, ({ cause, reason }) => {
      assert.deepInclude(reason, { option: "headers", isConstant: false })
      assert.strictEqual((cause as Error).message, "no token 3")
    })
  })

  it.effect("and dies is the same", () =>
    failing({ headers: Effect.die(new Error("bug")) }, ({ cause }) => {
      assert.strictEqual((cause as Error).message, "bug")
    })
  )

  it.effect("and interrupts itself is no interruption of whoever asks", () =>
    failing({ headers: Effect.interrupt }, () => {})
  )

  it.effect("a URL that is none is not tried again", () =>
    failing({ url: "graphql", reconnect }, ({ reason }) => {
      assert.deepInclude(reason, { option: "url", isConstant: true })
    })
  )

  for (const [what, hang] of [
    ["and never returns", Effect.never],
    ["and cannot even be interrupted", Effect.uninterruptible(Effect.never)]
  ] as const) {
    it.effect(`${what} is bounded by connectTimeout`, () =>
      // Not `scenario`: what cannot be interrupted is left, and that is its author's.
      Effect.gen(function* () {
        const { client, close, server } = yield* closable({
          headers: hang,
          connectTimeout: "3 seconds"
        })
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* TestClock.adjust("2999 millis")
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust("1 millis")
        const error = networkError(yield* Fiber.join(fiber), "ConnectTimeout")
        assert.isFalse(error.sent)
        yield* close
        assert.strictEqual(yield* server.requests, 0)
      })
    )
  }

  it.effect("is waited for no longer than the query may take", () =>
    scenario({ headers: Effect.never }, ({ client }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query, { timeout: "1 second" })))
        yield* TestClock.adjust("1 second")
        const error = networkError(yield* Fiber.join(fiber), "OperationTimeout")
        assert.isFalse(error.sent)
        assert.strictEqual(error.phase, "connecting")
      })
    )
  )

  it.effect("goes on for the others when whoever began it has left", () =>
    scenario(
      { headers: Effect.delay(Effect.succeed({ authorization: "late" }), "2 seconds") },
      ({ client, server }) =>
        Effect.gen(function* () {
          const first = yield* Effect.fork(client.query(query))
          yield* TestClock.adjust("1 second")
          const second = yield* Effect.fork(client.query(query))
          yield* TestClock.adjust("1 millis")
          assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(first)))
          yield* TestClock.adjust("1 second")
          const request = yield* server.accept
          assert.strictEqual(tokenOf(request), "late")
          yield* request.respond({ data: {} })
          yield* Fiber.join(second)
        })
    )
  )

  it.effect("with a value that no header can have fails without showing it", () =>
    Effect.gen(function* () {
      for (const value of ["to\nken-4711", "to\u0000ken-4711", "to\u{1F600}ken-4711"]) {
        yield* failing({ headers: { authorization: Redacted.make(value) }, reconnect }, (error) => {
          assert.deepInclude(error.reason, { option: "headers", isConstant: true })
          assert.include(String(error.cause), "authorization")
          assert.notInclude(String(error.cause), "4711")
        })
      }
    })
  )
})

describe("credentials in the URL", () => {
  it.effect("are sent as a header, and the URL without them", () =>
    scenario({ url: "https://us%40er:p%C3%A4ss@test/graphql" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        const request = yield* server.accept
        assert.strictEqual(request.url.href, "https://test/graphql")
        assert.strictEqual(
          tokenOf(request),
          `Basic ${Buffer.from("us@er:päss").toString("base64")}`
        )
        yield* request.respond({ data: {} })
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("give way to a header of the application's", () =>
    scenario(
      { url: "https://user:pass@test/graphql", headers: { Authorization: "Bearer x" } },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(client.query(query))
          const request = yield* server.accept
          assert.strictEqual(tokenOf(request), "Bearer x")
          yield* request.respond({ data: {} })
          yield* Fiber.join(fiber)
        })
    )
  )

  it.effect("may hold a percent sign that escapes nothing", () =>
    scenario({ url: "https://user:100%@test/graphql" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        const request = yield* server.accept
        assert.strictEqual(tokenOf(request), `Basic ${Buffer.from("user:100%").toString("base64")}`)
        yield* request.respond({ data: {} })
        yield* Fiber.join(fiber)
      })
    )
  )
})
