import type { Response } from "@fiberline/core/GraphQLOverHttp"
import {
  accept,
  contentType,
  decode,
  decodeBatch,
  encodeBody,
  encodeUrl
} from "@fiberline/core/GraphQLOverHttp"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { json, operationRequest, text } from "./support/frames.js"
import { graphqlResponse, malformed } from "./support/responses.js"

const graphql = "application/graphql-response+json"

const successes = [200, 201, 203, 294, 299]
const failures = [0, 100, 199, 300, 304, 308, 400, 401, 404, 405, 422, 429, 500, 502, 503, 599, NaN]

const status = fc.oneof(fc.constantFrom(...successes, ...failures), fc.nat(999))
const success = fc.integer({ min: 200, max: 299 })
const failure = status.filter((status) => !(status >= 200 && status < 300))

const response = (status: number, contentType: string | undefined, body: unknown): Response => ({
  status,
  contentType,
  body: JSON.stringify(body)
})

/** As it arrives: what UTF-8 cannot say is U+FFFD. */
const utf8 = (text: string): string => Buffer.from(text, "utf8").toString("utf8")

const refused = { _tag: "Refused" }

const unexpected = {
  _tag: "Rejected",
  reason: "UnexpectedMediaType",
  detail: "the media type is neither application/graphql-response+json nor application/json"
}

describe("a request", () => {
  it("prefers the media type that GraphQL has of its own", () => {
    assert.strictEqual(accept, "application/graphql-response+json, application/json;q=0.9")
    assert.strictEqual(contentType, "application/json")
  })

  it("is, to the letter, what the draft names and no more", () => {
    const request = {
      query: "{ a }",
      operationName: "A",
      variables: { a: null },
      extensions: { b: 1 },
      else: 1
    }
    assert.strictEqual(
      encodeBody(request),
      `{"query":"{ a }","operationName":"A","variables":{"a":null},"extensions":{"b":1}}`
    )
    assert.strictEqual(
      encodeUrl("/graphql", request),
      "/graphql?query=%7B%20a%20%7D&operationName=A&variables=%7B%22a%22%3Anull%7D&extensions=%7B%22b%22%3A1%7D"
    )
  })

  it("leaves out what is absent", () => {
    const absent = {
      query: "{ a }",
      documentId: undefined,
      operationName: undefined,
      variables: undefined,
      extensions: undefined
    }
    assert.strictEqual(encodeBody(absent), `{"query":"{ a }"}`)
    assert.strictEqual(encodeUrl("/", absent), "/?query=%7B%20a%20%7D")
  })

  it("names a persisted document instead of sending the query", () => {
    const request = { query: "{ a }", documentId: "sha256:00", operationName: "A" }
    assert.strictEqual(encodeBody(request), `{"documentId":"sha256:00","operationName":"A"}`)
    assert.strictEqual(encodeUrl("/", request), "/?documentId=sha256%3A00&operationName=A")
  })

  it("may have no query at all, for a server that knows its hash", () => {
    assert.strictEqual(encodeBody({ extensions: { a: 1 } }), `{"extensions":{"a":1}}`)
  })

  it("can be read back from the body", () => {
    fc.assert(
      fc.property(operationRequest, (request) => {
        assert.deepEqual(JSON.parse(encodeBody(request)), JSON.parse(JSON.stringify(request)))
      })
    )
  })

  it("can be read back from the URL, whatever that has already", () => {
    const path = fc.stringMatching(/^\/[a-z]{0,4}(\?([a-z]=[a-z](&[a-z]=[a-z])?&?)?)?$/)
    const fragment = fc.constantFrom("", "#", "#f", "#?a&b#")
    fc.assert(
      fc.property(path, fragment, operationRequest, (path, fragment, request) => {
        const before = new URL(path + fragment, "http://host")
        const after = new URL(encodeUrl(before.href, request))
        assert.strictEqual(after.hash, before.hash)
        assert.strictEqual(after.pathname, before.pathname)
        const entries = [...after.searchParams]
        const own = [...before.searchParams]
        assert.deepEqual(entries.splice(0, own.length), own)
        assert.deepEqual(
          entries,
          [
            ["query", utf8(request.query)],
            [
              "operationName",
              request.operationName === undefined ? undefined : utf8(request.operationName)
            ],
            ["variables", request.variables && JSON.stringify(request.variables)],
            ["extensions", request.extensions && JSON.stringify(request.extensions)]
          ].filter((entry): entry is [string, string] => entry[1] !== undefined)
        )
      })
    )
  })

  it.each([
    ["/", "/?query=a"],
    ["/?", "/?query=a"],
    ["/?b=1", "/?b=1&query=a"],
    ["/?b=1&", "/?b=1&query=a"],
    ["/#f?", "/?query=a#f?"],
    ["", "?query=a"]
  ])("is added to the URL %j as %j", (url, expected) => {
    assert.strictEqual(encodeUrl(url, { query: "a" }), expected)
  })

  it("has U+FFFD in the URL for each lone surrogate, as UTF-8 has it", () => {
    assert.strictEqual(
      encodeUrl("/", { query: "\ud800\udc00 \ud800 \udc00\ud800" }),
      "/?query=%F0%90%80%80%20%EF%BF%BD%20%EF%BF%BD%EF%BF%BD"
    )
  })

  it("throws what JSON.stringify throws", () => {
    const request = { query: "{ a }", variables: { a: 1n } }
    assert.throws(() => encodeBody(request), TypeError)
    assert.throws(() => encodeUrl("/", request), TypeError)
  })
})

describe("a response", () => {
  const answers = (response: Response, result: unknown) => {
    assert.deepEqual(decode(response), {
      _tag: "Answer",
      result: JSON.parse(JSON.stringify(result))
    } as never)
  }

  it("that says it is GraphQL's is read whatever the status", () => {
    fc.assert(
      fc.property(status, graphqlResponse, (status, result) => {
        answers(response(status, graphql, result), result)
      })
    )
  })

  it("of JSON is read whatever the status, if GraphQL wrote it", () => {
    fc.assert(
      fc.property(status, graphqlResponse, (status, result) => {
        answers(response(status, "application/json", result), result)
      })
    )
  })

  it("of success without a media type, or with that of any text, is read if GraphQL wrote it", () => {
    fc.assert(
      fc.property(
        success,
        fc.constantFrom(undefined, "", " ", ";charset=utf-8", "text/plain; charset=utf-8"),
        graphqlResponse,
        (status, contentType, result) => {
          answers(response(status, contentType, result), result)
        }
      )
    )
  })

  it.each(malformed)("%s is no GraphQL response: %s", (body, reason, detail) => {
    const rejected = { _tag: "Rejected", reason, detail }
    for (const status of successes) {
      assert.deepEqual<unknown>(decode({ status, contentType: graphql, body }), rejected)
      assert.deepEqual<unknown>(decode({ status, contentType: "application/json", body }), rejected)
      assert.deepEqual<unknown>(decode({ status, contentType: undefined, body }), unexpected)
      assert.deepEqual<unknown>(decode({ status, contentType: "text/plain", body }), unexpected)
    }
    for (const status of failures) {
      assert.deepEqual<unknown>(decode({ status, contentType: graphql, body }), rejected)
      assert.deepEqual<unknown>(decode({ status, contentType: "application/json", body }), refused)
    }
  })

  it("of failure that is neither media type is refused, whatever its body", () => {
    const other = fc.constantFrom(
      undefined,
      "",
      "text/html",
      "text/plain",
      "application/problem+json"
    )
    fc.assert(
      fc.property(failure, other, graphqlResponse, (status, contentType, result) => {
        assert.deepEqual<unknown>(decode(response(status, contentType, result)), refused)
      })
    )
  })

  it.each([
    "text/html",
    "application/jsonp",
    "application/graphql-response",
    "application/problem+json",
    "multipart/mixed; boundary=application/json",
    "text/event-stream"
  ])("of success that is %s is rejected, whatever its body", (contentType) => {
    fc.assert(
      fc.property(success, graphqlResponse, (status, result) => {
        assert.deepEqual<unknown>(decode(response(status, contentType, result)), unexpected)
      }),
      { numRuns: 10 }
    )
  })

  it.each([
    "application/json; charset=utf-8",
    "Application/JSON",
    " application/json ;q",
    "application/json, application/json",
    "application/graphql-response+json;charset=utf-8",
    "APPLICATION/GRAPHQL-RESPONSE+JSON"
  ])("has its media type in %j", (contentType) => {
    answers(response(400, contentType, { errors: [{ message: "no" }] }), {
      errors: [{ message: "no" }]
    })
  })

  it("has errors and extensions that are null, and keeps them so", () => {
    const result = { data: { a: 1 }, errors: null, extensions: null }
    answers(response(200, "application/json", result), result)
  })

  it("means something, whatever it is, and what is said of it has none of its words", () => {
    const body = fc.oneof(
      text,
      json.map((value) => JSON.stringify(value)),
      fc.stringMatching(/^(SECRET|"SECRET"|\["SECRET"\]|\{"(SECRET|data|errors)":"SECRET"\})$/)
    )
    const types = fc.option(
      fc.oneof(text, fc.constantFrom(graphql, "application/json", "text/plain", "text/SECRET")),
      { nil: undefined }
    )
    fc.assert(
      fc.property(status, types, body, fc.nat(3), (status, contentType, body, length) => {
        const one = decode({ status, contentType, body })
        const many = decodeBatch({ status, contentType, body }, length)
        assert.include(["Answer", "Refused", "Rejected"], one._tag)
        for (const rejected of [one, many]) {
          if ("detail" in rejected) assert.notInclude(rejected.detail, "SECRET")
        }
      }),
      { numRuns: 1000 }
    )
  })

  it("is read in good time however deep it is nested", { timeout: 5_000 }, () => {
    const body = `{"data":`.repeat(100_000) + "{}" + "}".repeat(100_000)
    assert.strictEqual(decode({ status: 200, contentType: graphql, body })._tag, "Answer")
    const open = `{"data":`.repeat(1_000_000)
    assert.strictEqual(decode({ status: 200, contentType: graphql, body: open })._tag, "Rejected")
  })
})

describe("a response to a batch", () => {
  const batch = fc.array(graphqlResponse, { maxLength: 4 })

  const rejects = (length: number, body: string, reason: string, detail: string) => {
    assert.deepEqual<unknown>(decodeBatch({ status: 200, contentType: graphql, body }, length), {
      _tag: "Rejected",
      reason,
      detail
    })
  }

  it("has a result for each request, in their order", () => {
    fc.assert(
      fc.property(batch, status, (results, status) => {
        assert.deepEqual<unknown>(
          decodeBatch(response(status, "application/json", results), results.length),
          JSON.parse(JSON.stringify(results))
        )
      })
    )
  })

  it("that has more or fewer results than there are requests is none", () => {
    fc.assert(
      fc.property(batch, fc.nat(5), (results, length) => {
        fc.pre(results.length !== length)
        rejects(
          length,
          JSON.stringify(results),
          "InvalidField",
          "a batch's response must have as many results as it has requests"
        )
      })
    )
  })

  it("that is one object with errors is the answer to each request", () => {
    const result = { errors: [{ message: "too many" }] }
    for (const one of [result, { ...result, data: null }]) {
      assert.deepEqual<unknown>(decodeBatch(response(400, "application/json", one), 2), [one, one])
      assert.deepEqual<unknown>(decodeBatch(response(200, graphql, one), 0), [])
    }
  })

  it.each([
    { data: {} },
    { data: null },
    { data: null, errors: [] },
    { data: {}, errors: [{ message: "no" }] }
  ])("that is one object with data answers none: %j", (result) => {
    rejects(
      1,
      JSON.stringify(result),
      "InvalidField",
      "a batch's response must be an array, but is an object"
    )
  })

  it.each(malformed.filter(([body]) => !body.startsWith("[")))(
    "%s is none, and neither is a list of it",
    (body, reason, detail) => {
      rejects(1, body, reason, detail)
      if (reason !== "NotJson") rejects(2, `[{"data":{}},${body}]`, reason, detail)
    }
  )

  it("of failure that GraphQL did not write is refused", () => {
    for (const body of ["", "[]", "{}", `[{"data":{}}]`, "<html>"]) {
      assert.deepEqual<unknown>(
        decodeBatch({ status: 502, contentType: "application/json", body }, 2),
        refused
      )
      assert.deepEqual<unknown>(
        decodeBatch({ status: 502, contentType: "text/html", body }, 2),
        refused
      )
    }
  })

  it("that looks like what is made of it is no such thing", () => {
    const body = `{"_tag":"Answers","results":[{"data":{}}]}`
    assert.strictEqual(decode({ status: 200, contentType: graphql, body })._tag, "Rejected")
    assert.notInstanceOf(decodeBatch({ status: 200, contentType: graphql, body }, 1), Array)
  })
})
