import { assert, describe, it } from "@effect/vitest"
import * as Authorization from "@fiberline/appsync/Authorization"
import { OperationError } from "@fiberline/client/OperationError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { isRunning } from "./support/fibers.js"
import { host, scenario, withoutPing, writingDown } from "./support/scenario.js"
import { connectionError, error, unauthorized } from "./support/told.js"

const authorization = Authorization.apiKey("da2-key")
const document = "subscription { n }"
const everySecond = Schedule.spaced("1 second")

describe("a subscription", () => {
  it.effect("is sent as text, and what authorizes it beside that", () => {
    const frames: Array<string> = []
    return scenario(
      { authorization: Authorization.token(Redacted.make("a-token")) },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            Stream.runDrain(
              client.subscribe("subscription On($id: ID) { on(id: $id) }", {
                variables: { id: "1" },
                extensions: { own: true }
              })
            )
          )
          const connection = yield* server.acceptReady
          const operation = yield* connection.awaitSubscribe
          assert.deepStrictEqual(
            frames.map((frame): unknown => JSON.parse(frame)),
            [
              { type: "connection_init" },
              {
                type: "start",
                id: operation.id,
                payload: {
                  data: '{"query":"subscription On($id: ID) { on(id: $id) }","variables":{"id":"1"}}',
                  extensions: { own: true, authorization: { host, Authorization: "a-token" } }
                }
              }
            ]
          )
          yield* Fiber.interrupt(fiber)
          yield* operation.awaitComplete
          assert.deepStrictEqual(JSON.parse(frames.at(-1) ?? ""), {
            type: "stop",
            id: operation.id
          })
        }),
      writingDown(frames)
    )
  })

  it.effect("is established by start_ack, and brings results until the server completes it", () =>
    scenario({ authorization }, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription(document)
        const waiting = yield* Effect.fork(subscription.established)
        const operation = yield* (yield* server.acceptReady).awaitSubscribe
        assert.isTrue(yield* isRunning(waiting))
        yield* operation.establish
        yield* Fiber.join(waiting)
        yield* operation.next({ n: 1 })
        assert.deepStrictEqual(Array.from(yield* subscription.take), [{ n: 1 }])
        yield* operation.complete
        assert.isTrue(Option.isNone(yield* Effect.flip(subscription.take)))
      })
    )
  )

  for (const refused of [
    { errorType: "UnauthorizedException", message: "Permission denied" },
    { errorType: "Unauthorized", message: "Not Authorized to access onX on type Subscription" },
    { errorType: "MaxSubscriptionsReachedError", message: "Max number of 100 reached" },
    { message: "Variable 'deleted' has coerced Null value for NonNull type 'Boolean!'" }
  ]) {
    it.effect(`that is refused fails alone: ${refused.message}`, () =>
      scenario({ authorization, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const kept = yield* Effect.fork(Stream.runHead(client.subscribe("subscription { k }")))
          const connection = yield* server.acceptReady
          const sibling = yield* connection.awaitSubscribe
          yield* sibling.establish
          const denied = yield* Effect.fork(
            Effect.flip(Stream.runDrain(client.subscribe(document)))
          )
          const { id } = yield* connection.awaitSubscribe
          yield* error(connection, refused, id)
          const failure = yield* Fiber.join(denied)
          assert.instanceOf(failure, OperationError)
          const { errorType, message } = refused
          assert.deepStrictEqual(failure.errors, [
            { message, ...(errorType !== undefined && { extensions: { errorType } }) }
          ])
          yield* TestClock.adjust("1 minute")
          yield* sibling.next({ k: 1 })
          assert.deepStrictEqual(yield* Fiber.join(kept), Option.some({ k: 1 }))
          assert.strictEqual(yield* server.attempts, 1)
        })
      )
    )
  }
})

describe("a connection that is refused", () => {
  for (const refused of [
    unauthorized,
    { errorType: "com.amazonaws.deepdish.graphql.auth#UnauthorizedException", errorCode: 400 },
    { errorCode: 403, message: "Forbidden" },
    { message: "no reason that has a name" }
  ]) {
    it.effect(`with ${JSON.stringify(refused)} is tried with new credentials, once`, () => {
      let times = 0
      const token = Effect.sync(() => Redacted.make(`token-${++times}`))
      return scenario(
        { authorization: Authorization.token(token), reconnect: everySecond },
        ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.flip(Stream.runDrain(client.subscribe(document)))
            )
            const names: Array<string | undefined> = []
            for (let attempt = 1; attempt <= 2; attempt++) {
              const connection = yield* server.accept
              names.push(connection.request.subprotocols[1])
              yield* connection.open()
              yield* connection.awaitInit
              yield* connectionError(connection, refused)
              yield* TestClock.adjust("1 second")
            }
            assert.notStrictEqual(names[0], names[1])
            const failure = networkError(yield* Fiber.join(fiber), "Unauthorized")
            const { message = "UnauthorizedException" } = refused
            const cause = networkError(failure.cause, "ConnectionRejected")
            assert.include(cause.reason.detail, message)
            yield* TestClock.adjust("1 minute")
            assert.strictEqual(yield* server.attempts, 2)
          })
      )
    })
  }

  for (const refused of [
    { errorType: "BadRequest", errorCode: 400 },
    { errorType: "BadRequestException", message: "no" },
    { errorType: "BadRequest" },
    { message: "NoProtocolError", errorCode: 400 },
    { message: "Required headers are missing.", errorCode: 400 }
  ]) {
    it.effect(`with ${JSON.stringify(refused)} is not tried again`, () =>
      scenario({ authorization, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const connection = yield* server.accept
          yield* connection.open()
          yield* connection.awaitInit
          yield* connectionError(connection, refused)
          const failure = networkError(yield* Fiber.join(fiber), "ServerDisconnected")
          assert.strictEqual(failure.retry, "never")
          assert.strictEqual(failure.reason.detail, refused.message ?? "BadRequest")
          yield* TestClock.adjust("1 minute")
          assert.strictEqual(yield* server.attempts, 1)
        })
      )
    )
  }

  it.effect("for anything else is tried again, as the schedule has it", () =>
    scenario(
      { authorization, reconnect: Schedule.intersect(everySecond, Schedule.recurs(3)) },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          for (let attempt = 1; attempt <= 4; attempt++) {
            const connection = yield* server.accept
            yield* connection.open()
            yield* connection.awaitInit
            yield* connectionError(connection, { errorType: "LimitExceededError" })
            yield* TestClock.adjust("1 second")
          }
          const failure = networkError(yield* Fiber.join(fiber), "ServerDisconnected")
          assert.strictEqual(failure.retry, "backoff")
          assert.strictEqual(failure.reason.detail, "LimitExceededError")
          assert.strictEqual(yield* server.attempts, 4)
        })
    )
  )
})

describe("an error without an id", () => {
  for (const [what, frame] of Object.entries({
    "an array of them": [{ errorType: "LimitExceededError", message: "Rate limit exceeded" }],
    "an object": { errorType: "LimitExceededError", message: "Rate limit exceeded" }
  })) {
    it.effect(`as ${what} is the connection's, which is made again`, () =>
      scenario({ authorization, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const fibers = yield* Effect.forEach([1, 2], () =>
            Effect.fork(Stream.runHead(client.subscribe(document)))
          )
          const first = yield* server.acceptReady
          for (const _ of fibers) yield* first.awaitSubscribe
          yield* first.sendFrame(JSON.stringify({ type: "error", payload: { errors: frame } }))
          yield* TestClock.adjust("1 second")
          const second = yield* server.acceptReady
          for (const _ of fibers) {
            const operation = yield* second.awaitSubscribe
            yield* operation.establish
            yield* operation.next({ n: 1 })
          }
          for (const fiber of fibers) {
            assert.deepStrictEqual(yield* Fiber.join(fiber), Option.some({ n: 1 }))
          }
        })
      )
    )
  }

  it.effect("that says why fails all of them with it, where it is not made again", () =>
    scenario({ authorization }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
        const connection = yield* server.acceptReady
        yield* connection.awaitSubscribe
        yield* error(connection, { errorType: "LimitExceededError", message: "slowly" }, "")
        const failure = networkError(yield* Fiber.join(fiber), "ServerDisconnected")
        assert.strictEqual(failure.reason.detail, "slowly")
        assert.strictEqual(failure.phase, "live")
      })
    )
  )

  it.effect("that refuses the credentials has them evaluated anew", () =>
    scenario({ authorization, reconnect: everySecond }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
        for (let attempt = 1; attempt <= 2; attempt++) {
          const connection = yield* server.acceptReady
          yield* connection.awaitSubscribe
          yield* error(connection, unauthorized)
          yield* TestClock.adjust("1 second")
        }
        networkError(yield* Fiber.join(fiber), "Unauthorized")
      })
    )
  )
})

describe("a dead link is noticed", () => {
  const keepalive = { interval: "2 seconds", timeout: "1 second" } as const
  const keepAlive = { _tag: "KeepAlive" } as const

  it.effect("where nothing can be asked, connectionTimeoutMs after the last that was heard", () =>
    scenario(
      { authorization, keepalive },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const connection = yield* server.accept
          yield* connection.open()
          yield* connection.awaitInit
          yield* connection.ack({ connectionTimeoutMs: 300_000 })
          yield* (yield* connection.awaitSubscribe).establish
          for (let minute = 1; minute <= 20; minute++) {
            yield* TestClock.adjust("1 minute")
            yield* connection.send(keepAlive)
          }
          yield* TestClock.adjust(299_999)
          assert.isTrue(yield* isRunning(fiber))
          yield* TestClock.adjust(1)
          const failure = networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
          assert.strictEqual(Duration.toMillis(failure.reason.silentFor), 300_000)
        }),
      withoutPing
    )
  )

  for (const payload of [
    undefined,
    { connectionTimeoutMs: 0 },
    { connectionTimeoutMs: "300000" }
  ]) {
    it.effect(
      `where it says ${JSON.stringify(payload)}, by the bound given, after the first ka`,
      () =>
        scenario(
          { authorization, keepalive },
          ({ client, server }) =>
            Effect.gen(function* () {
              const fiber = yield* Effect.fork(
                Effect.flip(Stream.runDrain(client.subscribe(document)))
              )
              const connection = yield* server.accept
              yield* connection.open()
              yield* connection.awaitInit
              yield* connection.ack(payload)
              yield* (yield* connection.awaitSubscribe).establish
              yield* TestClock.adjust("10 minutes")
              assert.isTrue(yield* isRunning(fiber))
              yield* connection.send(keepAlive)
              yield* TestClock.adjust(2999)
              assert.isTrue(yield* isRunning(fiber))
              yield* TestClock.adjust(1)
              networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
            }),
          withoutPing
        )
    )
  }

  it.effect("where there are ping frames, by the bound given", () =>
    scenario({ authorization, keepalive }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
        const connection = yield* server.accept
        yield* connection.open()
        yield* connection.awaitInit
        yield* connection.ack({ connectionTimeoutMs: 300_000 })
        yield* (yield* connection.awaitSubscribe).establish
        yield* TestClock.adjust("1 minute")
        assert.isTrue(yield* isRunning(fiber))
        yield* connection.goSilent
        yield* TestClock.adjust(2999)
        assert.isTrue(yield* isRunning(fiber))
        yield* TestClock.adjust(1)
        networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
      })
    )
  )

  it.effect("never, where that is what was asked for", () =>
    scenario(
      { authorization, keepalive: false },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const connection = yield* server.accept
          yield* connection.open()
          yield* connection.awaitInit
          yield* connection.ack({ connectionTimeoutMs: 300_000 })
          yield* (yield* connection.awaitSubscribe).establish
          yield* TestClock.adjust("1 hour")
          assert.isTrue(yield* isRunning(fiber))
        }),
      withoutPing
    )
  )
})
