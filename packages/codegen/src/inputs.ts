/** What variables are made of: enums, input objects, and which of these contain themselves. */
import {
  type FragmentDefinitionNode,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  getNamedType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
  type OperationDefinitionNode,
  typeFromAST,
  TypeInfo,
  visit,
  visitWithTypeInfo
} from "graphql"
import type { Documented, Enum, Field, Input, Type, Uses } from "./model.js"

export const enumOf = (type: GraphQLEnumType): Enum => ({
  _tag: "Enum",
  name: type.name,
  ...documented(type),
  values: type.getValues().map((value) => ({ name: value.name, ...documented(value) }))
})

export const inputOf = (
  type: GraphQLInputObjectType,
  /** Whether a scalar has a Schema of its own, which may decode. */
  isMapped: (scalar: string) => boolean
): Input => {
  const reached = reachedFrom(type)
  return {
    _tag: "Input",
    name: type.name,
    ...documented(type),
    isOneOf: type.isOneOf,
    cycle: Array.from(reached)
      .filter((other) => isInputObjectType(other) && reachedFrom(other).has(type))
      .map(({ name }) => name),
    scalars: Array.from(reached)
      .filter((other) => isScalarType(other) && isMapped(other.name))
      .map(({ name }) => name)
      .sort(),
    fields: Object.values(type.getFields()).map((field) => ({
      key: field.name,
      // Exactly one is given, and is no null.
      isOptional: !type.isOneOf && isOptional(field),
      type: type.isOneOf ? present(field.type) : toType(field.type),
      ...documented(field)
    }))
  }
}

/** The variables of an operation. */
export const variablesOf = (
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyArray<FragmentDefinitionNode>,
  uses: Uses
): ReadonlyArray<Field> => {
  const required = usedAsNonNull(schema, [operation, ...fragments])
  return (operation.variableDefinitions ?? []).map((node) => {
    // Type boundary: Code Generator has validated the documents, so variables are of input types.
    const type = typeFromAST(schema, node.type as never) as GraphQLInputType
    for (const name of [getNamedType(type).name, ...namesWithin(getNamedType(type))]) {
      if (!uses.has(name)) uses.set(name, node)
    }
    const name = node.variable.name.value
    return {
      key: name,
      isOptional: node.defaultValue !== undefined || !isNonNullType(type),
      type: required.has(name) && !isNonNullType(type) ? present(type) : toType(type),
      description: undefined,
      deprecated: undefined
    }
  })
}

/**
 * Variables that may be absent, for they have a default, and yet must not be null: `$more: Boolean = true`
 * may be put where a `Boolean!` is wanted.
 */
const usedAsNonNull = (
  schema: GraphQLSchema,
  definitions: ReadonlyArray<OperationDefinitionNode | FragmentDefinitionNode>
): ReadonlySet<string> => {
  const names = new Set<string>()
  const info = new TypeInfo(schema)
  for (const definition of definitions) {
    visit(
      definition,
      visitWithTypeInfo(info, {
        VariableDefinition: () => false,
        Variable: ({ name }) => {
          if (isNonNullType(info.getInputType())) names.add(name.value)
        }
      })
    )
  }
  return names
}

/** The names of all types that a type is made of. */
export const namesWithin = (type: GraphQLNamedType): ReadonlyArray<string> =>
  isInputObjectType(type) ? Array.from(reachedFrom(type), ({ name }) => name) : []

/** Input objects, each after those that it is made of, as far as that is possible. */
export const inOrder = (inputs: ReadonlyArray<GraphQLInputObjectType>) => {
  const order = new Set<GraphQLInputObjectType>()
  const begun = new Set<GraphQLInputObjectType>()
  const add = (type: GraphQLInputObjectType) => {
    if (begun.has(type)) return
    begun.add(type)
    for (const part of partsOf(type)) if (isInputObjectType(part)) add(part)
    if (inputs.includes(type)) order.add(type)
  }
  for (const type of inputs) add(type)
  return Array.from(order)
}

const isOptional = (field: { readonly type: GraphQLInputType; readonly defaultValue?: unknown }) =>
  !isNonNullType(field.type) || field.defaultValue !== undefined

const toType = (type: GraphQLInputType): Type => {
  if (isNonNullType(type)) return present(type.ofType)
  return { _tag: "Nullable", of: present(type) }
}

const present = (type: GraphQLInputType): Type =>
  isListType(type)
    ? { _tag: "List", of: toType(type.ofType) }
    : { _tag: "Named", name: getNamedType(type).name }

export const documented = (what: {
  readonly description?: string | null | undefined
  readonly deprecationReason?: string | null | undefined
}): Documented => ({
  description: what.description ?? undefined,
  deprecated: what.deprecationReason ?? undefined
})

const partsOf = (type: GraphQLInputObjectType): ReadonlyArray<GraphQLNamedType> =>
  Object.values(type.getFields()).map((field) => getNamedType(field.type))

/** All that a type is made of; itself only where it contains itself. */
const reachedFrom = (type: GraphQLInputObjectType): ReadonlySet<GraphQLNamedType> => {
  const reached = new Set<GraphQLNamedType>()
  const add = (from: GraphQLInputObjectType) => {
    for (const part of partsOf(from)) {
      if (reached.has(part)) continue
      reached.add(part)
      if (isInputObjectType(part)) add(part)
    }
  }
  add(type)
  return reached
}
