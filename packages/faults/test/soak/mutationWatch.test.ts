import { assert, describe, it } from "@effect/vitest"
import { MutationWatch } from "../../src/soak/mutationWatch.js"
import { makeJudge } from "./judge.js"

describe("a mutation", () => {
  const make = () => {
    const { found, judge } = makeJudge()
    const watch = new MutationWatch(judge, 0)
    return { watch, found, key: watch.next() }
  }

  it("that was executed once, or perhaps, is well", () => {
    const { found, key, watch } = make()
    watch.executed(key)
    watch.succeeded(key)
    watch.unsent(watch.next())
    watch.executed(watch.next())
    watch.settled()
    assert.deepStrictEqual(found(), [])
  })

  it("that was executed twice: 8", () => {
    const { found, key, watch } = make()
    watch.executed(key)
    watch.executed(key)
    assert.deepStrictEqual(found(), [8])
  })

  it("that was executed, whenever, and is said not to have been sent: 8", () => {
    for (const order of [0, 1]) {
      const { found, key, watch } = make()
      if (order === 0) watch.executed(key)
      watch.unsent(key)
      if (order === 1) watch.executed(key)
      assert.deepStrictEqual(found(), [8])
    }
  })

  it("that succeeded, and that no server executed: 8", () => {
    const { found, key, watch } = make()
    watch.succeeded(key)
    watch.settled()
    assert.deepStrictEqual(found(), [8])
  })

  it("is one of very many, all of them remembered", () => {
    const { found, key, watch } = make()
    watch.executed(key)
    for (let count = 0; count < 300_000; count++) watch.executed(watch.next())
    assert.deepStrictEqual(found(), [])
    watch.executed(key)
    assert.deepStrictEqual(found(), [8])
  })
})

describe("the judge", () => {
  it("keeps what was first, and counts the rest", () => {
    const { judge } = makeJudge()
    for (let count = 0; count < 250; count++) judge.violate(5, `number ${count}`)
    assert.lengthOf(judge.violations, 100)
    assert.strictEqual(judge.count, 250)
    assert.strictEqual(judge.violations[0]?.what, "number 0")
  })
})
