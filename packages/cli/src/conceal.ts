/** What the user gave us in confidence is not shown, not even when the server sends it back. */
import * as Redacted from "effect/Redacted"

export type Conceal = <A>(value: A) => A

/** Shorter strings occur by chance. */
const shortest = 4

/** Of "Bearer abc" the second word is the secret, and the first is in many a text. */
const schemes = new Set(["basic", "bearer", "digest", "token", "apikey", "api-key"])

/** Gives what takes every string inside the given values out of any JSON value. */
export const conceal = (...values: ReadonlyArray<unknown>): Conceal => {
  const secrets = values
    .flatMap(stringsIn)
    .filter((text) => text.length >= shortest && !schemes.has(text.toLowerCase()))
    // As they stand in a text that is JSON.
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1)])
  // The longest first, so that of none a piece is left.
  secrets.sort((a, b) => b.length - a.length)
  if (secrets.length === 0) return (value) => value
  const scrub = (text: string) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text)
  // Type boundary: strings become strings, and everything else keeps its shape.
  return <A>(value: A) => mapStrings(value, scrub) as A
}

/**
 * Takes out besides what was made of credentials of AppSync's, and is another each time: a signature, and the
 * name of a subprotocol that is JSON in Base64.
 */
export const concealMade =
  (hide: Conceal): Conceal =>
  // Type boundary: as above.
  <A>(value: A) =>
    mapStrings(hide(value), (text) =>
      text.replace(signature, "$1 <redacted>").replace(subprotocol, "header-<redacted>")
    ) as A

/** Signature Version 4, with the key's id, the date and what is signed before it. */
const signature = /(AWS4-HMAC-SHA256)\s+Credential=[^"\\]*?Signature=[0-9a-f]+/gi

/** In Base64 an object begins with `eyJ`, and may be in lower case where a header has been. */
const subprotocol = /\bheader-eyJ[\w+/=-]*/gi

const stringsIn = (value: unknown): ReadonlyArray<string> => {
  if (Redacted.isRedacted(value)) return stringsIn(Redacted.value(value))
  // Of "Bearer abc", too, the second word is the secret.
  if (typeof value === "string") return [value, ...value.split(/\s+/)]
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(stringsIn)
  return []
}

/** The same JSON value with every string in it, keys included, made another. */
export const mapStrings = (value: unknown, f: (text: string) => string): unknown => {
  if (typeof value === "string") return f(value)
  if (Array.isArray(value)) return value.map((inside) => mapStrings(inside, f))
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inside]) => [f(key), mapStrings(inside, f)])
    )
  }
  return value
}
