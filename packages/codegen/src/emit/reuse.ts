/**
 * Which fragments are used in place of the fields that they have.
 *
 * The fields of a variant are known before anybody asks for fragments, so that it is right whatever is
 * spread; a fragment only stands for those of them that it has in the very same form.
 */
import { fieldKey, fieldsKey, shapeKey } from "../keys.js"
import type { Field, Fragment, Shape, Variant } from "../model.js"

export interface Reused {
  readonly fragments: ReadonlyArray<Fragment>
  /** What no fragment has, or none in this form. */
  readonly fields: ReadonlyArray<Field>
}

/** The fragment that is all there is. */
export const sameAs = (
  shape: Shape,
  fragments: ReadonlyMap<string, Fragment>
): Fragment | undefined => {
  const key = shapeKey(shape)
  return find(shape.spreads, fragments, (fragment) => shapeKey(fragment.shape) === key)
}

/** The fragment that is all there is of a variant. */
export const sameVariantAs = (
  variant: Variant,
  fragments: ReadonlyMap<string, Fragment>
): Fragment | undefined => {
  const key = keyOf(variant)
  return find(variant.spreads, fragments, ({ shape: { variants } }) => {
    const [only, ...others] = variants
    return only !== undefined && others.length === 0 && keyOf(only) === key
  })
}

/** The fragments that spare most fields, and the other fields. */
export const reuse = (
  { fields, spreads }: Variant,
  fragments: ReadonlyMap<string, Fragment>
): Reused => {
  const wanted = new Map(fields.map((field) => [field.key, fieldKey(field)]))
  const provided = new Map<string, string>()
  const reused: Array<Fragment> = []
  for (const name of spreads) {
    const fragment = fragments.get(name)
    const [only, ...others] = fragment?.shape.variants ?? []
    // Of a union, no fields can be taken.
    if (fragment === undefined || only === undefined || others.length > 0) continue
    const spares = (field: Field) => wanted.get(field.key) === fieldKey(field)
    if (
      !only.fields.some((field) => spares(field) && provided.get(field.key) !== fieldKey(field))
    ) {
      continue
    }
    reused.push(fragment)
    // As in the object that is printed, the last one counts.
    for (const field of only.fields) provided.set(field.key, fieldKey(field))
  }
  return {
    fragments: reused,
    fields: fields.filter((field) => provided.get(field.key) !== fieldKey(field))
  }
}

const keyOf = ({ fields }: Variant): string => fieldsKey(fields)

const find = (
  names: ReadonlyArray<string>,
  fragments: ReadonlyMap<string, Fragment>,
  isSame: (fragment: Fragment) => boolean
): Fragment | undefined => {
  for (const name of names) {
    const fragment = fragments.get(name)
    if (fragment && isSame(fragment)) return fragment
  }
  return undefined
}
