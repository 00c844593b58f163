/**
 * Arbitrary messages of a server's, right and wrong, in every way that anything has been said to be
 * wrong of. Ids are written as in `"%feed%"`.
 */
import * as fc from "fast-check"

export const text = fc.oneof(fc.string(), fc.fullUnicodeString(), fc.string16bits())

const key = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "prototype", "toString", "toJSON", "then", "_tag"),
  fc.constantFrom("type", "id", "payload", "data", "errors", "message", "extensions", "", "0"),
  text
)

/** What pollutes a prototype where it is copied by assignment; parsed, so that its keys are keys. */
const polluting: fc.Arbitrary<object> = fc
  .constantFrom(
    '{"__proto__":{"polluted":true}}',
    '{"__proto__":null}',
    '{"constructor":{"prototype":{"polluted":true}}}'
  )
  .map((text) => JSON.parse(text))

const trees = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false, 0, "", "%feed%"),
    fc.double({ noNaN: true }),
    text,
    polluting,
    fc.array(tie("value"), { maxLength: 4 }),
    tie("object")
  ),
  // `fromEntries` defines its properties, so that even `__proto__` is one like any other.
  object: fc
    .array(fc.tuple(key, tie("value")), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries))
}))
const json = trees.value

const nested = fc
  .tuple(fc.integer({ min: 1, max: 600 }), fc.constantFrom(["[", "]"], ['{"a":', "}"]))
  .map(([depth, [open = "", close = ""]]) => `${open.repeat(depth)}1${close.repeat(depth)}`)

const ids = {
  known: fc.constantFrom("%feed%", "%inline%", "%ask%"),
  unknown: fc.constantFrom("nobody", "__proto__", "constructor", "0", "-1", "%feed% ")
}

const error = fc.record(
  { message: text, locations: json, path: json, extensions: fc.oneof(json, polluting) },
  { requiredKeys: ["message"] }
)

const result = fc.record(
  {
    data: json,
    errors: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(null, []) },
      { weight: 1, arbitrary: fc.array(error, { minLength: 1, maxLength: 2 }) }
    ),
    extensions: fc.option(trees.object)
  },
  { requiredKeys: ["data"] }
)

type Message = { readonly [field: string]: unknown }

/** What may be said at any time. */
export const probe: fc.Arbitrary<Message> = fc.oneof(
  fc.record(
    { type: fc.constantFrom("ping", "pong"), payload: fc.option(trees.object) },
    { requiredKeys: ["type"] }
  ),
  fc.record({ type: fc.constantFrom("ping", "pong"), future: json })
)

/** Messages that change nothing, or that bring somebody a result. */
export const harmless: fc.Arbitrary<Message> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("next"),
      id: fc.constantFrom("%feed%", "%inline%"),
      payload: fc.record({ data: json })
    })
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("next"), id: ids.unknown, payload: result })
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("complete"), id: ids.unknown }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("error"),
      id: ids.unknown,
      payload: fc.array(error, { minLength: 1, maxLength: 2 })
    })
  },
  { weight: 3, arbitrary: probe }
)

/** Messages that end an operation, or come after its end. */
export const final: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant("next"), id: ids.known, payload: result }),
  fc.record({
    type: fc.constant("next"),
    id: ids.known,
    payload: fc.record({ extensions: fc.option(trees.object) })
  }),
  fc.record({
    type: fc.constant("error"),
    id: ids.known,
    payload: fc.array(error, { minLength: 1, maxLength: 2 })
  }),
  fc.record({ type: fc.constant("complete"), id: ids.known })
)

const answerToInit = fc.record(
  { type: fc.constantFrom("connection_ack", "connection_error"), payload: fc.option(trees.object) },
  { requiredKeys: ["type"] }
)

export const message = fc.oneof(
  { weight: 3, arbitrary: harmless },
  { weight: 2, arbitrary: final },
  answerToInit
)

/** A field of the protocol's that is absent or something else. */
export const misshapen: fc.Arbitrary<string> = fc
  .tuple(
    message,
    fc.constantFrom("type", "id", "payload"),
    fc.option(
      fc.oneof(
        json,
        fc.constantFrom(
          "",
          1,
          [],
          {},
          { errors: {} },
          { errors: [{}] },
          { errors: [null] },
          { extensions: [] }
        )
      ),
      { nil: undefined }
    )
  )
  .map(([message, field, value]) => JSON.stringify({ ...message, [field]: value }))

/** With its fields in another order, or twice. */
export const disordered = fc
  .tuple(message, fc.nat(), fc.boolean())
  .map(([message, seed, isTwice]) => {
    const entries = Object.entries(message).map(
      ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`
    )
    const first = seed % entries.length
    const shuffled = [...entries.slice(first), ...entries.slice(0, first)]
    const again = isTwice ? [entries[first], `"type":"pong"`] : []
    return `{${[...shuffled, ...again].join(",")}}`
  })

/** With spans lost, doubled or replaced. */
export const garble = (frames: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      frames,
      fc.array(fc.tuple(fc.nat(), fc.nat(8), fc.constantFrom("lost", "doubled", "text"), text), {
        minLength: 1,
        maxLength: 3
      })
    )
    .map(([json, changes]) =>
      changes.reduce((json, [at, length, how, text]) => {
        const start = at % (json.length + 1)
        const span = json.slice(start, start + length)
        const instead = how === "lost" ? "" : how === "doubled" ? span + span : text
        return json.slice(0, start) + instead + json.slice(start + length)
      }, json)
    )

export const garbled = garble(message.map((message) => JSON.stringify(message)))

export const noMessage = fc.oneof(
  fc.constantFrom("", " ", "null", "1", '"next"', "[]", "{}", "{", "[[", "\ufeff{}", "NaN"),
  fc.constantFrom(
    '{"type":"__proto__"}',
    '{"type":"connection_error"}',
    '{"type":"ka"}',
    '{"type":["next"]}'
  ),
  fc.constantFrom(
    '{"__proto__":{"type":"pong"}}',
    '{"__proto__":{"polluted":true},"type":"pong"}',
    '{"constructor":{"prototype":{"polluted":true}},"type":"pong"}'
  ),
  text,
  nested,
  nested.map((deep) => `{"type":"next","id":"%feed%","payload":{"data":${deep}}}`),
  nested.map((deep) => `{"type":"ping","payload":{"deep":${deep}}}`),
  nested.map(
    (deep) =>
      `{"type":"error","id":"nobody","payload":[{"message":"","extensions":{"deep":${deep}}}]}`
  )
)
