/** Keys by which shapes and fields are compared: those with the same key have the same Schema. */
import type { Field, Shape, Type } from "./model.js"

export const shapeKey = ({ variants }: Shape): string =>
  variants
    .map(({ fields, types }) => JSON.stringify([fieldsKey(fields), variants.length > 1 && types]))
    .sort()
    .join()

export const fieldsKey = (fields: ReadonlyArray<Field>): string =>
  fields.map(fieldKey).sort().join()

export const fieldKey = ({ isOptional, key, type }: Field): string =>
  JSON.stringify([key, isOptional, typeKey(type)])

const typeKey = (type: Type): unknown => {
  switch (type._tag) {
    case "Nullable":
      return { null: typeKey(type.of) }
    case "List":
      return [typeKey(type.of)]
    case "Named":
      return type.name
    case "Typename":
      return { types: type.types }
    case "Object":
      return { shape: shapeKey(type.shape) }
  }
}
