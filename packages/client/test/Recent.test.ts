import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { Recent } from "../src/internal/recent.js"

/** What is made of each key is a new object, by which it is known whether it was made anew. */
const made = (key: string) => ({ key })

describe("what is recent", () => {
  it("is made once", () => {
    const recent = new Recent<string, { readonly key: string }>(2)
    const a = recent.of("a", made)
    assert.deepStrictEqual(a, { key: "a" })
    assert.strictEqual(recent.of("a", made), a)
    assert.notStrictEqual(recent.of("b", made), a)
  })

  it("is forgotten when there is too much, what was used longest ago first", () => {
    const recent = new Recent<string, { readonly key: string }>(2)
    const a = recent.of("a", made)
    const b = recent.of("b", made)
    recent.of("a", made)
    recent.of("c", made)
    assert.strictEqual(recent.of("a", made), a)
    assert.notStrictEqual(recent.of("b", made), b)
  })

  it("is not what could not be made", () => {
    const recent = new Recent<string, { readonly key: string }>(1)
    const a = recent.of("a", made)
    assert.throws(
      () =>
        recent.of("b", () => {
          throw new RangeError("no")
        }),
      RangeError
    )
    assert.strictEqual(recent.of("a", made), a)
    assert.deepStrictEqual(recent.of("b", made), { key: "b" })
  })

  it("is, whatever was used, what was used last", () => {
    const keys = FastCheck.array(FastCheck.integer({ min: 0, max: 9 }), { maxLength: 60 })
    FastCheck.assert(
      FastCheck.property(keys, FastCheck.integer({ min: 1, max: 6 }), (used, most) => {
        const recent = new Recent<number, object>(most)
        used.forEach((key, at) => {
          const before = [...new Set(used.slice(0, at).reverse())].slice(0, most)
          let isMade = false
          recent.of(key, () => {
            isMade = true
            return {}
          })
          assert.strictEqual(isMade, !before.includes(key))
        })
      })
    )
  })
})
