/** What a client gives with its upgrade: the headers of a request that a browser could not send. */
import type { IncomingMessage } from "node:http"
import { path } from "../server.js"
import type { Headers } from "./signature.js"

export const subprotocol = "graphql-ws"

/** As a subprotocol of its own, or as a query parameter. None if they are neither, or no such object. */
export const connectionHeaders = (request: IncomingMessage): Headers | undefined => {
  const header = offered(request).find((name) => name.startsWith("header-"))
  return header === undefined
    ? headersOf(decoded(parameters(request).get("header")))
    : headersOf(decoded(header.slice("header-".length)))
}

/** On AppSync's own domains the realtime host has the path of the other; a custom domain has one host for both. */
export const isRealtime = (request: IncomingMessage): boolean =>
  [path, `${path}/realtime`].includes(location(request).pathname)

export const offered = (request: IncomingMessage): ReadonlyArray<string> =>
  (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim())

/** Names count in any case: Amplify writes `authorization` where botocore writes `Authorization`. */
export const headersOf = (value: unknown): Headers | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const headers: Record<string, string> = {}
  for (const [name, header] of Object.entries(value)) {
    if (typeof header !== "string") return undefined
    headers[name.toLowerCase()] = header
  }
  return headers
}

const location = (request: IncomingMessage): URL => new URL(request.url ?? "", "http://any")

/** Some write base64's plus signs as they are. */
const parameters = (request: IncomingMessage): URLSearchParams =>
  new URLSearchParams(location(request).search.replaceAll("+", "%2B"))

/** Of either alphabet, padded or not. */
const decoded = (base64: string | null): unknown => {
  try {
    return JSON.parse(Buffer.from(base64 ?? "", "base64").toString())
  } catch {
    return undefined
  }
}
