/**
 * What is declared for each thing: a Schema and the type of the same name, or an operation.
 *
 * Everything is a call, and bundlers keep calls that nobody needs unless they are marked as pure. The mark is
 * for one call and not for those among its arguments, hence the functions that are called at once.
 */
import { type ASTNode, print } from "graphql"
import { fragmentsOf } from "../documents.js"
import type { Enum, Field, Fragment, Input, Mapping, Operation, Scalar } from "../model.js"
import { exportedName } from "./names.js"
import { recursiveTypes } from "./recursive.js"
import {
  encodedNameOf,
  inputNameOf,
  inputSchema,
  jsdoc,
  literals,
  propertyOf,
  recursiveSchemaType,
  type Scope,
  shapeSchema,
  struct,
  typenamesOf,
  use
} from "./schemas.js"

export interface Declaration {
  /** What it exports. */
  readonly names: ReadonlyArray<string>
  /** What it is for, as in `the fragment IssueParts`, and where that is defined. */
  readonly of: string
  readonly node: ASTNode | undefined
  readonly text: string
  /** What it needs of others: their names, and modules by what it calls them. */
  readonly uses: ReadonlySet<string>
  readonly modules: ReadonlyMap<string, string>
}

const pure = (expression: string): string => `/* @__PURE__ */ ${expression}`

/** An expression that is more than one call. */
const once = (expression: string): string => pure(`(() => ${expression})()`)

const schemaAndType = (name: string, expression: string): string =>
  `export const ${name} = ${expression}\nexport type ${name} = typeof ${name}.Type`

const none: Pick<Declaration, "modules" | "uses"> = { modules: new Map(), uses: new Set() }

export const enumDeclaration = ({ program }: Scope, type: Enum): Declaration => {
  const { descriptions, unknownValues } = program.settings
  const isDocumented = type.values.some(
    (value) => value.deprecated !== undefined || value.description !== undefined
  )
  const comments =
    descriptions !== "none" && isDocumented
      ? `\n${type.values.map((value) => jsdoc(value) + JSON.stringify(value.name)).join(",\n")}\n`
      : undefined
  const literal =
    comments === undefined
      ? literals(type.values.map(({ name }) => name))
      : `Schema.Literal(${comments})`
  const expression =
    unknownValues === "keep"
      ? once(`Schema.Union(${literal}, Schema.String.pipe(Schema.brand("UnknownValue")))`)
      : pure(literal)
  return {
    ...none,
    names: [exportedName(type.name)],
    of: `the enum ${type.name}`,
    node: program.schema.getType(type.name)?.astNode ?? undefined,
    text:
      (descriptions === "none" ? "" : jsdoc(type)) +
      schemaAndType(exportedName(type.name), expression)
  }
}

/** The names of all types that an interface or union can be. */
export const typenamesDeclaration = (
  { program }: Scope,
  type: string,
  types: ReadonlyArray<string>
): Declaration => ({
  ...none,
  names: [typenamesOf(type)],
  of: `the types of ${type}`,
  node: program.schema.getType(type)?.astNode ?? undefined,
  text: `/** What \`${type}\` can be. */\n${schemaAndType(typenamesOf(type), pure(literals(types)))}`
})

/** Functions for `__typename`, which come with the schema where they are needed. */
export const functions: ReadonlyArray<Declaration> = [
  {
    ...none,
    names: ["otherThan"],
    of: "a function for `__typename`",
    node: undefined,
    text: `/** All of these names but some. */
export const otherThan = <A extends string, const B extends ReadonlyArray<A>>(
  all: Schema.Schema<A>,
  ...some: B
) => all.pipe(Schema.filter((name): name is Exclude<A, B[number]> => !some.includes(name)))`
  },
  {
    ...none,
    names: ["unlike"],
    of: "a function for `__typename`",
    node: undefined,
    text: `/** \`"%other"\` for any other name: of what the server has, and the schema had not. */
export const unlike = <A extends string>(all: Schema.Schema<A>) =>
  Schema.transform(
    Schema.String.pipe(Schema.filter((name) => !Schema.is(all)(name))),
    Schema.Literal("%other"),
    { strict: true, decode: () => "%other" as const, encode: (other) => other }
  )`
  }
]

export const scalarDeclaration = (
  scope: Scope,
  scalar: Scalar,
  /** What a module is imported as. */
  moduleName: (module: string) => string
): Declaration => {
  const { program } = scope
  const modules = new Map<string, string>()
  const expressionOf = (mapping: Mapping) => {
    if (mapping._tag === "Expression") {
      return /^[\w.]+$/.test(mapping.text) ? mapping.text : once(mapping.text)
    }
    const name = moduleName(mapping.module)
    modules.set(name, mapping.module)
    return `${name}.${mapping.name}`
  }
  const comment = program.settings.descriptions === "none" ? "" : jsdoc(scalar)
  const input = inputNameOf(scope, scalar.name)
  const output = exportedName(scalar.name)
  const declarations = [[output, scalar.output] as const]
  if (input !== output) declarations.push([input, scalar.input])
  return {
    names: declarations.map(([name]) => name),
    of: `the scalar ${scalar.name}`,
    node: program.schema.getType(scalar.name)?.astNode ?? undefined,
    uses: new Set(),
    modules,
    text: declarations
      .map(([name, mapping]) => comment + schemaAndType(name, expressionOf(mapping)))
      .join("\n\n")
  }
}

export const inputDeclaration = (outer: Scope, input: Input): Declaration => {
  const scope = { ...outer, uses: new Set<string>() }
  const { descriptions } = scope.program.settings
  const comment = (what: Field | Input) => (descriptions === "none" ? "" : jsdoc(what))
  const { cycle, fields, isOneOf } = input
  const name = exportedName(input.name)
  const schemaOfField = (field: Field) => {
    const schema = inputSchema(scope, field.type, cycle)
    return field.isOptional ? `Schema.optional(${schema})` : schema
  }
  const entry = (field: Field) =>
    `${comment(field)}${propertyOf(field.key)}: ${schemaOfField(field)}`
  const absent = ({ key }: Field) => `${propertyOf(key)}: Schema.optional(Schema.Never)`
  const members = isOneOf
    ? fields.map((given) =>
        struct(fields.map((field) => (field === given ? entry(field) : absent(field))))
      )
    : [struct(fields.map(entry))]
  const expression = members.length === 1 ? members.join("") : `Schema.Union(${members.join(", ")})`
  const isRecursive = cycle.length > 0
  const text = isRecursive
    ? [
        ...recursiveTypes(scope, input),
        `${comment(input)}export const ${name}: ${recursiveSchemaType(scope, input.name)} = ${once(expression)}`
      ].join("\n\n")
    : comment(input) + schemaAndType(name, once(expression))
  return {
    names: isRecursive ? Array.from(new Set([name, encodedNameOf(input)])) : [name],
    of: `the input ${input.name}`,
    node: scope.program.schema.getType(input.name)?.astNode ?? undefined,
    modules: new Map(),
    uses: scope.uses,
    text
  }
}

export const fragmentDeclaration = (outer: Scope, fragment: Fragment): Declaration => {
  const scope = { ...outer, uses: new Set<string>() }
  const { name, node, shape } = fragment
  const document = `${name}${scope.program.settings.suffix.document}`
  // It is not to be found in itself.
  const others = new Map(scope.program.fragments)
  others.delete(node.name.value)
  const schema = shapeSchema({ ...scope, program: { ...scope.program, fragments: others } }, shape)
  return {
    names: [name, document],
    of: `the fragment ${node.name.value}`,
    node: node.name,
    modules: new Map(),
    uses: scope.uses,
    text: [
      `export const ${document} = ${template(print(node))}`,
      schemaAndType(name, expressionOf(schema))
    ].join("\n\n")
  }
}

/** Another's name, or what is made here. */
const expressionOf = (schema: string): string => (/^\w+$/.test(schema) ? schema : once(schema))

export const operationDeclaration = (outer: Scope, operation: Operation): Declaration => {
  const scope = { ...outer, uses: new Set<string>(["Operation"]) }
  const { hash, kind, name, node, shape, variables } = operation
  const { suffix } = scope.program.settings
  const data = `${name}${suffix.data}`
  const input = variables.length === 0 ? undefined : `${name}${suffix.variables}`
  const declarations = []
  if (input !== undefined) {
    const entries = variables.map((field) => {
      const schema = inputSchema(scope, field.type)
      return `${propertyOf(field.key)}: ${field.isOptional ? `Schema.optional(${schema})` : schema}`
    })
    declarations.push(schemaAndType(input, once(struct(entries))))
  }
  declarations.push(schemaAndType(data, expressionOf(shapeSchema(scope, shape))))

  const document = documentOf(scope, operation)
  const options = [
    `operationName: ${JSON.stringify(node.name?.value)}`,
    ...(input === undefined ? [] : [`variables: ${input}`]),
    `data: ${data}`,
    ...(hash === undefined ? [] : [`hash: ${JSON.stringify(hash)}`])
  ]
  const call = `Operation.${kind}(${document}, {\n${options.join(",\n")}\n})`
  // What a template is made of is turned into a string, and so might do anything.
  declarations.push(`export const ${name} = ${document.includes("${") ? once(call) : pure(call)}`)
  return {
    names: [name, data, ...(input === undefined ? [] : [input])],
    of: `the ${kind} ${node.name?.value ?? ""}`,
    node: node.name,
    modules: new Map(),
    uses: scope.uses,
    text: declarations.join("\n\n")
  }
}

/** The text of an operation, with those of its fragments, which are there already. */
const documentOf = (scope: Scope, { node }: Operation): string => {
  const { externals, fragments, settings } = scope.program
  const nodes = new Map(Array.from(fragments, ([name, fragment]) => [name, fragment.node]))
  const parts = fragmentsOf(node, nodes).map((used) => {
    const fragment = fragments.get(used.name.value)
    if (fragment === undefined || externals.has(used.name.value)) return escaped(print(used))
    return `\${${use(scope, `${fragment.name}${settings.suffix.document}`)}}`
  })
  return `\`${[escaped(print(node)), ...parts].join("\n\n")}\``
}

const template = (text: string): string => `\`${escaped(text)}\``

const escaped = (text: string): string => text.replaceAll(/[`\\]|\$\{/g, "\\$&")
