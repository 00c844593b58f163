/** The two subprotocols that are offered, in one vocabulary. */
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { JsonObject } from "@fiberline/core/Message"

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
  /** The legacy protocol's refusal of `connection_init`. */
  | { readonly _tag: "Refused" }
  /** Another message of the protocol. */
  | { readonly _tag: "Other"; readonly type: string }
  | { readonly _tag: "Invalid"; readonly detail: string }

export const read = (subprotocol: Subprotocol, text: string): Said =>
  subprotocol === "graphql-transport-ws" ? readTransportWs(text) : readLegacy(text)

const readTransportWs = (text: string): Said => {
  const message = graphqlTransportWs.client.decode(text)
  switch (message._tag) {
    case "ConnectionAck":
      return { _tag: "Ack", payload: message.payload ?? null }
    case "Ping":
      return { _tag: "Ping", payload: message.payload }
    case "Pong":
      return { _tag: "Pong" }
    case "Rejected":
      return { _tag: "Invalid", detail: message.detail }
    default:
      return { _tag: "Other", type: message._tag }
  }
}

const readLegacy = (text: string): Said => {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return { _tag: "Invalid", detail: "text that is not JSON" }
  }
  if (typeof message !== "object" || message === null || !("type" in message)) {
    return { _tag: "Invalid", detail: "JSON without a type" }
  }
  switch (message.type) {
    case "connection_ack":
      return { _tag: "Ack", payload: "payload" in message ? message.payload : null }
    case "ka":
      return { _tag: "KeepAlive" }
    case "connection_error":
      return { _tag: "Refused" }
    default:
      return typeof message.type === "string"
        ? { _tag: "Other", type: message.type }
        : { _tag: "Invalid", detail: "a type that is no text" }
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
