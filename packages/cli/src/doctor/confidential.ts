/** What must not be shown of what a server says: what it was told in confidence, and what it confides itself. */
import { type Conceal, conceal, concealMade } from "../conceal.js"
import type { Settings } from "./settings.js"

export const redacted = "<redacted>"

/** Takes out of any value what the command line gave in confidence. */
export const concealing = ({ appSync, endpoint, secrets }: Settings): Conceal => {
  const known = conceal(secrets, endpoint.secrets)
  return appSync ? concealMade(known) : known
}

/** Headers that may be shown, their values concealed. */
export const showHeaders = (
  headers: { readonly [name: string]: string },
  hide: Conceal
): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      hide(name),
      isConfidential(name) ? redacted : hide(value)
    ])
  )

/** A payload that may be shown: whole if it is small, or else its size. */
export const showPayload = (payload: unknown, hide: Conceal): unknown => {
  const shown = hide(withoutConfidential(payload))
  const { length } = JSON.stringify(shown) ?? ""
  return length <= maxPayload ? shown : `${length} characters of JSON`
}

const maxPayload = 2000

/** Nor does it go deeper than a reader, or the stack, would follow. */
const withoutConfidential = (value: unknown, depth = 0): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (depth >= maxDepth) return "…"
  if (Array.isArray(value)) return value.map((inside) => withoutConfidential(inside, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, inside]) => [
      key,
      isConfidential(key) ? redacted : withoutConfidential(inside, depth + 1)
    ])
  )
}

const maxDepth = 8

const isConfidential = (name: string): boolean =>
  /token|secret|passw|authorization|cookie|session|credential|api-?_?key|jwt/i.test(name)
