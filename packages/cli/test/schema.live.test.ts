import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { buildClientSchema, buildSchema, printSchema } from "graphql"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { capture, captureIn } from "./support/capture.js"
import { yoga } from "./support/yoga.js"

/** A directory with these files in it. */
const directory = (files: { readonly [name: string]: string } = {}) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "fiberline-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    ),
    (path) => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(join(path, name, ".."), { recursive: true })
        writeFileSync(join(path, name), text)
      }
      return path
    }
  )

describe("fiberline introspect", () => {
  it.scopedLive("prints the schema", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const { err, exitCode, out } = yield* capture("introspect", url)
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(err, [])
      const schema = out.join("\n")
      assert.strictEqual(printSchema(buildSchema(schema)), schema)
      assert.include(schema, '"""A greeter."""')
      assert.include(schema, 'hello(name: String = "you"): String!')

      const bare = yield* capture("introspect", url, "--no-descriptions", "--sort")
      assert.notInclude(bare.out[0], "greeter")
      assert.match(bare.out[0] ?? "", /^type Mutation/)
    })
  )

  it.scopedLive("prints it as JSON, with what was asked for", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const json = yield* capture("introspect", url, "--format", "json")
      assert.strictEqual(json.exitCode, 0)
      const schema = buildClientSchema(JSON.parse(json.out.join("\n")))
      assert.isDefined(schema.getQueryType()?.getFields()["hello"])
      assert.notInclude(json.out[0], '"isOneOf":')
      const more = yield* capture("introspect", url, "--format", "json", "--one-of")
      assert.include(more.out[0], '"isOneOf":')
    })
  )

  it.scopedLive("writes it to a file", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const path = join(yield* directory(), "schema.graphql")
      const { err, exitCode, out } = yield* capture("introspect", url, "--output", path)
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(out, [])
      assert.deepStrictEqual(err, [`✓ written to ${path}`])
      assert.isDefined(buildSchema(readFileSync(path, "utf8")).getQueryType())

      const nowhere = yield* capture("introspect", url, "--output", "/nowhere/schema.graphql")
      assert.strictEqual(nowhere.exitCode, 2)
    })
  )

  it.live("ends with 3 where nobody listens", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* capture("introspect", "http://127.0.0.1:1/")).exitCode, 3)
    })
  )
})

const sdl = "type Query { a: A b: Int } type A { x: Int y: Int }"

describe("fiberline validate", () => {
  it.scopedLive("finds nothing wrong with what fits, with fragments in other files", () =>
    Effect.gen(function* () {
      const path = yield* directory({
        "schema.graphql": sdl,
        "documents/a.graphql": "query A { a { ...X } }",
        "documents/b.gql": "{ b }",
        "documents/c.graphql": "{ a { ...X } }",
        "documents/fragments/x.graphql": "fragment X on A { x ...Y }",
        "documents/fragments/y.graphql": "fragment Y on A { y }",
        "documents/notes.txt": "no document"
      })
      const { err, exitCode, out } = yield* capture(
        ...["validate", join(path, "documents"), "--schema", join(path, "schema.graphql")]
      )
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(out, [])
      assert.deepStrictEqual(err, ["✓ 5 files: every document fits the schema"])
    })
  )

  it.scopedLive("says where what does not fit is", () =>
    Effect.gen(function* () {
      const path = yield* directory({
        "schema.graphql": sdl,
        "a.graphql": "query A {\n  a { ...X }\n}",
        "b.graphql": "{ c",
        "x.graphql": "\nfragment X on A { z }\nfragment Unused on A { x }"
      })
      const files = ["a.graphql", "b.graphql", "x.graphql"].map((name) => join(path, name))
      const args = ["validate", ...files, "--schema", join(path, "schema.graphql")]
      const { err, exitCode, out } = yield* capture(...args)
      assert.strictEqual(exitCode, 1)
      assert.deepStrictEqual(out, [
        `${files[1]}:1:4: Syntax Error: Expected Name, found <EOF>.`,
        `${files[2]}:2:19: Cannot query field "z" on type "A". Did you mean "x" or "y"?`
      ])
      assert.deepStrictEqual(err, ["✗ 3 files: 2 errors"])

      writeFileSync(files[1] ?? "", "{ b }")
      const json = yield* capture(...args, "--json", "--quiet")
      assert.deepStrictEqual(json.err, [])
      assert.deepStrictEqual(
        json.out.map((line) => JSON.parse(line)),
        [
          {
            file: files[2],
            line: 2,
            column: 19,
            message: 'Cannot query field "z" on type "A". Did you mean "x" or "y"?'
          },
          { file: files[2], line: 3, column: 1, message: 'Fragment "Unused" is never used.' }
        ]
      )
    })
  )

  it.scopedLive("asks a server for its schema, and takes a document from a pipe", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const args = ["validate", "-", "--schema", url]
      assert.strictEqual((yield* captureIn({ stdin: "{ hello }" }, ...args)).exitCode, 0)
      const { exitCode, out } = yield* captureIn({ stdin: "{ goodbye }" }, ...args)
      assert.strictEqual(exitCode, 1)
      assert.match(out[0] ?? "", /^\(stdin\):1:3: Cannot query field "goodbye"/)
    })
  )

  it.scopedLive("takes the schema that introspect has written", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const path = yield* directory({ "a.graphql": "{ hello }" })
      for (const format of ["sdl", "json"]) {
        const schema = join(path, `schema.${format}`)
        yield* capture("introspect", url, "--format", format, "--output", schema)
        const validated = yield* capture("validate", join(path, "a.graphql"), "--schema", schema)
        assert.strictEqual(validated.exitCode, 0)
      }
    })
  )

  it.scopedLive("ends with 2 where there is nothing to judge, or to judge by", () =>
    Effect.gen(function* () {
      const path = yield* directory({
        "a.graphql": "{ a }",
        "s.graphql": "type Query {",
        "e/x": ""
      })
      const at = (name: string) => join(path, name)
      for (const [complaint, ...args] of [
        ["there is no such file", at("b.graphql"), "-s", at("a.graphql")],
        ["there is no such file", at("a.graphql"), "-s", at("b.graphql")],
        ["has no valid schema: Syntax Error", at("a.graphql"), "-s", at("s.graphql")],
        ["there are no documents to validate", at("e"), "-s", at("s.graphql")],
        ["--schema is missing", at("a.graphql")]
      ]) {
        const { err, exitCode } = yield* capture("validate", ...args)
        assert.strictEqual(exitCode, 2, complaint)
        assert.include(err[0], complaint)
      }
    })
  )
})
