import type { ExecutionResult } from "@fiberline/core/Message"
import { extensionsOf, verdict } from "@fiberline/core/PersistedQuery"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { graphqlResponse } from "./support/responses.js"

const notFound = { message: "PersistedQueryNotFound" }
const notSupported = { message: "PersistedQueryNotSupported" }

it("a document is asked for by its hash", () => {
  assert.deepEqual(extensionsOf("00ff"), { persistedQuery: { version: 1, sha256Hash: "00ff" } })
})

describe("a document is", () => {
  it.each<readonly [string, ExecutionResult]>([
    ["notFound", { errors: [notFound] }],
    ["notFound", { data: null, errors: [notFound] }],
    ["notFound", { errors: [{ message: "Unknown" }, notFound] }],
    [
      "notFound",
      { errors: [{ message: "no", extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }] }
    ],
    ["notFound", { errors: [{ message: "PERSISTED_QUERY_NOT_FOUND" }] }],
    ["notSupported", { errors: [notSupported] }],
    ["notSupported", { errors: [notFound, notSupported] }],
    [
      "notSupported",
      { errors: [{ message: "no", extensions: { code: "PERSISTED_QUERY_NOT_SUPPORTED" } }] }
    ],
    ["found", {}],
    ["found", { data: {} }],
    ["found", { data: null }],
    ["found", { errors: [] }],
    ["found", { errors: [{ message: "no", extensions: { code: "UNAUTHENTICATED" } }] }],
    ["found", { errors: [{ message: "Why PersistedQueryNotFound?" }] }]
  ])("%s: %j", (expected, result) => {
    assert.strictEqual(verdict(result), expected)
  })

  it("found where the operation was executed, whatever a field says", () => {
    assert.strictEqual(verdict({ data: { a: null }, errors: [notFound] }), "found")
    assert.strictEqual(verdict({ data: null, errors: [{ ...notSupported, path: ["a"] }] }), "found")
  })

  it("found by any other answer", () => {
    fc.assert(
      fc.property(graphqlResponse, (result) => {
        assert.strictEqual(verdict(result), "found")
      })
    )
  })

  it("judged by what comes from the wire, even where it is null", () => {
    const result: ExecutionResult = JSON.parse(
      `{"data":null,"errors":[{"message":"no","extensions":null,"path":null},{"message":"PersistedQueryNotFound","extensions":null,"path":null}]}`
    )
    assert.strictEqual(verdict(result), "notFound")
    assert.strictEqual(verdict(JSON.parse(`{"data":null,"errors":null}`)), "found")
  })
})
