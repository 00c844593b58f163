/** Which file has what. */
import { assert, describe, it } from "@effect/vitest"
import { buildSchema } from "graphql"
import { generateFiles } from "./support/generate.js"

const schema = buildSchema(`
  enum Size { S L }
  type Cat { name: String! size: Size owner: Owner }
  type Owner { id: ID! cats(size: Size): [Cat!]! }
  type Query { cat: Cat! owner: Owner }
`)

const imports = (text: string | undefined): ReadonlyArray<string> =>
  (text ?? "").split("\n").filter((line) => /^(?:import|export) \{/.test(line))

describe("the preset", () => {
  it("has a file beside each document, and one for the schema", async () => {
    const files = await generateFiles(
      schema,
      {
        "src/cats/cat.graphql": "query Cat { cat { ...CatParts } }",
        "src/cats/parts.ts": "fragment CatParts on Cat { name size }",
        "src/owner.tsx": "query Owner($size: Size) { owner { cats(size: $size) { ...CatParts } } }"
      },
      { importExtension: ".js" }
    )
    assert.sameMembers(Array.from(files.keys()), [
      "src/graphql/schema.ts",
      "src/cats/cat.generated.ts",
      "src/cats/parts.generated.ts",
      "src/owner.generated.ts"
    ])
    assert.deepStrictEqual(imports(files.get("src/cats/cat.generated.ts")), [
      `import { CatParts, CatPartsDocument } from "./parts.generated.js"`
    ])
    assert.deepStrictEqual(imports(files.get("src/cats/parts.generated.ts")), [
      `import { Size } from "../graphql/schema.js"`
    ])
    assert.deepStrictEqual(imports(files.get("src/owner.generated.ts")), [
      `import { CatParts, CatPartsDocument } from "./cats/parts.generated.js"`,
      `import { Size } from "./graphql/schema.js"`
    ])
    assert.include(files.get("src/graphql/schema.ts"), "export const Size")
  })

  it("has fragments whose files would need each other in a file of their own", async () => {
    const files = await generateFiles(schema, {
      "src/cat.graphql": `
        query Cat { cat { ...CatParts } }
        fragment CatParts on Cat { name owner { ...OwnerParts } }
      `,
      "src/owner.graphql": `
        query Owner { owner { ...OwnerParts cats { ...CatParts } } }
        fragment OwnerParts on Owner { id }
      `,
      "src/alone.graphql": "fragment Alone on Cat { size }"
    })
    const shared = files.get("src/graphql/fragments.generated.ts") ?? ""
    assert.isBelow(shared.indexOf("const OwnerParts ="), shared.indexOf("const CatParts ="))
    assert.notInclude(shared, "Alone")
    // Whoever looks for a fragment beside its document finds it there.
    assert.include(
      imports(files.get("src/cat.generated.ts")),
      `export { CatParts, CatPartsDocument } from "./graphql/fragments.generated"`
    )
    assert.include(
      imports(files.get("src/owner.generated.ts")),
      `export { OwnerParts, OwnerPartsDocument } from "./graphql/fragments.generated"`
    )
  })

  it("takes names of files, and a manifest, from its configuration", async () => {
    const files = await generateFiles(
      schema,
      { "src/cat.graphql": "query Cat { cat { size } }" },
      { persistedDocuments: true },
      { extension: ".gen.ts", schemaFile: "types.ts", manifest: "documents.json" }
    )
    assert.sameMembers(Array.from(files.keys()), [
      "src/graphql/types.ts",
      "src/cat.gen.ts",
      "src/graphql/documents.json"
    ])
    const manifest: object = JSON.parse(files.get("src/graphql/documents.json") ?? "")
    const [[hash = "", text] = []] = Object.entries(manifest)
    assert.strictEqual(text, "query Cat {\n  cat {\n    size\n  }\n}")
    assert.include(files.get("src/cat.gen.ts"), `hash: "${hash}"`)
  })

  it("writes nothing for external documents, and needs none of it", async () => {
    const { parse, Source } = await import("graphql")
    const files = await generateFiles(schema, [
      {
        location: "lib/parts.graphql",
        type: "external",
        document: parse(new Source("fragment CatParts on Cat { name }", "lib/parts.graphql"))
      },
      {
        location: "src/cat.graphql",
        document: parse(new Source("query Cat { cat { ...CatParts size } }", "src/cat.graphql"))
      }
    ])
    const cat = files.get("src/cat.generated.ts") ?? ""
    assert.isUndefined(files.get("lib/parts.generated.ts"))
    assert.include(cat, "fragment CatParts on Cat")
    assert.notInclude(cat, "CatParts.fields")
    assert.include(cat, "name: Schema.String")
  })

  it("says what is wrong with its configuration", async () => {
    const documents = { "src/cat.graphql": "query Cat { cat { size } }" }
    const problem = (presetConfig: object, directory?: string, config = {}) =>
      generateFiles(schema, documents, config, presetConfig, directory).then(
        () => "none",
        (error: unknown) => String(error)
      )
    assert.include(await problem({}, "src/all.ts"), "src/all.ts should be one, such as")
    assert.include(
      await generateFiles(
        schema,
        { "src/cat.ts": "query Cat { cat { size } }" },
        {},
        { extension: ".ts" }
      ).then(
        () => "none",
        (error: unknown) => String(error)
      ),
      "src/cat.ts has documents, and would be overwritten"
    )
    assert.include(await problem({ extension: ".json" }), `presetConfig.extension is ".json"`)
    assert.include(await problem({ schemaFile: "schema" }), `presetConfig.schemaFile is "schema"`)
    assert.include(await problem({ manifest: "a.json" }), "needs persistedDocuments: true")
    assert.include(
      await problem({ manifest: "a.ts" }, undefined, { persistedDocuments: true }),
      `presetConfig.manifest is "a.ts"`
    )
  })
})
