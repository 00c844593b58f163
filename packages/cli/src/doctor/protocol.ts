/** What can be spoken over the WebSocket, in one vocabulary: core's subprotocols, by what `--transport` says. */
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { JsonObject, Rejected, ServerMessage } from "@fiberline/core/Message"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"
import { subprotocolsOf, type WebSocketChoice } from "../options/transport.js"
import type { ProtocolName } from "./report.js"

export interface Protocol {
  readonly name: ProtocolName
  readonly subprotocol: Subprotocol
  /** A message of a kind that it does not have, and no server should. */
  readonly unknown: string
}

/** By preference. */
export const offeredBy = (choice: WebSocketChoice): ReadonlyArray<Protocol> => {
  switch (choice) {
    case "auto":
      return [today, legacy]
    case "ws":
      return [today]
    case "legacy":
      return [legacy]
    default:
      return subprotocolsOf(choice).map((subprotocol) => ({
        name: choice,
        subprotocol,
        unknown: unknown[choice]
      }))
  }
}

const kind = "fiberline_doctor_unknown"
const ofType = JSON.stringify({ type: kind })
const topic = "__absinthe__:control"

const unknown = {
  phoenix: JSON.stringify(["join", kind, topic, kind, {}]),
  "phoenix-v1": JSON.stringify({ topic, event: kind, payload: {}, ref: kind }),
  actioncable: JSON.stringify({ command: kind, identifier: "{}" }),
  appsync: ofType
} as const

const today: Protocol = {
  name: "graphql-transport-ws",
  subprotocol: graphqlTransportWs,
  unknown: ofType
}

const legacy: Protocol = {
  name: "subscriptions-transport-ws",
  subprotocol: subscriptionsTransportWs,
  unknown: ofType
}

/** What is offered in `Sec-WebSocket-Protocol`. */
export const namesOf = (offered: ReadonlyArray<Protocol>): ReadonlyArray<string> =>
  offered.map(({ subprotocol }) => subprotocol.name).filter((name) => name !== "")

/** As the client has it: a server that names none speaks the only one. */
export const chosenBy = (name: string, offered: ReadonlyArray<Protocol>): Protocol | undefined =>
  name === "" && offered.length === 1
    ? offered[0]
    : offered.find(({ subprotocol }) => subprotocol.name === name)

/** Whether a client can ask for a sign of life by a message. */
export const hasPings = ({ subprotocol }: Protocol): boolean => !subprotocol.lacks.has("Ping")

/** Whether a server can. */
export const hasServerPings = ({ subprotocol }: Protocol): boolean =>
  !subprotocol.lacks.has("Ping") && subprotocol.expectsPings !== true

export const hasKeepAlives = ({ subprotocol }: Protocol): boolean =>
  !subprotocol.lacks.has("KeepAlive")

/** What a server said, as far as it matters here. */
export type Said =
  | { readonly _tag: "Ack"; readonly payload: JsonObject | undefined }
  | { readonly _tag: "Ping"; readonly payload: JsonObject | undefined }
  | { readonly _tag: "Pong" }
  | { readonly _tag: "KeepAlive" }
  /** The connection is refused by a message. */
  | { readonly _tag: "Refused"; readonly payload: JsonObject | undefined }
  /** It is served no longer. */
  | { readonly _tag: "Disconnected"; readonly detail: string }
  /** Another message of the protocol. */
  | { readonly _tag: "Other" }
  | { readonly _tag: "Invalid"; readonly detail: string }

export const saidBy = (message: ServerMessage | Rejected): Said => {
  switch (message._tag) {
    case "ConnectionAck":
      return { _tag: "Ack", payload: message.payload }
    case "ConnectionError":
      return { _tag: "Refused", payload: message.payload }
    case "Ping":
      return { _tag: "Ping", payload: message.payload }
    case "Disconnected":
      return { _tag: "Disconnected", detail: message.detail }
    case "Pong":
    case "KeepAlive":
      return { _tag: message._tag }
    case "Rejected":
      return { _tag: "Invalid", detail: message.detail }
    default:
      return { _tag: "Other" }
  }
}
