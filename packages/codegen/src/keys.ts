/**
 * Keys by which shapes and fields are compared: those with the same key have the same Schema.
 *
 * Keys are made of keys, as they are: quoting them would double them at each level. All that is in them is
 * names, which have none of the characters between them.
 */
import type { Field, Shape, Type } from "./model.js"

export const shapeKey = ({ variants }: Shape): string =>
  variants
    .map(
      ({ fields, types }) => `${variants.length > 1 ? types.join("|") : ""}{${fieldsKey(fields)}}`
    )
    .sort()
    .join()

export const fieldsKey = (fields: ReadonlyArray<Field>): string =>
  fields.map(fieldKey).sort().join()

export const fieldKey = ({ isOptional, key, type }: Field): string =>
  `${key}${isOptional ? "?" : ""}:${typeKey(type)}`

const typeKey = (type: Type): string => {
  switch (type._tag) {
    case "Nullable":
      return `${typeKey(type.of)}|null`
    case "List":
      return `[${typeKey(type.of)}]`
    case "Named":
      return type.name
    case "Typename":
      return `<${type.types.join("|")}>`
    case "Object":
      return `(${shapeKey(type.shape)})`
  }
}
