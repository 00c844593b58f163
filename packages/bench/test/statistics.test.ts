import { assert, describe, it } from "@effect/vitest"
import { ratios, rotated, spreadOf } from "../src/statistics.js"

describe("a spread", () => {
  it("has the median, the least and the most", () => {
    assert.deepStrictEqual(spreadOf([3, 1, 10]), { median: 3, min: 1, max: 10 })
    assert.deepStrictEqual(spreadOf([4, 1, 10, 2]), { median: 3, min: 1, max: 10 })
    assert.deepStrictEqual(spreadOf([5]), { median: 5, min: 5, max: 5 })
  })

  it("leaves out what was not measured", () => {
    assert.deepStrictEqual(spreadOf([null, 2, null, 4]), { median: 3, min: 2, max: 4 })
    assert.isUndefined(spreadOf([null, null]))
    assert.isUndefined(spreadOf([]))
  })
})

describe("ratios", () => {
  it("are of one round each", () => {
    assert.deepStrictEqual(ratios([2, 6, 5], [1, 2, 5]), [2, 3, 1])
  })

  it("want both", () => {
    assert.deepStrictEqual(ratios([2, null, 5, 1], [null, 2, 0]), [null, null, null, null])
  })
})

describe("rounds", () => {
  it("begin with another one each time", () => {
    const clients = ["a", "b", "c"]
    assert.deepStrictEqual(rotated(clients, 0), ["a", "b", "c"])
    assert.deepStrictEqual(rotated(clients, 2), ["c", "a", "b"])
    assert.deepStrictEqual(rotated(clients, 4), ["b", "c", "a"])
    assert.deepStrictEqual(rotated([], 4), [])
  })
})
