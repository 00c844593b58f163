import { accept, IncrementalResult, type Merged } from "@fiberline/core/IncrementalDelivery"
import type { JsonObject, Rejected } from "@fiberline/core/Message"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { json } from "./support/frames.js"
import { allFormats, deepFreeze, delivery } from "./support/incremental.js"

const merges = (merged: Merged | Rejected): Merged => {
  if ("_tag" in merged) throw new Error(merged.detail)
  return merged
}

const rejects = (merged: Merged | Rejected): string => {
  if (!("_tag" in merged)) throw new Error("was merged")
  assert.strictEqual(merged.reason, "InvalidField")
  return merged.detail
}

/** What it is after the payloads, none of which may be rejected. */
const after = (...payloads: ReadonlyArray<JsonObject>) => {
  const result = new IncrementalResult()
  const all = payloads.map((payload) => merges(result.merge(deepFreeze(payload))))
  return { result, last: all.at(-1)!, all }
}

const initial = { data: { a: { b: 1 }, list: [1, 2], none: null }, hasNext: true }

const error = (message: string) => ({ message })

it("asks for the newest format first", () => {
  assert.strictEqual(
    accept,
    "multipart/mixed;incrementalSpec=v0.2, multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json;q=0.9"
  )
})

interface Shared {
  readonly same: object
  readonly list: ReadonlyArray<object>
}

describe("a result that comes in pieces", () => {
  it.each([...allFormats.map((format) => [format]), allFormats])(
    "of %s %s %s is the same as in one, and no snapshot ever changes",
    (...formats) => {
      fc.assert(
        fc.property(delivery(...formats), ({ original, payloads }) => {
          const result = new IncrementalResult()
          const snapshots = payloads.map((payload) => {
            // Frozen, so that a change to what was given out would throw.
            const merged = deepFreeze(merges(result.merge(deepFreeze(payload))))
            return [merged, JSON.stringify(merged)] as const
          })
          const [last] = snapshots.at(-1)!
          assert.deepEqual(last.result.data, original)
          assert.isFalse(last.hasNext)
          assert.isEmpty(last.pending)
          for (const [merged, text] of snapshots) {
            assert.strictEqual(JSON.stringify(merged), text)
            assert.strictEqual(merged.hasNext, merged !== last)
          }
        }),
        { numRuns: 300 }
      )
    }
  )

  it("shares with the one before what is the same", () => {
    const { all } = after(
      { data: { same: { a: 1 }, list: [{ a: 1 }, { a: 2 }] }, hasNext: true },
      { incremental: [{ path: ["list", 1], data: { b: 2 } }], hasNext: true },
      { hasNext: false }
    )
    const [first, second, third] = all.map(({ result }) => result.data as never as Shared)
    assert.deepEqual(second, { same: { a: 1 }, list: [{ a: 1 }, { a: 2, b: 2 }] })
    assert.strictEqual(second!.same, first!.same)
    assert.strictEqual(second!.list[0], first!.list[0])
    assert.notStrictEqual(second!.list[1], first!.list[1])
    assert.strictEqual(third, second)
  })

  it("is whatever it is merged with, or says why not", () => {
    const path = fc.array(
      fc.constantFrom<unknown>("a", "b", "list", 0, 1, 2, -1, 0.5, "__proto__", null)
    )
    const id = fc.constantFrom<unknown>("0", "1", "", 1, null)
    const part = fc.record(
      {
        id: fc.oneof(id, json),
        path: fc.oneof(path, json),
        subPath: fc.oneof(path, json),
        label: fc.oneof(fc.constant("L"), json),
        data: fc.oneof(fc.constantFrom({ a: { c: 1 } }, null), json),
        items: fc.oneof(fc.constantFrom([1], null), json),
        errors: fc.oneof(fc.constantFrom([error("SECRET")], ["SECRET"]), json),
        extensions: fc.oneof(fc.constantFrom({ a: 1 }, "SECRET"), json)
      },
      { requiredKeys: [] }
    )
    const parts = fc.oneof(fc.array(part, { maxLength: 3 }), json)
    const payload = fc
      .tuple(
        part,
        fc.record(
          {
            pending: parts,
            incremental: parts,
            completed: parts,
            hasNext: fc.oneof(fc.boolean(), json)
          },
          { requiredKeys: [] }
        )
      )
      .map(([one, other]) => ({ ...one, ...other }))
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 5 }), fc.boolean(), (payloads, begun) => {
        const result = new IncrementalResult()
        let before = begun ? merges(result.merge(deepFreeze(initial))) : undefined
        for (const payload of payloads) {
          const merged = result.merge(deepFreeze(payload))
          if (!("_tag" in merged)) {
            before = deepFreeze(merged)
            continue
          }
          assert.notInclude(rejects(merged), "SECRET")
          if (before?.hasNext !== true) continue
          assert.deepEqual(merges(result.merge({})), before)
        }
      }),
      { numRuns: 1000 }
    )
    assert.notProperty({}, "c")
  })

  it("is merged in good time, however deep it is nested", { timeout: 5_000 }, () => {
    const deep: JsonObject = JSON.parse(`{"a":`.repeat(100_000) + `{"b":1}` + "}".repeat(100_000))
    const same: JsonObject = JSON.parse(`{"a":`.repeat(100_000) + `{"c":1}` + "}".repeat(100_000))
    const result = new IncrementalResult()
    merges(result.merge({ data: deep, hasNext: true }))
    merges(result.merge({ incremental: [{ path: [], data: same }], hasNext: true }))
    const path = Array.from({ length: 100_000 }, () => "a")
    merges(result.merge({ incremental: [{ path, data: { d: 1 } }], hasNext: true }))
    rejects(result.merge({ incremental: [{ path: [...path, "b"], data: {} }], hasNext: true }))
  })
})

describe("a payload", () => {
  it("is merged in good time, however many pieces it has", { timeout: 5_000 }, () => {
    const indices = Array.from({ length: 40_000 }, (_, index) => index)
    const result = new IncrementalResult()
    merges(result.merge({ data: { list: indices.map((index) => ({ index })) }, hasNext: true }))
    const incremental = indices.map((index) => ({ path: ["list", index], data: { a: 1 } }))
    merges(result.merge({ incremental, hasNext: true }))
  })

  it("without hasNext is the only one", () => {
    const { last, result } = after({ data: { a: 1 } })
    assert.deepEqual(last, { result: { data: { a: 1 } }, pending: [], hasNext: false })
    assert.strictEqual(
      rejects(result.merge({ hasNext: false })),
      `there is a payload after one whose "hasNext" is false`
    )
  })

  it("has of a result what a result has, and nothing else", () => {
    const { last } = after({ data: null, errors: [error("no")], extensions: { a: 1 }, else: 1 })
    assert.deepEqual(last.result, { data: null, errors: [error("no")], extensions: { a: 1 } })
    assert.deepEqual(after({ errors: [], extensions: null }).last.result, {})
  })

  it("that says nothing, changes nothing", () => {
    const { all } = after(initial, {}, { hasNext: null }, { incremental: [], pending: null })
    for (const merged of all) assert.deepEqual(merged, all[0]!)
  })

  it("may be nothing but the end", () => {
    const { last } = after({ ...initial, pending: [{ id: "0", path: ["a"] }] }, { hasNext: false })
    assert.deepEqual(last, { result: { data: initial.data }, pending: [], hasNext: false })
  })

  it("may bring errors and extensions late", () => {
    const { last } = after(
      { ...initial, errors: [error("1")], extensions: { a: { b: 1 }, c: 1 } },
      { errors: [error("2")], extensions: { a: { d: 1 } }, hasNext: true },
      {
        incremental: [{ path: ["a"], data: { c: 2 }, errors: [error("3")], extensions: { e: 1 } }],
        hasNext: false
      }
    )
    assert.deepEqual(last.result, {
      data: { ...initial.data, a: { b: 1, c: 2 } },
      errors: [error("1"), error("2"), error("3")],
      extensions: { a: { d: 1 }, c: 1, e: 1 }
    })
  })

  it.each<readonly [JsonObject, string]>([
    [{ hasNext: 1 }, `"hasNext" must be a boolean, but is a number`],
    [{ errors: ["x"] }, `"errors" must be an array of GraphQL errors, but is an array`],
    [{ extensions: [] }, `"extensions" must be an object, but is an array`],
    [{ data: {} }, `"path" must be a path, but is absent`],
    [{ path: "a", data: {} }, `"path" must be a path, but is a string`],
    [{ path: ["x"], data: {} }, `"path" leads nowhere in the data`],
    [{ incremental: {} }, `"incremental" must be an array, but is an object`],
    [{ incremental: [1] }, `"incremental[]" must be an object, but is a number`],
    [{ incremental: [{ data: {} }] }, `"incremental.path" must be a path, but is absent`],
    [
      { incremental: [{ id: 1, data: {} }] },
      `"incremental.id" must be a non-empty string, but is a number`
    ],
    [{ incremental: [{ id: "1", data: {} }] }, `"incremental.id" is of nothing that is pending`],
    [
      { incremental: [{ id: "0", subPath: [-1], data: {} }] },
      `"incremental.subPath" must be a path, but is an array`
    ],
    [
      { incremental: [{ path: ["a"], label: 1, data: {} }] },
      `"incremental.label" must be a string, but is a number`
    ],
    [
      { incremental: [{ path: ["a"], data: [] }] },
      `"incremental.data" must be an object or null, but is an array`
    ],
    [
      { incremental: [{ path: ["list", 2], items: {} }] },
      `"incremental.items" must be an array, but is an object`
    ],
    [
      { incremental: [{ path: ["a"], data: {}, errors: [{}] }] },
      `"incremental.errors" must be an array of GraphQL errors, but is an array`
    ],
    [
      { incremental: [{ path: ["a"], data: {}, extensions: 1 }] },
      `"incremental.extensions" must be an object, but is a number`
    ],
    [{ pending: [{ id: "", path: [] }] }, `"pending.id" must be a non-empty string, but is empty`],
    [{ pending: [{ id: "1" }] }, `"pending.path" must be a path, but is absent`],
    [{ pending: [{ id: "1", path: [0.5] }] }, `"pending.path" must be a path, but is an array`],
    [
      { pending: [{ id: "1", path: [], label: 1 }] },
      `"pending.label" must be a string, but is a number`
    ],
    [{ pending: [{ id: "0", path: [] }] }, `"pending" has what is pending`],
    [{ completed: [{ id: "1" }] }, `"completed" has what is not pending`],
    [{ completed: [{ id: 0 }] }, `"completed.id" must be a non-empty string, but is a number`],
    [{ completed: [{}] }, `"completed.path" must be a path, but is absent`],
    [
      { completed: [{ id: "0", errors: [1] }] },
      `"completed.errors" must be an array of GraphQL errors, but is an array`
    ]
  ])("%j is rejected and changes nothing", (payload, detail) => {
    const { last, result } = after({ ...initial, pending: [{ id: "0", path: ["a"] }] })
    // What is before the fault must not stay either.
    const before = { incremental: [{ path: [], data: { new: 1 }, errors: [error("no")] }] }
    assert.strictEqual(rejects(result.merge({ hasNext: false, ...payload })), detail)
    if (payload.incremental === undefined) rejects(result.merge({ ...before, ...payload }))
    assert.deepEqual(merges(result.merge({})), last)
  })

  it("that comes first is a result", () => {
    const first = (payload: JsonObject) => rejects(new IncrementalResult().merge(payload))
    assert.strictEqual(
      first({ errors: [1], hasNext: true }),
      `"errors" must be an array of GraphQL errors, but is an array`
    )
    assert.strictEqual(first({ extensions: 1 }), `"extensions" must be an object, but is a number`)
    assert.strictEqual(first({ path: [], data: {} }), `"path" leads nowhere in the data`)
  })
})

describe("a fragment", () => {
  const fragment = (path: ReadonlyArray<string | number>, data: unknown) =>
    after(initial, { incremental: [{ path, data }], hasNext: true }).last.result.data

  it("is merged into objects that are there, and into lists by index", () => {
    assert.deepEqual(
      fragment([], { a: { c: { d: 1 } }, list: [3, { e: 1 }, 4], none: { f: 1 }, new: [] }),
      { a: { b: 1, c: { d: 1 } }, list: [3, { e: 1 }, 4], none: { f: 1 }, new: [] }
    )
    assert.deepEqual(
      after(
        { data: { list: [{ a: { b: 1 } }, { a: null }, [{ a: 1 }]] }, hasNext: true },
        {
          incremental: [{ path: [], data: { list: [{ a: { c: 2 } }, {}, [{ b: 2 }], 4] } }],
          hasNext: true
        }
      ).last.result.data,
      { list: [{ a: { b: 1, c: 2 } }, { a: null }, [{ a: 1, b: 2 }], 4] }
    )
  })

  it("that failed leaves the data as it was", () => {
    for (const failed of [
      { incremental: [{ path: ["a"], data: null, errors: [error("no")] }] },
      { incremental: [{ path: ["a"], errors: [error("no")] }] },
      { incremental: [{ path: ["list", 2], items: null, errors: [error("no")] }] },
      { path: ["a"], data: null, errors: [error("no")] },
      { pending: [{ id: "0", path: ["a"] }], completed: [{ id: "0", errors: [error("no")] }] }
    ]) {
      assert.deepEqual(after(initial, { ...failed, hasNext: false }).last, {
        result: { data: initial.data, errors: [error("no")] },
        pending: [],
        hasNext: false
      })
    }
  })

  it.each([
    [["x"]],
    [["none"]],
    [["a", "b"]],
    [["a", "b", "c"]],
    [["a", 0]],
    [["list"]],
    [["list", 0]],
    [["list", "0"]],
    [["list", "length"]],
    [["list", 3]],
    [["__proto__"]],
    [["a", "__proto__"]],
    [["list", "__proto__"]],
    [["constructor", "prototype"]],
    [["a", "toString"]]
  ])("leads nowhere at %j", (path) => {
    const { result } = after(initial)
    for (const data of [{ polluted: true }, {}]) {
      assert.strictEqual(
        rejects(result.merge({ incremental: [{ path, data }] })),
        `"incremental.path" leads nowhere in the data`
      )
    }
    assert.notProperty({}, "polluted")
    assert.notProperty([], "polluted")
  })

  it("has a `__proto__` as data like any other, and nobody's prototype changes", () => {
    const data: JsonObject = JSON.parse(`{"__proto__":{"polluted":true},"a":{"__proto__":{"b":2}}}`)
    const later = { incremental: [{ path: ["__proto__"], data: { c: 3 } }], hasNext: true }
    const { last } = after(initial, { incremental: [{ path: [], data }], hasNext: true }, later)
    assert.strictEqual(
      JSON.stringify(last.result.data),
      `{"a":{"b":1,"__proto__":{"b":2}},"list":[1,2],"none":null,"__proto__":{"polluted":true,"c":3}}`
    )
    assert.strictEqual(Object.getPrototypeOf(last.result.data), Object.prototype)
    assert.notProperty({}, "polluted")
  })
})

describe("items", () => {
  const items = (...incremental: ReadonlyArray<JsonObject>) => {
    const merged = after(initial, { incremental, hasNext: true }).last.result.data
    return (merged as never as typeof initial.data).list
  }

  it("are appended at the index that the path ends in, or where it ends in none", () => {
    assert.deepEqual(items({ path: ["list", 2], items: [3, null] }), [1, 2, 3, null] as never)
    assert.deepEqual(items({ path: ["list"], items: [3] }), [1, 2, 3])
    assert.deepEqual(items({ path: ["list", 2], items: [] }), [1, 2])
  })

  it("that are there already take the place of what is there", () => {
    assert.deepEqual(items({ path: ["list", 1], items: [3, 4] }), [1, 3, 4])
    const { last } = after(
      { data: { list: [{ a: 1 }] }, hasNext: true },
      { incremental: [{ path: ["list", 0], items: [{ b: 1 }, { a: 2 }] }], hasNext: true }
    )
    assert.deepEqual(last.result.data, { list: [{ a: 1, b: 1 }, { a: 2 }] })
  })

  it("may be of a list in a list", () => {
    const { last } = after(
      { data: { list: [[1], []] }, hasNext: true },
      { incremental: [{ path: ["list", 1, 0], items: [2] }], hasNext: true },
      { incremental: [{ path: ["list", 2], items: [[3]] }], hasNext: true }
    )
    assert.deepEqual(last.result.data, { list: [[1], [2], [3]] })
  })

  it("may come one by one as data, null too", () => {
    const { last } = after(
      initial,
      { path: ["list", 2], data: 3, hasNext: true },
      { path: ["list", 3], data: null, hasNext: true },
      { path: ["list", 4], data: { a: 1 }, hasNext: false }
    )
    assert.deepEqual(last.result.data, { ...initial.data, list: [1, 2, 3, null, { a: 1 }] })
  })

  it("leave no hole", () => {
    const { result } = after(initial)
    for (const path of [["list", 3], ["list", 4294967296], ["a", 0], ["a"], ["x"], ["x", 0], []]) {
      assert.strictEqual(
        rejects(result.merge({ incremental: [{ path, items: [1] }] })),
        `"incremental.path" leads nowhere in the data`
      )
    }
  })
})

describe("what is pending", () => {
  it("is announced, may come in several payloads, and is completed", () => {
    const { all } = after(
      {
        data: { user: { name: "A" }, list: [1] },
        pending: [
          { id: "0", path: ["user"], label: "More" },
          { id: "1", path: ["list"] }
        ],
        hasNext: true
      },
      { incremental: [{ id: "1", items: [2] }], hasNext: true },
      {
        pending: [{ id: "2", path: ["user", "friend"] }],
        incremental: [
          { id: "0", data: { friend: { name: "B" } } },
          { id: "1", items: [3] }
        ],
        completed: [{ id: "0" }, { id: "1" }],
        hasNext: true
      },
      {
        incremental: [{ id: "2", subPath: [], data: { age: 1 } }],
        completed: [{ id: "2", errors: null }],
        hasNext: false
      }
    )
    const more = { id: "0", path: ["user"], label: "More" }
    const list = { id: "1", path: ["list"], label: undefined }
    const friend = { id: "2", path: ["user", "friend"], label: undefined }
    assert.deepEqual<unknown>(
      all.map(({ pending }) => pending),
      [[more, list], [more, list], [friend], []]
    )
    assert.deepEqual(all.at(-1)?.result, {
      data: { user: { name: "A", friend: { name: "B", age: 1 } }, list: [1, 2, 3] }
    })
  })

  it("is nothing any more once it is completed", () => {
    const { result } = after(
      { ...initial, pending: [{ id: "0", path: ["a"] }] },
      { completed: [{ id: "0" }], hasNext: true }
    )
    rejects(result.merge({ incremental: [{ id: "0", data: {} }] }))
    rejects(result.merge({ completed: [{ id: "0" }] }))
    merges(result.merge({ pending: [{ id: "0", path: [] }] }))
  })

  it("may go without ids, by path and label", () => {
    const { all, result } = after(
      {
        ...initial,
        pending: [{ path: ["a"] }, { path: ["a"], label: "L" }, { path: ["list"], label: null }],
        hasNext: true
      },
      {
        incremental: [
          { path: ["a"], data: { c: 1 } },
          { path: ["list"], items: [3] }
        ],
        completed: [{ path: ["a"], label: "L" }, { path: ["list"] }],
        hasNext: true
      }
    )
    assert.deepEqual<unknown>(
      all.map(({ pending }) => pending.length),
      [3, 1]
    )
    assert.deepEqual(all[1]?.pending, [{ id: undefined, path: ["a"], label: undefined }])
    assert.deepEqual(all[1]?.result.data, { a: { b: 1, c: 1 }, list: [1, 2, 3], none: null })
    rejects(result.merge({ completed: [{ path: ["list"] }] }))
  })
})
