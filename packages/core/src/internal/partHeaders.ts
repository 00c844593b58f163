import { decodeUtf8 } from "./utf8.js"

/** A token, as HTTP and MIME have it. */
const name = /^[!#$%&'*+.^_`|~\w-]+$/

/**
 * The headers of a part by their names in lower case, or `undefined` if they are none. Of a header
 * that comes twice there are both values, with a comma between.
 */
export const readHeaders = (bytes: Uint8Array): { readonly [name: string]: string } | undefined => {
  const text = decodeUtf8(bytes)
  if (text === undefined) return undefined
  const headers = new Map<string, string>()
  // A line that begins with a blank goes on with the line before.
  for (const line of text.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    if (line === "") continue
    const colon = line.indexOf(":")
    const key = line.slice(0, Math.max(0, colon)).trimEnd().toLowerCase()
    if (!name.test(key)) return undefined
    const value = line.slice(colon + 1).trim()
    const before = headers.get(key)
    headers.set(key, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(headers)
}
