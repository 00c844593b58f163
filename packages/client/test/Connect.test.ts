import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/TestClock"
import { isRunning } from "./support/fibers.js"
import { networkError, protocolError } from "./support/errors.js"
import { scenario } from "./support/scenario.js"

describe("connecting", () => {
  it.effect("waits for the first operation", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        assert.strictEqual(yield* server.attempts, 0)
        const fiber = yield* Effect.fork(client.query("{ hello }"))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        assert.deepStrictEqual(connection.request.subprotocols, ["graphql-transport-ws"])
        yield* operation.next({ hello: "world" })
        yield* operation.complete
        assert.deepStrictEqual(yield* Fiber.join(fiber), { hello: "world" })
        assert.strictEqual(yield* server.attempts, 1)
      })
    )
  )

  it.effect("connects on request and gives the payload of the acknowledgement", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.connect)
        const connection = yield* server.accept
        yield* connection.open()
        yield* connection.awaitInit
        yield* connection.ack({ region: "eu" })
        assert.deepStrictEqual(yield* Fiber.join(fiber), { region: "eu" })
        assert.deepStrictEqual(yield* client.connect, { region: "eu" })
        assert.strictEqual(yield* server.attempts, 1)
      })
    )
  )

  it.effect("disconnects with its scope", () =>
    Effect.gen(function* () {
      const close = yield* Ref.make<unknown>(undefined)
      yield* scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(client.connect)
          const connection = yield* server.acceptReady
          yield* Effect.forkDaemon(
            Effect.flatMap(connection.awaitClose, (value) => Ref.set(close, value))
          )
        })
      )
      assert.deepStrictEqual(yield* Ref.get(close), { code: 1000, reason: "Normal Closure" })
    })
  )

  it.effect("sends the connection payload, revealing what is Redacted anywhere inside it", () =>
    scenario(
      {
        connectionPayload: {
          token: Redacted.make("secret-token"),
          nested: [{ key: Redacted.make(1) }]
        }
      },
      ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(client.connect)
          const connection = yield* server.accept
          yield* connection.open()
          const init = yield* connection.awaitInit
          assert.deepStrictEqual(init.payload, { token: "secret-token", nested: [{ key: 1 }] })
        })
    )
  )

  it.effect("sends headers with the upgrade", () =>
    scenario(
      { headers: { authorization: Redacted.make("Bearer x"), "x-plain": "1" } },
      ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(client.connect)
          const connection = yield* server.accept
          assert.deepStrictEqual(connection.request.headers, {
            authorization: "Bearer x",
            "x-plain": "1"
          })
        })
    )
  )

  it.effect("evaluates url, headers and payload anew on every attempt", () =>
    Effect.gen(function* () {
      const count = yield* Ref.make(0)
      const next = Ref.updateAndGet(count, (n) => n + 1)
      yield* scenario(
        {
          url: Effect.map(next, (n) => `ws://test/${n}`),
          headers: Effect.map(next, (n) => ({ n: String(n) })),
          connectionPayload: Effect.map(next, (n) => ({ n }))
        },
        ({ client, server }) =>
          Effect.gen(function* () {
            for (const attempt of [0, 1]) {
              const fiber = yield* Effect.fork(client.connect)
              const connection = yield* server.accept
              assert.strictEqual(connection.request.url, `ws://test/${attempt * 3 + 1}`)
              assert.deepStrictEqual(connection.request.headers, { n: String(attempt * 3 + 2) })
              yield* connection.open()
              const { payload } = yield* connection.awaitInit
              assert.deepStrictEqual(payload, { n: attempt * 3 + 3 })
              yield* connection.drop
              yield* Effect.flip(Fiber.join(fiber))
            }
          })
      )
    })
  )

  for (const option of ["url", "headers", "connectionPayload"] as const) {
    it.effect(`an option "${option}" that fails is a typed failure with its cause`, () =>
      scenario({ [option]: Effect.fail("no token") }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
          if (option === "connectionPayload") yield* (yield* server.accept).open()
          const error = networkError(yield* Fiber.join(fiber), "OptionFailed")
          assert.strictEqual(error.reason.option, option)
          assert.strictEqual(error.cause, "no token")
          assert.isFalse(error.sent)
        })
      )
    )

    it.effect(`an option "${option}" that dies is a typed failure with its cause`, () =>
      scenario({ [option]: Effect.die(new Error("bug")) }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
          if (option === "connectionPayload") yield* (yield* server.accept).open()
          const error = networkError(yield* Fiber.join(fiber), "OptionFailed")
          assert.strictEqual((error.cause as Error).message, "bug")
        })
      )
    )

    for (const [kind, never] of [
      ["never returns", Effect.never],
      ["never returns and cannot be interrupted", Effect.uninterruptible(Effect.never)]
    ] as const) {
      it.effect(`an option "${option}" that ${kind} is bounded`, () =>
        // What cannot be interrupted stays behind: it is the user's own fiber, so it is not checked.
        Effect.gen(function* () {
          const errors = yield* Ref.make<ReadonlyArray<unknown>>([])
          const body = scenario({ [option]: never }, ({ client, server }) =>
            Effect.gen(function* () {
              const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
              yield* TestClock.adjust("1 millis")
              if (option === "connectionPayload") yield* (yield* server.accept).open()
              yield* TestClock.adjust("9998 millis")
              assert.isTrue(yield* isRunning(fiber))
              yield* TestClock.adjust("1 millis")
              if (option === "connectionPayload") yield* TestClock.adjust("1 millis")
              const error = yield* Fiber.join(fiber)
              yield* Ref.set(errors, [error])
            })
          )
          const exit = yield* Effect.exit(body)
          const expected = option === "connectionPayload" ? "AckTimeout" : "ConnectTimeout"
          networkError((yield* Ref.get(errors))[0], expected)
          if (kind === "never returns") assert.isTrue(Exit.isSuccess(exit))
        })
      )
    }
  }

  it.effect("a URL that is none is a typed failure that does not show it", () =>
    scenario({ url: "not a url with token=hunter22" }, ({ client }) =>
      Effect.gen(function* () {
        const error = networkError(yield* Effect.flip(client.query("{ x }")), "OptionFailed")
        // It would be none the next time either.
        assert.isFalse(error.isRetryable)
        assert.notInclude(String(error.cause), "hunter22")
        assert.notInclude(error.message, "hunter22")
      })
    )
  )

  it.effect("http: and https: mean the same server", () =>
    scenario({ url: "https://example.test/graphql" }, ({ client, server }) =>
      Effect.gen(function* () {
        yield* Effect.fork(client.connect)
        const connection = yield* server.accept
        assert.strictEqual(connection.request.url, "wss://example.test/graphql")
      })
    )
  )

  it.effect("a server that never upgrades: ConnectTimeout at connectTimeout", () =>
    scenario({ connectTimeout: "3 seconds" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const connection = yield* server.accept
        yield* TestClock.adjust("2999 millis")
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust("1 millis")
        const error = networkError(yield* Fiber.join(fiber), "ConnectTimeout")
        assert.strictEqual(error.phase, "connecting")
        assert.isFalse(error.sent)
        assert.isTrue(yield* connection.isGone)
      })
    )
  )

  it.effect("a server that never acknowledges: AckTimeout at ackTimeout", () =>
    scenario({ ackTimeout: "3 seconds" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const connection = yield* server.accept
        yield* TestClock.adjust("5 seconds")
        yield* connection.open()
        yield* connection.awaitInit
        yield* TestClock.adjust("2999 millis")
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust("1 millis")
        const error = networkError(yield* Fiber.join(fiber), "AckTimeout")
        assert.strictEqual(error.phase, "acknowledging")
        assert.isFalse(error.sent)
        assert.strictEqual((yield* connection.awaitClose).code, 4504)
      })
    )
  )

  for (const status of [401, 403, 404, 500, 503]) {
    it.effect(`an upgrade answered with ${status}: HandshakeRejected with status and headers`, () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
          const connection = yield* server.accept
          yield* connection.reject(status, { "retry-after": "7", "set-cookie": "session=1" })
          const error = networkError(yield* Fiber.join(fiber), "HandshakeRejected")
          assert.strictEqual(error.reason.status, status)
          assert.deepStrictEqual(error.reason.headers, { "retry-after": "7" })
          assert.strictEqual(error.phase, "connecting")
        })
      )
    )
  }

  it.effect(
    "a refused port: ConnectFailed with its cause, and the next operation tries again",
    () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const first = yield* Effect.fork(Effect.flip(client.query("{ x }")))
          yield* (yield* server.accept).fail(new Error("connect ECONNREFUSED"))
          const error = networkError(yield* Fiber.join(first), "ConnectFailed")
          assert.strictEqual((error.cause as Error).message, "connect ECONNREFUSED")
          assert.isTrue(error.isRetryable)

          const second = yield* Effect.fork(client.query("{ x }"))
          const connection = yield* server.acceptReady
          yield* (yield* connection.awaitSubscribe).next({ x: 1 })
          assert.deepStrictEqual(yield* Fiber.join(second), { x: 1 })
        })
      )
  )

  it.effect("a server that acknowledges twice breaks the protocol", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const connection = yield* server.acceptReady
        yield* connection.awaitSubscribe
        yield* connection.ack()
        const error = protocolError(yield* Fiber.join(fiber), "UnexpectedMessage")
        assert.isTrue(error.sent)
        assert.strictEqual((yield* connection.awaitClose).code, 4400)
      })
    )
  )

  it.effect("a server that sends data before the acknowledgement breaks the protocol", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const connection = yield* server.accept
        yield* connection.open()
        yield* connection.awaitInit
        yield* connection.send({ _tag: "Next", id: "1", payload: { data: {} } })
        const error = protocolError(yield* Fiber.join(fiber), "UnexpectedMessage")
        assert.strictEqual(error.phase, "acknowledging")
        assert.isFalse(error.sent)
      })
    )
  )

  it.effect("a ping before the acknowledgement is answered", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.connect)
        const connection = yield* server.accept
        yield* connection.open()
        yield* connection.send({ _tag: "Ping", payload: { n: 1 } })
        yield* connection.send({ _tag: "Pong" })
        yield* connection.awaitInit
        yield* connection.ack()
        yield* Fiber.join(fiber)
        assert.deepInclude(yield* connection.received, { _tag: "Pong", payload: { n: 1 } })
      })
    )
  )

  it.effect("a server that names no subprotocol is taken at our word; another one is refused", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const refused = yield* Effect.fork(Effect.flip(client.connect))
        yield* (yield* server.accept).open("graphql-ws")
        protocolError(yield* Fiber.join(refused), "UnexpectedSubprotocol")

        const accepted = yield* Effect.fork(client.connect)
        const connection = yield* server.accept
        yield* connection.open("")
        yield* connection.awaitInit
        yield* connection.ack()
        yield* Fiber.join(accepted)
      })
    )
  )
})
