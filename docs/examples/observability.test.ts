// #region setup
import { assert, it } from "@effect/vitest"
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import { GraphQLClient, Operation } from "@fiberline/client"
import { TestServer } from "@fiberline/testing"
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader
} from "@opentelemetry/sdk-metrics"
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Effect, Fiber, Layer, Schema, TestClock } from "effect"

// Those of your backend take their place.
const spans = new InMemorySpanExporter()
const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: metrics })

const Telemetry = NodeSdk.layer(() => ({
  resource: { serviceName: "weather" },
  spanProcessor: new SimpleSpanProcessor(spans),
  metricReader: reader
}))

const Test = GraphQLClient.layer({
  url: "ws://test/graphql",
  countMessages: true,
  propagateTrace: true
}).pipe(Layer.provideMerge(TestServer.layer), Layer.provideMerge(Telemetry))
// #endregion

// #region trace
const Station = Operation.query("query Station { station }", {
  data: Schema.Struct({ station: Schema.String }),
  operationName: "Station"
})

it.effect("a query, and the two attempts to connect that it took", () =>
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    const server = yield* TestServer.TestServer
    const fiber = yield* Effect.fork(
      client.query(Station).pipe(Effect.withSpan("GET /weather", { kind: "server" }))
    )
    yield* (yield* server.accept).reject(503)
    yield* TestClock.adjust("500 millis")
    const operation = yield* (yield* server.acceptReady).awaitSubscribe
    yield* operation.next({ station: "Ben Nevis" })
    yield* Fiber.join(fiber)
    yield* TestClock.adjust("1 millis")

    const named = (name: string) => spans.getFinishedSpans().filter((span) => span.name === name)
    const [request] = named("GET /weather")
    const [query] = named("query Station")
    const [refused, connected] = named("graphql.connect")
    assert(request && query && refused && connected)
    assert.strictEqual(query.parentSpanContext?.spanId, request.spanContext().spanId)
    assert.isUndefined(connected.parentSpanContext, "it serves everybody, not this request alone")
    assert.strictEqual(refused.attributes["graphql.client.attempt"], 1)
    assert.strictEqual(connected.attributes["graphql.client.attempt"], 2)

    // The server can go on with the trace.
    const { spanId, traceId } = query.spanContext()
    assert.deepStrictEqual(operation.request.extensions, {
      traceparent: `00-${traceId}-${spanId}-01`
    })

    yield* Effect.promise(() => reader.forceFlush())
    const outcomes = metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
      .filter(({ descriptor }) => descriptor.name === "graphql_client_connection_attempts_total")
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes.outcome))
    assert.includeMembers(outcomes, ["HandshakeRejected", "live"])
  }).pipe(Effect.provide(Test))
)
// #endregion
