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
  complete
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
  ["payload", "data"]
] as const

const set = (object: JsonObject, [first, ...rest]: ReadonlyArray<string>, value: unknown) => {
  if (first === undefined) return object
  const inner = object[first]
  const replaced: unknown =
    rest.length === 0 ? value : set(isObject(inner) ? inner : {}, rest, value)
  return { ...object, [first]: replaced }
}

/** A frame with one field of the protocol's replaced by something else, or taken out. */
export const misshapen = (
  frame: fc.Arbitrary<string>,
  value: fc.Arbitrary<unknown>
): fc.Arbitrary<string> =>
  fc
    .tuple(frame, fc.constantFrom(...fields), fc.option(value, { nil: undefined }))
    .map(([frame, field, value]) => {
      const object: unknown = JSON.parse(frame)
      return JSON.stringify(isObject(object) ? set(object, field, value) : object)
    })
