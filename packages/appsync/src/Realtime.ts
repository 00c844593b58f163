/**
 * Where the connections of an API of AppSync's are opened, and what they are authorized by: for whoever opens
 * them otherwise than by a client of `AppSync`.
 *
 * Source: AWS AppSync Developer Guide, "Building a real-time WebSocket client".
 *
 * @since 0.1.0
 */
import type { Headers } from "@fiberline/client/Middleware"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import type { Authorization } from "./Authorization.js"

/**
 * Where connections are opened, by the endpoint of queries: `appsync-realtime-api` in place of `appsync-api`,
 * or with a custom domain the endpoint and `/realtime`.
 *
 * @since 0.1.0
 * @category urls
 */
export const urlOf = (endpoint: URL): URL => {
  const url = new URL(endpoint)
  const named = url.hostname.replace(/\.appsync-api\.(?=[^.]+\.amazonaws\.com(\.cn)?$)/, realtime)
  // A custom domain has one name for both.
  if (named === url.hostname) url.pathname = `${url.pathname.replace(/\/$/, "")}/realtime`
  else url.hostname = named
  return url
}

const realtime = ".appsync-realtime-api."

/**
 * A `SubprotocolCredential` of the client's options.
 *
 * @since 0.1.0
 * @category models
 */
export interface Credential {
  readonly name: Redacted.Redacted<string>
  readonly secrets: ReadonlyArray<string | Redacted.Redacted<string>>
}

/**
 * What authorizes one connection, as the name of a subprotocol that is offered: a browser can send it in no
 * header. Run anew for each.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credential = <E, R>(
  endpoint: URL,
  authorization: Authorization<E, R>
): Effect.Effect<Credential, E, R> =>
  Effect.map(
    Effect.suspend(() =>
      authorization({ kind: "connection", url: connectUrl(endpoint), body: "{}" })
    ),
    (headers) => {
      const header = JSON.stringify({ host: endpoint.host, ...revealed(headers) })
      const encoded = Encoding.encodeBase64Url(header)
      return {
        name: Redacted.make(`header-${encoded}`),
        secrets: [encoded, ...Object.values(headers).filter(Redacted.isRedacted)]
      }
    }
  )

/** What a connection is authorized for. */
const connectUrl = (endpoint: URL): URL => {
  const url = new URL(endpoint)
  url.pathname = `${url.pathname.replace(/\/$/, "")}/connect`
  return url
}

const revealed = (headers: Headers): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Redacted.isRedacted(value) ? Redacted.value(value) : value
    ])
  )
