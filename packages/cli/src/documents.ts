/** Documents in files, for `fiberline validate`: which there are, and what is wrong with them. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoUnusedFragmentsRule,
  parse,
  Source,
  specifiedRules,
  UniqueFragmentNamesRule,
  UniqueOperationNamesRule,
  validate,
  type ValidationRule,
  visit
} from "graphql"
import * as Files from "./files.js"
import { Input } from "./input.js"
import { printable } from "./printable.js"
import { UsageError } from "./usage.js"

/** Files as they are named, those below directories, and `-` for standard input. */
export const find = (paths: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const { join } = yield* Path.Path
    const found = yield* Effect.forEach(paths, (path) =>
      Effect.gen(function* () {
        if (path === "-") return [path]
        if ((yield* files.stat(path)).type !== "Directory") return [path]
        const inside = yield* files.readDirectory(path, { recursive: true })
        return inside
          .filter(
            (name) => /\.(graphql|gql)$/.test(name) && !/(^|[\\/])node_modules[\\/]/.test(name)
          )
          .sort()
          .map((name) => join(path, name))
      }).pipe(
        Effect.mapError(
          (error) =>
            new UsageError({
              message: `${printable(path)} cannot be read: ${Files.reasonOf(error)}`
            })
        )
      )
    )
    const all = Array.from(new Set(found.flat()))
    if (all.length === 0)
      return yield* new UsageError({ message: "there are no documents to validate" })
    const { text } = yield* Input
    return yield* Effect.forEach(all, (path): ReadSource =>
      path === "-"
        ? Effect.map(text, (text) => new Source(text, "(stdin)"))
        : Effect.map(Files.read(path), (text) => new Source(text, path))
    )
  })

type ReadSource = Effect.Effect<Source, UsageError, Input | FileSystem.FileSystem>

export interface Issue {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/**
 * In the order of the files. A fragment may be in another file than the operation that uses it: each
 * file is judged with those it needs, and everything is judged once.
 */
export const issuesOf = (
  schema: GraphQLSchema,
  sources: ReadonlyArray<Source>
): ReadonlyArray<Issue> => {
  const errors: Array<GraphQLError> = []
  const documents: Array<DocumentNode> = []
  for (const source of sources) {
    try {
      documents.push(parse(source))
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      errors.push(error)
    }
  }

  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const { definitions } of documents) {
    for (const definition of definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION && !fragments.has(definition.name.value)) {
        fragments.set(definition.name.value, definition)
      }
    }
  }
  const alone = specifiedRules.filter((rule) => !together.includes(rule))
  for (const document of documents) {
    const own = new Set<unknown>(document.definitions)
    const foreign = spreadsFrom(document, fragments).filter((fragment) => !own.has(fragment))
    const judged: DocumentNode = {
      ...document,
      definitions: [...document.definitions, ...foreign]
    }
    const source = document.loc?.source
    errors.push(
      // Those of other files are told there.
      ...judge(schema, judged, alone).filter((error) => error.source === source)
    )
  }
  const everything: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: documents.flatMap(({ definitions }) => definitions)
  }
  // Where a file could not be parsed, what it uses is not known.
  const isComplete = documents.length === sources.length
  errors.push(
    ...judge(
      schema,
      everything,
      together.filter((rule) => isComplete || rule !== NoUnusedFragmentsRule)
    )
  )

  const order = new Map(sources.map((source, index) => [source, index]))
  const indexOf = ({ source }: GraphQLError) => (source && order.get(source)) ?? 0
  return errors
    .sort((a, b) => indexOf(a) - indexOf(b) || (a.positions?.[0] ?? 0) - (b.positions?.[0] ?? 0))
    .map((error) => ({
      file: error.source?.name ?? "",
      line: error.locations?.[0]?.line ?? 1,
      column: error.locations?.[0]?.column ?? 1,
      message: error.message
    }))
}

/** The rules that are about all files at once. */
const together: ReadonlyArray<ValidationRule> = [
  NoUnusedFragmentsRule,
  UniqueFragmentNamesRule,
  UniqueOperationNamesRule
]

const judge = (
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: ReadonlyArray<ValidationRule>
) => validate(schema, document, rules, { maxErrors: Number.MAX_SAFE_INTEGER })

/** The fragments that a document uses, directly or through each other. */
const spreadsFrom = (
  document: DocumentNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
): ReadonlyArray<FragmentDefinitionNode> => {
  const found = new Set<FragmentDefinitionNode>()
  const look = (node: DocumentNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value)
        if (!fragment || found.has(fragment)) return
        found.add(fragment)
        look(fragment)
      }
    })
  }
  look(document)
  return Array.from(found)
}
