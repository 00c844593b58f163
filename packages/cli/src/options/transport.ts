/** What carries an operation. */
import type { Transport as ClientTransport } from "@fiberline/client/GraphQLClient"
import type { Kind } from "@fiberline/client/Operation"
import * as Absinthe from "@fiberline/core/Absinthe"
import * as ActionCable from "@fiberline/core/ActionCable"
import { appSync } from "@fiberline/core/AppSync"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"

/** What may be asked for. */
export const choices = [
  ...(["auto", "ws", "legacy", "http", "sse", "multipart"] as const),
  ...(["phoenix", "phoenix-v1", "actioncable", "appsync"] as const)
] as const

export type Choice = (typeof choices)[number]

/** What carries subscriptions by a response each. */
type Responding = "http" | "sse" | "multipart"

const isResponding = (choice: Choice): choice is Responding =>
  choice === "http" || choice === "sse" || choice === "multipart"

/** What may be asked for where there has to be a WebSocket. */
export type WebSocketChoice = Exclude<Choice, Responding>

export const webSocketChoices: ReadonlyArray<WebSocketChoice> = choices.filter(
  (choice) => !isResponding(choice)
)

export type Transport = ClientTransport

/**
 * What to try, in this order. A subscription at an `http:` address goes over a WebSocket, as it does
 * with most servers, and as Server-Sent Events where there is none.
 */
export const resolve = (
  kind: Kind,
  choice: Choice,
  isWebSocket: boolean
): readonly [Transport, ...ReadonlyArray<Transport>] => {
  // AppSync takes nothing but subscriptions over its WebSocket.
  if (choice === "appsync") return [kind === "subscription" ? "websocket" : "http"]
  if (!isResponding(choice) && (choice !== "auto" || isWebSocket)) return ["websocket"]
  // Over HTTP a query and a mutation are a request each, whatever carries subscriptions.
  if (kind !== "subscription") return ["http"]
  if (choice === "auto") return ["websocket", "sse"]
  return [choice === "http" ? "sse" : choice]
}

/**
 * What is spoken over a WebSocket. Where it does not matter to the user, the server chooses. One that has
 * only the legacy protocol takes what is offered first, whatever it is; those of today know what they want.
 */
export const subprotocolsOf = (choice: Choice): ReadonlyArray<Subprotocol> => {
  switch (choice) {
    case "auto":
      return [subscriptionsTransportWs, graphqlTransportWs]
    case "legacy":
      return [subscriptionsTransportWs]
    case "phoenix":
      return [Absinthe.make()]
    case "phoenix-v1":
      return [Absinthe.make({ serializer: "1.0.0" })]
    case "actioncable":
      return [ActionCable.make()]
    case "appsync":
      return [appSync]
    default:
      return [graphqlTransportWs]
  }
}
