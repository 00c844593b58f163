/**
 * The messages of Phoenix's channels, in both of their serializers.
 *
 * Source: Phoenix, `Phoenix.Socket.V1.JSONSerializer` and `Phoenix.Socket.V2.JSONSerializer`.
 */
import type { JsonObject, Rejected } from "../Message.js"
import { invalidField, isObject, kindOf, notJson, parse, readObject, rejected } from "./json.js"

export interface PhoenixMessage {
  /** The `ref` of the join that it belongs to; version 1 does not say. */
  readonly joinRef: string | null
  /** What a reply repeats of what it replies to. */
  readonly ref: string | null
  readonly topic: string
  readonly event: string
  readonly payload: JsonObject
}

export interface Serializer {
  /** What the URL's `vsn` says. */
  readonly version: string
  readonly encode: (message: PhoenixMessage) => string
  readonly decode: (frame: unknown) => PhoenixMessage | Rejected
}

export const v1: Serializer = {
  version: "1.0.0",
  encode: ({ event, payload, ref, topic }) => JSON.stringify({ ref, topic, event, payload }),
  decode: (frame) =>
    readObject(frame, ({ event, payload, ref, topic }) =>
      readMessage(null, ref, topic, event, payload)
    )
}

export const v2: Serializer = {
  version: "2.0.0",
  encode: ({ event, joinRef, payload, ref, topic }) =>
    JSON.stringify([joinRef, ref, topic, event, payload]),
  decode: (frame) => {
    if (typeof frame !== "string") return notText
    const value = parse(frame)
    if (value === undefined) return notJson(frame, "frame")
    if (!Array.isArray(value)) {
      return rejected("NotAnObject", `a message must be an array, but is ${kindOf(value)}`)
    }
    const [joinRef, ref, topic, event, payload]: ReadonlyArray<unknown> = value
    return readMessage(joinRef, ref, topic, event, payload)
  }
}

const notText = rejected("NotText", "a binary frame where the subprotocol has only text")

const readMessage = (
  joinRef: unknown,
  ref: unknown,
  topic: unknown,
  event: unknown,
  payload: unknown
): PhoenixMessage | Rejected => {
  if (joinRef != null && typeof joinRef !== "string") {
    return invalidField("join_ref", "a string", joinRef)
  }
  if (ref != null && typeof ref !== "string") return invalidField("ref", "a string", ref)
  if (typeof topic !== "string") return invalidField("topic", "a string", topic)
  if (typeof event !== "string") return invalidField("event", "a string", event)
  if (!isObject(payload)) return invalidField("payload", "an object", payload)
  return { joinRef: joinRef ?? null, ref: ref ?? null, topic, event, payload }
}

/** By which a peer's message, whose keys are the peer's to choose, is told from a rejection. */
export const isRejected = (message: PhoenixMessage | Rejected): message is Rejected =>
  "_tag" in message
