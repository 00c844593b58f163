import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { print } from "graphql"
import { type Command, parse } from "../src/arguments.js"

const endpoint = ["--url", "wss://example.com/graphql", "--query", "subscription { a }"]

const parsed = (...args: ReadonlyArray<string>): Command => Either.getOrThrow(parse(args))

const watched = (...args: ReadonlyArray<string>) => {
  const command = parsed(...endpoint, ...args)
  assert(command._tag === "Watch")
  return command
}

const complaint = (...args: ReadonlyArray<string>): string => {
  const result = parse(args)
  assert(Either.isLeft(result))
  return result.left.message
}

describe("arguments", () => {
  it("runs the demo where there are none", () => {
    assert.deepStrictEqual(parsed(), { _tag: "Demo", json: false })
    assert.deepStrictEqual(parsed("--json"), { _tag: "Demo", json: true })
  })

  it("helps whatever else is asked for", () => {
    assert.deepStrictEqual(parsed("--help"), { _tag: "Help" })
    assert.deepStrictEqual(parsed("-h", "--json", "--query", "nonsense"), { _tag: "Help" })
  })

  it("watches an endpoint", () => {
    const command = watched("--json")
    assert.strictEqual(command.url.href, "wss://example.com/graphql")
    assert.strictEqual(print(command.query), "subscription {\n  a\n}")
    assert.isTrue(command.json)
    assert.deepStrictEqual(command.headers, {})
    assert.isUndefined(command.payload)
    assert.isTrue(command.reconnect)
    assert.isFalse(watched("--no-reconnect").reconnect)
  })

  it("takes headers by their first colon, without regard to case or space around the value", () => {
    const { headers } = watched(
      "--header",
      "X-When: 10:30 ",
      "--header",
      "authorization:Bearer abc"
    )
    assert.deepStrictEqual(Object.keys(headers), ["x-when", "authorization"])
    assert.strictEqual(Redacted.value(headers["x-when"]!), "10:30")
    assert.strictEqual(Redacted.value(headers["authorization"]!), "Bearer abc")
  })

  it("takes a payload that is an object", () => {
    const { payload } = watched("--payload", '{"token":"abc"}')
    assert.deepStrictEqual(Redacted.value(payload!), { token: "abc" })
  })

  it("does not show what is secret when a command is shown", () => {
    const command = watched("--header", "authorization: hunter22", "--payload", '{"a":"hunter33"}')
    assert.notInclude(JSON.stringify(command), "hunter")
  })

  const mistakes: ReadonlyArray<readonly [complaint: string, args: ReadonlyArray<string>]> = [
    ["Unknown option '--wrong'", ["--wrong"]],
    ["Option '--url <value>' argument missing", ["--url"]],
    ["Option '--json' does not take an argument", ["--json=yes"]],
    ["Option '--header' argument is ambiguous", [...endpoint, "--header", "-a:b"]],
    ["--json is given more than once", ["--json", "--json"]],
    ["--url is given more than once", [...endpoint, "--url", "ws://localhost"]],
    ["--url needs --query", ["--url", "ws://localhost"]],
    ["--query needs --url", ["--query", "subscription { a }"]],
    ["--header needs --url", ["--header", "a:b"]],
    ["--payload needs --url", ["--payload", "{}"]],
    ["--no-reconnect needs --url", ["--no-reconnect"]],
    [
      "--url must be a URL with ws:, wss:, http: or https:",
      ["--url", "localhost", "--query", "subscription { a }"]
    ],
    [
      "--url must be a URL with ws:, wss:, http: or https:",
      ["--url", "ftp://localhost", "--query", "subscription { a }"]
    ],
    [
      "--query cannot be parsed: Syntax Error: Expected Name, found <EOF>.",
      ["--url", "ws://localhost", "--query", "subscription {"]
    ],
    ["--query must be a subscription", ["--url", "ws://localhost", "--query", "{ a }"]],
    [
      "--query must hold one operation",
      ["--url", "ws://localhost", "--query", "subscription A { a } subscription B { b }"]
    ],
    [
      "--query must hold one operation",
      ["--url", "ws://localhost", "--query", "fragment F on T { a }"]
    ],
    ["--header must be name:value", [...endpoint, "--header", "authorization"]],
    ["--header must be name:value", [...endpoint, "--header", "two words: value"]],
    ["--header must be name:value", [...endpoint, "--header", "a: line\r\nb: line"]],
    ["--header gives a more than once", [...endpoint, "--header", "a:1", "--header", "A:2"]],
    ["--payload must be a JSON object", [...endpoint, "--payload", "{"]],
    ["--payload must be a JSON object", [...endpoint, "--payload", "[]"]],
    ["--payload must be a JSON object", [...endpoint, "--payload", "null"]]
  ]
  it.each(mistakes)("complains: %s", (expected, args) => {
    assert.strictEqual(complaint(...args), expected)
  })

  it("never quotes what may be a secret", () => {
    const secret = "hunter22"
    for (const args of [
      ["--header", "authorization:", "Bearer", secret],
      ["--header", `authorization ${secret}`],
      ["--payload", `{"token":"${secret}"`],
      ["--payload", `"${secret}"`],
      [`--token=${secret}`],
      [`--json=${secret}`],
      [secret]
    ]) {
      assert.notInclude(complaint(...endpoint, ...args), secret)
    }
  })
})
