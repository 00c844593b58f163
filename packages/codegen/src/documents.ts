/** The documents: their definitions, as they are sent, and under which hash. */
import {
  type DefinitionNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isTypeSubTypeOf,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo
} from "graphql"
import { createHash } from "node:crypto"
import { conditionOf } from "./conditions.js"
import { failOn } from "./errors.js"

export type Executable = OperationDefinitionNode | FragmentDefinitionNode

/** Where definitions come from. Code Generator's `DocumentFile`, as far as it matters. */
export interface Source {
  readonly location?: string | undefined
  readonly document?: { readonly definitions: ReadonlyArray<DefinitionNode> } | undefined
  readonly type?: string | undefined
}

export interface Definitions {
  readonly operations: ReadonlyArray<OperationDefinitionNode>
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Those of Code Generator's `externalDocuments`: they can be used, and nothing is emitted for them. */
  readonly externals: ReadonlySet<string>
}

/** The definitions of all documents, with `__typename` wherever types are told apart. */
export const definitionsOf = (
  schema: GraphQLSchema,
  sources: ReadonlyArray<Source>,
  /** Whether there may be types that the schema does not have. */
  isOpen: boolean
): Definitions => {
  const operations: Array<OperationDefinitionNode> = []
  const fragments = new Map<string, FragmentDefinitionNode>()
  const externals = new Set<string>()
  for (const { document, type } of sources) {
    for (const definition of document?.definitions ?? []) {
      if (definition.kind === "OperationDefinition" && type !== "external") {
        operations.push(definition)
      } else if (definition.kind === "FragmentDefinition") {
        fragments.set(definition.name.value, definition)
        if (type === "external") externals.add(definition.name.value)
      }
    }
  }
  failOn(
    operations
      .filter(({ name }) => name === undefined)
      .map((node) => ({
        message: `This ${node.operation} has no name. What is generated is called after it: give it one.`,
        nodes: [node]
      }))
  )
  const covers = coveringIn(schema, isOpen)
  const tagged = new Map<string, FragmentDefinitionNode>()
  for (const fragment of sorted(fragments)) {
    tagged.set(fragment.name.value, withTypenames(schema, fragment, tagged, covers))
  }
  return {
    operations: operations.map((operation) => withTypenames(schema, operation, tagged, covers)),
    fragments: tagged,
    externals
  }
}

/** Fragments, each after those that it uses. */
export const sorted = (
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
): ReadonlyArray<FragmentDefinitionNode> => {
  const order = new Set<FragmentDefinitionNode>()
  const begun = new Set<string>()
  const add = (name: string) => {
    const fragment = fragments.get(name)
    if (fragment === undefined || begun.has(name)) return
    begun.add(name)
    for (const used of spreadsOf(fragment)) add(used)
    order.add(fragment)
  }
  for (const name of Array.from(fragments.keys()).sort()) add(name)
  return Array.from(order)
}

/** The names of the fragments that a definition spreads itself. */
export const spreadsOf = (definition: Executable): ReadonlyArray<string> => {
  const names = new Set<string>()
  visit(definition, { FragmentSpread: (node) => void names.add(node.name.value) })
  return Array.from(names)
}

/** All fragments that a definition needs, in the order in which it comes by them. */
export const fragmentsOf = (
  definition: Executable,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
): ReadonlyArray<FragmentDefinitionNode> => {
  const found = new Set<FragmentDefinitionNode>()
  const add = (from: Executable) => {
    for (const name of spreadsOf(from)) {
      const fragment = fragments.get(name)
      if (fragment === undefined || found.has(fragment)) continue
      found.add(fragment)
      add(fragment)
    }
  }
  add(definition)
  return Array.from(found)
}

/** An operation as it is sent. */
export const textOf = (
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
): string => [operation, ...fragmentsOf(operation, fragments)].map(print).join("\n\n")

export type HashAlgorithm = string | ((text: string) => string)

/** As the client preset makes them: by SHA-256 with the prefix that GraphQL over HTTP wants. */
export const hashOf = (text: string, algorithm: HashAlgorithm): string => {
  if (typeof algorithm === "function") return algorithm(text)
  const digest = createHash(algorithm).update(text).digest("hex")
  return algorithm === "sha256" ? `sha256:${digest}` : digest
}

const typename: FieldNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: "__typename" }
}

/**
 * Selects `__typename` where a selection on an abstract type differs by type, so that its variants can be
 * told apart. The fragments that it spreads have it already.
 */
const withTypenames = <A extends Executable>(
  schema: GraphQLSchema,
  definition: A,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  covers: Covers
): A => {
  const info = new TypeInfo(schema)
  return visit(
    definition,
    visitWithTypeInfo(info, {
      SelectionSet: (node, _key, parent) => {
        // The fields of an inline fragment are those of what it is in.
        const isLevel = !(parent && "kind" in parent && parent.kind === "InlineFragment")
        const type = info.getParentType()
        if (!isLevel || !type || !isAbstractType(type)) return undefined
        if (!isNarrowed(covers, type, node, fragments)) return undefined
        if (hasTypename(covers, type, node, fragments)) return undefined
        return { ...node, selections: [typename, ...node.selections] }
      }
    })
  )
}

/** Whether it selects for some of the types what it does not for others. */
const isNarrowed = (
  covers: Covers,
  type: GraphQLCompositeType,
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
): boolean =>
  selections.some((selection) => {
    if (selection.kind === "Field") return false
    const inner =
      selection.kind === "InlineFragment" ? selection : fragments.get(selection.name.value)
    return (
      inner !== undefined &&
      (!covers(inner.typeCondition?.name.value, type) ||
        isNarrowed(covers, type, inner.selectionSet, fragments))
    )
  })

/** Whether it selects `__typename` in any case. */
const hasTypename = (
  covers: Covers,
  type: GraphQLCompositeType,
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
): boolean =>
  selections.some((selection) => {
    if (conditionOf(selection.directives) !== "") return false
    if (selection.kind === "Field") {
      return selection.name.value === "__typename" && selection.alias === undefined
    }
    const inner =
      selection.kind === "InlineFragment" ? selection : fragments.get(selection.name.value)
    return (
      inner !== undefined &&
      covers(inner.typeCondition?.name.value, type) &&
      hasTypename(covers, type, inner.selectionSet, fragments)
    )
  })

/** Whether a type condition, if there is one, admits all that a type can be. */
type Covers = (condition: string | undefined, type: GraphQLCompositeType) => boolean

const coveringIn =
  (schema: GraphQLSchema, isOpen: boolean): Covers =>
  (condition, type) => {
    const by = condition === undefined ? type : getNamedType(schema.getType(condition))
    if (!isCompositeType(by) || isTypeSubTypeOf(schema, type, by)) return true
    if (isOpen) return false
    const admitted = isObjectType(by) ? [by] : schema.getPossibleTypes(by)
    const possible = isObjectType(type) ? [type] : schema.getPossibleTypes(type)
    return possible.every((object) => admitted.includes(object))
  }
