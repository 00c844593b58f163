import type { Rejected, RejectionReason } from "@fiberline/core/Message"
import type { Part } from "@fiberline/core/MultipartMixed"
import * as MultipartSubscription from "@fiberline/core/MultipartSubscription"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { executionResult, garbled, graphqlError, json, jsonObject, text } from "./support/frames.js"
import { bytesOf, cut, fractions, read } from "./support/multipart.js"

const jsonHeaders = { "content-type": "application/json" }

const decode = (body: string, headers: Part["headers"] = jsonHeaders) =>
  MultipartSubscription.decode("op", { headers, body })

const decodeValue = (value: unknown) => decode(JSON.stringify(value))

const errors = fc.array(graphqlError, { minLength: 1, maxLength: 3 })

const heartbeat = { _tag: "Heartbeat" } as const
const complete = { _tag: "Complete", id: "op" } as const

const rejection = (reason: RejectionReason, detail: string): Rejected => ({
  _tag: "Rejected",
  reason,
  detail
})

describe("what a request accepts", () => {
  it("is the protocol in every form that a server insists on, and no stream", () => {
    assert.deepEqual(MultipartSubscription.accept.split(","), [
      "multipart/mixed;boundary=graphql;subscriptionSpec=1.0",
      "multipart/mixed;subscriptionSpec=1.0",
      "application/graphql-response+json",
      "application/json;q=0.9"
    ])
  })
})

describe("a part is", () => {
  it("a result, if it has a payload, whatever errors are inside", () => {
    fc.assert(
      fc.property(text, executionResult, (id, payload) => {
        for (const value of [{ payload }, { payload, errors: [] }, { payload, errors: null }]) {
          const part = { headers: jsonHeaders, body: JSON.stringify(value) }
          assert.deepEqual(MultipartSubscription.decode(id, part), { _tag: "Next", id, payload })
        }
      })
    )
  })

  it("a result, if it is one without an envelope", () => {
    fc.assert(
      fc.property(executionResult, json, (result, data) => {
        const payload = { ...result, data }
        assert.deepEqual(decodeValue(payload), { _tag: "Next", id: "op", payload })
      })
    )
  })

  it("a failure, if there are errors beside the payload", () => {
    fc.assert(
      fc.property(errors, executionResult, (errors, payload) => {
        const failed = { _tag: "OperationFailed", id: "op", payload: errors } as const
        assert.deepEqual(decodeValue({ payload: null, errors }), failed)
        assert.deepEqual(decodeValue({ errors }), failed)
        assert.deepEqual(decodeValue({ payload, errors }), failed)
      })
    )
  })

  it("the end, if its payload is null", () => {
    for (const value of [{ payload: null }, { payload: null, errors: [] }]) {
      assert.deepEqual(decodeValue(value), complete)
    }
    assert.deepEqual(decode(`{"payload":null,"errors":null,"extra":1}`), complete)
  })

  it("a heartbeat, if there is nothing in it", () => {
    assert.deepEqual(decode("{}"), heartbeat)
    assert.deepEqual(decode(" {\n} "), heartbeat)
  })

  it("a heartbeat, if it has neither a type nor a body", () => {
    for (const body of ["", "\r\n", " "]) {
      assert.deepEqual(decode(body, {}), heartbeat)
      assert.deepEqual(decode(body, { "content-type": "" }), heartbeat)
    }
  })

  it("a message, a heartbeat or a rejection, whatever it is", () => {
    const enveloped = executionResult.map((payload) => JSON.stringify({ payload }))
    const field = fc.option(fc.oneof(json, executionResult, errors), { nil: undefined })
    const shaped = fc
      .record({ payload: field, errors: field, data: field, extensions: field })
      .map((value) => JSON.stringify(value))
    const body = fc.oneof(
      text,
      json.map((value) => JSON.stringify(value)),
      garbled(enveloped),
      shaped
    )
    const type = fc.oneof(text, fc.constant("application/json"))
    const tags = ["Next", "Complete", "OperationFailed", "Heartbeat", "Rejected"]
    fc.assert(
      fc.property(body, fc.option(type, { nil: undefined }), (body, type) => {
        const message = decode(body, type === undefined ? {} : { "content-type": type })
        assert.include(tags, message._tag)
        if (message._tag === "OperationFailed") assert.isNotEmpty(message.payload)
      }),
      { numRuns: 1_000 }
    )
  })
})

describe("a part is rejected", () => {
  it.each<readonly [string, RejectionReason, string]>([
    ["", "NotJson", "an empty frame"],
    [`{"payload":`, "NotJson", "text that is not JSON"],
    ["{}{}", "NotJson", "text that is not JSON"],
    ["null", "NotAnObject", "a message must be an object, but is null"],
    ["[]", "NotAnObject", "a message must be an object, but is an array"],
    [`{"payload":1}`, "InvalidField", `"payload" must be an execution result, but is a number`],
    [
      `{"payload":{"errors":{}}}`,
      "InvalidField",
      `"payload.errors" must be an array of GraphQL errors, but is an object`
    ],
    [
      `{"payload":null,"errors":"no"}`,
      "InvalidField",
      `"errors" must be an array of GraphQL errors, but is a string`
    ],
    [
      `{"errors":[{}]}`,
      "InvalidField",
      `"errors" must be an array of GraphQL errors, but is an array`
    ],
    [
      `{"data":1,"extensions":[]}`,
      "InvalidField",
      `"extensions" must be an object, but is an array`
    ],
    [`{"errors":[]}`, "InvalidField", `"payload" must be an execution result, but is absent`],
    [`{"message":"hello"}`, "InvalidField", `"payload" must be an execution result, but is absent`]
  ])("for being %s", (body, reason, detail) => {
    assert.deepEqual(decode(body), rejection(reason, detail))
  })

  it.each(["text/plain", "text/html; charset=utf-8", "json", "multipart/mixed"])(
    "for being of %s",
    (type) => {
      const unexpected = rejection("UnexpectedMediaType", "a part whose media type is not JSON")
      assert.deepEqual(decode("{}", { "content-type": type }), unexpected)
      assert.deepEqual(decode("", { "content-type": type }), unexpected)
    }
  )

  it("for no type that is JSON, nor for having none", () => {
    const types = ["application/json", "Application/JSON;charset=utf-8", "text/json"]
    for (const type of [...types, "application/graphql-response+json", ""]) {
      assert.deepEqual(decode("{}", { "content-type": type }), heartbeat)
    }
    assert.deepEqual(decode("{}", {}), heartbeat)
  })
})

it("what a server writes is read from its bytes", () => {
  const part = fc.oneof(
    fc.constant({ value: {}, message: heartbeat }),
    executionResult.map((payload) => ({
      value: { payload },
      message: { _tag: "Next", id: "op", payload } as const
    })),
    errors.map((errors) => ({
      value: { payload: null, errors },
      message: { _tag: "OperationFailed", id: "op", payload: errors } as const
    })),
    jsonObject.map((extensions) => ({ value: { payload: null, extensions }, message: complete }))
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), fractions, (parts, fractions) => {
      const head = "\r\n--graphql\r\ncontent-type: application/json\r\n\r\n"
      const written = parts.map(({ value }) => head + JSON.stringify(value)).join("")
      const bytes = bytesOf(`${written}\r\n--graphql--\r\n`)
      const body = read("graphql", cut(bytes, fractions))
      assert.isTrue(body.isClosed)
      assert.deepEqual(
        body.parts.map((part) => MultipartSubscription.decode("op", part)),
        parts.map(({ message }) => message)
      )
    })
  )
})
