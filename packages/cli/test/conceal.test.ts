import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import { conceal } from "../src/conceal.js"

describe("conceal", () => {
  const hide = conceal(
    { authorization: Redacted.make("Bearer abcd1234") },
    Redacted.make({ deep: [{ token: "wxyz" }], short: "on", count: 12345 })
  )

  it("takes secrets out of strings, wherever they are", () => {
    const value: unknown = { list: ["is wxyz"], wxyz: { a: "Bearer abcd1234!" } }
    assert.deepStrictEqual(hide(value), {
      list: ["is <redacted>"],
      "<redacted>": { a: "<redacted>!" }
    })
  })

  it("knows the parts of a secret that is several words", () => {
    assert.strictEqual(hide("token abcd1234 has expired"), "token <redacted> has expired")
  })

  it("knows what a secret looks like in JSON", () => {
    const secret = 'a "b" c\\d'
    assert.strictEqual(conceal(secret)(JSON.stringify({ secret })), '{"secret":"<redacted>"}')
  })

  it("does not take the name of a scheme for one", () => {
    assert.strictEqual(hide("a Bearer of news"), "a Bearer of news")
  })

  it("leaves everything else as it is", () => {
    const value = { switched: "on", count: 12345, none: null, yes: true, list: [1, "two"] }
    assert.deepStrictEqual(hide(value), value)
  })
})
