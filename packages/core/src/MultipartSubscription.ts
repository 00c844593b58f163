/**
 * Subscriptions over HTTP multipart, the client's side: what a part of the body means.
 *
 * Source: Apollo, "Multipart HTTP protocol for GraphQL Subscriptions", `subscriptionSpec=1.0`.
 *
 * The protocol has two kinds of errors. Those inside a `payload` are a result's, and the subscription
 * goes on; those beside it are fatal, whatever the payload is.
 *
 * The closing boundary is an end too, and the only one that many servers write: a body that is closed
 * without a `Complete` is complete.
 *
 * @since 0.1.0
 */
import { invalidField, readObject, rejected } from "./internal/json.js"
import { isJson } from "./internal/mediaType.js"
import { invalidResult, isErrors, isExecutionResult } from "./internal/result.js"
import type { Complete, JsonObject, Next, OperationFailed, Rejected } from "./Message.js"
import type { Part } from "./MultipartMixed.js"

/**
 * What a client accepts: the protocol, or a response that is no stream.
 *
 * The protocol stands there twice, for there is no one form that all servers take. Strawberry and
 * async-graphql insist on `boundary=graphql`, as Apollo's documentation once did. Hive Router refuses
 * a type with any parameter that it does not know, and takes the other. Strawberry wants it before all
 * else, async-graphql before `application/json`. `1.0` has no quotes, as Apollo's own clients send it.
 *
 * @since 0.1.0
 * @category constants
 */
export const accept =
  "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,multipart/mixed;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9"

/**
 * A sign of life, every five seconds or so, and nothing else.
 *
 * @since 0.1.0
 * @category models
 */
export interface Heartbeat {
  readonly _tag: "Heartbeat"
}

/**
 * Reads a part of the body. The operation has the body to itself, so the wire knows no id, and `id`
 * is the one that the message gets.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = (
  id: string,
  { body, headers }: Part
): Next | Complete | OperationFailed | Heartbeat | Rejected => {
  const contentType = headers["content-type"]
  if (contentType === undefined || contentType === "") {
    // Proxies that take bodies apart and put them together again leave such parts behind.
    if (body.trim() === "") return heartbeat
  } else if (!isJson(contentType)) {
    return rejected("UnexpectedMediaType", "a part whose media type is not JSON")
  }
  return readObject(body, (object) => readPart(id, object))
}

const readPart = (
  id: string,
  object: JsonObject
): Next | Complete | OperationFailed | Heartbeat | Rejected => {
  const { data, errors, payload } = object
  // Some servers do without the envelope.
  if (payload === undefined && data !== undefined) return readNext(id, object)
  // Errors that come with a payload end the subscription all the same: it must not seem to go on.
  if (errors != null) {
    if (!isErrors(errors)) return invalidField("errors", "an array of GraphQL errors", errors)
    if (errors.length > 0) return { _tag: "OperationFailed", id, payload: errors }
  }
  if (payload === null) return { _tag: "Complete", id }
  if (payload === undefined && Object.keys(object).length === 0) return heartbeat
  return readNext(id, payload, "payload")
}

const readNext = (id: string, result: unknown, field?: string): Next | Rejected =>
  isExecutionResult(result) ? { _tag: "Next", id, payload: result } : invalidResult(result, field)

const heartbeat: Heartbeat = { _tag: "Heartbeat" }
