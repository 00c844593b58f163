import { assert, describe, it } from "@effect/vitest"
import { EventStream, type ServerSentEvent } from "@fiberline/core/EventStream"
import * as FastCheck from "fast-check"

const read = (...texts: ReadonlyArray<string>): ReadonlyArray<ServerSentEvent> => {
  const stream = new EventStream(1000)
  return texts.flatMap((text) => stream.push(text))
}

const one = (event: string | undefined, data: string) => [{ event, data }]

describe("an event stream", () => {
  for (const [name, end] of [
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"]
  ] as const) {
    it(`is read with lines that end with ${name}`, () => {
      const text = ["event: next", "data: a", "data: b", "", ""].join(end)
      assert.deepStrictEqual(read(text), one("next", "a\nb"))
    })
  }

  it("takes a name alone for an event", () => {
    assert.deepStrictEqual(read("event: complete\n\n"), one("complete", ""))
  })

  it("has no event without a name and data", () => {
    assert.deepStrictEqual(read("\n\nid: 4\nretry: 100\n\n: a comment\n\nevent\n\n"), [])
  })

  it("has an event of an empty line of data", () => {
    assert.deepStrictEqual(read("data\n\n"), one(undefined, ""))
    assert.deepStrictEqual(read("event: complete\ndata:\n\n"), one("complete", ""))
  })

  it("takes one space from a value, and no more", () => {
    assert.deepStrictEqual(read("data:  a: b\n\n"), one(undefined, " a: b"))
    assert.deepStrictEqual(read("data:a\n\n"), one(undefined, "a"))
  })

  it("forgets an event's name with the event", () => {
    assert.deepStrictEqual(read("event: a\ndata: 1\n\ndata: 2\n\n"), [
      { event: "a", data: "1" },
      { event: undefined, data: "2" }
    ])
  })

  it("passes over comments within an event, and fields that it does not know", () => {
    assert.deepStrictEqual(read("data: 1\n:\n:ping\nfoo: bar\ndata: 2\n\n"), one(undefined, "1\n2"))
  })

  it("passes over a byte order mark at the beginning, and only there", () => {
    assert.deepStrictEqual(read("\uFEFFdata: 1\n\n"), one(undefined, "1"))
    assert.deepStrictEqual(read("data: 1\n\n\uFEFFdata: 2\n\n"), one(undefined, "1"))
  })

  it("has no event that has not ended", () => {
    assert.deepStrictEqual(read("event: next\ndata: 1\n"), [])
  })

  it("ends a line once that ends with CR and LF in two pieces", () => {
    assert.deepStrictEqual(read("data: 1\r", "\ndata: 2\r\n\r", "\n"), one(undefined, "1\n2"))
    assert.deepStrictEqual(read("data: 1\r", "", "\ndata: 2\r\n\r\n"), one(undefined, "1\n2"))
  })

  it("reads nothing more once an event was too large", () => {
    const stream = new EventStream(10)
    assert.deepStrictEqual(stream.push("data: 1\n\n"), one(undefined, "1"))
    assert.isFalse(stream.isTooLarge)
    assert.deepStrictEqual(stream.push("data: 1\n"), [])
    assert.deepStrictEqual(stream.push("data: 2\n\ndata: 3\n\n"), [])
    assert.isTrue(stream.isTooLarge)
    assert.deepStrictEqual(stream.push("\n\ndata: 4\n\n"), [])
  })

  it("is too large with a line that does not end", () => {
    const stream = new EventStream(10)
    for (let index = 0; index < 11; index++) stream.push("a")
    assert.isTrue(stream.isTooLarge)
  })

  it("takes any number of comments", () => {
    const stream = new EventStream(10)
    for (let index = 0; index < 100; index++) stream.push(":\n: ping\n")
    assert.isFalse(stream.isTooLarge)
  })

  it("is the same however it is cut", () => {
    const line = FastCheck.stringMatching(/^[ -~é💥]{0,8}$/u)
    const lineEnd = FastCheck.constantFrom("\n", "\r\n", "\r")
    const event = FastCheck.record({
      event: FastCheck.option(FastCheck.stringMatching(/^[a-z]{1,5}$/), { nil: undefined }),
      data: FastCheck.array(line, { minLength: 1, maxLength: 3 }),
      end: lineEnd
    })
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(event, { maxLength: 5 }),
        FastCheck.array(FastCheck.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
        (events, sizes) => {
          const text = events
            .map(({ data, end, event }) =>
              [
                ":",
                ...(event === undefined ? [] : [`event: ${event}`]),
                ...data.map((line) => `data: ${line}`),
                "",
                ""
              ].join(end)
            )
            .join("")
          const pieces: Array<string> = []
          for (let start = 0, cut = 0; start < text.length; cut++) {
            const size = sizes[cut % sizes.length] ?? 1
            pieces.push(text.slice(start, start + size))
            start += size
          }
          assert.deepStrictEqual(
            read(...pieces),
            events.map(({ data, event }) => ({ event, data: data.join("\n") }))
          )
        }
      )
    )
  })

  it("survives whatever it is given", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.fullUnicodeString()), (texts) => {
        read(...texts)
      })
    )
  })
})
