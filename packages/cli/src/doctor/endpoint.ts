/** Where a URL leads: what a diagnosis has to know of it, and the part that may be shown. */
import { conceal } from "../conceal.js"
import { secretsOf } from "../options/urlSecrets.js"

export interface Endpoint {
  /** `ws:` or `wss:`, with all that was given: user, password, path, query. Not for show. */
  readonly url: URL
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  /** Without user, password and query. */
  readonly shown: string
  /** The same of the URL that was given, if that was `http:` or `https:`. */
  readonly askedFor: string | undefined
  /** Whether this is another address than the one that was asked for. */
  readonly isElsewhere: boolean
  /** What may be secret in the URL itself. */
  readonly secrets: ReadonlyArray<string>
}

/**
 * `undefined` for what is no URL of a WebSocket, nor one that can be taken for it. What came from the
 * environment is a secret in whatever part of the URL.
 */
export const parse = (
  text: string,
  fromEnvironment: ReadonlyArray<string> = []
): Endpoint | undefined => {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const scheme = schemes.get(url.protocol)
  if (scheme === undefined || url.hostname === "") return undefined
  const asked = show(url)
  const isHttp = url.protocol !== scheme
  url.protocol = scheme
  // A fragment is nothing that could be asked for, and `ws` refuses it.
  url.hash = ""
  const isSecure = scheme === "wss:"
  const hide = conceal(fromEnvironment)
  return {
    url,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (isSecure ? 443 : 80)),
    isSecure,
    shown: hide(show(url)),
    askedFor: isHttp ? hide(asked) : undefined,
    isElsewhere: false,
    secrets: [...fromEnvironment, ...secretsOf(url)]
  }
}

const schemes: ReadonlyMap<string, string> = new Map([
  ["ws:", "ws:"],
  ["wss:", "wss:"],
  ["http:", "ws:"],
  ["https:", "wss:"]
])

const show = ({ host, pathname, protocol }: URL): string => `${protocol}//${host}${pathname}`

/** Where a WebSocket is found for the one that was asked for. */
export const elsewhere = (asked: Endpoint, url: URL): Endpoint => {
  const found = parse(url.href)
  const hide = conceal(asked.secrets)
  return found === undefined
    ? asked
    : {
        ...found,
        shown: hide(found.shown),
        askedFor: asked.askedFor,
        isElsewhere: true,
        secrets: [...asked.secrets, ...found.secrets]
      }
}
