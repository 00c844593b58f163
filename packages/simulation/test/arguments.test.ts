import { assert, describe, it } from "@effect/vitest"
import { parse } from "../src/arguments.js"

describe("pnpm sim", () => {
  it("runs a hundred seeds, or as many as it is told, from the one it is told", () => {
    assert.deepStrictEqual(parse([]), { _tag: "Run", from: 0, seeds: 100, json: false })
    assert.deepStrictEqual(parse(["--seeds", "7", "--seed", "3", "--json"]), {
      _tag: "Run",
      from: 3,
      seeds: 7,
      json: true
    })
    assert.deepStrictEqual(parse(["--seed", "3"]), { _tag: "Run", from: 3, seeds: 1, json: false })
  })

  it("traces one", () => {
    assert.deepStrictEqual(parse(["--seed", "3", "--trace"]), {
      _tag: "Trace",
      seed: 3,
      json: false
    })
  })

  it("explains itself", () => {
    assert.deepStrictEqual(parse(["--help"]), { _tag: "Help" })
  })

  for (const wrong of [
    ["--seeds", "0"],
    ["--seeds", "1.5"],
    ["--seed", "-1"],
    ["--seed", "4294967296"],
    ["--trace"],
    ["--seed", "1", "--seeds", "2", "--trace"],
    ["--frobnicate"]
  ]) {
    it(`does not take ${wrong.join(" ")}`, () => {
      const { _tag } = parse(wrong)
      assert.strictEqual(_tag, "Wrong")
    })
  }
})
