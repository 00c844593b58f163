/**
 * The `graphql-transport-ws` subprotocol.
 *
 * Source: "GraphQL over WebSocket Protocol", the PROTOCOL.md of graphql-ws.
 *
 * Every field that the protocol names is checked; fields it does not name are dropped. What is
 * inside `data` and `extensions` is the operation's business and passes as it came.
 *
 * @since 0.1.0
 */
import { invalidField, readObject } from "./internal/json.js"
import {
  lacking,
  readNext,
  readSubscribe,
  unknownType,
  withId,
  withOptionalPayload
} from "./internal/messages.js"
import { isErrors } from "./internal/result.js"
import type { ClientMessage, JsonObject, Rejected, ServerMessage, Subscribe } from "./Message.js"
import { fromCodecs, type StatelessSubprotocol } from "./Subprotocol.js"

/**
 * @since 0.1.0
 * @category subprotocols
 */
export const graphqlTransportWs: StatelessSubprotocol = /*#__PURE__*/ fromCodecs({
  name: "graphql-transport-ws",
  lacks: new Set(["KeepAlive", "ConnectionTerminate", "Established", "Result", "Disconnected"]),
  client: {
    encode: (message) => encode(message),
    decode: (frame) => readObject(frame, readServerMessage)
  },
  server: {
    encode: (message) => encode(message),
    decode: (frame) => readObject(frame, readClientMessage)
  }
})

/**
 * The `type` each message bears on the wire. The protocol has no `connection_error`; Mercurius and Hasura
 * refuse with it nevertheless, as the protocol before this one did.
 */
const wireType = {
  ConnectionInit: "connection_init",
  ConnectionAck: "connection_ack",
  ConnectionError: "connection_error",
  Ping: "ping",
  Pong: "pong",
  Subscribe: "subscribe",
  Next: "next",
  OperationFailed: "error",
  Complete: "complete"
} as const satisfies { [Tag in Message["_tag"]]: string }

/** What it has words for. */
type Message = Exclude<ClientMessage | ServerMessage, { readonly _tag: Lacking }>

type Lacking = "KeepAlive" | "ConnectionTerminate" | "Established" | "Result" | "Disconnected"

const encode = (message: ClientMessage | ServerMessage): string => {
  if (!has(message)) return lacking(message)
  if (message._tag === "Subscribe" && message.payload.documentId !== undefined) {
    return encodePersisted(message)
  }
  const { _tag, ...fields } = message
  return JSON.stringify({ type: wireType[_tag], ...fields })
}

const has = (message: ClientMessage | ServerMessage): message is Message =>
  Object.hasOwn(wireType, message._tag)

/** Apart from `encode`, which almost never meets one. */
const encodePersisted = ({ id, payload: { query: _, ...payload } }: Subscribe): string =>
  JSON.stringify({ type: wireType.Subscribe, id, payload })

// `next` stands first: it is what a connection spends its life reading.
const readServerMessage = (object: JsonObject): ServerMessage | Rejected => {
  switch (object.type) {
    case wireType.Next:
      return readNext(object)
    case wireType.Complete:
      return withId(object, (id) => ({ _tag: "Complete", id }))
    case wireType.OperationFailed:
      return withId(object, (id) =>
        isErrors(object.payload) && object.payload.length > 0
          ? { _tag: "OperationFailed", id, payload: object.payload }
          : invalidField("payload", "a non-empty array of GraphQL errors", object.payload)
      )
    case wireType.Ping:
      return withOptionalPayload("Ping", object)
    case wireType.Pong:
      return withOptionalPayload("Pong", object)
    case wireType.ConnectionAck:
      return withOptionalPayload("ConnectionAck", object)
    case wireType.ConnectionError:
      return withOptionalPayload("ConnectionError", object)
    default:
      return unknownType(object.type)
  }
}

const readClientMessage = (object: JsonObject): ClientMessage | Rejected => {
  switch (object.type) {
    case wireType.Subscribe:
      return withId(object, (id) => readSubscribe(id, object.payload))
    case wireType.Complete:
      return withId(object, (id) => ({ _tag: "Complete", id }))
    case wireType.Ping:
      return withOptionalPayload("Ping", object)
    case wireType.Pong:
      return withOptionalPayload("Pong", object)
    case wireType.ConnectionInit:
      return withOptionalPayload("ConnectionInit", object)
    default:
      return unknownType(object.type)
  }
}
