/** Types as expressions of Schemas. How they are laid out is Prettier's business. */
import { fieldsKey } from "../keys.js"
import type { Documented, Field, Input, Shape, Type, Variant } from "../model.js"
import type { Program } from "../program.js"
import { specified } from "../scalars.js"
import { exportedName } from "./names.js"
import { reuse, sameAs, sameVariantAs } from "./reuse.js"

/** What a declaration is printed in. It notes the names that it comes to use. */
export interface Scope {
  readonly program: Program
  /** Names of other declarations. */
  readonly uses: Set<string>
  /** Abstract types, the names of whose types are used as a Schema. */
  readonly typenames: Map<string, ReadonlyArray<string>>
}

/** So many names of types still read well in a row. */
const fewTypes = 4

export const use = ({ uses }: Scope, name: string): string => {
  uses.add(name)
  return name
}

/** The Schema of a type in data. */
export const dataSchema = (scope: Scope, type: Type): string =>
  schemaOf(type, (leaf) => {
    if (leaf._tag === "Named") return namedSchema(scope, leaf.name, "output")
    if (leaf._tag === "Object") return shapeSchema(scope, leaf.shape)
    return literals(leaf.types)
  })

/** The Schema of a type in variables. Those that are declared later, in a cycle, are suspended. */
export const inputSchema = (scope: Scope, type: Type, cycle: ReadonlyArray<string> = []): string =>
  schemaOf(type, (leaf) => {
    if (leaf._tag !== "Named") throw new Error(`${leaf._tag} is no type of an input`)
    const schema = namedSchema(scope, leaf.name, "input")
    return cycle.includes(leaf.name) ? `Schema.suspend(() => ${schema})` : schema
  })

type Leaf = Exclude<Type, { readonly _tag: "Nullable" | "List" }>

const schemaOf = (type: Type, leaf: (type: Leaf) => string): string => {
  switch (type._tag) {
    case "Nullable":
      return `Schema.NullOr(${schemaOf(type.of, leaf)})`
    case "List":
      return `Schema.Array(${schemaOf(type.of, leaf)})`
    default:
      return leaf(type)
  }
}

const namedSchema = (scope: Scope, name: string, position: "input" | "output"): string => {
  const scalar = scope.program.scalars.get(name)
  if (scalar)
    return use(scope, position === "input" ? inputNameOf(scope, name) : exportedName(name))
  return specified[name] ?? use(scope, exportedName(name))
}

/** A scalar that is sent in another form than it comes has two Schemas. */
export const inputNameOf = ({ program }: Scope, name: string): string => {
  const scalar = program.scalars.get(name)
  const differs = scalar && JSON.stringify(scalar.input) !== JSON.stringify(scalar.output)
  return differs ? `${exportedName(name)}Input` : exportedName(name)
}

/** The Schema of what is selected: a Struct, or a union of Structs with a `__typename`. */
export const shapeSchema = (scope: Scope, shape: Shape): string => {
  const { externals, fragments } = scope.program
  const same = sameAs(shape, withoutAll(fragments, externals))
  if (same) return use(scope, same.name)
  const members = shape.variants.map((variant) => variantSchema(scope, shape, variant))
  if (isOpen(scope, shape) && !isUniform(shape)) {
    members.push(
      struct(
        shape.unknown.map((field) => fieldOf(scope, field, () => unknownTypename(scope, shape)))
      )
    )
  }
  return members.length === 1 && members[0] !== undefined
    ? members[0]
    : `Schema.Union(${members.join(", ")})`
}

/** Whether it can be of a type that the schema does not have. */
const isOpen = ({ program }: Scope, shape: Shape): boolean =>
  program.settings.unknownValues === "keep" && isAbstract(shape)

/** Whether such a type has the same fields as all others. */
const isUniform = ({ unknown, variants: [only, ...others] }: Shape): boolean => {
  const keyOf = (fields: ReadonlyArray<Field>) =>
    fieldsKey(fields.filter(({ type }) => type._tag !== "Typename"))
  return (
    only !== undefined &&
    others.length === 0 &&
    only.fields.length === unknown.length &&
    keyOf(only.fields) === keyOf(unknown)
  )
}

const isAbstract = ({ on, possible }: Shape): boolean => possible[0] !== on

const variantSchema = (scope: Scope, shape: Shape, variant: Variant): string => {
  const { externals, fragments } = scope.program
  // What has a member for other types is a union, however few variants there are.
  const usable = new Map(
    Array.from(withoutAll(fragments, externals)).filter(
      ([, { shape }]) => !isOpen(scope, shape) || isUniform(shape)
    )
  )
  const same = sameVariantAs(variant, usable)
  if (same) return use(scope, same.name)
  const reused = reuse(variant, usable)
  const typename = () => {
    const known = typenameSchema(scope, shape, variant.types)
    return isOpen(scope, shape) && isUniform(shape)
      ? `Schema.Union(${known}, ${unknownTypename(scope, shape)})`
      : known
  }
  const entries = reused.fields.map((field) => [field, fieldOf(scope, field, typename)] as const)
  const spreads = reused.fragments.map(({ name }) => `...${use(scope, name)}.fields`)
  // What a fragment has in another form comes after it.
  const isTag = ({ key, type }: Field) =>
    type._tag === "Typename" &&
    !reused.fragments.some(({ shape: { variants } }) =>
      variants.some(({ fields }) => fields.some((field) => field.key === key))
    )
  return struct([
    ...entries.filter(([field]) => isTag(field)).map(([, text]) => text),
    ...spreads,
    ...entries.filter(([field]) => !isTag(field)).map(([, text]) => text)
  ])
}

const withoutAll = <A>(
  map: ReadonlyMap<string, A>,
  names: ReadonlySet<string>
): ReadonlyMap<string, A> =>
  names.size === 0 ? map : new Map(Array.from(map).filter(([name]) => !names.has(name)))

const fieldOf = (scope: Scope, field: Field, typename: () => string): string => {
  const schema = field.type._tag === "Typename" ? typename() : dataSchema(scope, field.type)
  const { descriptions } = scope.program.settings
  const comment = descriptions === "all" ? field : { ...field, description: undefined }
  return (
    (descriptions === "none" ? "" : jsdoc(comment)) +
    `${propertyOf(field.key)}: ${field.isOptional ? `Schema.optionalWith(${schema}, { exact: true })` : schema}`
  )
}

/** Of many types, the few that it is not are named. */
const typenameSchema = (scope: Scope, shape: Shape, types: ReadonlyArray<string>): string => {
  const others = shape.possible.filter((name) => !types.includes(name))
  if (types.length <= fewTypes || others.length >= types.length) return literals(types)
  const all = useTypenames(scope, shape)
  if (others.length === 0) return all
  const names = others.map((name) => JSON.stringify(name)).join(", ")
  return `${use(scope, "otherThan")}(${all}, ${names})`
}

const unknownTypename = (scope: Scope, shape: Shape): string =>
  `${use(scope, "unlike")}(${useTypenames(scope, shape)})`

const useTypenames = (scope: Scope, { on, possible }: Shape): string => {
  scope.typenames.set(on, possible)
  return use(scope, typenamesOf(on))
}

export const typenamesOf = (type: string): string => `${type}Typename`

export const literals = (values: ReadonlyArray<string>): string =>
  `Schema.Literal(${values.map((value) => JSON.stringify(value)).join(", ")})`

/** One field a line, so that a change of one is a change of one line. */
export const struct = (entries: ReadonlyArray<string>): string =>
  entries.length === 0 ? "Schema.Struct({})" : `Schema.Struct({\n${entries.join(",\n")}\n})`

/** `{ ["__proto__"]: … }` is a property, and `{ __proto__: … }` is not. */
export const propertyOf = (name: string): string => (name === "__proto__" ? `["__proto__"]` : name)

/** What a Schema in a cycle is declared as: nothing could be inferred for it. */
export const recursiveSchemaType = (scope: Scope, name: string): string => {
  const input = scope.program.inputs.get(name)
  if (!input || input.scalars.length === 0) return `Schema.Schema<${exportedName(name)}>`
  const context = input.scalars
    .map((scalar) => `typeof ${use(scope, inputNameOf(scope, scalar))}.Context`)
    .join(" | ")
  return `Schema.Schema<${exportedName(name)}, ${encodedNameOf(input)}, ${context}>`
}

export const encodedNameOf = ({ name, scalars }: Input): string =>
  scalars.length === 0 ? exportedName(name) : `${exportedName(name)}Encoded`

/** A comment, or nothing. */
export const jsdoc = ({ deprecated, description }: Documented): string => {
  const lines = (description ?? "").trim() === "" ? [] : (description ?? "").trim().split("\n")
  if (deprecated !== undefined) {
    if (lines.length > 0) lines.push("")
    lines.push(...`@deprecated ${deprecated}`.trim().split("\n"))
  }
  const safe = lines.map((line) => line.trimEnd().replaceAll("*/", "*\\/"))
  if (safe.length === 0) return ""
  return safe.length === 1
    ? `/** ${safe.join("")} */\n`
    : `/**\n${safe.map((line) => (line === "" ? " *" : ` * ${line}`)).join("\n")}\n */\n`
}
