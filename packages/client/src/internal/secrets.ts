/**
 * Keeps what must stay secret out of whatever can be seen.
 *
 * A server may quote a token in its close reason, or a proxy echo a header. What we sent in
 * confidence is therefore taken out of everything of the peer's that ends in an error.
 */
import type { JsonObject } from "@fiberline/core/Message"
import * as Redacted from "effect/Redacted"
import type { SubprotocolCredential } from "../ClientOptions.js"
import * as Upload from "../Upload.js"
import { isObject } from "./json.js"

/** Strings shorter than this are left alone unless they were `Redacted`: they occur by chance. */
const shortest = 8

/** How many are remembered: a session that lives for years has its tokens rotated many times. */
const most = 1000

/** What was said in confidence to a server, over any of a session's connections. */
export class Secrets {
  readonly #found = new Set<string>()
  /** Those of single operations, of which there may be so many that they would have all others forgotten. */
  readonly #ofOperations = new Set<string>()

  /** Remembers every string inside a value, and inside a `Redacted` every number too. */
  add(value: unknown): void {
    this.#add(value, this.#found)
  }

  #add(value: unknown, found: Set<string>): void {
    if (Redacted.isRedacted(value)) {
      const inside = Redacted.value(value)
      if (typeof inside === "number" || typeof inside === "bigint") remember(found, String(inside))
      if (typeof inside === "string" && inside !== "") remember(found, inside)
      this.#add(inside, found)
    } else if (typeof value === "string") {
      // "Bearer abc" is echoed whole or in part, and so is "Scheme a=b, c=d" (RFC 9110, section 11.4).
      const parameters = Array.from(
        value.matchAll(/=([^\s,]+)/g),
        ([, parameter = ""]) => parameter
      )
      for (const part of [value, ...value.split(/\s+/), ...parameters]) {
        if (part.length >= shortest) remember(found, part)
      }
    } else if (typeof value === "object" && value !== null) {
      for (const inside of Object.values(value)) this.#add(inside, found)
    }
  }

  /** The same of what an operation says, and of what is inside a `Redacted` alone. */
  addRedacted(value: unknown): void {
    if (Redacted.isRedacted(value)) return this.#add(value, this.#ofOperations)
    if (typeof value !== "object" || value === null) return
    for (const inside of Object.values(value)) this.addRedacted(inside)
  }

  /** The text without any of them. */
  scrub(text: string): string {
    // The longest first, so that none is left in part because a piece of it was taken out before.
    const longestFirst = [...this.#found, ...this.#ofOperations].sort((a, b) => b.length - a.length)
    return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text)
  }
}

const remember = (found: Set<string>, secret: string): void => {
  // The one said last is the one forgotten last.
  found.delete(secret)
  found.add(secret)
  for (const oldest of found) {
    if (found.size <= most) return
    found.delete(oldest)
  }
}

/**
 * A JSON value with each `Redacted` in it replaced by what it holds: what goes to the wire. Of a `Blob` it
 * makes an upload, which says that it is no JSON, where a `Blob` would be an empty object there.
 */
export const reveal = (value: unknown): unknown => {
  if (Redacted.isRedacted(value)) return reveal(Redacted.value(value))
  if (Array.isArray(value)) return value.map(reveal)
  if (typeof value !== "object" || value === null) return value
  // Anything with a prototype of its own (a Date, say) knows how to become JSON.
  return isPlain(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, reveal(inside)]))
    : value instanceof Blob
      ? uploadOf(value)
      : value
}

/** The same one for the same, which is then sent once. */
const uploads = new WeakMap<Blob, Upload.Upload>()

const uploadOf = (blob: Blob): Upload.Upload => {
  const known = uploads.get(blob)
  if (known) return known
  const upload = Upload.make(blob, { filename: "name" in blob ? String(blob.name) : "blob" })
  uploads.set(blob, upload)
  return upload
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A string as it is sent. */
export const revealString = (value: string | Redacted.Redacted<string>): string =>
  Redacted.isRedacted(value) ? Redacted.value(value) : value

/** The name of a subprotocol as it is offered. */
export const revealName = (credential: SubprotocolCredential): string =>
  revealString(
    typeof credential === "object" && "name" in credential ? credential.name : credential
  )

/** Headers as they are sent. */
export const revealHeaders = (headers: {
  readonly [name: string]: string | Redacted.Redacted<string>
}): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, revealString(value)]))

/** A connection payload as it is sent. Throws if it is none. */
export const revealPayload = (value: unknown): JsonObject | undefined => {
  const payload = reveal(value)
  if (payload === undefined || isObject(payload)) return payload
  throw new TypeError("the connection payload must be an object")
}
