/** Arbitrary messages and frames of a subprotocol, and of what only resembles them. */
import type {
  ClientMessage,
  ExecutionResult,
  JsonObject,
  OperationRequest,
  ServerMessage
} from "@fiberline/core/Message"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import * as fc from "fast-check"
import type { GraphQLFormattedError } from "graphql"

/** Any string JavaScript has, lone surrogates included: JSON escapes them. */
export const text = fc.oneof(fc.string16bits(), fc.fullUnicodeString(), fc.string())

/** Keys that mean something to JavaScript or to the subprotocol, and any other. */
const key = fc.oneof(
  fc.constantFrom("", "__proto__", "constructor", "prototype", "toJSON", "toString", "valueOf"),
  fc.constantFrom("_tag", "type", "id", "payload", "reason", "detail", "length", "0"),
  text
)

const entriesOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<JsonObject> =>
  // `fromEntries` defines its properties, so that even `__proto__` is one like any other.
  fc.array(fc.tuple(key, value), { maxLength: 5 }).map((entries) => Object.fromEntries(entries))

const trees = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, false, "", 0),
    // JSON has no negative zero.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    text,
    fc.array(tie("value"), { maxLength: 5 }),
    tie("object")
  ),
  object: entriesOf(tie("value"))
}))

/** Anything that JSON can hold. */
export const json = trees.value

export const jsonObject = trees.object

const id = text.filter((string) => string !== "")

export const graphqlError: fc.Arbitrary<GraphQLFormattedError> = fc.record(
  {
    message: text,
    locations: fc.array(fc.record({ line: fc.nat(), column: fc.nat() }), { maxLength: 2 }),
    path: fc.array(fc.oneof(text, fc.nat()), { maxLength: 3 }),
    extensions: jsonObject.map((extensions) => ({ ...extensions }))
  },
  { requiredKeys: ["message"] }
)

export const executionResult: fc.Arbitrary<ExecutionResult> = fc.record(
  {
    data: json,
    errors: fc.array(graphqlError, { maxLength: 3 }),
    extensions: jsonObject,
    // Incremental delivery adds members of its own, which pass as they came.
    hasNext: fc.boolean()
  },
  { requiredKeys: [] }
)

export const operationRequest: fc.Arbitrary<OperationRequest> = fc.record(
  { query: text, operationName: text, variables: jsonObject, extensions: jsonObject },
  { requiredKeys: ["query"] }
)

const withPayload = <const Tag extends string>(_tag: Tag) =>
  fc.record({ _tag: fc.constant(_tag), payload: jsonObject }, { requiredKeys: ["_tag"] })

const complete = fc.record({ _tag: fc.constant("Complete" as const), id })

const clientMessages: fc.Arbitrary<ClientMessage> = fc.oneof(
  withPayload("ConnectionInit"),
  withPayload("Ping"),
  withPayload("Pong"),
  fc.record({ _tag: fc.constant("Subscribe" as const), id, payload: operationRequest }),
  fc.constant({ _tag: "ConnectionTerminate" as const }),
  complete
)

const serverMessages: fc.Arbitrary<ServerMessage> = fc.oneof(
  withPayload("ConnectionAck"),
  withPayload("ConnectionError"),
  fc.constant({ _tag: "KeepAlive" as const }),
  withPayload("Ping"),
  withPayload("Pong"),
  fc.record({ _tag: fc.constant("Next" as const), id, payload: executionResult }),
  fc.record({
    _tag: fc.constant("OperationFailed" as const),
    id,
    payload: fc.array(graphqlError, { minLength: 1, maxLength: 3 })
  }),
  complete,
  fc.record({ _tag: fc.constant("Established" as const), id }),
  fc.record({ _tag: fc.constant("Result" as const), id, payload: executionResult }),
  fc.record({
    _tag: fc.constant("Disconnected" as const),
    detail: text,
    retry: fc.constantFrom("backoff" as const, "never" as const)
  })
)

/** What a client may say in a subprotocol. */
export const clientMessageOf = ({ lacks }: Subprotocol): fc.Arbitrary<ClientMessage> =>
  clientMessages.filter(({ _tag }) => !has(lacks, _tag))

/** What a server may say in it. */
export const serverMessageOf = ({ lacks }: Subprotocol): fc.Arbitrary<ServerMessage> =>
  serverMessages.filter(({ _tag }) => !has(lacks, _tag))

const has = (tags: ReadonlySet<string>, tag: string): boolean => tags.has(tag)

/** A frame with any number of characters lost, added or replaced. */
export const garbled = (frame: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      frame,
      fc.array(
        fc.record({ at: fc.nat(), lost: fc.nat(3), added: fc.string16bits({ maxLength: 3 }) }),
        { minLength: 1, maxLength: 4 }
      )
    )
    .map(([frame, changes]) =>
      changes.reduce((text, { added, at, lost }) => {
        const start = at % (text.length + 1)
        return text.slice(0, start) + added + text.slice(start + lost)
      }, frame)
    )

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const fields = [
  ["type"],
  ["id"],
  ["payload"],
  ["payload", "query"],
  ["payload", "documentId"],
  ["payload", "operationName"],
  ["payload", "variables"],
  ["payload", "extensions"],
  ["payload", "errors"],
  ["payload", "data"],
  // Phoenix, in both serializers.
  ["ref"],
  ["topic"],
  ["event"],
  ["payload", "status"],
  ["payload", "response"],
  ["payload", "response", "errors"],
  ["payload", "response", "subscriptionId"],
  ["payload", "subscriptionId"],
  ["payload", "result"],
  ["payload", "result", "errors"],
  ["0"],
  ["1"],
  ["2"],
  ["3"],
  ["4"],
  ["4", "status"],
  ["4", "response"],
  ["4", "response", "errors"],
  ["4", "response", "subscriptionId"],
  ["4", "subscriptionId"],
  ["4", "result"],
  ["4", "result", "errors"],
  // ActionCable.
  ["command"],
  ["identifier"],
  ["data"],
  ["message"],
  ["message", "more"],
  ["message", "result"],
  ["message", "result", "errors"],
  ["message", "result", "data"],
  ["reason"],
  ["reconnect"]
] as const

const set = (outer: unknown, [first, ...rest]: ReadonlyArray<string>, value: unknown): unknown => {
  if (first === undefined) return value
  if (Array.isArray(outer)) {
    const elements: ReadonlyArray<unknown> = outer
    return Object.assign([...elements], {
      [first]: set(elements[Number(first)], rest, value)
    })
  }
  const object = isObject(outer) ? outer : {}
  return { ...object, [first]: set(object[first], rest, value) }
}

/** Whether there is what the field would be a field of. */
const isWithin = (value: unknown, [first = "", ...rest]: ReadonlyArray<string>): boolean => {
  if (Array.isArray(value)) {
    const elements: ReadonlyArray<unknown> = value
    return /\d/.test(first) && (rest.length === 0 || isWithin(elements[Number(first)], rest))
  }
  if (!isObject(value)) return false
  return !/\d/.test(first) && (rest.length === 0 || isWithin(value[first], rest))
}

/** A frame with one field of the protocol's replaced by something else, or taken out. */
export const misshapen = (
  frame: fc.Arbitrary<string>,
  value: fc.Arbitrary<unknown>
): fc.Arbitrary<string> =>
  fc.tuple(frame, fc.nat(), fc.option(value, { nil: undefined })).map(([frame, which, value]) => {
    const object: unknown = JSON.parse(frame)
    const within = fields.filter((field) => isWithin(object, field))
    return JSON.stringify(set(object, within[which % within.length] ?? [], value) ?? null)
  })
