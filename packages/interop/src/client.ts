/** The one place that makes a Fiberline client: the rest does not know which transport it is. */
import type { HttpClient } from "@effect/platform/HttpClient"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Http from "@fiberline/client/Http"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"
import type { WireConstructor } from "@fiberline/client/Wire"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { credentials, host, path } from "./servers/server.js"
import type { Transport } from "./transport.js"

export interface Settings
  extends
    Pick<ClientOptions, "keepalive" | "reconnect">,
    Pick<Http.HttpOptions, "method" | "persistedQueries" | "batch"> {
  /** Whether it gives the server what it wants to see; by default it does. */
  readonly isAuthorized?: boolean
}

/** What a client needs of where it runs. */
export type Needs = WireConstructor | HttpClient | Scope.Scope

export const make = (
  transport: Transport,
  port: number,
  { batch, isAuthorized = true, method, persistedQueries, ...options }: Settings
): Effect.Effect<GraphQLClient.Service, never, Needs> => {
  const url = `http://${host}:${port}${path}`
  const authorization = isAuthorized ? { authorization: credentials } : {}
  return transport === "websocket" || transport === "legacy"
    ? GraphQLClient.make({
        url,
        connectionPayload: authorization,
        ...(transport === "legacy" && { subprotocols: [subscriptionsTransportWs] }),
        ...options
      })
    : Http.make({
        url,
        headers: authorization,
        subscriptions: transport === "multipart" ? "multipart" : "sse",
        singleConnection: transport === "sse-single",
        batch,
        method,
        persistedQueries,
        ...options
      })
}
