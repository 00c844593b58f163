// Module hooks that run the workspace from its source, with one change made to it.
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const packages = new URL("../../", import.meta.url)

let mutant

export const initialize = (data) => {
  mutant = data
}

export const resolve = (specifier, context, next) => {
  const [, name, module] = /^@fiberline\/(\w+)\/([A-Z]\w*)$/.exec(specifier) ?? []
  if (name) return next(new URL(`${name}/src/${module}.ts`, packages).href, context)
  const isOurs = context.parentURL?.endsWith(".ts") && specifier.startsWith(".")
  return next(isOurs ? specifier.replace(/\.js$/, ".ts") : specifier, context)
}

export const load = async (url, context, next) => {
  if (!url.endsWith(".ts")) return next(url, context)
  const source = mutated(url, await readFile(fileURLToPath(url), "utf8"))
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  })
  return { format: "module", source: outputText, shortCircuit: true }
}

const mutated = (url, source) => {
  if (url !== new URL(mutant.file, packages).href) return source
  const [before, after, ...more] = source.split(mutant.find)
  if (after === undefined || more.length > 0) {
    throw new Error(`what is to be changed is not once in ${mutant.file}: ${mutant.find}`)
  }
  return before + mutant.replace + after
}
