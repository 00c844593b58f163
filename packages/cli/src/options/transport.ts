/** What carries an operation. */
import type { Transport as ClientTransport } from "@fiberline/client/GraphQLClient"
import type { Kind } from "@fiberline/client/Operation"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"

/** What may be asked for. */
export const choices = ["auto", "ws", "legacy", "http", "sse", "multipart"] as const

export type Choice = (typeof choices)[number]

export type Transport = ClientTransport

const transports: { readonly [C in Exclude<Choice, "auto">]: Transport } = {
  ws: "websocket",
  legacy: "websocket",
  http: "http",
  sse: "sse",
  multipart: "multipart"
}

/**
 * What to try, in this order. A subscription at an `http:` address goes over a WebSocket, as it does
 * with most servers, and as Server-Sent Events where there is none.
 */
export const resolve = (
  kind: Kind,
  choice: Choice,
  isWebSocket: boolean
): readonly [Transport, ...ReadonlyArray<Transport>] => {
  if (choice === "ws" || choice === "legacy" || (choice === "auto" && isWebSocket)) {
    return ["websocket"]
  }
  // Over HTTP a query and a mutation are a request each, whatever carries subscriptions.
  if (kind !== "subscription") return ["http"]
  if (choice === "auto") return ["websocket", "sse"]
  const transport = transports[choice]
  return [transport === "http" ? "sse" : transport]
}

/**
 * What is spoken over a WebSocket. Where it does not matter to the user, the server chooses. One that has
 * only the legacy protocol takes what is offered first, whatever it is; those of today know what they want.
 */
export const subprotocolsOf = (choice: Choice): ReadonlyArray<Subprotocol> =>
  choice === "legacy"
    ? [subscriptionsTransportWs]
    : choice === "auto"
      ? [subscriptionsTransportWs, graphqlTransportWs]
      : [graphqlTransportWs]
