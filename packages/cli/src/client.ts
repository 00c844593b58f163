/** A client as the command line describes it. */
import type { HttpClient } from "@effect/platform/HttpClient"
import type { KeepaliveOptions } from "@fiberline/client/ClientOptions"
import * as AppSync from "@fiberline/appsync/AppSync"
import type { Authorization } from "@fiberline/appsync/Authorization"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Http from "@fiberline/client/Http"
import * as Middleware from "@fiberline/client/Middleware"
import type { NetworkError } from "@fiberline/client/NetworkError"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import type { WireConstructor } from "@fiberline/client/Wire"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { Credentials } from "./options/credentials.js"
import { type Endpoint, revealed } from "./options/endpoint.js"
import type { Transport } from "./options/transport.js"
import { type Say, traced } from "./trace.js"

/** What is the same for whatever carries the operation. */
export interface Connection extends Pick<Credentials, "headers" | "payload"> {
  readonly endpoint: Endpoint
  /** Of AWS AppSync, where it is that. */
  readonly authorization: Authorization | undefined
  readonly subprotocols: ReadonlyArray<Subprotocol>
  readonly timeout: Duration.Duration | undefined
  readonly keepalive: KeepaliveOptions | false | undefined
  /** For whoever wants to know all that is sent and received. */
  readonly trace: Say | undefined
}

/** In milliseconds. Somebody sits there and has pressed Ctrl-C. */
export const closeTimeout = 2000

export type Reconnect = Schedule.Schedule<unknown, NetworkError | ProtocolError> | false | undefined

/** Lives as long as the scope. */
export const make = (
  connection: Connection,
  transport: Transport,
  reconnect: Reconnect
): Effect.Effect<GraphQLClient.Service, never, HttpClient | WireConstructor | Scope.Scope> => {
  const client = over(connection, transport, reconnect)
  return connection.trace ? traced(connection.trace)(client) : client
}

const over = (
  { authorization, endpoint, headers, keepalive, payload, subprotocols, timeout }: Connection,
  transport: Transport,
  reconnect: Reconnect
): Effect.Effect<GraphQLClient.Service, never, HttpClient | WireConstructor | Scope.Scope> => {
  const bounds = {
    closeTimeout,
    ...(keepalive !== undefined && { keepalive }),
    ...(timeout && { connectTimeout: timeout, operationTimeout: timeout }),
    ...(reconnect !== undefined && { reconnect })
  }
  const awaitAck = timeout && { ackTimeout: timeout }
  if (authorization) {
    return Effect.map(
      AppSync.make({ ...bounds, ...awaitAck, url: revealed(endpoint), authorization }),
      Middleware.apply(withHeaders(headers))
    )
  }
  const shared = { ...bounds, url: endpoint.url, headers }
  switch (transport) {
    case "websocket":
      return GraphQLClient.make({
        ...shared,
        subprotocols,
        connectionPayload: payload,
        ...awaitAck
      })
    case "http":
      return Http.make(shared)
    case "sse":
    case "multipart":
      return Http.make({ ...shared, subscriptions: transport })
  }
}

/** On requests. A WebSocket of AppSync's has none. */
const withHeaders = (headers: Connection["headers"]) =>
  Middleware.mapRequest((request) =>
    request.transport === "websocket"
      ? request
      : { ...request, headers: { ...request.headers, ...headers } }
  )
