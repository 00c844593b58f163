import { assert, describe, it } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as Absinthe from "@fiberline/core/Absinthe"
import * as ActionCable from "@fiberline/core/ActionCable"
import { appSync } from "@fiberline/core/AppSync"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { isRunning } from "./support/fibers.js"
import { type Actors, scenario } from "./support/scenario.js"

interface Told {
  readonly name: string
  readonly subprotocol: Subprotocol
  readonly credentials?: ReadonlyArray<string>
}

/** Those whose servers say when a subscription is established. */
const told: ReadonlyArray<Told> = [
  { name: "Absinthe", subprotocol: Absinthe.make() },
  { name: "Absinthe, serializer 1.0.0", subprotocol: Absinthe.make({ serializer: "1.0.0" }) },
  { name: "ActionCable", subprotocol: ActionCable.make() },
  { name: "AppSync", subprotocol: appSync, credentials: ["header-e30"] }
]

const speaking = <E>(
  { credentials = [], subprotocol }: Told,
  body: (actors: Actors) => Effect.Effect<void, E, Scope.Scope>,
  options: Partial<ClientOptions> = {}
): Effect.Effect<void, E> =>
  scenario({ subprotocols: [subprotocol], subprotocolCredentials: credentials, ...options }, body)

describe.each(told)("a subscription over $name", (told) => {
  it.effect("is established when the server says so, and no sooner", () =>
    speaking(told, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("subscription { n }")
        const waiting = yield* Effect.fork(subscription.established)
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* TestClock.adjust("9 seconds")
        assert.isTrue(yield* isRunning(waiting))
        yield* operation.establish
        yield* Fiber.join(waiting)
        yield* subscription.established
        yield* operation.next({ n: 1 })
        assert.deepStrictEqual(Array.from(yield* subscription.take), [{ n: 1 }])
      })
    )
  )

  it.effect("fails alone when the server does not within ackTimeout, and is stopped", () =>
    speaking(told, ({ client, server }) =>
      Effect.gen(function* () {
        const lost = yield* Effect.fork(
          Effect.flip(Stream.runDrain(client.subscribe("subscription { lost }")))
        )
        const kept = yield* Effect.fork(Stream.runHead(client.subscribe("subscription { kept }")))
        const connection = yield* server.acceptReady
        yield* connection.awaitSubscribe
        const sibling = yield* connection.awaitSubscribe
        yield* sibling.establish
        yield* TestClock.adjust("9999 millis")
        assert.isTrue(yield* isRunning(lost))
        yield* TestClock.adjust("1 millis")
        const error = networkError(yield* Fiber.join(lost), "EstablishTimeout")
        assert.isTrue(error.sent)
        assert.strictEqual(error.phase, "live")
        yield* sibling.next({ kept: 1 })
        assert.deepStrictEqual(yield* Fiber.join(kept), Option.some({ kept: 1 }))
      })
    )
  )

  it.effect("is established anew after each reconnect", () =>
    speaking(
      told,
      ({ client, server }) =>
        Effect.gen(function* () {
          const subscription = yield* client.subscription("subscription { n }")
          const first = yield* server.acceptReady
          yield* Effect.flatMap(first.awaitSubscribe, ({ establish }) => establish)
          yield* subscription.established
          yield* first.drop
          yield* TestClock.adjust(0)
          const waiting = yield* Effect.fork(subscription.established)
          yield* TestClock.adjust("1 second")
          const second = yield* server.acceptReady
          const operation = yield* second.awaitSubscribe
          assert.isTrue(yield* isRunning(waiting))
          yield* operation.establish
          yield* Fiber.join(waiting)
        }),
      { reconnect: Schedule.spaced("1 second") }
    )
  )

  it.effect("says why it never is", () =>
    speaking(told, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("subscription { secret }")
        const waiting = yield* Effect.fork(Effect.exit(subscription.established))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* operation.error([{ message: "no" }])
        const exit = yield* Fiber.join(waiting)
        assert.isTrue(Exit.isFailure(exit))
        const error = yield* Effect.flip(subscription.take)
        assert.strictEqual(Option.getOrThrow(error)._tag, "OperationError")
      })
    )
  )

  it.effect("gives its connection's failure to whoever waits", () =>
    speaking(
      told,
      ({ client, server }) =>
        Effect.gen(function* () {
          const subscription = yield* client.subscription("subscription { n }")
          const waiting = yield* Effect.fork(Effect.flip(subscription.established))
          const connection = yield* server.acceptReady
          yield* connection.awaitSubscribe
          yield* connection.drop
          networkError(Option.getOrThrow(yield* Fiber.join(waiting)), "ConnectionLost")
        }),
      { reconnect: false }
    )
  )

  it.effect("is not waited for by who has stopped waiting", () =>
    speaking(told, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("subscription { n }")
        const waiting = yield* Effect.fork(subscription.established)
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* Fiber.interrupt(waiting)
        yield* operation.establish
        yield* subscription.established
      })
    )
  )

  it.effect("left before it is established, it is left for the server too", () =>
    speaking(told, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("subscription { n }")))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* Fiber.interrupt(fiber)
        yield* operation.establish
        yield* operation.awaitComplete
      })
    )
  )

  it.effect("has its bound put off while nobody reads", () =>
    speaking(
      told,
      ({ client, server }) =>
        Effect.gen(function* () {
          const full = yield* client.subscription("subscription { full }")
          const connection = yield* server.acceptReady
          const first = yield* connection.awaitSubscribe
          const late = yield* client.subscription("subscription { late }")
          const second = yield* connection.awaitSubscribe
          yield* first.establish
          yield* first.next({ full: 1 })
          assert.isTrue(yield* connection.isPaused)
          yield* second.establish
          yield* TestClock.adjust("1 minute")
          assert.strictEqual(yield* late.progress, "active")
          yield* full.take
          yield* late.established
        }),
      { buffer: { capacity: 1 } }
    )
  )
})

describe("where there is no word for it, a subscription", () => {
  it.effect("is established when it was sent", () =>
    speaking(
      { name: "graphql-transport-ws", subprotocol: graphqlTransportWs },
      ({ client, server }) =>
        Effect.gen(function* () {
          const subscription = yield* client.subscription("subscription { n }")
          const waiting = yield* Effect.fork(subscription.established)
          const connection = yield* server.accept
          yield* connection.open()
          yield* connection.awaitInit
          assert.isTrue(yield* isRunning(waiting))
          yield* connection.ack()
          yield* Fiber.join(waiting)
          yield* TestClock.adjust("1 minute")
          assert.strictEqual(yield* subscription.progress, "active")
        })
    )
  )
})
