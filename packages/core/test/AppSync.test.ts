import { appSync, dataOf } from "@fiberline/core/AppSync"
import type { ClientMessage, ServerMessage } from "@fiberline/core/Message"
import * as fc from "fast-check"
import type { GraphQLFormattedError } from "graphql"
import { assert, describe, it } from "vitest"
import { clientMessageOf, json, misshapen, serverMessageOf, text } from "./support/frames.js"

const { client, server } = appSync

const query = "subscription {\n  count(to: 3)\n}\n"
const authorization = { host: "a.appsync-api.eu-west-1.amazonaws.com", "x-api-key": "K" }

describe("what one end writes", () => {
  it.each<readonly [string, ClientMessage]>([
    [`{"type":"connection_init"}`, { _tag: "ConnectionInit" }],
    [
      `{"type":"start","id":"1","payload":{"data":"{\\"query\\":\\"{ a }\\",\\"variables\\":{\\"b\\":1}}","extensions":{"authorization":{"host":"h"}}}}`,
      {
        _tag: "Subscribe",
        id: "1",
        payload: {
          query: "{ a }",
          variables: { b: 1 },
          extensions: { authorization: { host: "h" } }
        }
      }
    ],
    [`{"type":"stop","id":"1"}`, { _tag: "Complete", id: "1" }]
  ])("is from the client, to the letter, %s", (frame, message) => {
    assert.strictEqual(client.encode(message), frame)
  })

  it.each<readonly [string, ServerMessage]>([
    [
      `{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`,
      { _tag: "ConnectionAck", payload: { connectionTimeoutMs: 300000 } }
    ],
    [`{"type":"ka"}`, { _tag: "KeepAlive" }],
    [`{"type":"start_ack","id":"1"}`, { _tag: "Established", id: "1" }],
    [
      `{"type":"data","id":"1","payload":{"data":{"count":1}}}`,
      { _tag: "Next", id: "1", payload: { data: { count: 1 } } }
    ],
    [
      `{"type":"error","id":"1","payload":{"errors":[{"message":"no"}]}}`,
      { _tag: "OperationFailed", id: "1", payload: [{ message: "no" }] }
    ],
    [`{"type":"complete","id":"1"}`, { _tag: "Complete", id: "1" }]
  ])("is from the server, to the letter, %s", (frame, message) => {
    assert.strictEqual(server.encode(message), frame)
  })

  it("is none of what it lacks", () => {
    for (const message of [{ _tag: "Ping" }, { _tag: "Pong" }] as const) {
      assert.isTrue(appSync.lacks.has(message._tag))
      assert.throws(() => client.encode(message), TypeError, message._tag)
      assert.throws(() => server.encode(message), TypeError, message._tag)
    }
    assert.throws(() => client.encode({ _tag: "ConnectionTerminate" }), TypeError)
    assert.throws(() => server.encode({ _tag: "Result", id: "1", payload: {} }), TypeError)
  })

  it("has as its data all of a request but the extensions, once it is known by its name without the text", () => {
    assert.strictEqual(
      dataOf({ query, operationName: "A", extensions: { authorization } }),
      JSON.stringify({ query, operationName: "A" })
    )
    assert.strictEqual(dataOf({ query, documentId: "sha256:00" }), `{"documentId":"sha256:00"}`)
  })

  it("is signed as it is sent", () => {
    const { payload } = JSON.parse(
      client.encode({ _tag: "Subscribe", id: "1", payload: { query, variables: {} } })
    )
    assert.strictEqual(payload.data, dataOf({ query, variables: {} }))
  })

  it("is read back by the server as the client's message", () => {
    fc.assert(
      fc.property(clientMessageOf(appSync), (message) => {
        const read =
          message._tag === "Subscribe"
            ? // There always are extensions: they authorize.
              { ...message, payload: { extensions: {}, ...message.payload } }
            : message
        assert.deepEqual(server.decode(client.encode(message)), read)
      })
    )
  })

  it("is read back by the client as the server's message", () => {
    const message = serverMessageOf(appSync).filter(({ _tag }) => _tag !== "ConnectionError")
    fc.assert(
      fc.property(message, (message) => {
        assert.deepEqual(client.decode(server.encode(message)), message)
      })
    )
  })
})

describe("the server takes from Amplify", () => {
  it("a beginning without a payload", () => {
    assert.deepEqual(server.decode(`{"type":"connection_init"}`), { _tag: "ConnectionInit" })
  })

  it("a start, its keys in another order and the type last", () => {
    const extensions = {
      authorization: { ...authorization, "x-amz-user-agent": "aws-amplify/6.22.1 api/1" }
    }
    const data = JSON.stringify({ query, variables: {} })
    assert.deepEqual(
      server.decode(JSON.stringify({ id: "u", payload: { data, extensions }, type: "start" })),
      { _tag: "Subscribe", id: "u", payload: { query, variables: {}, extensions } }
    )
  })

  it("a stop", () => {
    assert.deepEqual(server.decode(`{"id":"u","type":"stop"}`), { _tag: "Complete", id: "u" })
  })

  it.each([
    ["absent", undefined],
    ["text that is not JSON", "{"],
    ["a list", "[]"],
    ["an object that is not written as text", { query }]
  ])("no start whose data is %s", (_, data) => {
    const frame = JSON.stringify({ type: "start", id: "1", payload: { data } })
    assert.include(server.decode(frame), { _tag: "Rejected", reason: "InvalidField" })
  })
})

describe("the client takes from AppSync", () => {
  it.each<readonly [string, ServerMessage]>([
    [
      `{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`,
      { _tag: "ConnectionAck", payload: { connectionTimeoutMs: 300000 } }
    ],
    [`{"id":"u","type":"start_ack"}`, { _tag: "Established", id: "u" }],
    [`{"id":"u","type":"start_ack","payload":{}}`, { _tag: "Established", id: "u" }],
    [
      `{"id":"u","type":"data","payload":{"data":{"count":1}}}`,
      { _tag: "Next", id: "u", payload: { data: { count: 1 } } }
    ],
    [
      `{"id":"u","type":"data","payload":{"data":null}}`,
      { _tag: "Next", id: "u", payload: { data: null } }
    ],
    [`{"type":"ka"}`, { _tag: "KeepAlive" }],
    [`{"id":"u","type":"complete"}`, { _tag: "Complete", id: "u" }]
  ])("%s", (frame, message) => {
    assert.deepEqual(client.decode(frame), message)
  })

  it.each<readonly [string, unknown, GraphQLFormattedError]>([
    [
      "with a kind and a message",
      { errors: [{ errorType: "UnauthorizedException", message: "Permission denied" }] },
      { message: "Permission denied", extensions: { errorType: "UnauthorizedException" } }
    ],
    [
      "with a kind alone",
      { errors: [{ errorType: "MaxSubscriptionsReachedError" }] },
      {
        message: "MaxSubscriptionsReachedError",
        extensions: { errorType: "MaxSubscriptionsReachedError" }
      }
    ],
    [
      "with a message alone",
      { errors: [{ message: "coerced Null value" }] },
      { message: "coerced Null value" }
    ],
    [
      "as an object in place of a list",
      { errors: { errorType: "DuplicatedOperationError", message: "Duplicated", errorCode: 400 } },
      {
        message: "Duplicated",
        extensions: { errorType: "DuplicatedOperationError", errorCode: 400 }
      }
    ],
    [
      "with extensions of its own",
      { errors: [{ message: "no", errorType: "E", extensions: { code: 1 } }] },
      { message: "no", extensions: { code: 1, errorType: "E" } }
    ],
    [
      "with extensions that are none",
      { errors: [{ message: "no", extensions: "x" }] },
      { message: "no" }
    ],
    ["as the payload itself", { message: "no" }, { message: "no" }],
    ["that says nothing", { errors: [] }, { message: "refused without a reason" }],
    ["that is text", "no", { message: "refused without a reason" }],
    ["that is absent", undefined, { message: "refused without a reason" }]
  ])("an error of one subscription %s", (_, payload, error) => {
    assert.deepEqual(client.decode(JSON.stringify({ id: "u", type: "error", payload })), {
      _tag: "OperationFailed",
      id: "u",
      payload: [error]
    })
  })

  it.each([["absent"], [""], [null]])("an error of the connection where the id is %j", (id) => {
    const errors = { errorType: "LimitExceededError", message: "Rate limit exceeded" }
    const frame = JSON.stringify({
      type: "error",
      ...(id !== "absent" && { id }),
      payload: { errors }
    })
    assert.deepEqual(client.decode(frame), {
      _tag: "Disconnected",
      detail: "Rate limit exceeded",
      retry: "backoff"
    })
  })

  const refused = (type: string, error: unknown) =>
    client.decode(JSON.stringify({ type, payload: { errors: [error] } }))

  it.each([
    {
      errorType: "UnauthorizedException",
      message: "You are not authorized to make this call.",
      errorCode: 401
    },
    {
      errorType: "com.amazonaws.deepdish.graphql.auth#UnauthorizedException",
      message: "You are not authorized to make this call.",
      errorCode: 400
    },
    { errorType: "Unauthorized", message: "no" },
    { errorType: "NotAuthorizedException", message: "no" },
    { errorType: "ForbiddenException" },
    { errorType: "AccessDeniedException" },
    { errorCode: 403, message: "no" }
  ])("%j as credentials that are refused, at any time", (error) => {
    for (const type of ["connection_error", "error"]) {
      assert.strictEqual(refused(type, error)._tag, "ConnectionError", type)
    }
  })

  it.each([
    { message: "NoProtocolError", errorCode: 400 },
    { message: "Required headers are missing.", errorCode: 400 },
    { errorType: "BadRequest", errorCode: 400 },
    { errorType: "BadRequest" },
    { errorType: "BadRequestException", message: "no" }
  ])("%j as a mistake that another connection would repeat", (error) => {
    for (const type of ["connection_error", "error"]) {
      assert.include(refused(type, error), { _tag: "Disconnected", retry: "never" }, type)
    }
  })

  it("an error without a kind as credentials at the beginning, and as a passing one later", () => {
    assert.strictEqual(refused("connection_error", { message: "no" })._tag, "ConnectionError")
    assert.include(refused("error", { message: "no" }), { _tag: "Disconnected", retry: "backoff" })
  })

  it.each([null, 1, "x", [1], true])("a refusal whose extensions are %j", (extensions) => {
    assert.strictEqual(refused("connection_error", { extensions })._tag, "ConnectionError")
    assert.strictEqual(refused("error", { extensions })._tag, "Disconnected")
  })

  it("any refusal at all", () => {
    const type = fc.constantFrom("connection_error", "error")
    const name = fc.oneof(
      fc.constantFrom("errorType", "errorCode", "message", "extensions", "__proto__", "path"),
      text
    )
    const error = fc
      .array(fc.tuple(name, json), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries))
    const payload = fc.oneof(
      json,
      fc.array(error).map((errors) => ({ errors })),
      error.map((errors) => ({ errors }))
    )
    const frame = fc
      .tuple(type, payload)
      .map(([type, payload]) => JSON.stringify({ type, payload }))
    fc.assert(
      fc.property(fc.oneof(frame, misshapen(frame, json)), (frame) => {
        assert.isNotEmpty(client.decode(frame)._tag)
      }),
      { numRuns: 1_000 }
    )
  })
})

describe("how long its servers may be silent", () => {
  it.each<readonly [unknown, number | undefined]>([
    [300_000, 300_000],
    [undefined, undefined],
    ["300000", undefined],
    [null, undefined],
    [0, undefined],
    [-1, undefined]
  ])("is, where they say %j, %j ms", (connectionTimeoutMs, expected) => {
    assert.strictEqual(appSync.silence?.({ connectionTimeoutMs }), expected)
  })
})
