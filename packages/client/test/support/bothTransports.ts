/** A client and its server, over a WebSocket or over HTTP, so that a test can be the same for both. */
import { assert } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import type { Service } from "@fiberline/client/GraphQLClient"
import type { ExecutionResult, OperationRequest } from "@fiberline/core/Message"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as OverHttp from "./httpScenario.js"
import { scenario } from "./scenario.js"

/** An operation as its server sees it. */
export interface Received {
  readonly request: OperationRequest
  readonly headers: { readonly [name: string]: string }
  /** Answers a query or mutation. */
  readonly respond: (result: ExecutionResult) => Effect.Effect<void>
  /** Loses the connection that it came over. */
  readonly lose: Effect.Effect<void>
  /** Ends when the client has left it. */
  readonly left: Effect.Effect<void>
}

export interface Ends {
  readonly client: Service
  /** The next operation. */
  readonly receive: Effect.Effect<Received>
}

type Options = Pick<ClientOptions, "reconnect" | "operationTimeout">

export const overBoth: {
  readonly [name: string]: <E>(
    options: Options,
    body: (ends: Ends) => Effect.Effect<void, E, Scope.Scope>
  ) => Effect.Effect<void, E>
} = {
  "a WebSocket": (options, body) =>
    scenario(options, ({ client, server }) => {
      let current: Effect.Effect.Success<typeof server.acceptReady> | undefined
      const receive = Effect.gen(function* () {
        const connection = (current ??= yield* server.acceptReady)
        const operation = yield* connection.awaitSubscribe
        return {
          request: operation.request,
          headers: {},
          respond: (result: ExecutionResult) =>
            Effect.zipRight(operation.result(result), operation.complete),
          lose: Effect.suspend(() => {
            current = undefined
            return connection.drop
          }),
          left: operation.awaitComplete
        }
      })
      return body({ client, receive })
    }),
  HTTP: (options, body) =>
    OverHttp.scenario(options, ({ client, server }) => {
      const receive = Effect.map(server.accept, (request) => {
        const sent: unknown = JSON.parse(request.body)
        assert(typeof sent === "object" && sent !== null && "query" in sent)
        return {
          // Type boundary: a body with a query is a request.
          request: sent as OperationRequest,
          headers: request.headers,
          respond: (result: ExecutionResult) => request.respond(result),
          lose: request.fail(new Error("lost")),
          left: request.aborted
        }
      })
      return body({ client, receive })
    })
}
