import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { conceal } from "../../src/conceal.js"
import * as Credentials from "../../src/options/credentials.js"

const resolve = (headers: ReadonlyArray<string>, payload?: string) =>
  Credentials.resolve(headers, payload).pipe(
    Effect.provide(NodeContext.layer),
    Effect.withConfigProvider(
      ConfigProvider.fromMap(
        new Map([
          ["API_TOKEN", "hunter22"],
          ["EMPTY", ""]
        ])
      )
    )
  )

const complaint = (headers: ReadonlyArray<string>, payload?: string) =>
  Effect.map(Effect.flip(resolve(headers, payload)), ({ message }) => message)

const revealed = (headers: Credentials.Credentials["headers"]) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Redacted.value(value)]))

/** The path of a file that holds a text. */
const file = (text: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "fiberline-"))),
      (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
    ),
    (directory) => {
      writeFileSync(join(directory, "secret"), text)
      return join(directory, "secret")
    }
  )

describe("headers", () => {
  it.effect(
    "are taken by their first colon, without regard to case or space around the value",
    () =>
      Effect.gen(function* () {
        const { headers } = yield* resolve(["X-When: 10:30 ", "accept:a/b"])
        assert.deepStrictEqual(revealed(headers), { "x-when": "10:30", accept: "a/b" })
      })
  )

  it.effect("take parts of their value from the environment", () =>
    Effect.gen(function* () {
      const { exposed, headers, secrets } = yield* resolve([
        "Authorization: Bearer ${API_TOKEN}",
        "X-Tenant: acme-${API_TOKEN}",
        "X-Price: $${API_TOKEN} $5"
      ])
      assert.deepStrictEqual(revealed(headers), {
        authorization: "Bearer hunter22",
        "x-tenant": "acme-hunter22",
        "x-price": "${API_TOKEN} $5"
      })
      assert.deepStrictEqual(exposed, [])
      const hide = conceal(...secrets)
      assert.strictEqual(hide("a Bearer of hunter22 for acme"), "a Bearer of <redacted> for acme")
    })
  )

  it.scoped("come from a file, a line each", () =>
    Effect.gen(function* () {
      const path = yield* file("# ours\nX-A: ${API_TOKEN}\r\n\nX-B: from the file\n")
      const { exposed, headers, secrets } = yield* resolve([`@${path}`, "X-C: c"])
      assert.deepStrictEqual(revealed(headers), {
        "x-a": "hunter22",
        "x-b": "from the file",
        "x-c": "c"
      })
      assert.deepStrictEqual(exposed, [])
      assert.strictEqual(conceal(...secrets)("as is from the file"), "as is <redacted>")
    })
  )

  it.effect("that are credentials by their name are in sight of others if given as they are", () =>
    Effect.gen(function* () {
      const given = ["Authorization: a", "cookie: b", "X-API-Key: c", "X-Tenant: d"]
      const { exposed } = yield* resolve(given)
      assert.deepStrictEqual(exposed, [
        ...["the header authorization", "the header cookie", "the header x-api-key"]
      ])
    })
  )

  it.effect("are not shown when they are shown", () =>
    Effect.gen(function* () {
      const credentials = yield* resolve(["authorization: hunter22"], '{"a":"hunter33"}')
      assert.notInclude(JSON.stringify(credentials), "hunter")
      assert.notInclude(String(credentials.payload), "hunter")
    })
  )

  it.effect("are complained of without a word of their value", () =>
    Effect.gen(function* () {
      const malformed = "--header must be 'Name: value' or @file"
      assert.strictEqual(yield* complaint(["hunter22"]), malformed)
      assert.strictEqual(yield* complaint(["two words: hunter22"]), malformed)
      assert.strictEqual(yield* complaint(["a: line\r\nb: line"]), malformed)
      assert.strictEqual(yield* complaint(["a:1", "A:2"]), "--header gives a more than once")
      for (const name of ["NO_SUCH_NAME", "EMPTY"]) {
        assert.strictEqual(
          yield* complaint([`a: \${${name}}`]),
          `--header names ${name}, which is not in the environment`
        )
      }
      assert.strictEqual(
        yield* complaint(["@/hunter22"]),
        "the file that --header names cannot be read: there is no such file"
      )
    })
  )
})

describe("the payload", () => {
  it.effect("is a JSON object, with strings from the environment", () =>
    Effect.gen(function* () {
      const { exposed, payload } = yield* resolve([], '{"deep":[{"token":"a ${API_TOKEN}"}],"n":1}')
      assert.deepStrictEqual(Redacted.value(payload!), { deep: [{ token: "a hunter22" }], n: 1 })
      assert.deepStrictEqual(exposed, [])
    })
  )

  it.effect("is in sight of others where a credential stands in it as it is", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* resolve([], '{"a":{"authToken":"b"}}')).exposed, [
        "the payload"
      ])
      assert.deepStrictEqual((yield* resolve([], '{"tenant":"b"}')).exposed, [])
    })
  )

  it.scoped("comes from a file", () =>
    Effect.gen(function* () {
      const path = yield* file('{"token":"abc"}')
      const { exposed, payload } = yield* resolve([], `@${path}`)
      assert.deepStrictEqual(Redacted.value(payload!), { token: "abc" })
      assert.deepStrictEqual(exposed, [])
    })
  )

  it.effect("is complained of without a word of it", () =>
    Effect.gen(function* () {
      for (const text of ["{", "[]", "null", '"hunter22"', '{"token":"hunter22"']) {
        assert.strictEqual(yield* complaint([], text), "--payload must be a JSON object")
      }
    })
  )
})
