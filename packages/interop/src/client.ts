/** The one place that makes a Fiberline client: the rest does not know which transport it is. */
import type { HttpClient } from "@effect/platform/HttpClient"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Http from "@fiberline/client/Http"
import * as AppSync from "@fiberline/appsync/AppSync"
import * as Absinthe from "@fiberline/core/Absinthe"
import * as ActionCable from "@fiberline/core/ActionCable"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"
import type { WireConstructor } from "@fiberline/client/Wire"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { credentials, host, path } from "./servers/server.js"
import { authorization } from "./authorization.js"
import { isAppSync, type Transport } from "./transport.js"

export interface Settings
  extends
    Pick<ClientOptions, "keepalive" | "reconnect">,
    Pick<Http.HttpOptions, "method" | "persistedQueries" | "batch"> {
  /** Whether it gives the server what it wants to see; by default it does. */
  readonly isAuthorized?: boolean
  /** Of which operations it gives wrong ones to AppSync, by what goes over the wire; default: none. */
  readonly denied?: (body: string) => boolean
}

/** What a client needs of where it runs. */
export type Needs = WireConstructor | HttpClient | Scope.Scope

/** What is spoken over a WebSocket, and where. */
const sockets: {
  readonly [T in Transport]?: { readonly path: string; readonly subprotocol: Subprotocol }
} = {
  websocket: { path, subprotocol: graphqlTransportWs },
  legacy: { path, subprotocol: subscriptionsTransportWs },
  phoenix: { path: "/socket/websocket", subprotocol: Absinthe.make() },
  "phoenix-v1": {
    path: "/socket/websocket",
    subprotocol: Absinthe.make({ serializer: "1.0.0" })
  },
  actioncable: { path, subprotocol: ActionCable.make() }
}

export const make = (
  transport: Transport,
  port: number,
  {
    batch,
    denied = () => false,
    isAuthorized = true,
    method,
    persistedQueries,
    ...options
  }: Settings
): Effect.Effect<GraphQLClient.Service, never, Needs> => {
  const url = `http://${host}:${port}${path}`
  const socket = sockets[transport]
  if (socket) {
    return GraphQLClient.make({
      url: new URL(socket.path, url),
      subprotocols: [socket.subprotocol],
      connectionPayload: isAuthorized ? { authorization: credentials } : {},
      // What a cable's connection itself looks at.
      ...(transport === "actioncable" && !isAuthorized && { headers: wrong }),
      ...options
    })
  }
  if (isAppSync(transport)) {
    const isDenied = isAuthorized ? denied : () => true
    return AppSync.make({ url, authorization: authorization(transport, isDenied), ...options })
  }
  return Http.make({
    url,
    headers: isAuthorized ? { authorization: credentials } : {},
    subscriptions: transport === "multipart" ? "multipart" : "sse",
    singleConnection: transport === "sse-single",
    batch,
    method,
    persistedQueries,
    ...options
  })
}

const wrong = { authorization: "Bearer bad" }
