import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Input } from "../../src/input.js"
import * as Document from "../../src/options/document.js"
import * as Endpoint from "../../src/options/endpoint.js"
import { Status } from "../../src/status.js"
import * as Variables from "../../src/options/variables.js"

const messageOf = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ message }) => message)

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fiberline-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
)

describe("variables", () => {
  const resolve = (options: Partial<Variables.VariablesOptions>) =>
    Variables.resolve({ file: undefined, json: undefined, single: [], ...options }).pipe(
      Effect.provide(NodeContext.layer)
    )

  it.effect("are JSON where they are, and strings where they are not", () =>
    Effect.gen(function* () {
      const single = ["n:1", "s:word", "t:a:b", 'q:"1"', "l:[1,null]", "e:", "o:{"]
      assert.deepStrictEqual(yield* resolve({ single }), {
        n: 1,
        s: "word",
        t: "a:b",
        q: "1",
        l: [1, null],
        e: "",
        o: "{"
      })
    })
  )

  it.effect("keep every digit of an id", () =>
    Effect.gen(function* () {
      const single = [
        "id:12345678901234567890",
        "below:-9007199254740993",
        "large:1e30",
        "last:9007199254740991"
      ]
      assert.deepStrictEqual(yield* resolve({ single }), {
        id: "12345678901234567890",
        below: "-9007199254740993",
        large: 1e30,
        last: 9007199254740991
      })
    })
  )

  it.scoped("one by one override those of --variables, and those the file's", () =>
    Effect.gen(function* () {
      const file = join(yield* directory, "variables.json")
      writeFileSync(file, '{"a":1,"b":1,"c":1}')
      assert.deepStrictEqual(yield* resolve({ file, json: '{"b":2,"c":2}', single: ["c:3"] }), {
        a: 1,
        b: 2,
        c: 3
      })
    })
  )

  it.effect("are none where none are given", () =>
    Effect.map(resolve({}), (variables) => assert.isUndefined(variables))
  )

  it.effect("are complained of", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* messageOf(resolve({ json: "[1]" })),
        "--variables must be a JSON object"
      )
      assert.strictEqual(
        yield* messageOf(resolve({ single: ["hunter22"] })),
        "--variable must be name:value"
      )
      assert.strictEqual(
        yield* messageOf(resolve({ file: "/nowhere.json" })),
        "/nowhere.json cannot be read: there is no such file"
      )
    })
  )
})

describe("the URL", () => {
  const resolve = (text: string) =>
    Endpoint.resolve(text).pipe(
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["TOKEN", "hunter22"]])))
    )

  it.effect("shows where it leads, and no more", () =>
    Effect.gen(function* () {
      const endpoint = yield* resolve("wss://user:hunter22@example.com/graphql?token=hunter33#x")
      assert.strictEqual(endpoint.shown, "wss://example.com/graphql")
      assert.isTrue(endpoint.isWebSocket)
      assert.sameMembers(endpoint.secrets.map(Redacted.value), [
        ...["hunter22", "hunter33"],
        Buffer.from("user:hunter22").toString("base64")
      ])
      assert.isFalse((yield* resolve("https://example.com")).isWebSocket)
    })
  )

  it.effect("knows its secrets as they stand in it, decoded, and as the upgrade carries them", () =>
    Effect.gen(function* () {
      const endpoint = yield* resolve("wss://user:pass%21@example.com/?token=key%21%3D&b=c+d")
      assert.includeMembers(endpoint.secrets.map(Redacted.value), [
        ...["pass%21", "pass!", "key%21%3D", "key!=", "c+d", "c d"],
        Buffer.from("user:pass!").toString("base64")
      ])
      const { secrets } = yield* resolve("wss://hunter44@example.com/")
      assert.include(secrets.map(Redacted.value), "hunter44")
    })
  )

  it.effect("is a secret itself once it has one from the environment", () =>
    Effect.gen(function* () {
      const { secrets, shown, url } = yield* resolve("https://example.com/${TOKEN}/graphql")
      assert(Redacted.isRedacted(url))
      assert.strictEqual(Redacted.value(url), "https://example.com/hunter22/graphql")
      assert.strictEqual(shown, "https://example.com")
      assert.deepStrictEqual(secrets.map(Redacted.value), ["hunter22"])
      assert.strictEqual(
        (yield* resolve("wss://${TOKEN}.example.com")).shown,
        "wss://<redacted>.example.com"
      )
    })
  )

  it.effect.each(["localhost", "ftp://localhost", "localhost:4000", "ws:", ""])(
    "%s is none",
    (text) =>
      Effect.gen(function* () {
        assert.strictEqual(
          yield* messageOf(resolve(text)),
          "the URL must begin with ws:, wss:, http: or https:"
        )
      })
  )
})

describe("the document", () => {
  const resolve = (
    options: Partial<Document.DocumentOptions>,
    kind: "query" | "mutation" | "subscription" = "query",
    stdin?: string
  ) =>
    Document.resolve(kind, {
      argument: undefined,
      file: undefined,
      operationName: undefined,
      ...options
    }).pipe(
      Effect.provide(NodeContext.layer),
      Effect.provideService(Status, {
        tell: () => Effect.void,
        complain: () => Effect.void,
        waitFor: () => Effect.void,
        settled: Effect.void
      }),
      Effect.provideService(Input, {
        isTerminal: stdin === undefined,
        text: Effect.succeed(stdin ?? "{ typed }")
      })
    )

  it.scoped("is an argument, a file, or comes by standard input", () =>
    Effect.gen(function* () {
      const file = join(yield* directory, "a.graphql")
      writeFileSync(file, "{ inFile }\n")
      assert.strictEqual(yield* resolve({ argument: "{ a }" }), "{ a }")
      assert.strictEqual(yield* resolve({ file }), "{ inFile }\n")
      assert.strictEqual(yield* resolve({}, "query", "{ piped }"), "{ piped }")
      assert.strictEqual(yield* resolve({ argument: "-" }), "{ typed }")
      assert.strictEqual(yield* resolve({ file: "-" }), "{ typed }")
    })
  )

  it.effect("has the operation that is asked for, of the right kind", () =>
    Effect.gen(function* () {
      const argument = "query A { a } mutation B { b } subscription C { c } fragment F on T { f }"
      assert.strictEqual(yield* resolve({ argument, operationName: "A" }), argument)
      assert.strictEqual(yield* resolve({ argument, operationName: "B" }, "mutation"), argument)
      assert.strictEqual(
        yield* messageOf(resolve({ argument, operationName: "C" })),
        "the operation is a subscription: fiberline subscribe executes it"
      )
      assert.strictEqual(
        yield* messageOf(resolve({ argument })),
        "the document has several operations: --operation-name says which"
      )
      assert.strictEqual(
        yield* messageOf(resolve({ argument, operationName: "D" })),
        "the document has no operation of that name"
      )
    })
  )

  it.effect("is complained of", () =>
    Effect.gen(function* () {
      const missing =
        "there is no document: it is an argument, a --file, or comes by standard input"
      assert.strictEqual(yield* messageOf(resolve({})), missing)
      assert.strictEqual(yield* messageOf(resolve({}, "query", "\n")), missing)
      assert.strictEqual(
        yield* messageOf(resolve({ argument: "{ a }", file: "f" })),
        "the document is given both as argument and by --file"
      )
      assert.strictEqual(
        yield* messageOf(resolve({ argument: "{\n a" })),
        "the document cannot be parsed, line 2, column 3: Syntax Error: Expected Name, found <EOF>."
      )
      assert.strictEqual(
        yield* messageOf(resolve({ argument: "hunter22" })),
        "the document cannot be parsed, line 1, column 1: Syntax Error: Unexpected Name."
      )
      assert.strictEqual(
        yield* messageOf(resolve({ argument: "fragment F on T { f }" })),
        "the document has no operation"
      )
    })
  )
})
