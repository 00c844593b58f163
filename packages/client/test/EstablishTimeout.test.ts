import { assert, describe, it } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import { type Wire, WireConstructor } from "@fiberline/client/Wire"
import * as Absinthe from "@fiberline/core/Absinthe"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { scenario } from "./support/scenario.js"

const options: Partial<ClientOptions> = {
  subprotocols: [Absinthe.make()],
  buffer: { capacity: 1 }
}

/** The wires of the test server, made into others. */
const wires = (change: (wire: Wire) => Wire) =>
  Layer.map(TestServer.layer, (context) =>
    Context.add(context, WireConstructor, (request, listener) =>
      change(Context.get(context, WireConstructor)(request, listener))
    )
  )

const withoutFlow = wires(({ flow: _, ...wire }) => wire)

describe("the bound in which a subscription is to be established", () => {
  it.effect("does not run while nobody reads, though somebody does when it would have ended", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const full = yield* client.subscription("subscription { full }")
        const connection = yield* server.acceptReady
        const first = yield* connection.awaitSubscribe
        yield* first.establish
        const late = yield* client.subscription("subscription { late }")
        const second = yield* connection.awaitSubscribe
        yield* TestClock.adjust("1 second")
        yield* first.next({ full: 1 })
        assert.isTrue(yield* connection.isPaused)
        yield* TestClock.adjust("8900 millis")
        yield* full.take
        assert.isFalse(yield* connection.isPaused)
        yield* TestClock.adjust("8999 millis")
        assert.strictEqual(yield* late.progress, "active")
        yield* second.establish
        yield* late.established
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* late.progress, "active")
      })
    )
  )

  it.effect("ends once there was as much time to read", () =>
    scenario(options, ({ client, server }) =>
      Effect.gen(function* () {
        const full = yield* client.subscription("subscription { full }")
        const connection = yield* server.acceptReady
        const first = yield* connection.awaitSubscribe
        yield* first.establish
        const late = yield* client.subscription("subscription { late }")
        yield* connection.awaitSubscribe
        const waiting = yield* Effect.fork(Effect.flip(late.established))
        // Half of the time it does not read.
        for (let second = 0; second < 10; second++) {
          yield* TestClock.adjust("1 second")
          yield* first.next({ second })
          yield* TestClock.adjust("1 second")
          yield* full.take
        }
        yield* TestClock.adjust("10 seconds")
        networkError(Option.getOrThrow(yield* Fiber.join(waiting)), "EstablishTimeout")
      })
    )
  )

  it.effect("runs where reading cannot be stopped, whatever is full", () =>
    scenario(
      options,
      ({ client, server }) =>
        Effect.gen(function* () {
          yield* client.subscription("subscription { full }")
          const connection = yield* server.acceptReady
          const first = yield* connection.awaitSubscribe
          yield* first.establish
          yield* first.next({ full: 1 })
          const late = yield* client.subscription("subscription { late }")
          yield* connection.awaitSubscribe
          yield* TestClock.adjust("10 seconds")
          const error = Option.getOrThrow(yield* Effect.flip(late.established))
          networkError(error, "EstablishTimeout")
        }),
      withoutFlow
    )
  )

  it.effect("ends after what has arrived was read", () => {
    let stopReading = () => {}
    return scenario(
      options,
      ({ client, server }) =>
        Effect.gen(function* () {
          const late = yield* client.subscription("subscription { late }")
          const connection = yield* server.acceptReady
          const operation = yield* connection.awaitSubscribe
          stopReading()
          yield* operation.establish
          yield* TestClock.adjust("10 seconds")
          assert.strictEqual(yield* late.progress, "active")
          yield* late.established
        }),
      wires((wire) => {
        stopReading = () => wire.flow?.pause()
        return { ...wire, settle: Effect.sync(() => wire.flow?.resume()) }
      })
    )
  })
})
