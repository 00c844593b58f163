/**
 * GraphQL over Server-Sent Events, the client's side: what an event means.
 *
 * Source: "GraphQL over Server-Sent Events Protocol", the PROTOCOL.md of graphql-sse.
 *
 * `EventStream` splits a stream into events.
 *
 * Some servers give their results no name. An event without one is a result if its data has the
 * members of one, and is otherwise passed over: a result must not be lost, a server's chatter may.
 *
 * @since 0.1.0
 */
import type { ServerSentEvent } from "./EventStream.js"
import { invalidId, isId, readObject } from "./internal/json.js"
import { invalidResult, isExecutionResult } from "./internal/result.js"
import type { Complete, JsonObject, Next, Rejected } from "./Message.js"

/**
 * An event that is none of the protocol's, and no harm either: a server's own keepalive.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ignored {
  readonly _tag: "Ignored"
}

/**
 * What a client accepts.
 *
 * @since 0.1.0
 * @category constants
 */
export const accept = "text/event-stream"

/**
 * The header that says which single connection a request is for.
 *
 * @since 0.1.0
 * @category constants
 */
export const tokenHeader = "X-GraphQL-Event-Stream-Token"

/**
 * Reads an event of the distinct connections mode. The operation has the stream to itself, so the
 * wire knows no id, and `id` is the one that the message gets.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeDistinct = (
  id: string,
  { data, event }: ServerSentEvent
): Next | Complete | Ignored | Rejected => {
  const readNext = (payload: JsonObject): Next | Rejected =>
    isExecutionResult(payload) ? { _tag: "Next", id, payload } : invalidResult(payload)
  switch (event) {
    case "next":
      return readObject(data, readNext)
    case "complete":
      return { _tag: "Complete", id }
    case undefined:
    case "":
    case "message":
      return readNameless(data, (object) => (isResultLike(object) ? readNext(object) : ignored))
    default:
      return ignored
  }
}

/**
 * Reads an event of the single connection mode, in which the data names the operation.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeSingle = ({
  data,
  event
}: ServerSentEvent): Next | Complete | Ignored | Rejected => {
  switch (event) {
    case "next":
      return readObject(data, readEnvelope)
    case "complete":
      return readObject(data, ({ id }) => (isId(id) ? { _tag: "Complete", id } : invalidId(id)))
    case undefined:
    case "":
    case "message":
      return readNameless(data, (object) =>
        object.payload === undefined ? ignored : readEnvelope(object)
      )
    default:
      return ignored
  }
}

const readEnvelope = ({ id, payload }: JsonObject): Next | Rejected => {
  if (!isId(id)) return invalidId(id)
  return isExecutionResult(payload)
    ? { _tag: "Next", id, payload }
    : invalidResult(payload, "payload")
}

/** What does not even begin like an object is chatter; what does, and is none, was cut short. */
const readNameless = (
  data: string,
  read: (object: JsonObject) => Next | Ignored | Rejected
): Next | Ignored | Rejected => (/^\s*\{/.test(data) ? readObject(data, read) : ignored)

const isResultLike = ({ data, errors, hasNext }: JsonObject): boolean =>
  data !== undefined || errors !== undefined || hasNext !== undefined

const ignored: Ignored = { _tag: "Ignored" }
