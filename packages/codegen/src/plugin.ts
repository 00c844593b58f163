/** One file for all documents. */
import type { PluginFunction, PluginValidateFn, Types } from "@graphql-codegen/plugin-helpers"
import { extname } from "node:path"
import { type Config, settingsOf } from "./config.js"
import { declare } from "./emit/declare.js"
import { forgetFormat, printFile } from "./emit/file.js"
import { manifestOf, programOf } from "./program.js"

/**
 * Emits the Schemas and operations of all documents, or, into a `.json`, their manifest.
 *
 * @since 0.1.0
 * @category plugin
 */
export const plugin: PluginFunction<Config, Types.ComplexPluginOutput> = async (
  schema,
  documents,
  config,
  info
) => {
  const settings = settingsOf(config)
  const path = info?.outputFile ?? "generated.ts"
  const program = programOf(schema, documents, settings)
  const declarations = declare(program)
  if (extname(path) === ".json") return { content: manifestOf(program) }
  await forgetFormat()
  const file = {
    path,
    declarations: [
      ...declarations.schema,
      ...declarations.fragments.values(),
      ...declarations.operations.values()
    ]
  }
  const { body, imports } = await printFile(file, () => undefined, settings.importExtension)
  return { prepend: [imports], content: body }
}

const extensions = [".ts", ".tsx", ".mts", ".cts"]

/**
 * Whether the configuration makes sense.
 *
 * @since 0.1.0
 * @category plugin
 */
export const validate: PluginValidateFn<Config> = (_schema, _documents, config, outputFile) => {
  const settings = settingsOf(config)
  const extension = extname(outputFile)
  if (extension === ".json") {
    if (settings.hashAlgorithm !== undefined) return
    throw new Error(
      `${outputFile} would be a manifest of persisted documents, which needs persistedDocuments: true.`
    )
  }
  if (extensions.includes(extension)) return
  throw new Error(
    `@fiberline/codegen writes TypeScript: ${outputFile} should end in ${extensions.join(", ")}, ` +
      `or in .json for a manifest of persisted documents.`
  )
}
