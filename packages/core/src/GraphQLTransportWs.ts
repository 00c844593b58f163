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
import {
  invalidField,
  invalidId,
  isId,
  isObject,
  kindOf,
  readObject,
  rejected
} from "./internal/json.js"
import { invalidResult, isErrors, isExecutionResult } from "./internal/result.js"
import type {
  ClientMessage,
  JsonObject,
  OperationRequest,
  Rejected,
  ServerMessage,
  Subscribe
} from "./Message.js"
import type { Subprotocol } from "./Subprotocol.js"

/**
 * @since 0.1.0
 * @category subprotocols
 */
export const graphqlTransportWs: Subprotocol = {
  name: "graphql-transport-ws",
  client: {
    encode: (message) => encode(message),
    decode: (frame) => readObject(frame, readServerMessage)
  },
  server: {
    encode: (message) => encode(message),
    decode: (frame) => readObject(frame, readClientMessage)
  }
}

/** The `type` each message bears on the wire. */
const wireType = {
  ConnectionInit: "connection_init",
  ConnectionAck: "connection_ack",
  Ping: "ping",
  Pong: "pong",
  Subscribe: "subscribe",
  Next: "next",
  OperationFailed: "error",
  Complete: "complete"
} as const satisfies { [Tag in (ClientMessage | ServerMessage)["_tag"]]: string }

const encode = (message: ClientMessage | ServerMessage): string => {
  if (message._tag === "Subscribe" && message.payload.documentId !== undefined) {
    return encodePersisted(message)
  }
  const { _tag, ...fields } = message
  return JSON.stringify({ type: wireType[_tag], ...fields })
}

/** Apart from `encode`, which almost never meets one. */
const encodePersisted = ({ id, payload: { query: _, ...payload } }: Subscribe): string =>
  JSON.stringify({ type: wireType.Subscribe, id, payload })

// `next` stands first: it is what a connection spends its life reading.
const readServerMessage = (object: JsonObject): ServerMessage | Rejected => {
  switch (object.type) {
    case wireType.Next: {
      // Not by `withId`, whose closures would cost as much as all else here.
      const { id, payload } = object
      if (!isId(id)) return invalidId(id)
      return isExecutionResult(payload)
        ? { _tag: "Next", id, payload }
        : invalidResult(payload, "payload")
    }
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

const readSubscribe = (id: string, payload: unknown): ClientMessage | Rejected => {
  if (!isObject(payload)) return invalidField("payload", "an object", payload)
  const { operationName, variables, extensions, documentId } = payload
  // `null` is what some clients write for "absent"; the protocol's own servers accept it.
  if (documentId != null && typeof documentId !== "string") {
    return invalidField("payload.documentId", "a string", documentId)
  }
  // A persisted document is named instead of being sent.
  const query = documentId != null ? (payload.query ?? "") : payload.query
  if (typeof query !== "string") return invalidField("payload.query", "a string", query)
  if (operationName != null && typeof operationName !== "string") {
    return invalidField("payload.operationName", "a string", operationName)
  }
  if (variables != null && !isObject(variables)) {
    return invalidField("payload.variables", "an object", variables)
  }
  if (extensions != null && !isObject(extensions)) {
    return invalidField("payload.extensions", "an object", extensions)
  }
  const request: OperationRequest = {
    query,
    ...(documentId != null && { documentId }),
    ...(operationName != null && { operationName }),
    ...(variables != null && { variables }),
    ...(extensions != null && { extensions })
  }
  return { _tag: "Subscribe", id, payload: request }
}

const withId = <Message>(
  object: JsonObject,
  read: (id: string) => Message | Rejected
): Message | Rejected => (isId(object.id) ? read(object.id) : invalidId(object.id))

const withOptionalPayload = <Tag extends string>(
  _tag: Tag,
  { payload }: JsonObject
): { readonly _tag: Tag; readonly payload?: JsonObject } | Rejected =>
  // Several servers write `"payload": null` where there is none.
  payload == null
    ? { _tag }
    : isObject(payload)
      ? { _tag, payload }
      : invalidField("payload", "an object", payload)

const unknownType = (type: unknown): Rejected =>
  rejected(
    "UnknownType",
    typeof type === "string" ? "an unknown message type" : `"type" is ${kindOf(type)}`
  )
