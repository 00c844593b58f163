/** A file for the schema, and one beside each document. */
import type { Types } from "@graphql-codegen/plugin-helpers"
import {
  buildASTSchema,
  concatAST,
  type DocumentNode,
  type GraphQLSchema,
  specifiedRules,
  validate as validateDocuments
} from "graphql"
import { extname, join, resolve } from "node:path"
import { type PresetConfig, type Settings, settingsOf } from "./config.js"
import type { Source } from "./documents.js"
import { declare, type Declarations } from "./emit/declare.js"
import { forgetFormat, printFile } from "./emit/file.js"
import { failOn } from "./errors.js"
import { type Files, filesOf, type Layout, pathsOf } from "./files.js"
import { manifestOf, type Program, programOf } from "./program.js"

const defaultExtension = ".generated.ts"
const defaultSchemaFile = "schema.ts"

/**
 * Emits a file of the schema's enums, inputs and scalars into the output directory, and beside each
 * document a file of its operations and fragments.
 *
 * @since 0.1.0
 * @category preset
 */
export const preset: Types.OutputPreset<PresetConfig> = {
  // What was generated has no documents, and need not be searched for them.
  prepareDocuments: (directory, documents) => [
    ...documents,
    `!${join(directory, defaultSchemaFile)}`,
    `!**/*${defaultExtension}`
  ],

  buildGeneratesSection: async ({
    baseOutputDir,
    config,
    documents,
    documentTransforms,
    pluginContext,
    pluginMap,
    plugins,
    presetConfig,
    profiler,
    schema,
    schemaAst
  }) => {
    const settings = settingsOf(config)
    const layout = layoutOf(baseOutputDir, presetConfig)
    const manifest = manifestPathOf(layout, presetConfig, settings)
    failOnOverwriting(layout, documents)
    judge(schemaAst ?? buildASTSchema(schema), documents)
    await forgetFormat()
    const generate = generator(layout, settings)
    // Beside what else the user wants in these files.
    const name = "@fiberline/codegen"
    const section = (path: string): Types.GenerateOptions => ({
      filename: path,
      plugins: [{ [name]: {} }, ...plugins.filter((plugin) => !(name in plugin))],
      pluginMap: {
        ...pluginMap,
        [name]: { plugin: (schema, sources) => generate(schema, sources, path) }
      },
      schema,
      ...(schemaAst && { schemaAst }),
      documents,
      config,
      ...(pluginContext && { pluginContext }),
      ...(profiler && { profiler }),
      ...(documentTransforms && { documentTransforms })
    })
    return [
      ...pathsOf(layout, documents).map(section),
      ...(manifest === undefined ? [] : [section(manifest)])
    ]
  }
}

/** What generates any of the files, and looks at the documents once for all of them. */
const generator = (layout: Layout, settings: Settings) => {
  let last: { readonly key: ReadonlyArray<unknown>; readonly made: Made } | undefined
  const make = (schema: GraphQLSchema, sources: ReadonlyArray<Source>): Made => {
    const key = [schema, ...sources.flatMap(({ document }) => document?.definitions ?? [])]
    if (last && last.key.length === key.length && last.key.every((part, i) => part === key[i])) {
      return last.made
    }
    const program = programOf(schema, sources, settings)
    const declarations = declare(program)
    const made = { program, declarations, files: filesOf(layout, sources, declarations) }
    last = { key, made }
    return made
  }
  return async (
    schema: GraphQLSchema,
    sources: ReadonlyArray<Source>,
    path: string
  ): Promise<Types.ComplexPluginOutput> => {
    const { files, program } = make(schema, sources)
    if (extname(path) === ".json") return { content: manifestOf(program) }
    const file = files.files.get(path)
    // Code Generator writes no file without content.
    if (!file || (file.declarations.length === 0 && !file.exports?.length)) return { content: "" }
    const { body, imports } = await printFile(file, files.homeOf, settings.importExtension)
    return { prepend: [imports], content: body }
  }
}

interface Made {
  readonly program: Program
  readonly declarations: Declarations
  readonly files: Files
}

/**
 * Code Generator validates the documents too, but knows not where in its file a template is.
 */
const judge = (schema: GraphQLSchema, sources: ReadonlyArray<Source>): void => {
  // Type boundary: what has definitions is a document, whichever fields of it were asked for.
  const documents = sources.flatMap(({ document }) => (document ? [document as DocumentNode] : []))
  const rules = specifiedRules.filter(({ name }) => !ignored.has(name))
  const errors = validateDocuments(schema, concatAST(documents), rules)
  failOn(errors.map(({ message, nodes }) => ({ message, nodes: nodes ?? [] })))
}

/** Code Generator ignores the same. */
const ignored = new Set(["NoUnusedFragmentsRule", "NoUnusedVariablesRule", "KnownDirectivesRule"])

const layoutOf = (
  baseDirectory: string,
  { extension = defaultExtension, schemaFile = defaultSchemaFile }: PresetConfig
): Layout => {
  if (extname(baseDirectory) !== "") {
    throw new Error(
      `The preset of @fiberline/codegen writes into a directory: ${baseDirectory} should be one, such as "src/graphql/".`
    )
  }
  for (const [option, value] of Object.entries({ extension, schemaFile })) {
    if (!/\.[cm]?tsx?$/.test(value)) {
      throw new Error(`presetConfig.${option} is ${JSON.stringify(value)}. It should end in ".ts".`)
    }
  }
  return { baseDirectory, schemaFile, extension }
}

/** `extension: ".ts"` is beside `cat.graphql` what `cat.ts` is itself. */
const failOnOverwriting = (layout: Layout, sources: ReadonlyArray<Source>): void => {
  const written = new Set(pathsOf(layout, sources).map((path) => resolve(path)))
  for (const { location } of sources) {
    if (location === undefined || !written.has(resolve(location))) continue
    throw new Error(
      `${location} has documents, and would be overwritten by what is generated. ` +
        `Another presetConfig.extension, such as "${defaultExtension}", leaves it alone.`
    )
  }
}

const manifestPathOf = (
  { baseDirectory }: Layout,
  { manifest }: PresetConfig,
  { hashAlgorithm }: Settings
): string | undefined => {
  if (manifest === undefined) return undefined
  if (extname(manifest) !== ".json") {
    throw new Error(
      `presetConfig.manifest is ${JSON.stringify(manifest)}. It should end in ".json".`
    )
  }
  if (hashAlgorithm === undefined) {
    throw new Error(`presetConfig.manifest needs persistedDocuments: true in config.`)
  }
  return join(baseDirectory, manifest)
}
