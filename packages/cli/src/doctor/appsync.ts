/** AWS AppSync, whose WebSocket has another address than its queries, and shows who asks in an offer. */
import type { Authorization } from "@fiberline/appsync/Authorization"
import * as Realtime from "@fiberline/appsync/Realtime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Endpoint from "./endpoint.js"
import type { Headers } from "./prober.js"

export interface AppSync {
  /** Where queries go. */
  readonly endpoint: Endpoint.Endpoint
  /** What is offered behind the subprotocol: made anew for each connection. */
  readonly credentials: Effect.Effect<Redacted.Redacted<string>>
  /** Of a query with this body. */
  readonly headers: (body: string) => Effect.Effect<Headers>
}

/** With the endpoint of its WebSocket. */
export const make = (
  endpoint: Endpoint.Endpoint,
  url: URL,
  authorization: Authorization
): { readonly appSync: AppSync; readonly endpoint: Endpoint.Endpoint } => ({
  appSync: {
    endpoint,
    credentials: Effect.map(Realtime.credential(url, authorization), ({ name }) => name),
    headers: (body) =>
      Effect.map(authorization({ kind: "request", url, body }), (headers) =>
        Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [
            name,
            Redacted.isRedacted(value) ? value : Redacted.make(value)
          ])
        )
      )
  },
  endpoint: Endpoint.elsewhere(endpoint, webSocketAt(Realtime.urlOf(url)))
})

const webSocketAt = (url: URL): URL => new URL(url.href.replace(/^http/, "ws"))
