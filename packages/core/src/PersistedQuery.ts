/**
 * Automatic persisted queries: a document is named by its hash, and sent only to a server that does not
 * know it yet.
 *
 * Source: Apollo's protocol for automatic persisted queries.
 *
 * @since 0.1.0
 */
import type { ExecutionResult, JsonObject } from "./Message.js"

/**
 * What a server that was given a hash says of it.
 *
 * - `found`: the operation was executed, or refused for another reason
 * - `notFound`: the query has to be sent along, once
 * - `notSupported`: the query has to be sent always
 *
 * @since 0.1.0
 * @category models
 */
export type Verdict = "found" | "notFound" | "notSupported"

/**
 * The extensions of a request for a document by its hash: SHA-256 of its text, in hexadecimal digits.
 *
 * @since 0.1.0
 * @category requests
 */
export const extensionsOf = (hash: string): JsonObject => ({
  persistedQuery: { version: 1, sha256Hash: hash }
})

/**
 * Reads in a result what the server says of the hash. Servers say it by an error's message or by its
 * code, some by both.
 *
 * @since 0.1.0
 * @category results
 */
export const verdict = ({ data, errors }: ExecutionResult): Verdict => {
  // What has data, was executed. To send it again could do again what a mutation did.
  if (data != null || errors == null) return "found"
  const says = (names: ReadonlyArray<unknown>) =>
    errors.some(
      // An error with a path is a field's, which somebody behind the server may have given that message.
      ({ extensions, message, path }) =>
        path == null && (names.includes(message) || names.includes(extensions?.code))
    )
  return says(notSupported) ? "notSupported" : says(notFound) ? "notFound" : "found"
}

const notFound = ["PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND"]
const notSupported = ["PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED"]
