import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import { conceal, concealMade } from "../src/conceal.js"

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

describe("concealMade", () => {
  const hide = concealMade(conceal("hunter22"))

  it("knows a signature, with what stands around it, and leaves the rest", () => {
    const signed =
      "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/appsync/aws4_request, " +
      "SignedHeaders=accept;host, Signature=00ff"
    assert.strictEqual(
      hide(JSON.stringify({ Authorization: signed, host: "a hunter22" })),
      '{"Authorization":"AWS4-HMAC-SHA256 <redacted>","host":"a <redacted>"}'
    )
    assert.deepStrictEqual(hide({ a: [signed] }), { a: ["AWS4-HMAC-SHA256 <redacted>"] })
  })

  it("knows the name of a subprotocol that holds credentials, however a server writes it", () => {
    const name = `header-${Buffer.from('{"host":"a","x-api-key":"hunter22"}').toString("base64url")}`
    assert.strictEqual(hide(`graphql-ws, ${name}, b`), "graphql-ws, header-<redacted>, b")
    assert.strictEqual(hide(name.toLowerCase()), "header-<redacted>")
    assert.strictEqual(hide("header-navigation"), "header-navigation")
  })
})
