/** `effect/graphql` of Effect 4.1, which always decodes by a Schema. */
import * as Cause from "effect4/Cause"
import * as Effect from "effect4/Effect"
import * as Exit from "effect4/Exit"
import * as GraphQL from "effect4/graphql/GraphQL"
import * as GraphQLClient from "effect4/graphql/GraphQLClient"
import * as GraphQLGroup from "effect4/graphql/GraphQLGroup"
import * as GraphQLProtocol from "effect4/graphql/GraphQLProtocol"
import * as Layer from "effect4/Layer"
import * as Schema from "effect4/Schema"
import * as Schedule from "effect4/Schedule"
import * as Scope from "effect4/Scope"
import * as Socket from "effect4/socket/Socket"
import * as Stream from "effect4/Stream"
import { WebSocket } from "ws"
import type { Adapter, Client } from "../adapter.js"
import { document } from "../ticks.js"

const group = GraphQLGroup.make(
  GraphQL.subscription("Ticks", {
    document,
    variables: {
      messages: Schema.Int,
      bytes: Schema.Int,
      key: Schema.Int,
      every: Schema.optional(Schema.Int)
    },
    result: Schema.Struct({ tick: Schema.Struct({ n: Schema.Int, pad: Schema.String }) })
  })
)

// Type boundary: there are no headers to send, so what it hands on is the subprotocol.
const sockets = Layer.succeed(Socket.WebSocketConstructor)(
  (url, protocols) => new WebSocket(url, protocols as string, { perMessageDeflate: false })
)

export const effect4: Adapter = {
  open: async (url, { keepalive }) => {
    const scope = Effect.runSync(Scope.make())
    const client = await GraphQLProtocol.makeWebSocket({
      url,
      ...(keepalive && { keepAlive: keepalive.interval })
    }).pipe(
      Effect.provide(sockets),
      Effect.flatMap((protocol) =>
        GraphQLClient.make(group, { subscriptionRetry: Schedule.recurs(0) }).pipe(
          Effect.provideService(GraphQLProtocol.GraphQLProtocol, protocol)
        )
      ),
      Scope.provide(scope),
      Effect.runPromise
    )
    const run = (
      program: Effect.Effect<void, unknown>,
      onEnd: Parameters<Client["subscribe"]>[2]
    ) => {
      const fiber = Effect.runFork(program)
      fiber.addObserver((exit) => {
        if (Exit.isSuccess(exit)) onEnd()
        else if (!Cause.hasInterrupts(exit.cause)) onEnd(Cause.squash(exit.cause))
      })
      return () => fiber.interruptUnsafe()
    }
    return {
      subscribe: (variables, onTick, onEnd) =>
        run(
          Stream.runForEach(client.Ticks(variables), ({ tick }) => Effect.sync(() => onTick(tick))),
          onEnd
        ),
      subscribeSlowly: (variables, onTick, onEnd) =>
        run(
          Stream.runForEach(client.Ticks(variables), ({ tick }) =>
            Effect.promise(() => onTick(tick))
          ),
          onEnd
        ),
      close: () => Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}
