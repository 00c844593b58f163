import { assert, describe, it } from "@effect/vitest"
import type * as Authorization from "@fiberline/appsync/Authorization"
import { NetworkMonitor } from "@fiberline/client/NetworkMonitor"
import { EncodeError } from "@fiberline/client/OperationError"
import type { TestConnection } from "@fiberline/testing/TestServer"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { isRunning } from "./support/fibers.js"
import { scenario } from "./support/scenario.js"
import { authorizationOf, headerOf } from "./support/told.js"

const document = "subscription { n }"
const everySecond = Schedule.spaced("1 second")

/** Authorizes by what was asked for, and for the how manieth time. */
const counting = () => {
  const times = { connection: 0, subscription: 0, request: 0 }
  const authorization: Authorization.Authorization = ({ kind }) =>
    Effect.sync(() => ({ Authorization: Redacted.make(`${kind}-${++times[kind]}`) }))
  return { authorization, times }
}

/** The next subscription, authorized as it has to be. */
const expectStart = ({ awaitSubscribe }: TestConnection, expected: string) =>
  Effect.tap(awaitSubscribe, (operation) => {
    assert.strictEqual(authorizationOf(operation)["Authorization"], expected)
  })

class Expired extends Data.TaggedError("Expired")<{ readonly kind: string }> {}

describe("credentials are evaluated anew", () => {
  it.effect("for each connection, each start, and each start over another connection", () =>
    scenario(
      { authorization: counting().authorization, reconnect: everySecond },
      ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const first = yield* server.acceptReady
          assert.strictEqual(headerOf(first)["Authorization"], "connection-1")
          yield* Effect.flatMap(expectStart(first, "subscription-1"), ({ establish }) => establish)
          yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          yield* expectStart(first, "subscription-2")
          for (const n of [2, 3]) {
            yield* client.reconnect
            const next = yield* server.acceptReady
            assert.strictEqual(headerOf(next)["Authorization"], `connection-${n}`)
            for (const of of [2 * n - 1, 2 * n]) yield* expectStart(next, `subscription-${of}`)
          }
        })
    )
  )

  it.effect("after a link that was lost", () =>
    scenario(
      { authorization: counting().authorization, reconnect: everySecond },
      ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          for (const n of [1, 2, 3]) {
            const connection = yield* server.acceptReady
            assert.strictEqual(headerOf(connection)["Authorization"], `connection-${n}`)
            const operation = yield* expectStart(connection, `subscription-${n}`)
            yield* operation.establish
            yield* operation.next({ n })
            yield* connection.drop
            yield* TestClock.adjust("1 second")
          }
          yield* server.accept
        })
    )
  )

  it.effect("for each of many subscriptions", () =>
    scenario({ authorization: counting().authorization }, ({ client, server }) =>
      Effect.gen(function* () {
        yield* client.subscribeMany(document, [
          ["a", {}],
          ["b", {}]
        ])
        const connection = yield* server.acceptReady
        for (const n of [1, 2]) yield* expectStart(connection, `subscription-${n}`)
      })
    )
  )

  it.effect("for each query and each mutation", () => {
    const { authorization, times } = counting()
    return scenario({ authorization }, ({ client, http, server }) =>
      Effect.gen(function* () {
        let n = 0
        for (const operation of [client.query("{ x }"), client.mutate("mutation { m }")]) {
          for (const _ of [1, 2]) {
            const fiber = yield* Effect.fork(operation)
            const request = yield* http.accept
            assert.strictEqual(request.headers["authorization"], `request-${++n}`)
            yield* request.respond({ data: {} })
            yield* Fiber.join(fiber)
          }
        }
        assert.deepStrictEqual(times, { connection: 0, subscription: 0, request: 4 })
        assert.strictEqual(yield* server.attempts, 0)
      })
    )
  })
})

describe("of a subscription that has not been sent, credentials are those of when it is", () => {
  const { fail, reject } = {
    fail: ({ fail }: TestConnection) => fail(new Error("refused")),
    reject: ({ reject }: TestConnection) => reject(503)
  }

  for (const [how, end] of Object.entries({ fail, reject })) {
    it.effect(`where connections ${how}`, () => {
      const { authorization, times } = counting()
      return scenario({ authorization, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          for (const _ of [1, 2, 3]) {
            yield* Effect.flatMap(server.accept, end)
            yield* TestClock.adjust("1 second")
          }
          const connection = yield* server.acceptReady
          assert.strictEqual(headerOf(connection)["Authorization"], "connection-4")
          yield* expectStart(connection, "subscription-2")
          assert.strictEqual(times.subscription, 2)
        })
      )
    })
  }

  it.effect("where it begins while the next attempt is waited for", () =>
    scenario(
      { authorization: counting().authorization, reconnect: Schedule.spaced("1 hour") },
      ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(Stream.runDrain(client.subscribe("subscription { a }")))
          yield* (yield* server.accept).fail(new Error("refused"))
          yield* TestClock.adjust("1 second")
          yield* Effect.fork(Stream.runDrain(client.subscribe("subscription { b }")))
          yield* TestClock.adjust("1 hour")
          const connection = yield* server.acceptReady
          yield* expectStart(connection, "subscription-3")
          yield* expectStart(connection, "subscription-4")
        })
    )
  )

  it.effect("where there was no network", () =>
    Effect.gen(function* () {
      const online = yield* SubscriptionRef.make(false)
      yield* scenario({ authorization: counting().authorization }, ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          yield* TestClock.adjust("1 hour")
          assert.strictEqual(yield* server.attempts, 0)
          yield* SubscriptionRef.set(online, true)
          yield* expectStart(yield* server.acceptReady, "subscription-2")
        })
      ).pipe(Effect.provideService(NetworkMonitor, online))
    })
  )

  it.effect("and evaluated once, where it did not wait for anything but its connection", () => {
    const { authorization, times } = counting()
    return Effect.gen(function* () {
      const online = yield* SubscriptionRef.make(true)
      yield* scenario({ authorization }, ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const connection = yield* server.accept
          yield* TestClock.adjust("9 seconds")
          yield* connection.open()
          yield* connection.awaitInit
          yield* TestClock.adjust("9 seconds")
          yield* connection.ack()
          yield* expectStart(connection, "subscription-1")
          assert.strictEqual(times.subscription, 1)
        })
      ).pipe(Effect.provideService(NetworkMonitor, online))
    })
  })
})

describe("what cannot be sent", () => {
  it.effect("is authorized by nobody, and an error that says so", () => {
    const { authorization, times } = counting()
    return scenario({ authorization }, ({ client, http, server }) =>
      Effect.gen(function* () {
        const options = { variables: { big: 1n } }
        const errors = [
          yield* Effect.flip(client.query("query Q($big: Int) { x(big: $big) }", options)),
          yield* Effect.flip(Stream.runDrain(client.subscribe(document, options)))
        ]
        for (const error of errors) assert.instanceOf(error, EncodeError)
        assert.deepStrictEqual(times, { connection: 0, subscription: 0, request: 0 })
        assert.strictEqual(yield* http.requests, 0)
        assert.strictEqual(yield* server.attempts, 0)
      })
    )
  })
})

describe("an authorization that fails", () => {
  it.effect(
    "is the error of a query, a mutation and a subscription, of which nothing is sent",
    () =>
      scenario(
        { authorization: ({ kind }) => Effect.fail(new Expired({ kind })) },
        ({ client, http, server }) =>
          Effect.gen(function* () {
            const kinds = yield* Effect.forEach(
              [
                client.query("{ x }"),
                client.mutate("mutation { m }"),
                Stream.runDrain(client.subscribe(document)),
                client.runForEach(document, () => Effect.void),
                Effect.scoped(client.subscription(document))
              ],
              (operation) =>
                Effect.catchTag(Effect.asVoid(operation), "Expired", ({ kind }) =>
                  Effect.succeed(kind)
                )
            )
            assert.deepStrictEqual(kinds, [
              "request",
              "request",
              "subscription",
              "subscription",
              "subscription"
            ])
            assert.strictEqual(yield* http.requests, 0)
            assert.strictEqual(yield* server.attempts, 0)
          })
      )
  )

  it.effect("for another connection's start ends that subscription, and no sibling", () => {
    let isExpired = false
    const authorization = ({ body, kind }: Authorization.Authorized) =>
      isExpired && body.includes("{ a }")
        ? Effect.fail(new Expired({ kind }))
        : Effect.succeed({ Authorization: "a-token" })
    return scenario({ authorization, reconnect: everySecond }, ({ client, server }) =>
      Effect.gen(function* () {
        const [a, b] = yield* Effect.all([
          Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("subscription { a }")))),
          Effect.fork(Stream.runHead(client.subscribe("subscription { b }")))
        ])
        const first = yield* server.acceptReady
        for (const _ of [a, b]) yield* first.awaitSubscribe
        isExpired = true
        yield* first.drop
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        const operation = yield* second.awaitSubscribe
        assert.strictEqual(operation.request.query, "subscription { b }")
        assert.deepStrictEqual(yield* Fiber.join(a), new Expired({ kind: "subscription" }))
        yield* operation.establish
        yield* operation.next({ b: 1 })
        assert.deepStrictEqual(yield* Fiber.join(b), Option.some({ b: 1 }))
      })
    )
  })

  it.effect("for a connection is the cause of OptionFailed, which is tried again", () => {
    let times = 0
    const authorization = ({ kind }: Authorization.Authorized) =>
      kind === "connection" && ++times < 3
        ? Effect.fail(new Expired({ kind }))
        : Effect.succeed({ Authorization: "a-token" })
    return scenario({ authorization, reconnect: everySecond }, ({ client, server }) =>
      Effect.gen(function* () {
        yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
        yield* TestClock.adjust(0)
        const status = yield* client.status.get
        assert(status._tag === "Reconnecting")
        const { cause, reason } = networkError(status.cause, "OptionFailed")
        assert.strictEqual(reason.option, "subprotocolCredentials")
        assert.instanceOf(cause, Expired)
        for (const _ of [2, 3]) yield* TestClock.adjust("1 second")
        yield* (yield* server.acceptReady).awaitSubscribe
        assert.strictEqual(times, 3)
      })
    )
  })

  it.effect("for a connection fails who waits for it, where it is not made again", () =>
    scenario(
      {
        authorization: ({ kind }) =>
          kind === "connection" ? Effect.fail(new Expired({ kind })) : Effect.succeed({})
      },
      ({ client }) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(Stream.runDrain(client.subscribe(document)))
          const { cause, sent } = networkError(error, "OptionFailed")
          assert.instanceOf(cause, Expired)
          assert.isFalse(sent)
        })
    )
  )
})

describe("an authorization that never returns", () => {
  const hanging =
    (which: Authorization.Authorized["kind"], hang = Effect.never as Effect.Effect<void>) =>
    ({ kind }: Authorization.Authorized) =>
      Effect.as(kind === which ? hang : Effect.void, { Authorization: "a-token" })

  for (const [how, hang] of Object.entries({
    "": Effect.asVoid(Effect.never),
    ", and cannot be interrupted": Effect.uninterruptible(Effect.sleep("1 hour"))
  })) {
    it.effect(`holds a query for operationTimeout${how}`, () =>
      scenario(
        { authorization: hanging("request", hang), operationTimeout: "3 seconds" },
        ({ client }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
            yield* TestClock.adjust(2999)
            assert.isTrue(yield* isRunning(fiber))
            yield* TestClock.adjust(1)
            const error = networkError(yield* Fiber.join(fiber), "OperationTimeout")
            assert.isFalse(error.sent)
          })
      )
    )

    it.effect(`holds a subscription for ackTimeout${how}`, () =>
      scenario(
        { authorization: hanging("subscription", hang), ackTimeout: "3 seconds" },
        ({ client }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.flip(Stream.runDrain(client.subscribe(document)))
            )
            yield* TestClock.adjust(2999)
            assert.isTrue(yield* isRunning(fiber))
            yield* TestClock.adjust(1)
            assert.instanceOf(yield* Fiber.join(fiber), EncodeError)
          })
      )
    )

    it.effect(`holds a connection for connectTimeout${how}`, () =>
      scenario(
        { authorization: hanging("connection", hang), connectTimeout: "3 seconds" },
        ({ client }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.flip(Stream.runDrain(client.subscribe(document)))
            )
            yield* TestClock.adjust(2999)
            assert.isTrue(yield* isRunning(fiber))
            yield* TestClock.adjust(1)
            networkError(yield* Fiber.join(fiber), "ConnectTimeout")
          })
      )
    )
  }
})
