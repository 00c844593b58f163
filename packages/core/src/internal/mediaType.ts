/**
 * The type and subtype of a `Content-Type`, in lower case and without its parameters. A header that came
 * twice has been joined with a comma.
 */
export const essenceOf = (contentType: string): string =>
  (contentType.split(/[;,]/, 1)[0] ?? "").trim().toLowerCase()

/** `application/json`, and whatever says that it is JSON: `application/graphql-response+json`. */
export const isJson = (contentType: string): boolean =>
  /^[^/\s]+\/(?:json|[^/\s]*\+json)$/.test(essenceOf(contentType))

const parameter = /;\s*([^=;\s]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,\s]*))/g

/** The first parameter of that name, unquoted. The name is in lower case. */
export const parameterOf = (contentType: string, name: string): string | undefined => {
  for (const [, key = "", quoted, plain] of contentType.matchAll(parameter)) {
    if (key.toLowerCase() === name) return quoted?.replace(/\\(.)/gs, "$1") ?? plain
  }
  return undefined
}
