import * as GraphQLSse from "@fiberline/core/GraphQLSse"
import type { Rejected, RejectionReason } from "@fiberline/core/Message"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { executionResult, garbled, json, text } from "./support/frames.js"

const { decodeDistinct, decodeSingle } = GraphQLSse

type Decoded = ReturnType<typeof decodeSingle>

const distinct = (event: string | undefined, data: string): Decoded =>
  decodeDistinct("op", { event, data })

const single = (event: string | undefined, data: string): Decoded => decodeSingle({ event, data })

const modes = [
  ["distinct", distinct],
  ["single", single]
] as const

const id = text.filter((id) => id !== "")

const nameless = [undefined, "", "message"]

const name = fc.oneof(
  fc.constantFrom("next", "complete", ...nameless),
  fc.option(text, { nil: undefined })
)

const ignored = { _tag: "Ignored" } as const

const rejection = (reason: RejectionReason, detail: string): Rejected => ({
  _tag: "Rejected",
  reason,
  detail
})

describe("what a request says", () => {
  it("is what the protocol names", () => {
    assert.strictEqual(GraphQLSse.accept, "text/event-stream")
    assert.strictEqual(GraphQLSse.tokenHeader, "X-GraphQL-Event-Stream-Token")
  })
})

describe("a result", () => {
  it("has the stream's id in distinct mode", () => {
    fc.assert(
      fc.property(id, executionResult, (id, payload) => {
        const data = JSON.stringify(payload)
        assert.deepEqual(decodeDistinct(id, { event: "next", data }), { _tag: "Next", id, payload })
      })
    )
  })

  it("has its own id in single mode", () => {
    fc.assert(
      fc.property(id, executionResult, (id, payload) => {
        const data = JSON.stringify({ id, payload })
        assert.deepEqual(single("next", data), { _tag: "Next", id, payload })
      })
    )
  })

  it.each(nameless)("needs no name, as some servers give it none: %j", (event) => {
    const payload = { data: { n: 1 } }
    const next = { _tag: "Next", id: "op", payload } as const
    assert.deepEqual(distinct(event, JSON.stringify(payload)), next)
    assert.deepEqual(distinct(event, ` \n${JSON.stringify(payload)}`), next)
    assert.deepEqual(single(event, JSON.stringify({ id: "op", payload })), next)
  })

  it.each([{ errors: [{ message: "no" }] }, { data: null }, { hasNext: false }])(
    "without a name is known by any member of one: %j",
    (payload) => {
      const next: unknown = distinct(undefined, JSON.stringify(payload))
      assert.deepEqual(next, { _tag: "Next", id: "op", payload })
    }
  )

  it("that looks like a rejection is a result", () => {
    const payload = { data: { _tag: "Rejected" }, _tag: "Rejected" }
    const next: unknown = distinct("next", JSON.stringify(payload))
    assert.deepEqual(next, { _tag: "Next", id: "op", payload })
  })
})

describe("a completion", () => {
  it("is one in distinct mode, whatever its data", () => {
    fc.assert(
      fc.property(id, text, (id, data) => {
        const complete = { _tag: "Complete", id } as const
        assert.deepEqual(decodeDistinct(id, { event: "complete", data }), complete)
      })
    )
  })

  it("names its operation in single mode", () => {
    fc.assert(
      fc.property(id, (id) => {
        assert.deepEqual(single("complete", JSON.stringify({ id })), { _tag: "Complete", id })
      })
    )
  })

  it("of nobody is rejected in single mode", () => {
    assert.deepEqual(single("complete", ""), rejection("NotJson", "an empty frame"))
    assert.deepEqual(
      single("complete", "{}"),
      rejection("InvalidField", `"id" must be a non-empty string, but is absent`)
    )
  })
})

describe.each(modes)("in %s mode", (_, decode) => {
  it("whatever comes becomes a message, nothing, or a rejection", () => {
    const data = fc.oneof(
      text,
      json.map((value) => JSON.stringify(value)),
      garbled(executionResult.map((result) => JSON.stringify(result))),
      garbled(executionResult.map((payload) => JSON.stringify({ id: "1", payload })))
    )
    fc.assert(
      fc.property(name, data, (name, data) => {
        const message = decode(name, data)
        assert.include(["Next", "Complete", "Ignored", "Rejected"], message._tag)
      }),
      { numRuns: 500 }
    )
  })

  it.each(["ping", "keep-alive", "heartbeat", "Next", "error", "constructor"])(
    "an event named %s is passed over",
    (event) => {
      assert.deepEqual(decode(event, `{"id":"1","payload":{"data":1},"data":1}`), ignored)
      assert.deepEqual(decode(event, ""), ignored)
    }
  )

  it.each(["", " ", "\n", "ping", "null", "[]", "1", "{}", `{"type":"ping"}`])(
    "%j without a name is passed over",
    (data) => {
      for (const event of nameless) assert.deepEqual(decode(event, data), ignored)
    }
  )

  it.each<readonly [string, RejectionReason, string]>([
    ["", "NotJson", "an empty frame"],
    ["{", "NotJson", "text that is not JSON"],
    ["[]", "NotAnObject", "a message must be an object, but is an array"]
  ])("%j is no result", (data, reason, detail) => {
    assert.deepEqual(decode("next", data), rejection(reason, detail))
  })

  it("an object that was cut short is rejected even without a name", () => {
    for (const event of [...nameless, "next"]) {
      const cut = decode(event, `{"data":{"n":`)
      assert.deepEqual(cut, rejection("NotJson", "text that is not JSON"))
    }
  })
})

describe("a result of the wrong shape is rejected", () => {
  const errors = "must be an array of GraphQL errors, but is a string"
  const extensions = "must be an object, but is an array"

  it.each([...nameless, "next"])("in distinct mode, named %j", (event) => {
    assert.deepEqual(
      distinct(event, `{"data":1,"errors":"no"}`),
      rejection("InvalidField", `"errors" ${errors}`)
    )
    assert.deepEqual(
      distinct(event, `{"data":1,"extensions":[]}`),
      rejection("InvalidField", `"extensions" ${extensions}`)
    )
  })

  it.each([...nameless, "next"])("in single mode, named %j", (event) => {
    assert.deepEqual(
      single(event, `{"id":"1","payload":{"errors":"no"}}`),
      rejection("InvalidField", `"payload.errors" ${errors}`)
    )
    assert.deepEqual(
      single(event, `{"id":"1","payload":[]}`),
      rejection("InvalidField", `"payload" must be an execution result, but is an array`)
    )
    assert.deepEqual(
      single(event, `{"id":1,"payload":{}}`),
      rejection("InvalidField", `"id" must be a non-empty string, but is a number`)
    )
  })

  it("in single mode without a payload", () => {
    assert.deepEqual(
      single("next", `{"id":"1","data":1}`),
      rejection("InvalidField", `"payload" must be an execution result, but is absent`)
    )
  })
})
