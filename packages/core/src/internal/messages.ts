/** What the subprotocols of one `type` a message read and write alike. */
import type {
  ClientMessage,
  JsonObject,
  Next,
  OperationRequest,
  Rejected,
  ServerMessage
} from "../Message.js"
import { invalidField, invalidId, isId, isObject, kindOf, rejected } from "./json.js"
import { invalidResult, isExecutionResult } from "./result.js"

/** For a message that a subprotocol has no word for. */
export const lacking = ({ _tag }: ClientMessage | ServerMessage): never => {
  throw new TypeError(`this subprotocol has no message ${_tag}`)
}

/** A request as it is written: a document that the server knows is named in place of its text. */
export const requestOf = (payload: OperationRequest): JsonObject => {
  if (payload.documentId === undefined) return { ...payload }
  const { query: _, ...persisted } = payload
  return persisted
}

export const readSubscribe = (id: string, payload: unknown): ClientMessage | Rejected => {
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

/** One result of an operation. Not by `withId`, whose closures would cost as much as all else here. */
export const readNext = ({ id, payload }: JsonObject): Next | Rejected => {
  if (!isId(id)) return invalidId(id)
  return isExecutionResult(payload)
    ? { _tag: "Next", id, payload }
    : invalidResult(payload, "payload")
}

export const withId = <Message>(
  object: JsonObject,
  read: (id: string) => Message | Rejected
): Message | Rejected => (isId(object.id) ? read(object.id) : invalidId(object.id))

export const withOptionalPayload = <Tag extends string>(
  _tag: Tag,
  { payload }: JsonObject
): { readonly _tag: Tag; readonly payload?: JsonObject } | Rejected =>
  // Several servers write `"payload": null` where there is none.
  payload == null
    ? { _tag }
    : isObject(payload)
      ? { _tag, payload }
      : invalidField("payload", "an object", payload)

export const unknownType = (type: unknown): Rejected =>
  rejected(
    "UnknownType",
    typeof type === "string" ? "an unknown message type" : `"type" is ${kindOf(type)}`
  )
