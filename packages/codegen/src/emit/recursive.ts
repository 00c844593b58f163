/** The types of inputs that contain themselves, which TypeScript cannot infer. */
import type { Field, Input, Type } from "../model.js"
import { specified } from "../scalars.js"
import { exportedName } from "./names.js"
import { encodedNameOf, inputNameOf, propertyOf, type Scope, use } from "./schemas.js"

/** Of the input as it is used and, if that is another, as it is sent. */
export const recursiveTypes = (scope: Scope, input: Input): ReadonlyArray<string> => {
  const { fields, isOneOf } = input
  const name = exportedName(input.name)
  const property = (side: "Type" | "Encoded") => (field: Field) =>
    `readonly ${propertyOf(field.key)}${field.isOptional ? "?" : ""}: ` +
    `${inputType(scope, field.type, side)}${field.isOptional ? " | undefined" : ""}`
  const absent = ({ key }: Field) => `readonly ${propertyOf(key)}?: undefined`
  const declare = (as: string, side: "Type" | "Encoded") =>
    isOneOf
      ? `export type ${as} = ${fields
          .map((given) => {
            const members = fields.map((field) =>
              field === given ? property(side)(field) : absent(field)
            )
            return `{\n${members.join("\n")}\n}`
          })
          .join(" | ")}`
      : `export interface ${as} {\n${fields.map(property(side)).join("\n")}\n}`
  const encoded = encodedNameOf(input)
  return [declare(name, "Type"), ...(encoded === name ? [] : [declare(encoded, "Encoded")])]
}

const inputType = (scope: Scope, type: Type, side: "Type" | "Encoded"): string => {
  switch (type._tag) {
    case "Nullable":
      return `${inputType(scope, type.of, side)} | null`
    case "List":
      return `ReadonlyArray<${inputType(scope, type.of, side)}>`
    case "Named":
      return namedType(scope, type.name, side)
    default:
      throw new Error(`${type._tag} is no type of an input`)
  }
}

const specifiedTypes: { readonly [schema: string]: string } = {
  "Schema.String": "string",
  "Schema.Boolean": "boolean",
  "Schema.Int": "number",
  "Schema.Finite": "number"
}

const namedType = (scope: Scope, name: string, side: "Type" | "Encoded"): string => {
  const { enums, inputs, scalars } = scope.program
  const input = inputs.get(name)
  if (input && input.cycle.length > 0)
    return side === "Type" ? exportedName(name) : encodedNameOf(input)
  if (scalars.has(name)) return `typeof ${use(scope, inputNameOf(scope, name))}.${side}`
  const schema = specified[name]
  if (schema !== undefined && !enums.has(name)) return specifiedTypes[schema] ?? "unknown"
  const exported = use(scope, exportedName(name))
  return side === "Type" ? exported : `typeof ${exported}.Encoded`
}
