/** What the plugin and the preset make of documents, by Code Generator's own core. */
import { codegen } from "@graphql-codegen/core"
import type { Types } from "@graphql-codegen/plugin-helpers"
import { type GraphQLSchema, parse, printSchema, Source } from "graphql"
import * as fiberline from "../../src/index.js"

export interface Documents {
  readonly [location: string]: string
}

const filesOf = (documents: Documents): Array<Types.DocumentFile> =>
  Object.entries(documents).map(([location, text]) => ({
    location,
    document: parse(new Source(text, location))
  }))

/** The one file of the plugin. */
export const generate = (
  schema: GraphQLSchema,
  documents: Documents,
  config: fiberline.Config = {},
  filename = "generated.ts"
): Promise<string> =>
  codegen({
    schema: parse(printSchema(schema)),
    schemaAst: schema,
    documents: filesOf(documents),
    filename,
    plugins: [{ "@fiberline/codegen": {} }],
    pluginMap: { "@fiberline/codegen": fiberline },
    config: { ...config }
  })

/** The files of the preset that have content, by their paths. */
export const generateFiles = async (
  schema: GraphQLSchema,
  documents: Documents | Array<Types.DocumentFile>,
  config: fiberline.Config = {},
  presetConfig: fiberline.PresetConfig = {},
  baseOutputDir = "src/graphql/"
): Promise<ReadonlyMap<string, string>> => {
  const sections = await fiberline.preset.buildGeneratesSection({
    baseOutputDir,
    presetConfig,
    plugins: [],
    schema: parse(printSchema(schema)),
    schemaAst: schema,
    documents: Array.isArray(documents) ? documents : filesOf(documents),
    config: { ...config },
    pluginMap: {}
  })
  const files = await Promise.all(
    sections.map(async (section) => [section.filename, await codegen(section)] as const)
  )
  return new Map(files.filter(([, content]) => content !== ""))
}
