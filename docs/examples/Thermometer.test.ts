import { assert, it } from "@effect/vitest"
import { GraphQLClient } from "@fiberline/client"
import { TestServer } from "@fiberline/testing"
import { Effect, Layer, TestClock } from "effect"
import { Thermometer } from "./Thermometer.js"

const keepalive = { interval: "20 seconds", timeout: "10 seconds" } as const
const Client = GraphQLClient.layer({ url: "ws://test/graphql", keepalive })
const Test = Layer.provide(Thermometer.Default, Client).pipe(Layer.provideMerge(TestServer.layer))

it.effect("the display says so 30 seconds after the station was last heard", () =>
  Effect.gen(function* () {
    const { display } = yield* Thermometer
    const server = yield* TestServer.TestServer
    const connection = yield* server.acceptReady
    const operation = yield* connection.awaitSubscribe
    yield* operation.next({ temperature: 21.5 })
    yield* connection.goSilent
    yield* TestClock.adjust("29 seconds")
    assert.strictEqual(yield* display, "21.5 °C")
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* display, "KeepaliveTimeout")
  }).pipe(Effect.provide(Test))
)
