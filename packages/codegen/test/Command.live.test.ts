/** The command of Code Generator, as a process, which finds the package by its name. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { type Project, project } from "./support/project.js"

const schema = `
scalar DateTime
enum Size { S L }
type Cat { id: ID! name: String! size: Size born: DateTime }
type Query { cat(id: ID!): Cat }
`

const document = `query Cat($id: ID!) {
  cat(id: $id) {
    ...CatParts
  }
}

fragment CatParts on Cat {
  name
  size
}
`

const withPlugin = (extra = ""): string => `
schema: schema.graphql
documents: src/**/*.graphql
generates:
  src/generated.ts:
    plugins: ["@fiberline/codegen"]
${extra}`

const withPreset = (extra = ""): string => `
schema: schema.graphql
documents: ["src/**/*.graphql", "src/**/*.ts"]
importExtension: .js
generates:
  src/graphql/:
    preset: "@fiberline/codegen"
${extra}`

const given = ({ write }: Project, config: string) => {
  write("schema.graphql", schema)
  write("codegen.yml", config)
  write("src/cat.graphql", document)
}

const passes = (project: Project) =>
  Effect.map(project.run("--config", "codegen.yml"), ({ code, output }) => {
    assert.strictEqual(code, 0, output)
    return output
  })

const fails = (project: Project) =>
  Effect.map(project.run("--config", "codegen.yml"), ({ code, output }) => {
    assert.strictEqual(code, 1, output)
    return output
  })

describe("graphql-codegen", () => {
  it.scopedLive("finds the plugin by its name, and the user's Prettier configuration", () =>
    Effect.gen(function* () {
      const here = yield* project
      given(here, withPlugin())
      here.write(".prettierrc", `{ "semi": true, "singleQuote": true, "tabWidth": 4 }`)
      yield* passes(here)
      const text = here.read("src/generated.ts")
      assert.include(text, `import * as Schema from 'effect/Schema';\n`)
      assert.include(text, `\n        name: Schema.String,\n`)
      // Beside another plugin, imports are still first.
      here.write("own.cjs", `exports.plugin = () => "export const own = 1;\\n"`)
      here.write("codegen.yml", withPlugin().replace("[", `["./own.cjs", `))
      yield* passes(here)
      const [imports = ""] = text.split("\n\n")
      assert.isTrue(
        here.read("src/generated.ts").startsWith(`${imports}\n\nexport const own = 1;\n`)
      )
    })
  )

  it.scopedLive("finds the preset by its name, and documents in templates", () =>
    Effect.gen(function* () {
      const here = yield* project
      given(
        here,
        withPreset(
          "    config: { persistedDocuments: true }\n    presetConfig: { manifest: documents.json }"
        )
      )
      here.write(
        "src/page.ts",
        "export const page = gql`query Page { cat(id: 1) { ...CatParts id } }`\n"
      )
      yield* passes(here)
      assert.include(here.read("src/page.generated.ts"), `from "./cat.generated.js"`)
      assert.include(here.read("src/graphql/schema.ts"), "export const Size")
      const hashes = Object.keys(JSON.parse(here.read("src/graphql/documents.json")) as object)
      assert.lengthOf(hashes, 2)
      // What was generated is no document.
      const before = here.read("src/page.generated.ts")
      yield* passes(here)
      assert.strictEqual(here.read("src/page.generated.ts"), before)
      assert.isFalse(here.has("src/page.generated.generated.ts"))
    })
  )

  it.scopedLive("says in which file, line and column something is wrong", () =>
    Effect.gen(function* () {
      const here = yield* project
      given(here, withPreset("    config: { strictScalars: true }"))
      here.write(
        "src/page.ts",
        'import { gql } from "graphql-tag"\n\nexport const page = gql`\n  query Page {\n    cat(id: 1) {\n      born\n    }\n  }\n`\n'
      )
      const strict = yield* fails(here)
      assert.include(strict, "The scalar DateTime has no Schema.")
      assert.include(strict, `${here.path("src/page.ts")}:6:7`)

      here.write("src/page.ts", "export const page = gql`query Page { cat(id: 1) { nam } }`\n")
      const invalid = yield* fails(here)
      assert.include(invalid, `Cannot query field "nam" on type "Cat".`)
      assert.include(invalid, `${here.path("src/page.ts")}:1:51`)

      here.write("src/page.ts", "")
      here.write("codegen.yml", withPlugin())
      here.write("src/again.graphql", "query Size { cat(id: 1) { size } }\n")
      const clash = yield* fails(here)
      assert.include(clash, "The query Size and the enum Size would both be exported as Size.")
      assert.include(clash, `${here.path("src/again.graphql")}:1:7`)
      assert.include(clash, `${here.path("schema.graphql")}:3:1`)

      here.write("src/again.graphql", "\n\nquery {\n  cat(id: 1) {\n    size\n  }\n}\n")
      assert.include(yield* fails(here), `${here.path("src/again.graphql")}:3:1`)
    })
  )

  it.scopedLive("watches, and generates again what has changed", () =>
    Effect.gen(function* () {
      const here = yield* project
      given(here, withPreset())
      const { output } = yield* here.start("--config", "codegen.yml", "--watch")
      const eventually = (isSo: () => boolean) =>
        Effect.sync(isSo).pipe(
          Effect.repeat({ until: (so) => so, schedule: Schedule.spaced("50 millis") }),
          Effect.timeout("25 seconds"),
          Effect.orDieWith(() => new Error(output()))
        )
      yield* eventually(() => /Watching for changes/i.test(output()))
      assert.notInclude(here.read("src/cat.generated.ts"), "born")
      // It says so before the operating system watches for it: one change may be missed, another is not.
      let changes = 0
      const change = Effect.sync(() => {
        const text = document.replace("name", "name\n  born")
        here.write("src/cat.graphql", text + "\n".repeat(changes++ % 2))
      })
      const changing = yield* Effect.fork(Effect.repeat(change, Schedule.spaced("2 seconds")))
      yield* eventually(() =>
        here.read("src/cat.generated.ts").includes("born: Schema.NullOr(DateTime)")
      )
      yield* Fiber.interrupt(changing)
    })
  )
})
