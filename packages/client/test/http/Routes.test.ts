import { assert, describe, it } from "@effect/vitest"
import { NetworkMonitor } from "@fiberline/client/NetworkMonitor"
import * as TestHttpServer from "@fiberline/testing/TestHttpServer"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as TestClock from "effect/TestClock"
import { carriers, distinctCarriers, multipart, single, sse } from "../support/carriers.js"
import { networkError } from "../support/errors.js"
import { closable, scenario } from "../support/httpScenario.js"
import { recorder } from "../support/recorder.js"

const document = "subscription { n }"
const everySecond = Schedule.spaced("1 second")

describe("an operation that says what carries it", () => {
  for (const [from, to] of [
    [sse, multipart],
    [multipart, sse],
    [single, multipart],
    [{ options: { subscriptions: "multipart", singleConnection: true } }, single]
  ] as const) {
    it.effect(`is carried over ${to.name}, whatever the client is made for`, () =>
      scenario(from.options, ({ client, server }) =>
        Effect.gen(function* () {
          const transport = to === multipart ? "multipart" : "sse"
          const fiber = yield* Effect.fork(
            Stream.runDrain(client.subscribe(document, { transport }))
          )
          const carried = yield* to.accept(server)
          yield* carried.next({ data: {} })
          yield* carried.complete
          yield* Fiber.join(fiber)
        })
      )
    )
  }

  it.effect("which the client has not is a defect that names it", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const transport = "websocket"
        const calls = [
          client.query("{ x }", { transport }),
          client.mutate("mutation { m }", { transport }),
          Stream.runDrain(client.subscribe(document, { transport })),
          client.runForEach(document, () => Effect.void, { transport }),
          Effect.scoped(client.subscription(document, { transport })),
          Effect.scoped(client.subscribeMany(document, [[1, {}]], { transport }))
        ]
        for (const call of calls) {
          const cause = yield* Effect.flip(Effect.sandbox<unknown, unknown, never>(call))
          assert.strictEqual(cause._tag, "Die")
          assert.include(String(cause), 'this client has no transport "websocket"')
        }
        assert.strictEqual(yield* server.requests, 0)
      })
    )
  )
})

for (const { accept, name, options } of distinctCarriers) {
  describe(`many subscriptions over ${name}`, () => {
    const keys = [1, 2, 3]
    const variables = keys.map((key) => [key, { key }] as const)

    it.effect("have a request each and one inbox, and are left with their scope", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const many = yield* client.subscribeMany(document, variables)
              const all = yield* Effect.replicateEffect(accept(server), 3)
              for (const { next, request } of all) yield* next({ data: request.variables })
              yield* TestClock.adjust("0 millis")
              const events = Chunk.toReadonlyArray(yield* many.take)
              assert.deepStrictEqual(
                events,
                keys.map((key) => ({ _tag: "Data", key, data: { key } }))
              )
              yield* many.remove(2)
              yield* all[1]!.aborted
              assert.strictEqual(yield* server.open, 2)
            })
          )
          yield* TestClock.adjust("0 millis")
          assert.strictEqual(yield* server.open, 0)
        })
      )
    )

    it.effect("tell of their losses, each of its own, and go on", () =>
      scenario({ ...options, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const many = yield* client.subscribeMany(document, variables)
          const all = yield* Effect.replicateEffect(accept(server), 3)
          yield* all[0]!.body.end
          yield* TestClock.adjust("1 second")
          const again = yield* accept(server)
          assert.deepStrictEqual(again.request.variables, { key: 1 })
          yield* again.next({ data: 1 })
          yield* TestClock.adjust("0 millis")
          assert.deepStrictEqual(
            Array.from(yield* many.take, ({ _tag }) => _tag),
            ["Gap", "Data"]
          )
          yield* all[1]!.malformed
          yield* TestClock.adjust("0 millis")
          const [ended] = Chunk.toReadonlyArray(yield* many.take)
          assert(ended?._tag === "Ended")
          assert.strictEqual(ended.key, 2)
        })
      )
    )

    it.effect("stop reading all of them while their consumer is slow", () =>
      scenario({ ...options, buffer: { capacity: 3 } }, ({ client, server }) =>
        Effect.gen(function* () {
          const many = yield* client.subscribeMany(document, variables)
          const all = yield* Effect.replicateEffect(accept(server), 3)
          for (let n = 0; n < 10; n++) for (const { next } of all) yield* next({ data: n })
          yield* TestClock.adjust("1 minute")
          for (const { body } of all) assert.isAtLeast(yield* body.unread, 7)
          let taken = 0
          while (taken < 30) taken += Chunk.size(yield* many.take)
          for (const { body } of all) assert.strictEqual(yield* body.unread, 0)
        })
      )
    )
  })
}

describe("a program that knows of its network", () => {
  for (const { accept, name, options } of carriers) {
    it.effect(
      `has no subscription made over ${name} while there is none, and at once when there is`,
      () =>
        Effect.gen(function* () {
          const online = yield* SubscriptionRef.make(false)
          const { client, close, server } = yield* closable({
            ...options,
            reconnect: Schedule.spaced("1 hour")
          }).pipe(Effect.provideService(NetworkMonitor, online))
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          yield* TestClock.adjust("10 minutes")
          assert.strictEqual(yield* server.requests, 0)
          yield* SubscriptionRef.set(online, true)
          yield* (yield* accept(server)).body.end
          yield* TestClock.adjust("1 minute")
          yield* SubscriptionRef.set(online, false)
          yield* TestClock.adjust("1 minute")
          yield* SubscriptionRef.set(online, true)
          yield* accept(server)
          assert.strictEqual(yield* Clock.currentTimeMillis, 720_000)
          yield* Fiber.interrupt(fiber)
          yield* close
        })
    )
  }
})

describe("traceparent", () => {
  it.effect("goes out with a query and a subscription where that is asked for", () =>
    Effect.gen(function* () {
      const { spans, tracer } = recorder()
      for (const propagateTrace of [true, false]) {
        yield* scenario({ propagateTrace }, ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              client.query("{ x }", { operationName: `${propagateTrace}` })
            )
            const request = yield* server.accept
            const span = spans.find(({ name }) => name === `query ${propagateTrace}`)
            assert.strictEqual(
              request.headers["traceparent"],
              propagateTrace ? `00-${span?.traceId}-${span?.spanId}-01` : undefined
            )
            yield* request.respond({ data: {} })
            yield* Fiber.join(fiber)
            const stream = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
            const carried = yield* sse.accept(server)
            assert.strictEqual("extensions" in carried.request, propagateTrace)
            assert.notProperty(carried.headers, "b3")
            yield* Fiber.interrupt(stream)
          })
        ).pipe(Effect.withTracer(tracer))
      }
    })
  )
})

describe("connecting", () => {
  it.effect("asks whether the endpoint is there, and says why it is not", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const well = yield* Effect.fork(client.connect)
        const request = yield* server.accept
        assert.deepStrictEqual(JSON.parse(request.body), { query: "{ __typename }" })
        yield* request.respond({ data: { __typename: "Query" } })
        assert.deepStrictEqual(yield* Fiber.join(well), {})
        const ill = yield* Effect.fork(Effect.flip(client.connect))
        yield* (yield* server.accept).respond("", { status: 502 })
        networkError(yield* Fiber.join(ill), "RequestRejected")
      })
    )
  )
})

// What a test of a program with this server relies on.
describe("the server of these tests", () => {
  it.effect("answers a request that nobody waits for any more with nothing", () =>
    Effect.gen(function* () {
      const { client, close, server } = yield* closable()
      const fiber = yield* Effect.fork(client.query("{ x }"))
      const request = yield* server.accept
      yield* Fiber.interrupt(fiber)
      yield* request.respond({ data: {} })
      yield* request.fail(new Error("late"))
      const body = yield* request.stream("application/json")
      yield* body.end
      assert.strictEqual(yield* server.open, 0)
      yield* close
    }).pipe(Effect.provide(TestHttpServer.layer))
  )
})
