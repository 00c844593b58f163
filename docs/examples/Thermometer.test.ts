import { assert, it } from "@effect/vitest"
import { GraphQLClient } from "@fiberline/client"
import { TestServer } from "@fiberline/testing"
import { Effect, Layer, TestClock } from "effect"
import { Thermometer } from "./Thermometer.js"

const keepalive = { interval: "20 seconds", timeout: "10 seconds" } as const
const Client = GraphQLClient.layer({ url: "ws://test/graphql", keepalive })
const Test = Layer.provide(Thermometer.Default, Client).pipe(Layer.provideMerge(TestServer.layer))

it.effect("the display says so 30 seconds after the station was last heard, and recovers", () =>
  Effect.gen(function* () {
    const { display } = yield* Thermometer
    const server = yield* TestServer.TestServer
    const before = yield* server.acceptReady
    yield* (yield* before.awaitSubscribe).next({ temperature: 21.5 })
    yield* before.goSilent
    yield* TestClock.adjust("29 seconds")
    assert.strictEqual(yield* display, "21.5 °C")
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* display, "offline")

    // The first of the growing waits is half a second at most.
    yield* TestClock.adjust("500 millis")
    const after = yield* server.acceptReady
    yield* (yield* after.awaitSubscribe).next({ temperature: 22 })
    yield* TestClock.adjust("1 millis")
    assert.strictEqual(yield* display, "22 °C")
  }).pipe(Effect.provide(Test))
)
