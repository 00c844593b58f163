import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { paint } from "../src/paint.js"
import { describeError, render } from "../src/render.js"

const plain = paint(false)
const colourful = paint(true)

describe("a result", () => {
  it("is a line of JSON, with errors and extensions where there are any", () => {
    assert.strictEqual(render({ data: { a: 1 }, errors: [] }, "json", plain), '{"data":{"a":1}}')
    assert.strictEqual(
      render({ data: null, errors: [{ message: "no" }], extensions: { b: 2 } }, "json", plain),
      '{"data":null,"errors":[{"message":"no"}],"extensions":{"b":2}}'
    )
  })

  it("is its data alone", () => {
    assert.strictEqual(render({ data: { a: 1 }, errors: [] }, "data", plain), '{"a":1}')
    assert.strictEqual(render({ data: null, errors: [] }, "data", colourful), "null")
  })

  it("is indented and coloured for people", () => {
    const data = { 'a "b': ["c: 1", -1.5e3, true, null] }
    assert.strictEqual(
      render({ data, errors: [] }, "pretty", plain),
      JSON.stringify({ data }, null, 2)
    )
    const shown = render({ data, errors: [] }, "pretty", colourful)
    assert.include(shown, '\u001b[36m"a \\"b"\u001b[39m: [')
    assert.include(shown, '\u001b[32m"c: 1"\u001b[39m,')
    assert.include(shown, "\u001b[33m-1500\u001b[39m,")
    assert.include(shown, "\u001b[35mtrue\u001b[39m,")
    assert.include(shown, "\u001b[35mnull\u001b[39m\n")
  })

  it("is the same JSON whatever is in it, on one line where it is to be, and harmless", () => {
    const anything = FastCheck.jsonValue()
    FastCheck.assert(
      FastCheck.property(anything, FastCheck.boolean(), (value, colours) => {
        // What JSON makes of it: it knows no -0.
        const data: unknown = JSON.parse(JSON.stringify(value))
        const line = render({ data, errors: [] }, "json", paint(colours))
        assert.deepStrictEqual(JSON.parse(line), { data })
        assert.notMatch(line, /[\p{Cc}\u2028\u2029\u202e]/u)
        const shown = render({ data, errors: [] }, "pretty", paint(colours))
        // eslint-disable-next-line no-control-regex -- our own colours
        assert.deepStrictEqual(JSON.parse(shown.replace(/\u001b\[\d+m/g, "")), { data })
      })
    )
  })
})

describe("an error", () => {
  it("says where it is", () => {
    const message = "no\u001b[2J"
    assert.strictEqual(describeError({ message }), "no\\u001b[2J")
    assert.strictEqual(
      describeError({ message: "no", path: ["a", 0, "b"], locations: [{ line: 2, column: 3 }] }),
      "a.0.b: no (line 2, column 3)"
    )
  })
})
