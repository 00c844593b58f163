/** The client of an act. */
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { closeTimeout, keepalive, within } from "../bounds.js"
import * as Relay from "../relay.js"
import * as Server from "../server.js"

/**
 * Connects through a relay, and not again unless the options say so. Closing it says how long that
 * took, in milliseconds.
 */
export const make = (
  relay: Relay.Relay,
  options: Pick<ClientOptions, "reconnect" | "connectTimeout"> = {}
) =>
  Effect.gen(function* () {
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) =>
      Scope.close(scope, Exit.void)
    )
    const client = yield* GraphQLClient.make({
      url: `ws://${Relay.host}:${relay.port}${Server.path}`,
      keepalive,
      closeTimeout,
      reconnect: false,
      ...options
    }).pipe(Scope.extend(scope))

    const close = Effect.gen(function* () {
      const start = performance.now()
      yield* Scope.close(scope, Exit.void).pipe(within(10_000, "the client to close"))
      return performance.now() - start
    })
    return { ...client, close }
  })
