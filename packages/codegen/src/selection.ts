/**
 * What a selection gives: for each type that it may be of, which fields, of which types, and whether they
 * are certain. Fields that are selected several times, directly and by fragments, are merged as an
 * executor merges them.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isTypeSubTypeOf,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef
} from "graphql"
import { always, both, type Condition, conditionOf, isCertain } from "./conditions.js"
import { fieldsKey } from "./keys.js"
import type { Field, Shape, Type, Uses, Variant } from "./model.js"

export interface Surroundings {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Notes the scalars and enums that are used. */
  readonly uses: Uses
}

/** A selection set, and when it is selected, given that its parent is there. */
interface Occurrence {
  readonly selectionSet: SelectionSetNode
  readonly when: Condition
  /** The type that it was written for. */
  readonly on: GraphQLCompositeType
}

/** Something selected, with the types it is restricted to. */
interface Selected<A> {
  readonly what: A
  readonly when: Condition
  readonly on: GraphQLCompositeType
  readonly guards: ReadonlyArray<GraphQLCompositeType>
}

interface Level {
  readonly fields: Array<Selected<FieldNode>>
  readonly spreads: Array<Selected<string>>
}

/** What a selection set on a type gives. */
export const shapeOf = (
  surroundings: Surroundings,
  type: GraphQLCompositeType,
  selectionSet: SelectionSetNode
): Shape => merged(surroundings, type, [{ selectionSet, when: always, on: type }])

const merged = (
  surroundings: Surroundings,
  type: GraphQLCompositeType,
  occurrences: ReadonlyArray<Occurrence>
): Shape => {
  const { schema } = surroundings
  const level: Level = { fields: [], spreads: [] }
  for (const occurrence of occurrences) flatten(surroundings, occurrence, [], level, new Set())

  const possible = possibleTypes(schema, type)
  const parents = occurrences.map(({ when }) => when)
  const fieldsOf = fieldsAmong(surroundings, level, parents)
  const variants = groupsOf(schema, possible, level).map(({ own, types }) => ({
    types,
    fields: fieldsOf(own.fields),
    spreads: own.spreads.filter(({ when }) => isCertain([when], parents)).map(({ what }) => what),
    // In the order of the document; the types that it does not mention are last.
    order: Math.min(
      ...level.fields.map((field, index) =>
        field.guards.length > 0 && own.fields.includes(field) ? index : Infinity
      )
    )
  }))

  const isForAll = (guards: ReadonlyArray<GraphQLCompositeType>) =>
    possible.every((object) => guards.every((guard) => isOf(schema, object, guard)))
  return {
    on: type.name,
    possible: possible.map(({ name }) => name),
    unknown: fieldsOf(level.fields.filter(({ guards }) => guards.length === 0)),
    variants: joined(variants).map(({ fields, spreads, types }) => ({
      types,
      spreads: Array.from(new Set(spreads)),
      fields: fields.map((field) => withTypes(field, types))
    })),
    spreads: Array.from(
      new Set(
        level.spreads
          .filter(({ guards, when }) => isCertain([when], parents) && isForAll(guards))
          .map(({ what }) => what)
      )
    )
  }
}

/** Types to which the same applies. A type like GitHub's `Node` has hundreds. */
const groupsOf = (
  schema: GraphQLSchema,
  possible: ReadonlyArray<GraphQLObjectType>,
  level: Level
): ReadonlyArray<{ readonly own: Level; readonly types: ReadonlyArray<string> }> => {
  const groups = new Map<string, { readonly own: Level; readonly types: Array<string> }>()
  for (const object of possible) {
    const applies = ({ guards }: Selected<unknown>) =>
      guards.every((guard) => isOf(schema, object, guard))
    const own = { fields: level.fields.filter(applies), spreads: level.spreads.filter(applies) }
    const signature = JSON.stringify([
      own.fields.map((field) => level.fields.indexOf(field)),
      own.spreads.map((spread) => level.spreads.indexOf(spread))
    ])
    const group = groups.get(signature)
    if (group) group.types.push(object.name)
    else groups.set(signature, { own, types: [object.name] })
  }
  return Array.from(groups.values())
}

interface Ordered extends Variant {
  readonly order: number
}

/** Variants with the same fields are one, however they came by them. */
const joined = (variants: ReadonlyArray<Ordered>): ReadonlyArray<Variant> => {
  const byFields = new Map<string, Ordered>()
  for (const variant of variants) {
    const key = fieldsKey(variant.fields)
    const other = byFields.get(key)
    byFields.set(
      key,
      other === undefined
        ? variant
        : {
            types: [...other.types, ...variant.types],
            fields: other.fields,
            spreads: other.spreads.filter((name) => variant.spreads.includes(name)),
            order: Math.min(other.order, variant.order)
          }
    )
  }
  return Array.from(byFields.values()).sort((a, b) => (a.order === b.order ? 0 : a.order - b.order))
}

/** `__typename` is one of the variant's types. */
const withTypes = (field: Field, types: ReadonlyArray<string>): Field =>
  field.type._tag === "Typename" ? { ...field, type: { _tag: "Typename", types } } : field

/** Goes through inline fragments and fragments, whose fields are on the same level. */
const flatten = (
  surroundings: Surroundings,
  { on, selectionSet, when }: Occurrence,
  guards: ReadonlyArray<GraphQLCompositeType>,
  level: Level,
  visited: ReadonlySet<string>
): void => {
  const { fragments, schema } = surroundings
  for (const selection of selectionSet.selections) {
    const own = conditionOf(selection.directives)
    if (own === undefined) continue
    const condition = both(when, own)
    if (selection.kind === "Field") {
      level.fields.push({ what: selection, when: condition, on, guards })
      continue
    }
    const name = selection.kind === "FragmentSpread" ? selection.name.value : undefined
    const fragment = name === undefined ? undefined : fragments.get(name)
    if (name !== undefined && (fragment === undefined || visited.has(name))) continue
    const inner = selection.kind === "InlineFragment" ? selection : fragment
    if (inner === undefined) continue
    const type = inner.typeCondition ? compositeType(schema, inner.typeCondition.name.value) : on
    // Only a guard that keeps something out is one.
    const innerGuards =
      type === on || isTypeSubTypeOf(schema, on, type) ? guards : [...guards, type]
    if (name !== undefined)
      level.spreads.push({ what: name, when: condition, on, guards: innerGuards })
    flatten(
      surroundings,
      { on: type, selectionSet: inner.selectionSet, when: condition },
      innerGuards,
      level,
      name === undefined ? visited : new Set(visited).add(name)
    )
  }
}

/**
 * The fields of some of a level's selections. Variants have most of them in common: what is the same is looked
 * at once, because otherwise each level of a document would multiply the work.
 */
const fieldsAmong = (
  surroundings: Surroundings,
  level: Level,
  parents: ReadonlyArray<Condition>
): ((some: ReadonlyArray<Selected<FieldNode>>) => ReadonlyArray<Field>) => {
  const places = new Map(level.fields.map((field, index) => [field, index]))
  const known = new Map<string, Field>()
  return (some) => {
    const byKey = new Map<string, Array<Selected<FieldNode>>>()
    for (const field of some) {
      const key = field.what.alias?.value ?? field.what.name.value
      const same = byKey.get(key)
      if (same) same.push(field)
      else byKey.set(key, [field])
    }
    return Array.from(byKey, ([key, same]) => {
      const at = same.map((field) => places.get(field)).join()
      const field = known.get(at) ?? fieldOf(surroundings, key, same, parents)
      known.set(at, field)
      return field
    })
  }
}

const fieldOf = (
  surroundings: Surroundings,
  key: string,
  same: ReadonlyArray<Selected<FieldNode>>,
  parents: ReadonlyArray<Condition>
): Field => {
  const { schema } = surroundings
  const isOptional = !isCertain(
    same.map(({ when }) => when),
    parents
  )
  const [first] = same
  if (first?.what.name.value === "__typename") {
    const type: Type = { _tag: "Typename", types: [] }
    return { key, isOptional, type, description: undefined, deprecated: undefined }
  }
  const definitions = same.map(({ on, what }) => definitionOf(schema, on, what))
  // An object may promise more than its interface does.
  const definition = definitions.reduce((best, other) =>
    isTypeSubTypeOf(schema, other.type, best.type) ? other : best
  )
  const named = getNamedType(definition.type)
  const conditions = new Set(same.map(({ when }) => when))
  const occurrences = same.flatMap(({ what, when }, index): ReadonlyArray<Occurrence> => {
    const on = getNamedType(definitions[index]?.type)
    return what.selectionSet && isCompositeType(on)
      ? [{ selectionSet: what.selectionSet, when: conditions.size === 1 ? always : when, on }]
      : []
  })
  const leaf: Type = isCompositeType(named)
    ? { _tag: "Object", shape: merged(surroundings, named, occurrences) }
    : { _tag: "Named", name: named.name }
  if (leaf._tag === "Named" && !surroundings.uses.has(leaf.name)) {
    surroundings.uses.set(leaf.name, first?.what)
  }
  return {
    key,
    isOptional,
    type: wrapped(definition.type, leaf),
    description: definition.description ?? undefined,
    deprecated: definition.deprecationReason ?? undefined
  }
}

const wrapped = (type: GraphQLOutputType, leaf: Type): Type => {
  if (isNonNullType(type)) return present(type.ofType, leaf)
  return { _tag: "Nullable", of: present(type, leaf) }
}

const present = (type: GraphQLOutputType, leaf: Type): Type =>
  isListType(type) ? { _tag: "List", of: wrapped(type.ofType, leaf) } : leaf

const definitionOf = (schema: GraphQLSchema, on: GraphQLCompositeType, node: FieldNode) => {
  const definition =
    isObjectType(on) || isInterfaceType(on) ? on.getFields()[node.name.value] : undefined
  const { name } = node
  const meta = definition ?? introspection(schema, on).find((field) => field.name === name.value)
  if (meta === undefined) {
    // Code Generator has validated the documents.
    throw new Error(`${on.name} has no field ${name.value}`)
  }
  return meta
}

/** `__schema` and `__type`. */
const introspection = (schema: GraphQLSchema, on: GraphQLCompositeType) =>
  on === schema.getQueryType() ? [SchemaMetaFieldDef, TypeMetaFieldDef] : []

const compositeType = (schema: GraphQLSchema, name: string): GraphQLCompositeType => {
  const type = schema.getType(name)
  if (!isCompositeType(type)) throw new Error(`${name} has no fields`)
  return type
}

const possibleTypes = (
  schema: GraphQLSchema,
  type: GraphQLCompositeType
): ReadonlyArray<GraphQLObjectType> =>
  isAbstractType(type) ? schema.getPossibleTypes(type) : [type]

const isOf = (
  schema: GraphQLSchema,
  object: GraphQLObjectType,
  type: GraphQLCompositeType
): boolean => type === object || (isAbstractType(type) && schema.isSubType(type, object))
