import { assert, describe, it } from "@effect/vitest"
import * as Metrics from "@fiberline/client/Metrics"
import * as Operation from "@fiberline/client/Operation"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { recorder } from "./support/recorder.js"
import { scenario } from "./support/scenario.js"

const secret = "t0p-secret-token"

describe("spans", () => {
  it.effect("trace each attempt and each operation, and carry no secret", () =>
    Effect.gen(function* () {
      const { spans, tracer } = recorder()
      yield* scenario(
        {
          url: `ws://user:${secret}@test/graphql?token=${secret}`,
          connectionPayload: { token: Redacted.make(secret) },
          reconnect: Schedule.spaced("1 second")
        },
        ({ client, server }) =>
          Effect.gen(function* () {
            const Hello = Operation.query(`query Hello { hello(token: "${secret}") }`, {
              data: Schema.Unknown,
              operationName: "Hello"
            })
            const query = yield* Effect.fork(client.query(Hello))
            const stream = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
            yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
            yield* TestClock.adjust("1 second")
            const connection = yield* server.acceptReady
            yield* (yield* connection.awaitSubscribe).next({ hello: 1 })
            yield* (yield* connection.awaitSubscribe).error([{ message: "no" }])
            yield* Fiber.join(query)
            yield* Fiber.await(stream)
            yield* TestClock.adjust("1 millis")
          })
      ).pipe(Effect.withTracer(tracer))

      const refused = spans[2]?.status
      assert.include(
        refused?._tag === "Ended" &&
          Exit.isFailure(refused.exit) &&
          Cause.pretty(refused.exit.cause),
        "the socket could not be opened"
      )
      assert.deepStrictEqual(
        spans.map(({ attributes, kind, name, status }) => [
          name,
          kind,
          Object.fromEntries(attributes),
          status._tag === "Ended" && Exit.isSuccess(status.exit)
        ]),
        [
          [
            "query Hello",
            "client",
            { "graphql.operation.type": "query", "graphql.operation.name": "Hello" },
            true
          ],
          ["subscription", "client", { "graphql.operation.type": "subscription" }, false],
          [
            "graphql.connect",
            "client",
            { "graphql.client.attempt": 1, "url.full": "ws://test/graphql" },
            false
          ],
          [
            "graphql.connect",
            "client",
            { "graphql.client.attempt": 2, "url.full": "ws://test/graphql" },
            true
          ]
        ]
      )
    })
  )

  it.effect("go out as traceparent, if asked for", () =>
    Effect.gen(function* () {
      const { tracer } = recorder()
      yield* scenario({ propagateTrace: true }, ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(client.query("{ x }", { extensions: { mine: 1 } }))
          const operation = yield* (yield* server.acceptReady).awaitSubscribe
          assert.deepStrictEqual(operation.request.extensions, {
            mine: 1,
            traceparent: "00-00000000000000000000000000000001-0000000000000001-01"
          })
        })
      ).pipe(Effect.withTracer(tracer))
    })
  )
})

describe("metrics", () => {
  const count = (metric: Metric.Metric.Counter<number>, direction?: string) =>
    Effect.map(
      Metric.value(direction ? Metric.tagged(metric, "direction", direction) : metric),
      ({ count }) => count
    )
  const outcomes = (outcome: string) =>
    Effect.map(
      Metric.value(Metric.tagged(Metrics.attempts, "outcome", outcome)),
      ({ count }) => count
    )
  const observations = (metric: typeof Metrics.detection) =>
    Effect.map(Metric.value(metric), ({ count, sum }) => ({ count, sum }))

  it.effect("count connections, attempts, operations, messages, round trips and detections", () =>
    // Metrics are the process's; no other test of this file counts.
    scenario(
      {
        countMessages: true,
        keepalive: { interval: "2 seconds", timeout: "1 second" },
        reconnect: Schedule.spaced("1 second"),
        buffer: { capacity: 1, strategy: "dropping" }
      },
      ({ client, server }) =>
        Effect.gen(function* () {
          const before = {
            refused: yield* outcomes("ConnectFailed"),
            live: yield* outcomes("live"),
            operations: yield* count(Metrics.activeOperations),
            connections: yield* count(Metrics.connections),
            dropped: yield* count(Metrics.dropped),
            detection: yield* observations(Metrics.detection)
          }
          const subscription = yield* client.subscription("s")
          assert.strictEqual(yield* count(Metrics.activeOperations), before.operations + 1)
          yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
          yield* TestClock.adjust("1 second")
          assert.strictEqual(yield* outcomes("ConnectFailed"), before.refused + 1)
          const connection = yield* server.acceptReady
          assert.strictEqual(yield* outcomes("live"), before.live + 1)
          assert.strictEqual(yield* count(Metrics.connections), before.connections + 1)
          const messages = {
            in: yield* count(Metrics.messages, "in"),
            out: yield* count(Metrics.messages, "out")
          }
          const operation = yield* connection.awaitSubscribe
          yield* operation.next(1)
          yield* operation.next(2)
          assert.strictEqual(yield* count(Metrics.messages, "in"), messages.in + 2)
          assert.strictEqual(yield* count(Metrics.dropped), before.dropped + 1)
          yield* TestClock.adjust("2 seconds")
          assert.strictEqual(yield* count(Metrics.messages, "out"), messages.out + 1)
          yield* connection.goSilent
          yield* TestClock.adjust("3 seconds")
          assert.strictEqual(yield* count(Metrics.connections), before.connections)
          const detection = yield* observations(Metrics.detection)
          assert.strictEqual(detection.count, before.detection.count + 1)
          assert.strictEqual(detection.sum, before.detection.sum + 3)
          assert.strictEqual(yield* subscription.progress, "reconnecting")
        })
    )
  )
})
