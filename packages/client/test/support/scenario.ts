import { assert } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import type { WireConstructor } from "@fiberline/client/Wire"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Supervisor from "effect/Supervisor"
import * as TestClock from "effect/TestClock"

export interface Actors {
  readonly server: TestServer.TestServer
  readonly client: GraphQLClient.Service
}

export const url = "ws://test/graphql"

/**
 * Runs a scenario with a client and a server, closes both, and checks that nothing is left: no
 * socket, no timer, no fiber. Virtual time goes on while the client closes.
 */
export const scenario = <E>(
  options: Partial<ClientOptions>,
  body: (actors: Actors) => Effect.Effect<void, E, Scope.Scope>,
  wire: Layer.Layer<TestServer.TestServer | WireConstructor> = TestServer.layer
): Effect.Effect<void, E> =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor.track
    const bodyEnded = yield* Deferred.make<void>()
    const layer = Layer.provideMerge(
      GraphQLClient.layer({ url, reconnect: false, ...options }),
      wire
    )

    const program = Effect.gen(function* () {
      const context = yield* Layer.build(layer)
      const server = Context.get(context, TestServer.TestServer)
      const client = Context.get(context, GraphQLClient.GraphQLClient)
      yield* Effect.scoped(body({ server, client })).pipe(
        Effect.ensuring(Deferred.succeed(bodyEnded, undefined))
      )
      return server
    })

    const fiber = yield* Effect.fork(Effect.supervised(Effect.scoped(program), supervisor))
    yield* Deferred.await(bodyEnded)
    // Also outlasts timers whose fiber is gone, which a TestClock keeps until they are due.
    yield* TestClock.adjust("1 day")
    const exit = yield* Fiber.await(fiber)
    if (Exit.isFailure(exit)) return yield* exit

    assert.strictEqual(yield* exit.value.sockets, 0, "a socket is left")
    // A sleep without end sets no timer.
    const timers = Chunk.filter(yield* TestClock.sleeps(), Number.isFinite)
    assert.deepStrictEqual(Chunk.toReadonlyArray(timers), [], "a timer is left")
    assert.lengthOf(yield* supervisor.value, 0, "a fiber is left")
  })
