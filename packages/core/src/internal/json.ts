import type { JsonObject, Rejected, RejectionReason } from "../Message.js"

export const rejected = (reason: RejectionReason, detail: string): Rejected => ({
  _tag: "Rejected",
  reason,
  detail
})

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Names a value's kind without showing the value, which may be a secret or ten megabytes. */
export const kindOf = (value: unknown): string =>
  value === undefined
    ? "absent"
    : value === null
      ? "null"
      : value === ""
        ? "empty"
        : Array.isArray(value)
          ? "an array"
          : typeof value === "object"
            ? "an object"
            : `a ${typeof value}`

/**
 * What a text says in JSON; `undefined`, which JSON cannot say, where it says nothing.
 *
 * The parser's own message quotes the text, so it is not passed on.
 */
export const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const notJson = (text: string, what: string): Rejected =>
  rejected("NotJson", text === "" ? `an empty ${what}` : "text that is not JSON")

export const invalidField = (field: string, expected: string, actual: unknown): Rejected =>
  rejected("InvalidField", `"${field}" must be ${expected}, but is ${kindOf(actual)}`)

export const isId = (value: unknown): value is string => typeof value === "string" && value !== ""

export const invalidId = (value: unknown): Rejected =>
  invalidField("id", "a non-empty string", value)

/**
 * Reads the object in a text frame. The reader is passed in rather than the object handed out: a
 * parsed object is the peer's to shape, so it must never be asked whether it is a `Rejected`.
 */
export const readObject = <Message>(
  frame: unknown,
  read: (object: JsonObject) => Message | Rejected
): Message | Rejected => {
  if (typeof frame !== "string") {
    return rejected("NotText", "a binary frame where the subprotocol has only text")
  }
  const value = parse(frame)
  if (isObject(value)) return read(value)
  return value === undefined
    ? notJson(frame, "frame")
    : rejected("NotAnObject", `a message must be an object, but is ${kindOf(value)}`)
}
