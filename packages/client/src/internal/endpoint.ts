import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { encodeBase64 } from "effect/Encoding"
import * as Redacted from "effect/Redacted"

/** The URL to open and the part of it that may be shown. */
export interface Endpoint {
  readonly url: string
  /** Without credentials, query and fragment; of a `Redacted` URL the origin alone. */
  readonly name: string
  /** What the URL holds that may be confidential. */
  readonly secrets: ReadonlyArray<string>
}

/** What stands for the endpoint in an error that came before there was a URL. */
export const unresolved = "(unresolved URL)"

/** By what protocol an endpoint is spoken to, whichever of the two its URL names. */
export type Scheme = "ws" | "http"

const protocols: { readonly [protocol: string]: { readonly [S in Scheme]: string } } = {
  "ws:": { ws: "ws:", http: "http:" },
  "wss:": { ws: "wss:", http: "https:" },
  "http:": { ws: "ws:", http: "http:" },
  "https:": { ws: "wss:", http: "https:" }
}

/** Throws an error that shows nothing of the URL, which may hold a token anywhere. */
export const parse = (
  input: string | URL | Redacted.Redacted<string>,
  scheme: Scheme
): Endpoint => {
  const text = Redacted.isRedacted(input) ? Redacted.value(input) : String(input)
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new TypeError("the URL cannot be parsed")
  }
  const protocol = protocols[url.protocol]?.[scheme]
  if (protocol === undefined) {
    throw new TypeError(
      `the URL's protocol must be ws:, wss:, http: or https:, not ${url.protocol}`
    )
  }
  url.protocol = protocol
  // A WebSocket's URL has no fragment (RFC 6455, section 3), and a request's is not sent.
  url.hash = ""
  const hidden = Redacted.isRedacted(input)
  const origin = `${url.protocol}//${url.host}`
  return {
    url: url.href,
    name: hidden ? origin : origin + url.pathname,
    secrets: [
      url.username,
      url.password,
      // What Node makes of them: an `authorization` header.
      encodeBase64(userinfo(url)),
      ...url.searchParams.values(),
      // As they stand in the URL, which is how a server that quotes the URL has them.
      ...url.search.split(/[?&=]/),
      ...(hidden ? url.pathname.split("/") : [])
    ]
  }
}

/** A URL with what the servers of some subprotocols look for in its query. */
export const withParameters = (
  url: string,
  subprotocols: ReadonlyArray<Pick<Subprotocol, "parameters">>
): string => {
  const parameters = subprotocols.flatMap(({ parameters = {} }) => Object.entries(parameters))
  // A URL is not written anew without need: that changes how its query is escaped.
  if (parameters.length === 0) return url
  const completed = new URL(url)
  for (const [name, value] of parameters) completed.searchParams.set(name, value)
  return completed.href
}

/** The user and password of a URL. A percent sign that escapes nothing stands for itself. */
export const userinfo = ({ password, username }: URL): string =>
  `${unescape(username)}:${unescape(password)}`

const unescape = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
