import { assert, describe, it } from "@effect/vitest"
import { parse } from "../src/arguments.js"
import { plan } from "../src/plan.js"

describe("pnpm bench", () => {
  it("measures everything that has a number, seven times", () => {
    assert.deepStrictEqual(parse([]), {
      _tag: "Run",
      measures: plan.map(({ id }) => id).filter((id) => id.startsWith("P")),
      clients: undefined,
      rounds: 7,
      json: false,
      write: false,
      check: false,
      profiles: undefined
    })
  })

  it("measures what it is told to, of whom it is told", () => {
    const args = ["--only", "P1", "--only", "growth-size", "--client", "limit", "--rounds", "3"]
    assert.deepStrictEqual(parse([...args, "--json"]), {
      _tag: "Run",
      measures: ["P1", "growth-size"],
      clients: ["limit"],
      rounds: 3,
      json: true,
      write: false,
      check: false,
      profiles: undefined
    })
  })

  it("writes the page anew, and explains itself", () => {
    assert.deepStrictEqual(parse(["--render"]), { _tag: "Render" })
    assert.deepStrictEqual(parse(["--help"]), { _tag: "Help" })
  })

  for (const wrong of [
    ["--rounds", "0"],
    ["--rounds", "1.5"],
    ["--only", "P99"],
    ["--client", "nobody"],
    ["--client", "limit", "--write"],
    ["--frobnicate"]
  ]) {
    it(`does not take ${wrong.join(" ")}`, () => {
      assert.strictEqual(parse(wrong)._tag, "Wrong")
    })
  }
})
