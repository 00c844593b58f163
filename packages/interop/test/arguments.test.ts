import { assert, describe, it } from "@effect/vitest"
import { help, parse } from "../src/arguments.js"
import { catalogue } from "../src/catalogue.js"

const namesOf = (...args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const command = parse(args)
  return command._tag === "Run" ? command.subjects.map(({ name }) => name) : []
}

describe("the command line of pnpm interop", () => {
  it("tries every server if not told otherwise", () => {
    assert.deepStrictEqual(parse([]), {
      _tag: "Run",
      subjects: catalogue,
      tolerance: 1000,
      json: false,
      write: false
    })
  })

  it("takes some of them, in the order of the catalogue", () => {
    assert.deepStrictEqual(namesOf("--only", "mercurius,graphql-ws-6"), [
      "graphql-ws-6",
      "mercurius"
    ])
    assert.deepStrictEqual(namesOf("--quick"), [
      "graphql-ws-6",
      "subscriptions-transport-ws",
      "graphql-yoga",
      "graphql-sse",
      "graphql-http",
      "absinthe",
      "actioncable",
      "appsync"
    ])
    assert.deepStrictEqual(namesOf("--quick", "--only", "mercurius,graphql-http"), ["graphql-http"])
  })

  it("refuses what it does not know, or what is no use", () => {
    for (const args of [
      ["--only", "apache"],
      ["--only", "graphql-ws-6,"],
      ["--only", "mercurius", "--quick"],
      // A table of some would take the others from the documentation.
      ["--write", "--quick"],
      ["--write", "--only", "mercurius"],
      ["--tolerance", "1.5"],
      ["--x"],
      ["x"]
    ]) {
      assert.strictEqual(parse(args)._tag, "Wrong", args.join(" "))
    }
  })

  it("explains itself, with every option and every server", () => {
    assert.deepStrictEqual(parse(["-h"]), { _tag: "Help" })
    for (const option of ["only", "quick", "tolerance", "json", "write"])
      assert.include(help, `--${option}`)
    for (const { name } of catalogue) assert.include(help, name)
  })
})
