/**
 * The subprotocol of subscriptions-transport-ws, whose name on the wire is `graphql-ws`.
 *
 * It came before `graphql-transport-ws` and is spoken by servers that were not changed since. It has no
 * ping: such a server sends `ka` by itself, if it was told to, and a client has WebSocket's own ping
 * frames.
 *
 * Source: "GraphQL over WebSocket Protocol", the PROTOCOL.md of subscriptions-transport-ws, and its
 * server where that says less.
 *
 * @since 0.1.0
 */
import type { GraphQLFormattedError } from "graphql"
import { invalidField, isObject, readObject } from "./internal/json.js"
import {
  lacking,
  readNext,
  readSubscribe,
  requestOf,
  unknownType,
  withId,
  withOptionalPayload
} from "./internal/messages.js"
import { isErrors } from "./internal/result.js"
import type { ClientMessage, JsonObject, Rejected, ServerMessage } from "./Message.js"
import { fromCodecs, type StatelessSubprotocol } from "./Subprotocol.js"

/**
 * @since 0.1.0
 * @category subprotocols
 */
export const subscriptionsTransportWs: StatelessSubprotocol = /*#__PURE__*/ fromCodecs({
  name: "graphql-ws",
  lacks: new Set(["Ping", "Pong", "Established", "Result", "Disconnected"]),
  client: {
    encode: (message) => encodeOfClient(message),
    decode: (frame) => readObject(frame, readServerMessage)
  },
  server: {
    encode: (message) => encodeOfServer(message),
    decode: (frame) => readObject(frame, readClientMessage)
  }
})

const wireType = {
  ConnectionInit: "connection_init",
  ConnectionAck: "connection_ack",
  ConnectionError: "connection_error",
  ConnectionTerminate: "connection_terminate",
  KeepAlive: "ka",
  Start: "start",
  Stop: "stop",
  Data: "data",
  Error: "error",
  Complete: "complete"
} as const

const encodeOfClient = (message: ClientMessage): string => {
  switch (message._tag) {
    case "Subscribe": {
      const { id, payload } = message
      return JSON.stringify({ type: wireType.Start, id, payload: requestOf(payload) })
    }
    case "Complete":
      return JSON.stringify({ type: wireType.Stop, id: message.id })
    case "ConnectionInit":
    case "ConnectionTerminate":
      return encode(wireType[message._tag], message)
    default:
      return lacking(message)
  }
}

const encodeOfServer = (message: ServerMessage): string => {
  switch (message._tag) {
    case "Next":
      return encode(wireType.Data, message)
    case "OperationFailed": {
      const { id, payload } = message
      // One object, where one says it all.
      const error = payload.length === 1 ? payload[0] : payload
      return JSON.stringify({ type: wireType.Error, id, payload: error })
    }
    case "Complete":
    case "ConnectionAck":
    case "ConnectionError":
    case "KeepAlive":
      return encode(wireType[message._tag], message)
    default:
      return lacking(message)
  }
}

const encode = (
  type: string,
  { _tag, ...fields }: { readonly _tag: string; readonly id?: string; readonly payload?: unknown }
): string => JSON.stringify({ type, ...fields })

const readServerMessage = (object: JsonObject): ServerMessage | Rejected => {
  switch (object.type) {
    case wireType.Data:
      return readNext(object)
    case wireType.Complete:
      return withId(object, (id) => ({ _tag: "Complete", id }))
    case wireType.Error:
      return withId(object, (id) => {
        const errors = errorsOf(object.payload)
        return errors === undefined
          ? invalidField("payload", "a GraphQL error, or an array of them", object.payload)
          : { _tag: "OperationFailed", id, payload: errors }
      })
    case wireType.KeepAlive:
      return { _tag: "KeepAlive" }
    case wireType.ConnectionAck:
      return withOptionalPayload("ConnectionAck", object)
    case wireType.ConnectionError:
      return withOptionalPayload("ConnectionError", object)
    default:
      return unknownType(object.type)
  }
}

/** The protocol has one object; servers also send an array, or a result without data. */
const errorsOf = (payload: unknown): ReadonlyArray<GraphQLFormattedError> | undefined => {
  const errors = isObject(payload) && typeof payload.message !== "string" ? payload.errors : payload
  const list: unknown = Array.isArray(errors) ? errors : [errors]
  return isErrors(list) && list.length > 0 ? list : undefined
}

const readClientMessage = (object: JsonObject): ClientMessage | Rejected => {
  switch (object.type) {
    case wireType.Start:
      return withId(object, (id) => readSubscribe(id, object.payload))
    case wireType.Stop:
      return withId(object, (id) => ({ _tag: "Complete", id }))
    case wireType.ConnectionInit:
      return withOptionalPayload("ConnectionInit", object)
    case wireType.ConnectionTerminate:
      return { _tag: "ConnectionTerminate" }
    default:
      return unknownType(object.type)
  }
}
