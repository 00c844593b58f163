import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { ClientMessage, Rejected, ServerMessage } from "@fiberline/core/Message"
import { assert, describe, it } from "vitest"

const { client, server } = graphqlTransportWs

const isRejected = (message: ClientMessage | ServerMessage | Rejected): message is Rejected =>
  message._tag === "Rejected"

type Decode = (frame: unknown) => ClientMessage | ServerMessage | Rejected

const rejects = (message: ClientMessage | ServerMessage | Rejected): Rejected => {
  if (isRejected(message)) return message
  throw new Error(`was taken for a ${message._tag}`)
}

describe("what one end writes", () => {
  it("is named graphql-transport-ws", () => {
    assert.strictEqual(graphqlTransportWs.name, "graphql-transport-ws")
  })

  it.each<readonly [string, ClientMessage]>([
    [`{"type":"connection_init"}`, { _tag: "ConnectionInit" }],
    [
      `{"type":"connection_init","payload":{"token":"t"}}`,
      { _tag: "ConnectionInit", payload: { token: "t" } }
    ],
    [`{"type":"ping"}`, { _tag: "Ping" }],
    [`{"type":"pong","payload":{}}`, { _tag: "Pong", payload: {} }],
    [
      `{"type":"subscribe","id":"1","payload":{"query":"{ a }","operationName":"A"}}`,
      { _tag: "Subscribe", id: "1", payload: { query: "{ a }", operationName: "A" } }
    ],
    [`{"type":"complete","id":"1"}`, { _tag: "Complete", id: "1" }]
  ])("is from the client, to the letter, %s", (frame, message) => {
    assert.strictEqual(client.encode(message), frame)
  })

  it.each<readonly [string, ServerMessage]>([
    [`{"type":"connection_ack"}`, { _tag: "ConnectionAck" }],
    [`{"type":"ping","payload":{"a":1}}`, { _tag: "Ping", payload: { a: 1 } }],
    [`{"type":"pong"}`, { _tag: "Pong" }],
    [
      `{"type":"next","id":"1","payload":{"data":null}}`,
      { _tag: "Next", id: "1", payload: { data: null } }
    ],
    [
      `{"type":"error","id":"1","payload":[{"message":"no"}]}`,
      { _tag: "OperationFailed", id: "1", payload: [{ message: "no" }] }
    ],
    [`{"type":"complete","id":"1"}`, { _tag: "Complete", id: "1" }]
  ])("is from the server, to the letter, %s", (frame, message) => {
    assert.strictEqual(server.encode(message), frame)
  })

  it("leaves out an absent member rather than writing null", () => {
    assert.strictEqual(
      client.encode({
        _tag: "Subscribe",
        id: "1",
        payload: {
          query: "{ a }",
          operationName: undefined,
          variables: undefined,
          extensions: undefined
        }
      }),
      `{"type":"subscribe","id":"1","payload":{"query":"{ a }"}}`
    )
  })

  it("names a persisted document instead of sending the query", () => {
    const payload = { query: "{ a }", documentId: "sha256:00", variables: { a: 1 } }
    const frame = client.encode({ _tag: "Subscribe", id: "1", payload })
    assert.deepEqual(JSON.parse(frame), {
      type: "subscribe",
      id: "1",
      payload: { documentId: "sha256:00", variables: { a: 1 } }
    })
    assert.deepEqual(server.decode(frame), {
      _tag: "Subscribe",
      id: "1",
      payload: { ...payload, query: "" }
    })
  })

  it("sends the query where a persisted document is undefined", () => {
    assert.strictEqual(
      client.encode({
        _tag: "Subscribe",
        id: "1",
        payload: { query: "{ a }", documentId: undefined }
      }),
      `{"type":"subscribe","id":"1","payload":{"query":"{ a }"}}`
    )
  })

  it("keeps a null that is a variable's value", () => {
    assert.strictEqual(
      client.encode({
        _tag: "Subscribe",
        id: "1",
        payload: { query: "{ a }", variables: { after: null } }
      }),
      `{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":{"after":null}}}`
    )
  })

  it("is one well-formed string for ids and payloads with lone surrogates", () => {
    const message = {
      _tag: "Next",
      id: "\ud800",
      payload: { data: { "\udc00": "\ud83d" } }
    } as const
    const frame = server.encode(message)
    // On the wire a lone surrogate would become U+FFFD, so it has to travel as an escape.
    assert.strictEqual(Buffer.from(frame, "utf8").toString("utf8"), frame)
    assert.deepEqual(client.decode(frame), message)
  })
})

describe.each([
  ["client", (frame: unknown) => client.decode(frame)],
  ["server", (frame: unknown) => server.decode(frame)]
] as const)("whatever the %s is given", (_, decode) => {
  it.each([
    ["none", {}, `"type" is absent`],
    ["null", { type: null }, `"type" is null`],
    ["a number", { type: 1 }, `"type" is a number`],
    ["an array that reads like one", { type: ["ping"] }, `"type" is an array`],
    ["an object", { type: { ping: true } }, `"type" is an object`],
    ["an empty one", { type: "" }, "an unknown message type"],
    ["one in capitals", { type: "PING" }, "an unknown message type"],
    ["the legacy protocol's", { type: "ka" }, "an unknown message type"],
    ["our own name for it", { type: "Next", id: "1", payload: {} }, "an unknown message type"],
    ["a property of every object", { type: "constructor" }, "an unknown message type"],
    ["only a _tag", { _tag: "Ping" }, `"type" is absent`],
    [
      "only the look of a rejection",
      { _tag: "Rejected", reason: "NotText", detail: "fooled" },
      `"type" is absent`
    ]
  ])("with a type that is none is named so: %s", (_, frame, detail) => {
    assert.deepEqual(decode(JSON.stringify(frame)), {
      _tag: "Rejected",
      reason: "UnknownType",
      detail
    })
  })
})

/** A value of every kind, by the name a rejection gives to the kind. */
const kinds: ReadonlyArray<readonly [kind: string, value: unknown]> = [
  ["absent", undefined],
  ["null", null],
  ["empty", ""],
  ["a string", "text"],
  ["a number", 1],
  ["a boolean", false],
  ["an array", [{ message: "no" }]],
  ["an object", { message: "no" }]
]

interface Field {
  readonly of: string
  readonly field: string
  readonly must: string
  readonly allowed: ReadonlyArray<string>
  readonly frame: (value: unknown) => object
}

const id = { field: "id", must: "a non-empty string", allowed: ["a string"] }
const payload = { field: "payload", must: "an object", allowed: ["absent", "null", "an object"] }

const checks = (decode: Decode, { allowed, field, frame, must }: Field) => {
  for (const [kind, value] of kinds) {
    const message = decode(JSON.stringify(frame(value)))
    if (allowed.includes(kind)) {
      assert.notStrictEqual(message._tag, "Rejected", kind)
    } else {
      const detail = `"${field}" must be ${must}, but is ${kind}`
      assert.deepEqual(message, { _tag: "Rejected", reason: "InvalidField", detail }, kind)
    }
  }
}

describe("the client takes", () => {
  const fields: ReadonlyArray<Field> = [
    { of: "next", ...id, frame: (id) => ({ type: "next", id, payload: {} }) },
    {
      of: "next",
      field: "payload",
      must: "an execution result",
      allowed: ["an object"],
      frame: (payload) => ({ type: "next", id: "1", payload })
    },
    {
      of: "next",
      field: "payload.errors",
      must: "an array of GraphQL errors",
      // Some servers write null for none.
      allowed: ["absent", "null", "an array"],
      frame: (errors) => ({ type: "next", id: "1", payload: { errors } })
    },
    {
      of: "next",
      field: "payload.extensions",
      must: "an object",
      allowed: ["absent", "null", "an object"],
      frame: (extensions) => ({ type: "next", id: "1", payload: { extensions } })
    },
    { of: "error", ...id, frame: (id) => ({ type: "error", id, payload: [{ message: "no" }] }) },
    {
      of: "error",
      field: "payload",
      // An object is what the legacy protocol sends.
      must: "a non-empty array of GraphQL errors",
      allowed: ["an array"],
      frame: (payload) => ({ type: "error", id: "1", payload })
    },
    { of: "complete", ...id, frame: (id) => ({ type: "complete", id }) },
    { of: "connection_ack", ...payload, frame: (payload) => ({ type: "connection_ack", payload }) },
    { of: "ping", ...payload, frame: (payload) => ({ type: "ping", payload }) },
    { of: "pong", ...payload, frame: (payload) => ({ type: "pong", payload }) }
  ]
  for (const field of fields) {
    it(`as ${field.of}'s ${field.field} only ${field.must}`, () => {
      checks(client.decode, field)
    })
  }

  it.each<readonly [string, unknown]>([
    ["a text", "no"],
    ["null", null],
    ["a list", []],
    ["an object without message", {}],
    ["an object whose message is a number", { message: 1 }],
    ["an object whose message is null", { message: null }]
  ])("no list of errors that has %s in it", (_, entry) => {
    for (const errors of [[entry], [{ message: "no" }, entry]]) {
      for (const frame of [
        { type: "error", id: "1", payload: errors },
        { type: "next", id: "1", payload: { errors } }
      ]) {
        assert.strictEqual(rejects(client.decode(JSON.stringify(frame))).reason, "InvalidField")
      }
    }
  })

  it("no error without any errors", () => {
    const frame = `{"type":"error","id":"1","payload":[]}`
    assert.strictEqual(rejects(client.decode(frame)).reason, "InvalidField")
  })

  it.each(["connection_init", "subscribe"])("no %s, which only a client sends", (type) => {
    const frame = JSON.stringify({ type, id: "1", payload: { query: "{ a }" } })
    assert.strictEqual(rejects(client.decode(frame)).reason, "UnknownType")
  })
})

describe("the server takes", () => {
  const subscribe = (payload: unknown) => ({ type: "subscribe", id: "1", payload })

  const fields: ReadonlyArray<Field> = [
    { of: "subscribe", ...id, frame: (id) => ({ ...subscribe({ query: "{ a }" }), id }) },
    {
      of: "subscribe",
      field: "payload.query",
      must: "a string",
      // An empty query is for GraphQL to judge.
      allowed: ["empty", "a string"],
      frame: (query) => subscribe({ query })
    },
    {
      of: "subscribe with a documentId",
      field: "payload.query",
      must: "a string",
      allowed: ["absent", "null", "empty", "a string"],
      frame: (query) => subscribe({ query, documentId: "1" })
    },
    {
      of: "subscribe",
      field: "payload.documentId",
      must: "a string",
      allowed: ["absent", "null", "empty", "a string"],
      frame: (documentId) => subscribe({ query: "{ a }", documentId })
    },
    {
      of: "subscribe",
      field: "payload.operationName",
      must: "a string",
      allowed: ["absent", "null", "empty", "a string"],
      frame: (operationName) => subscribe({ query: "{ a }", operationName })
    },
    {
      of: "subscribe",
      field: "payload.variables",
      must: "an object",
      allowed: ["absent", "null", "an object"],
      frame: (variables) => subscribe({ query: "{ a }", variables })
    },
    {
      of: "subscribe",
      field: "payload.extensions",
      must: "an object",
      allowed: ["absent", "null", "an object"],
      frame: (extensions) => subscribe({ query: "{ a }", extensions })
    },
    { of: "complete", ...id, frame: (id) => ({ type: "complete", id }) },
    {
      of: "connection_init",
      ...payload,
      frame: (payload) => ({ type: "connection_init", payload })
    },
    { of: "ping", ...payload, frame: (payload) => ({ type: "ping", payload }) },
    { of: "pong", ...payload, frame: (payload) => ({ type: "pong", payload }) }
  ]
  for (const field of fields) {
    it(`as ${field.of}'s ${field.field} only ${field.must}`, () => {
      checks(server.decode, field)
    })
  }

  it.each<readonly [string, unknown]>([
    ["absent", undefined],
    ["null", null],
    ["a string", "{ a }"],
    ["an array", ["{ a }"]]
  ])("no subscribe whose payload is %s", (kind, payload) => {
    assert.deepEqual(server.decode(JSON.stringify(subscribe(payload))), {
      _tag: "Rejected",
      reason: "InvalidField",
      detail: `"payload" must be an object, but is ${kind}`
    })
  })

  it.each(["connection_ack", "next", "error"])("no %s, which only a server sends", (type) => {
    const frame = JSON.stringify({ type, id: "1", payload: {} })
    assert.strictEqual(rejects(server.decode(frame)).reason, "UnknownType")
  })
})

describe("the client understands", () => {
  it("data that is nested deeper than any stack", () => {
    const data = `{"a":`.repeat(100_000) + "1" + "}".repeat(100_000)
    const message = client.decode(`{"type":"next","id":"1","payload":{"data":${data}}}`)
    assert.strictEqual(message._tag, "Next")
  })

  it.each<readonly [string, string, ServerMessage]>([
    ["a null payload as none", `{"type":"ping","payload":null}`, { _tag: "Ping" }],
    [
      "a message with fields it does not know",
      `{"type":"complete","id":"1","payload":null,"extra":1}`,
      { _tag: "Complete", id: "1" }
    ],
    ["an id where there should be none", `{"type":"ping","id":""}`, { _tag: "Ping" }],
    [
      "a message that calls itself a rejection",
      `{"_tag":"Rejected","type":"ping"}`,
      { _tag: "Ping" }
    ],
    [
      "data that looks like a rejection",
      `{"type":"next","id":"1","payload":{"data":{"_tag":"Rejected"}}}`,
      { _tag: "Next", id: "1", payload: { data: { _tag: "Rejected" } } }
    ],
    [
      "a result with nothing in it",
      `{"type":"next","id":"1","payload":{}}`,
      { _tag: "Next", id: "1", payload: {} }
    ],
    [
      "the last of a member that comes twice",
      `{"type":"next","type":"complete","id":"1","id":"2"}`,
      { _tag: "Complete", id: "2" }
    ]
  ])("%s", (_, frame, message) => {
    assert.deepEqual(client.decode(frame), message)
  })

  it("errors and extensions that are null, and leaves them so", () => {
    const payload = { data: { a: 1 }, errors: null, extensions: null }
    const message: unknown = client.decode(JSON.stringify({ type: "next", id: "1", payload }))
    assert.deepEqual(message, { _tag: "Next", id: "1", payload })
  })

  it("a `__proto__` as data like any other, and nobody's prototype changes", () => {
    const message: unknown = client.decode(
      `{"type":"next","id":"1","payload":{"data":{"__proto__":{"polluted":true}}}}`
    )
    const data: unknown = JSON.parse(`{"__proto__":{"polluted":true}}`)
    assert.deepEqual(message, { _tag: "Next", id: "1", payload: { data } })
    assert.notProperty({}, "polluted")
  })

  it("no type that is only in a frame's `__proto__`", () => {
    const frame = `{"__proto__":{"type":"complete","id":"1"}}`
    assert.strictEqual(rejects(client.decode(frame)).reason, "UnknownType")
  })
})

describe("the server understands", () => {
  it("null for every member that may be absent, and gives none of them", () => {
    const payload = {
      query: "{ a }",
      documentId: null,
      operationName: null,
      variables: null,
      extensions: null
    }
    assert.deepEqual(server.decode(JSON.stringify({ type: "subscribe", id: "1", payload })), {
      _tag: "Subscribe",
      id: "1",
      payload: { query: "{ a }" }
    })
  })

  it("an init with a null payload as one without", () => {
    assert.deepEqual(server.decode(`{"type":"connection_init","payload":null}`), {
      _tag: "ConnectionInit"
    })
  })
})
