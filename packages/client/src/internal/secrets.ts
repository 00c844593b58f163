/**
 * Keeps what must stay secret out of whatever can be seen.
 *
 * A server may quote a token in its close reason, or a proxy echo a header. What we sent in
 * confidence is therefore taken out of everything of the peer's that ends in an error.
 */
import * as Redacted from "effect/Redacted"

/** Strings shorter than this are left alone unless they were `Redacted`: they occur by chance. */
const shortest = 8

export class Secrets {
  readonly #found = new Set<string>()

  /** Remembers every string inside a value. */
  add(value: unknown): void {
    if (Redacted.isRedacted(value)) {
      const inside = Redacted.value(value)
      if (typeof inside === "string" && inside !== "") this.#found.add(inside)
      this.add(inside)
    } else if (typeof value === "string") {
      // "Bearer abc" is echoed whole or in part.
      for (const part of [value, ...value.split(/\s+/)]) {
        if (part.length >= shortest) this.#found.add(part)
      }
    } else if (typeof value === "object" && value !== null) {
      for (const inside of Object.values(value)) this.add(inside)
    }
  }

  /** The text without any of them. */
  scrub(text: string): string {
    // The longest first, so that none is left in part because a piece of it was taken out before.
    const longestFirst = Array.from(this.#found).sort((a, b) => b.length - a.length)
    return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text)
  }
}

/** A JSON value with each `Redacted` in it replaced by what it holds: what goes to the wire. */
export const reveal = (value: unknown): unknown => {
  if (Redacted.isRedacted(value)) return reveal(Redacted.value(value))
  if (Array.isArray(value)) return value.map(reveal)
  // Anything with a prototype of its own (a Date, say) knows how to become JSON.
  if (typeof value === "object" && value !== null && isPlain(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, reveal(inside)]))
  }
  return value
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
