/** What a bundle has of a generated file, when it uses one operation of it. */
import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { root } from "./support/corpora.js"

/** The text of a bundle, Effect and the client left out. */
const bundled = async (imports: string, from: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { ${imports} } from "./${from}"; console.log(${imports})`,
      resolveDir: root
    },
    bundle: true,
    write: false,
    format: "esm",
    external: ["@fiberline/*", "effect/*"],
    logLevel: "error"
  })
  return outputFiles[0]?.text ?? ""
}

const declared = (bundle: string): ReadonlyArray<string> =>
  Array.from(bundle.matchAll(/^(?:var|const|function) (\w+)/gm), ([, name = ""]) => name).sort()

describe("a bundle", () => {
  it("has of a file of one plugin what is used, and of fragments what they need", async () => {
    const bundle = await bundled("Later", "test/schemas/stations/stations.ts")
    assert.deepStrictEqual(
      declared(bundle),
      [
        "Later",
        "LaterData",
        "LaterVariables",
        "Near",
        "StationBy",
        "StationParts",
        "StationPartsDocument",
        ...["DateTime", "Url"]
      ].sort()
    )
    assert.notInclude(bundle, "Readings")
    assert.notInclude(bundle, "Mutation")
  })

  it("has none of the hundreds of types that another operation tells apart", async () => {
    const bundle = await bundled("NodeIds", "test/schemas/github/nodes.generated.ts")
    assert.deepStrictEqual(declared(bundle), ["NodeIds", "NodeIdsData", "NodeIdsVariables"])
    assert.isBelow(bundle.length, 800)
  })

  it("has nothing of a file that is imported for its types", async () => {
    const { outputFiles } = await build({
      stdin: { contents: `import "./test/schemas/github/nodes.generated.ts"`, resolveDir: root },
      bundle: true,
      write: false,
      format: "esm",
      external: ["@fiberline/*", "effect/*"],
      logLevel: "error"
    })
    assert.deepStrictEqual(declared(outputFiles[0]?.text ?? "unbundled"), [])
  })
})
