/** The two subprotocols that are offered, in one vocabulary. */
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { ClientMessage, JsonObject, ServerMessage } from "@fiberline/core/Message"
import type { Codec } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"

/** `graphql-ws` is the name of the older one, of `subscriptions-transport-ws`. */
export type Subprotocol = "graphql-transport-ws" | "graphql-ws"

export const subprotocols: ReadonlyArray<Subprotocol> = ["graphql-transport-ws", "graphql-ws"]

export const isSubprotocol = (name: string): name is Subprotocol =>
  subprotocols.some((known) => known === name)

/** What a server said, as far as it matters here. */
export type Said =
  | { readonly _tag: "Ack"; readonly payload: unknown }
  | { readonly _tag: "Ping"; readonly payload: JsonObject | undefined }
  | { readonly _tag: "Pong" }
  | { readonly _tag: "KeepAlive" }
  /** `connection_init` was refused by a message. */
  | { readonly _tag: "Refused" }
  /** Another message of the protocol. */
  | { readonly _tag: "Other" }
  | { readonly _tag: "Invalid"; readonly detail: string }

const codecs: { readonly [Name in Subprotocol]: Codec<ClientMessage, ServerMessage> } = {
  "graphql-transport-ws": graphqlTransportWs.client,
  "graphql-ws": subscriptionsTransportWs.client
}

export const read = (subprotocol: Subprotocol, text: string): Said => {
  const message = codecs[subprotocol].decode(text)
  switch (message._tag) {
    case "ConnectionAck":
      return { _tag: "Ack", payload: message.payload ?? null }
    case "ConnectionError":
      return { _tag: "Refused" }
    case "Ping":
      return { _tag: "Ping", payload: message.payload }
    case "Pong":
    case "KeepAlive":
      return { _tag: message._tag }
    case "Rejected":
      return { _tag: "Invalid", detail: message.detail }
    default:
      return { _tag: "Other" }
  }
}

export const init = (payload: JsonObject | undefined): string =>
  graphqlTransportWs.client.encode({
    _tag: "ConnectionInit",
    ...(payload !== undefined && { payload })
  })

export const ping: string = graphqlTransportWs.client.encode({ _tag: "Ping" })

export const pong = (payload: JsonObject | undefined): string =>
  graphqlTransportWs.client.encode({ _tag: "Pong", ...(payload !== undefined && { payload }) })

/** A type that neither protocol has, and no server should. */
export const unknown: string = JSON.stringify({ type: "fiberline_doctor_unknown" })
