/** All that is to be emitted for a schema and its documents. */
import {
  type GraphQLInputObjectType,
  type GraphQLSchema,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isScalarType
} from "graphql"
import type { Settings } from "./config.js"
import { definitionsOf, fragmentsOf, hashOf, type Source, sorted, textOf } from "./documents.js"
import { failOn, type Problem } from "./errors.js"
import { documented, enumOf, inOrder, inputOf, variablesOf } from "./inputs.js"
import type { Enum, Fragment, Input, Operation, Scalar, Uses } from "./model.js"
import { specified } from "./scalars.js"
import { shapeOf } from "./selection.js"

export interface Program {
  readonly schema: GraphQLSchema
  readonly settings: Settings
  readonly scalars: ReadonlyMap<string, Scalar>
  readonly enums: ReadonlyMap<string, Enum>
  /** Each after those that it is made of. */
  readonly inputs: ReadonlyMap<string, Input>
  /** By their names in the documents, each after those that it spreads. */
  readonly fragments: ReadonlyMap<string, Fragment>
  readonly operations: ReadonlyArray<Operation>
  /** Fragments of external documents. */
  readonly externals: ReadonlySet<string>
}

export const programOf = (
  schema: GraphQLSchema,
  sources: ReadonlyArray<Source>,
  settings: Settings
): Program => {
  const definitions = definitionsOf(schema, sources, settings.unknownValues === "keep")
  const uses: Uses = new Map()
  const surroundings = { schema, fragments: definitions.fragments, uses }

  const fragments = new Map<string, Fragment>()
  for (const node of sorted(definitions.fragments)) {
    const type = schema.getType(node.typeCondition.name.value)
    if (!isCompositeType(type)) continue
    const shape = shapeOf(surroundings, type, node.selectionSet)
    const name = node.name.value
    fragments.set(name, { _tag: "Fragment", name: pascal(name), node, shape })
  }

  const operations = definitions.operations.flatMap((node): ReadonlyArray<Operation> => {
    const root = schema.getRootType(node.operation)
    if (!root || node.name === undefined) return []
    const text = textOf(node, definitions.fragments)
    return [
      {
        _tag: "Operation",
        name: pascal(node.name.value),
        node,
        kind: node.operation,
        variables: variablesOf(schema, node, fragmentsOf(node, definitions.fragments), uses),
        shape: shapeOf(surroundings, root, node.selectionSet),
        text,
        hash:
          settings.hashAlgorithm === undefined ? undefined : hashOf(text, settings.hashAlgorithm)
      }
    ]
  })

  return {
    schema,
    settings,
    fragments,
    operations,
    externals: definitions.externals,
    ...schemaTypes(schema, settings, uses)
  }
}

/** The enums, inputs and scalars that are used, or all. */
const schemaTypes = (
  schema: GraphQLSchema,
  settings: Settings,
  uses: Uses
): Pick<Program, "enums" | "inputs" | "scalars"> => {
  const types = Object.values(schema.getTypeMap())
    .filter(
      (type) => uses.has(type.name) || (!settings.onlyOperationTypes && !isIntrospectionType(type))
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const problems: Array<Problem> = []
  const scalars = new Map<string, Scalar>()
  const enums = new Map<string, Enum>()
  const inputs: Array<GraphQLInputObjectType> = []
  for (const type of types) {
    if (isEnumType(type)) enums.set(type.name, enumOf(type))
    if (isInputObjectType(type)) inputs.push(type)
    if (!isScalarType(type)) continue
    const mapping = settings.scalars.get(type.name)
    if (mapping === undefined && type.name in specified) continue
    if (mapping === undefined && settings.strictScalars) {
      problems.push({
        message:
          `The scalar ${type.name} has no Schema. Map it to one, ` +
          `as in scalars: { ${type.name}: "Schema.String" }.`,
        nodes: [uses.get(type.name) ?? type.astNode ?? undefined]
      })
    }
    const unknown = { _tag: "Expression", text: "Schema.Unknown" } as const
    scalars.set(type.name, {
      _tag: "Scalar",
      name: type.name,
      ...documented(type),
      ...(mapping ?? { input: unknown, output: unknown })
    })
  }
  failOn(problems)
  const isMapped = (name: string) => settings.scalars.has(name)
  return {
    scalars,
    enums,
    inputs: new Map(inOrder(inputs).map((type) => [type.name, inputOf(type, isMapped)]))
  }
}

/** `get_viewer` and `getViewer` are `GetViewer`; `_2fa` needs what it begins with. */
const pascal = (name: string): string => {
  const words = name.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  const joined = words.join("")
  return /^[A-Z]/.test(joined) ? joined : `_${joined}`
}

/** The manifest that a server is given: each hash and its text. */
export const manifestOf = ({ operations }: Program): string => {
  const entries = operations.flatMap(({ hash, text }) => (hash === undefined ? [] : [[hash, text]]))
  return `${JSON.stringify(Object.fromEntries(entries.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1))), null, 2)}\n`
}
