import { assert, describe, it } from "@effect/vitest"
import { parse } from "../../src/soak/arguments.js"

const settings = (...args: ReadonlyArray<string>) => {
  const command = parse(args, 42)
  assert(command._tag === "Soak", JSON.stringify(command))
  return command.settings
}

const complaint = (...args: ReadonlyArray<string>): string => {
  const command = parse(args, 42)
  assert(command._tag === "Wrong")
  return command.message
}

describe("arguments", () => {
  it("has defaults", () => {
    assert.deepStrictEqual(settings(), {
      minutes: 10,
      seed: 42,
      subscriptions: 1000,
      endpoints: 10,
      json: false,
      plot: "reports/soak.svg",
      lie: null
    })
  })

  it("takes everything", () => {
    const numbers = ["--minutes", "0.5", "--seed", "7", "--subscriptions", "20", "--endpoints", "2"]
    assert.deepStrictEqual(settings(...numbers, "--json", "--plot", "a.svg", "--lie", "skipped"), {
      minutes: 0.5,
      seed: 7,
      subscriptions: 20,
      endpoints: 2,
      json: true,
      plot: "a.svg",
      lie: "skipped"
    })
  })

  it("helps whatever else is asked for", () => {
    assert.strictEqual(parse(["--help", "--minutes", "0"], 1)._tag, "Help")
  })

  const wrong: ReadonlyArray<readonly [string, ...ReadonlyArray<string>]> = [
    ["--minutes", "--minutes", "0"],
    ["--minutes", "--minutes", "soon"],
    ["--minutes", "--minutes", "1e3"],
    ["--seed", "--seed", "-1"],
    ["--seed", "--seed", "1.5"],
    ["--endpoints", "--endpoints", "0"],
    ["--endpoints", "--endpoints", "101"],
    ["--subscriptions", "--subscriptions", "9"],
    ["--lie", "--lie", "kindly"],
    ["--plot", "--plot", ""],
    ["--nonsense", "--nonsense"]
  ]
  for (const [named, ...args] of wrong) {
    it(`refuses ${args.join(" ")}, and names it`, () => {
      assert.include(complaint(...args), named)
    })
  }
})
