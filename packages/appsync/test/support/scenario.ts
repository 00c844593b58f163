import { assert } from "@effect/vitest"
import type { HttpClient } from "@effect/platform/HttpClient"
import * as AppSync from "@fiberline/appsync/AppSync"
import type { Authorization } from "@fiberline/appsync/Authorization"
import type { Service } from "@fiberline/client/GraphQLClient"
import { WireConstructor } from "@fiberline/client/Wire"
import * as TestHttpServer from "@fiberline/testing/TestHttpServer"
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

export interface Actors<E> {
  readonly client: Service<E>
  /** What the client's WebSockets lead to. */
  readonly server: TestServer.TestServer
  /** What its requests lead to. */
  readonly http: TestHttpServer.TestHttpServer
}

export const host = "example1234567890000.appsync-api.us-east-1.amazonaws.com"
export const url = `https://${host}/graphql`

export interface Options<E> extends Partial<AppSync.AppSyncOptions<E>> {
  readonly authorization: Authorization<E>
}

/** What a client needs, and the servers that it leads to. */
export type Network = Layer.Layer<
  TestServer.TestServer | TestHttpServer.TestHttpServer | WireConstructor | HttpClient
>

export const network: Network = Layer.merge(TestServer.layer, TestHttpServer.layer)

/** Its sockets are like a browser's, which have no ping frames. */
export const withoutPing: Network = Layer.map(network, (context) =>
  Context.add(context, WireConstructor, (request, listener) => {
    const { ping: _, ...wire } = Context.get(context, WireConstructor)(request, listener)
    return wire
  })
)

/** Its sockets write down each frame that the client sends. */
export const writingDown = (frames: Array<string>): Network =>
  Layer.map(network, (context) =>
    Context.add(context, WireConstructor, (request, listener) => {
      const wire = Context.get(context, WireConstructor)(request, listener)
      return {
        ...wire,
        send: (text) => {
          frames.push(text)
          wire.send(text)
        }
      }
    })
  )

/**
 * Runs a scenario with a client and its servers, closes them, and checks that nothing is left: no socket, no
 * request, no timer, no fiber. Virtual time goes on while the client closes.
 */
export const scenario = <E, E2>(
  options: Options<E>,
  body: (actors: Actors<E>) => Effect.Effect<void, E2, Scope.Scope>,
  servers: Network = network
): Effect.Effect<void, E2> =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor.track
    const bodyEnded = yield* Deferred.make<void>()
    const program = Effect.gen(function* () {
      const context = yield* Layer.build(servers)
      const client = yield* Effect.provide(
        AppSync.make({ url, reconnect: false, ...options }),
        context
      )
      const server = Context.get(context, TestServer.TestServer)
      const http = Context.get(context, TestHttpServer.TestHttpServer)
      yield* Effect.scoped(body({ client, server, http })).pipe(
        Effect.ensuring(Deferred.succeed(bodyEnded, undefined))
      )
      return { server, http }
    })

    const fiber = yield* Effect.fork(Effect.supervised(Effect.scoped(program), supervisor))
    yield* Deferred.await(bodyEnded)
    yield* TestClock.adjust("1 day")
    const exit = yield* Fiber.await(fiber)
    if (Exit.isFailure(exit)) return yield* exit

    assert.strictEqual(yield* exit.value.server.sockets, 0, "a socket is left")
    assert.strictEqual(yield* exit.value.http.open, 0, "a request is left")
    const timers = Chunk.filter(yield* TestClock.sleeps(), Number.isFinite)
    assert.deepStrictEqual(Chunk.toReadonlyArray(timers), [], "a timer is left")
    assert.lengthOf(yield* supervisor.value, 0, "a fiber is left")
  })
