/**
 * Equality of variables by what they hold: arrays and plain objects member by member, in whatever order; what
 * has an equality of Effect's by that; dates by their time. Anything else is equal to itself alone.
 *
 * What is compared was never seen to be JSON: it may be a cycle, so both stop at a depth. Beyond it, nothing is
 * equal but what is the same: at worst something is asked twice.
 */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { isDate } from "effect/Predicate"

const maxDepth = 20
/** Far fewer, for a cycle with two ways on would be walked so many times as there are ways. */
const maxHashDepth = 6

export const equals = (a: unknown, b: unknown, depth = 0): boolean => {
  if (a === b) return true
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false
  if (Equal.isEqual(a) || Equal.isEqual(b)) return Equal.equals(a, b)
  if (isDate(a) && isDate(b)) return a.getTime() === b.getTime()
  if (depth === maxDepth) return false
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((value, i) => equals(value, b[i], depth + 1))
    )
  }
  if (!isPlain(a) || !isPlain(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equals(a[key], b[key], depth + 1))
  )
}

/** The same number for what is equal. */
export const hash = (value: unknown, depth = 0): number => {
  if (typeof value !== "object" || value === null || Equal.isEqual(value)) return Hash.hash(value)
  if (isDate(value)) return Hash.number(value.getTime())
  if (depth === maxHashDepth) return 0
  if (Array.isArray(value)) return Hash.array(value.map((member) => hash(member, depth + 1)))
  if (!isPlain(value)) return 0
  let all = Object.keys(value).length
  // Whatever the order of the members.
  for (const key of Object.keys(value))
    all ^= Hash.combine(hash(value[key], depth + 1))(Hash.string(key))
  return Hash.optimize(all)
}

const isPlain = (value: object): value is { readonly [key: string]: unknown } => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
