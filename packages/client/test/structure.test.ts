import { assert, describe, it } from "@effect/vitest"
import * as Data from "effect/Data"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import { equals, hash } from "../src/internal/structure.js"

describe("structure", () => {
  it("is the same for whatever holds the same, in whatever order", () => {
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, member]) => [key, reversed(member)])
            )
          : value
    FastCheck.assert(
      FastCheck.property(FastCheck.jsonValue(), (value) => {
        assert.isTrue(equals(value, reversed(value)))
        assert.strictEqual(hash(value), hash(reversed(value)))
      })
    )
  })

  it("is equal where JSON says so, and not elsewhere", () => {
    const small = FastCheck.letrec((tie) => ({
      value: FastCheck.oneof(
        { maxDepth: 3 },
        FastCheck.constantFrom<unknown>(null, 0, 1, "", "0", true, false),
        FastCheck.array(tie("value"), { maxLength: 2 }),
        FastCheck.dictionary(FastCheck.constantFrom("a", "b"), tie("value"), {
          noNullPrototype: true
        })
      )
    })).value
    const sorted = (_: string, value: unknown): unknown =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value
    FastCheck.assert(
      FastCheck.property(small, small, (a, b) => {
        const same = JSON.stringify(a, sorted) === JSON.stringify(b, sorted)
        assert.strictEqual(equals(a, b), same)
        assert.strictEqual(equals(b, a), same)
      }),
      { numRuns: 2000 }
    )
  })

  it("tells different variables apart by their hash", () => {
    const hashes = new Set(Array.from({ length: 1000 }, (_, id) => hash({ by: { id } })))
    assert.isAbove(hashes.size, 990)
  })

  it("knows what Effect compares, and dates", () => {
    const pairs: ReadonlyArray<readonly [unknown, unknown]> = [
      [Data.struct({ a: 1 }), Data.struct({ a: 2 })],
      [Redacted.make("a"), Redacted.make("b")],
      [new Date(0), new Date(1)],
      [1n, 2n]
    ]
    for (const [a, b] of pairs) {
      assert.isFalse(equals({ a }, { a: b }))
      assert.isTrue(equals({ a }, { a }))
    }
    for (const make of [
      () => Data.struct({ a: 1 }),
      () => Redacted.make("a"),
      () => new Date(0),
      () => 1n,
      () => Object.create(null) as unknown
    ]) {
      assert.isTrue(equals({ a: make() }, { a: make() }))
      assert.strictEqual(hash({ a: make() }), hash({ a: make() }))
    }
    assert.isFalse(equals(Data.struct({ a: 1 }), { a: 1 }))
    assert.isFalse(equals({ a: undefined }, { b: undefined }))
    assert.isFalse(equals({ toString: undefined, a: 1 }, { a: 1, b: undefined }))
    assert.isFalse(equals([], {}))
    assert.isFalse(equals(new Map(), new Map()))
    assert.isFalse(equals(new Date(NaN), new Date(0)))
  })

  it("comes to an end in a circle, and takes none for another", () => {
    const circle = () => {
      const self: { self?: unknown } = {}
      self.self = { self }
      return self
    }
    const one = circle()
    assert.isTrue(equals(one, one))
    assert.isFalse(equals(one, circle()))
    assert.strictEqual(hash(one), hash(circle()))
  })
})
