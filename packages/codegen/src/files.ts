/** Which file of a preset's output holds what. */
import { join } from "node:path"
import type { Source } from "./documents.js"
import type { Declaration } from "./emit/declarations.js"
import type { Declarations } from "./emit/declare.js"
import type { File, Home } from "./emit/file.js"

export interface Layout {
  readonly baseDirectory: string
  readonly schemaFile: string
  readonly extension: string
}

/** The file beside a document: `issue.graphql` has `issue.generated.ts`. */
export const fileOf = ({ extension }: Layout, location: string): string =>
  location.replace(/\.\w+$/, "") + extension

export const schemaFileOf = ({ baseDirectory, schemaFile }: Layout): string =>
  join(baseDirectory, schemaFile)

const sharedFileOf = ({ baseDirectory, extension }: Layout): string =>
  join(baseDirectory, `fragments${extension}`)

/** The paths that there may be something for, whatever the documents hold. */
export const pathsOf = (layout: Layout, sources: ReadonlyArray<Source>): ReadonlyArray<string> => {
  const beside = sources.flatMap(({ location, type }) =>
    location === undefined || type === "external" ? [] : [fileOf(layout, location)]
  )
  return [...new Set([schemaFileOf(layout), sharedFileOf(layout), ...beside.sort()])]
}

export interface Files {
  readonly files: ReadonlyMap<string, File>
  readonly homeOf: Home
}

/**
 * Each operation and fragment is beside its document. Only fragments whose files would need each other, which
 * modules that are evaluated one after the other cannot, are in a file of their own.
 */
export const filesOf = (
  layout: Layout,
  sources: ReadonlyArray<Source>,
  declarations: Declarations
): Files => {
  const besides = new Map<Declaration, string>()
  const fragments = new Set(declarations.fragments.values())
  for (const { document, location, type } of sources) {
    if (location === undefined || type === "external") continue
    for (const definition of document?.definitions ?? []) {
      const of = definition.kind === "FragmentDefinition" ? "fragments" : "operations"
      const name = "name" in definition ? definition.name?.value : undefined
      const declaration = name === undefined ? undefined : declarations[of].get(name)
      if (declaration) besides.set(declaration, fileOf(layout, location))
    }
  }
  const shared = inCycles(besides, fragments, sharedFileOf(layout))
  const schemaFile = schemaFileOf(layout)
  const homes = new Map<string, string>()
  const home = (declaration: Declaration, path: string) => {
    for (const name of declaration.names) homes.set(name, path)
  }
  for (const declaration of declarations.schema) home(declaration, schemaFile)
  for (const [declaration, path] of besides) home(declaration, path)
  for (const declaration of shared) home(declaration, sharedFileOf(layout))

  const files = new Map<string, File>([
    [schemaFile, { path: schemaFile, declarations: declarations.schema }]
  ])
  const add = (path: string, file: Partial<File>) => {
    const { declarations = [], exports = [] } = files.get(path) ?? {}
    files.set(path, {
      path,
      declarations: [...declarations, ...(file.declarations ?? [])],
      exports: [...exports, ...(file.exports ?? [])]
    })
  }
  // Fragments come in an order in which each can use those before it.
  for (const declaration of [...fragments, ...declarations.operations.values()]) {
    const path = besides.get(declaration)
    if (path === undefined) continue
    if (shared.has(declaration)) {
      add(sharedFileOf(layout), { declarations: [declaration] })
      add(path, { exports: declaration.names })
    } else add(path, { declarations: [declaration] })
  }
  return { files, homeOf: (name) => homes.get(name) }
}

/** The fragments of files that would import each other. */
const inCycles = (
  besides: ReadonlyMap<Declaration, string>,
  fragments: ReadonlySet<Declaration>,
  sharedFile: string
): ReadonlySet<Declaration> => {
  const shared = new Set<Declaration>()
  const declares = new Map<string, Declaration>()
  for (const [declaration] of besides) {
    for (const name of declaration.names) declares.set(name, declaration)
  }
  const pathOf = (declaration: Declaration) =>
    shared.has(declaration) ? sharedFile : besides.get(declaration)
  for (;;) {
    const imports = new Map<string, Set<string>>()
    for (const [declaration] of besides) {
      const from = pathOf(declaration) ?? ""
      for (const name of declaration.uses) {
        const used = declares.get(name)
        const to = used && pathOf(used)
        if (to !== undefined && to !== from) {
          imports.set(from, (imports.get(from) ?? new Set()).add(to))
        }
      }
    }
    const before = shared.size
    for (const fragment of fragments) {
      const path = pathOf(fragment)
      if (path !== undefined && path !== sharedFile && reaches(imports, path, path)) {
        shared.add(fragment)
      }
    }
    if (shared.size === before) return shared
  }
}

const reaches = (
  imports: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string
): boolean => {
  const reached = new Set<string>()
  const go = (path: string): boolean =>
    Array.from(imports.get(path) ?? []).some((next) => {
      if (next === to) return true
      if (reached.has(next)) return false
      reached.add(next)
      return go(next)
    })
  return go(from)
}
