import { assert } from "@effect/vitest"
import type { HttpClient } from "@effect/platform/HttpClient"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Http from "@fiberline/client/Http"
import * as TestHttpServer from "@fiberline/testing/TestHttpServer"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Supervisor from "effect/Supervisor"
import * as TestClock from "effect/TestClock"

export interface HttpActors {
  readonly server: TestHttpServer.TestHttpServer
  readonly client: GraphQLClient.Service
}

export const url = "https://test/graphql"

/** None of these needs anything, and none brings a WebSocket. */
export interface Options extends Partial<Omit<Http.HttpOptions, "webSocket" | "subscriptions">> {
  readonly subscriptions?: Exclude<Http.Subscriptions, "websocket">
}

/** A server, and what reaches it. */
export type Network = Layer.Layer<TestHttpServer.TestHttpServer | HttpClient>

const build = (options: Options, network: Network) =>
  Effect.map(
    Layer.build(Layer.provideMerge(Http.layer({ url, reconnect: false, ...options }), network)),
    (context): HttpActors => ({
      server: Context.get(context, TestHttpServer.TestHttpServer),
      client: Context.get(context, GraphQLClient.GraphQLClient)
    })
  )

/**
 * Runs a scenario with a client and a server, closes both, and checks that nothing is left: no request,
 * no timer, no fiber. Virtual time goes on while the client closes.
 */
export const scenario = <E>(
  options: Options,
  body: (actors: HttpActors) => Effect.Effect<void, E, Scope.Scope>,
  network: Network = TestHttpServer.layer
): Effect.Effect<void, E> =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor.track
    const bodyEnded = yield* Deferred.make<void>()
    const program = Effect.gen(function* () {
      const actors = yield* build(options, network)
      yield* Effect.scoped(body(actors)).pipe(
        Effect.ensuring(Deferred.succeed(bodyEnded, undefined))
      )
      return actors.server
    })

    const fiber = yield* Effect.fork(Effect.supervised(Effect.scoped(program), supervisor))
    yield* Deferred.await(bodyEnded)
    yield* TestClock.adjust("1 day")
    const exit = yield* Fiber.await(fiber)
    if (Exit.isFailure(exit)) return yield* exit

    assert.strictEqual(yield* exit.value.open, 0, "a request is left")
    const timers = Chunk.filter(yield* TestClock.sleeps(), Number.isFinite)
    assert.deepStrictEqual(Chunk.toReadonlyArray(timers), [], "a timer is left")
    assert.lengthOf(yield* supervisor.value, 0, "a fiber is left")
  })

/** A client whose scope the test closes itself. */
export const closable = (options: Options = {}, network: Network = TestHttpServer.layer) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const actors = yield* Scope.extend(build(options, network), scope)
    return { ...actors, close: Scope.close(scope, Exit.void) }
  })
