/**
 * AWS AppSync's realtime protocol: subscriptions over a WebSocket, each with credentials of its own.
 *
 * Its name on the wire is `graphql-ws`, and its words are those of subscriptions-transport-ws but for `start`,
 * `start_ack` and the shape of errors. Queries and mutations go by HTTP.
 *
 * Source: AWS AppSync Developer Guide, "Building a real-time WebSocket client"; where that says less, what
 * AWS's own clients send and were sent.
 *
 * @since 0.1.0
 */
import type { GraphQLFormattedError } from "graphql"
import { invalidField, invalidId, isObject, parse, readObject } from "./internal/json.js"
import {
  lacking,
  readNext,
  readSubscribe,
  unknownType,
  withId,
  withOptionalPayload
} from "./internal/messages.js"
import type {
  ClientMessage,
  JsonObject,
  OperationRequest,
  Rejected,
  ServerMessage
} from "./Message.js"
import { fromCodecs, type StatelessSubprotocol } from "./Subprotocol.js"

/**
 * The subprotocol of AppSync. What authorizes a subscription is its `extensions.authorization`.
 *
 * @since 0.1.0
 * @category subprotocols
 */
export const appSync: StatelessSubprotocol = /*#__PURE__*/ fromCodecs({
  name: "graphql-ws",
  lacks: new Set(["Ping", "Pong", "ConnectionTerminate", "Result"]),
  silence: ({ connectionTimeoutMs }) =>
    typeof connectionTimeoutMs === "number" && connectionTimeoutMs > 0
      ? connectionTimeoutMs
      : undefined,
  client: {
    encode: (message) => encodeOfClient(message),
    decode: (frame) => readObject(frame, readServerMessage)
  },
  server: {
    encode: (message) => encodeOfServer(message),
    decode: (frame) => readObject(frame, readClientMessage)
  }
})

/**
 * What of a request goes as text inside of `start`: IAM signs exactly this. Throws what `JSON.stringify` throws.
 *
 * @since 0.1.0
 * @category requests
 */
export const dataOf = ({
  documentId,
  operationName,
  query,
  variables
}: OperationRequest): string => {
  const document = documentId === undefined ? { query } : { documentId }
  // What is absent is left out, and the order is always the same.
  return JSON.stringify({ ...document, variables, operationName })
}

const wireType = {
  ConnectionInit: "connection_init",
  ConnectionAck: "connection_ack",
  ConnectionError: "connection_error",
  KeepAlive: "ka",
  Start: "start",
  StartAck: "start_ack",
  Stop: "stop",
  Data: "data",
  Error: "error",
  Complete: "complete"
} as const

const encodeOfClient = (message: ClientMessage): string => {
  switch (message._tag) {
    case "Subscribe": {
      const { id, payload } = message
      const { extensions = {} } = payload
      return encode(wireType.Start, { id, payload: { data: dataOf(payload), extensions } })
    }
    case "Complete":
      return encode(wireType.Stop, { id: message.id })
    case "ConnectionInit":
      return encode(wireType.ConnectionInit, { payload: message.payload })
    default:
      return lacking(message)
  }
}

const encodeOfServer = (message: ServerMessage): string => {
  switch (message._tag) {
    case "Next":
      return encode(wireType.Data, { id: message.id, payload: message.payload })
    case "OperationFailed":
      return encode(wireType.Error, { id: message.id, payload: { errors: message.payload } })
    case "Disconnected": {
      const errorType = message.retry === "never" ? badRequest : limitExceeded
      return encode(wireType.Error, {
        payload: { errors: [{ errorType, message: message.detail }] }
      })
    }
    case "Established":
      return encode(wireType.StartAck, { id: message.id })
    case "Complete":
      return encode(wireType.Complete, { id: message.id })
    case "ConnectionAck":
    case "ConnectionError":
      return encode(wireType[message._tag], { payload: message.payload })
    case "KeepAlive":
      return encode(wireType.KeepAlive, {})
    default:
      return lacking(message)
  }
}

const encode = (type: string, fields: JsonObject): string => JSON.stringify({ type, ...fields })

// -- what the server says -------------------------------------------------------------------------

const readServerMessage = (object: JsonObject): ServerMessage | Rejected => {
  switch (object.type) {
    case wireType.Data:
      return readNext(object)
    case wireType.StartAck:
      return withId(object, (id) => ({ _tag: "Established", id }))
    case wireType.Complete:
      return withId(object, (id) => ({ _tag: "Complete", id }))
    case wireType.Error: {
      const { id, payload } = object
      if (id != null && typeof id !== "string") return invalidId(id)
      const errors = errorsOf(payload)
      // Without an id, or an empty one, it is about the connection.
      return id ? { _tag: "OperationFailed", id, payload: errors } : refusal(errors, true)
    }
    case wireType.KeepAlive:
      return { _tag: "KeepAlive" }
    case wireType.ConnectionAck:
      return withOptionalPayload("ConnectionAck", object)
    case wireType.ConnectionError:
      return refusal(errorsOf(object.payload), false)
    default:
      return unknownType(object.type)
  }
}

/** `errors` is an array or a single one, and may name its kind instead of having a message. */
const errorsOf = (payload: unknown): ReadonlyArray<GraphQLFormattedError> => {
  const errors = isObject(payload) ? (payload.errors ?? payload) : payload
  const list: ReadonlyArray<unknown> = Array.isArray(errors) ? errors : [errors]
  const formatted = list.filter(isObject).map(formattedOf)
  return formatted.length > 0 ? formatted : [{ message: unexplained }]
}

const unexplained = "refused without a reason"

const formattedOf = ({
  errorCode,
  errorType,
  extensions,
  message,
  ...rest
}: JsonObject): GraphQLFormattedError => ({
  ...rest,
  message: [message, errorType].find((text) => typeof text === "string") ?? unexplained,
  ...((isObject(extensions) || (errorType ?? errorCode) != null) && {
    extensions: {
      ...(isObject(extensions) && extensions),
      ...(errorType != null && { errorType }),
      ...(errorCode != null && { errorCode })
    }
  })
})

/** With "Exception" behind it or without. */
const badRequest = "BadRequest"
const limitExceeded = "LimitExceededError"

/** What an error of the connection means: refused credentials, a mistake of ours, or anything else. */
const meaningOf = ({
  errorCode,
  errorType
}: JsonObject): "unauthorized" | "mistaken" | "unknown" | "other" => {
  if (errorType === undefined && errorCode === undefined) return "unknown"
  const kind = typeof errorType === "string" ? errorType : ""
  // The code is 400 in older answers.
  if (/unauthorized|notauthorized|forbidden|accessdenied/i.test(kind)) return "unauthorized"
  if (errorCode === 401 || errorCode === 403) return "unauthorized"
  return errorCode === 400 || /badrequest/i.test(kind) ? "mistaken" : "other"
}

const refusal = (
  errors: ReadonlyArray<GraphQLFormattedError>,
  wasAcknowledged: boolean
): ServerMessage => {
  const [{ extensions = {}, message } = { message: unexplained }] = errors
  const meaning = meaningOf(extensions)
  // Most often it is the credentials.
  if (meaning === "unauthorized" || (meaning === "unknown" && !wasAcknowledged)) {
    return { _tag: "ConnectionError", payload: { message, errors } }
  }
  const retry = meaning === "mistaken" ? "never" : "backoff"
  return { _tag: "Disconnected", detail: message, retry }
}

// -- what the client says -------------------------------------------------------------------------

const readClientMessage = (object: JsonObject): ClientMessage | Rejected => {
  switch (object.type) {
    case wireType.Start:
      return withId(object, (id) => readStart(id, object.payload))
    case wireType.Stop:
      return withId(object, (id) => ({ _tag: "Complete", id }))
    case wireType.ConnectionInit:
      return withOptionalPayload("ConnectionInit", object)
    default:
      return unknownType(object.type)
  }
}

const readStart = (id: string, payload: unknown): ClientMessage | Rejected => {
  if (!isObject(payload)) return invalidField("payload", "an object", payload)
  const { data, extensions } = payload
  const request = typeof data === "string" ? parse(data) : undefined
  if (!isObject(request)) return invalidField("payload.data", "an object in JSON", request)
  return readSubscribe(id, { ...request, extensions })
}
