import { assert, describe, it } from "@effect/vitest"
import { help, parse } from "../src/arguments.js"
import { tolerance } from "../src/bounds.js"

const usual = { _tag: "Run", only: "", quick: false, cycles: 100, tolerance, json: false } as const

describe("the command line of pnpm faults", () => {
  it("tries everything if not told otherwise", () => {
    assert.deepStrictEqual(parse([]), usual)
  })

  it("takes a part of it", () => {
    const only = { ...usual, only: "RST", cycles: 0 }
    assert.deepStrictEqual(parse(["--only", "RST"]), only)
    assert.deepStrictEqual(parse(["--only", "RST", "--cycles", "7"]), { ...only, cycles: 7 })
    assert.deepStrictEqual(parse(["--quick", "--json", "--tolerance", "2000"]), {
      ...usual,
      quick: true,
      cycles: 10,
      tolerance: 2000,
      json: true
    })
  })

  it("refuses what it does not know", () => {
    for (const args of [
      ["--cycles", "-1"],
      ["--cycles", "many"],
      ["--tolerance", "1.5"],
      ["--only", "earthquake"],
      ["--x"],
      ["x"]
    ]) {
      assert.strictEqual(parse(args)._tag, "Wrong", args.join(" "))
    }
  })

  it("explains itself, with every option", () => {
    assert.deepStrictEqual(parse(["-h"]), { _tag: "Help" })
    for (const option of ["only", "quick", "cycles", "tolerance", "json"]) {
      assert.include(help, `--${option}`)
    }
  })
})
