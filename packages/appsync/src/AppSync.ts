/**
 * A GraphQL client for AWS AppSync: queries and mutations over HTTP, subscriptions over its WebSocket, all with
 * the same credentials.
 *
 * It is the same `GraphQLClient`, with the same errors, bounds and guarantees. A subscription that AppSync
 * refuses fails alone; its siblings and their connection go on.
 *
 * Source: AWS AppSync Developer Guide, "Building a real-time WebSocket client".
 *
 * @since 0.1.0
 */
import type { HttpClient } from "@effect/platform/HttpClient"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import { GraphQLClient, type Service } from "@fiberline/client/GraphQLClient"
import * as Http from "@fiberline/client/Http"
import { apply } from "@fiberline/client/Middleware"
import type { WireConstructor } from "@fiberline/client/Wire"
import { appSync } from "@fiberline/core/AppSync"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Authorization } from "./Authorization.js"
import { authorizing, withoutRefresh } from "./internal/authorizing.js"
import * as Realtime from "./Realtime.js"

/**
 * What is not here is as in `ClientOptions`, and means both the requests and the WebSocket where both have it.
 *
 * @since 0.1.0
 * @category models
 */
export interface AppSyncOptions<E = never, R = never>
  extends
    Pick<
      ClientOptions,
      | "connectTimeout"
      | "ackTimeout"
      | "closeTimeout"
      | "operationTimeout"
      | "keepalive"
      | "reconnect"
      | "retry"
      | "healthyAfter"
      | "idleTimeout"
      | "eager"
      | "countMessages"
      | "buffer"
    >,
    Pick<Http.HttpOptions, "maxResponseSize"> {
  /** The GraphQL endpoint: `https://ID.appsync-api.REGION.amazonaws.com/graphql`, or that of a custom domain. */
  readonly url: string | URL
  /**
   * Where connections are opened. Default: `appsync-realtime-api` in place of `appsync-api`, or with a custom
   * domain the endpoint and `/realtime`.
   */
  readonly realtimeUrl?: string | URL | undefined
  /** How it is authorized: `apiKey` or `token` of `Authorization`, or `iam` of `Iam`. */
  readonly authorization: Authorization<E, R>
}

/**
 * A client that lives as long as the scope. Nothing is sent before the first operation.
 *
 * What `authorization` fails with is an error of the operation that it was for. A connection that it fails for
 * is a `NetworkError` for `OptionFailed`, with that as its cause, and made again as any other.
 *
 * What the server refuses for its credentials (a connection with UnauthorizedException, a request with 401 or 403)
 * is tried once more with new ones, unless `reconnect` is `false`. A subscription that it refuses is not.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <E = never, R = never>(
  options: AppSyncOptions<E, R>
): Effect.Effect<Service<E>, never, HttpClient | WireConstructor | Scope.Scope | R> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<R>()
    const { ackTimeout, authorization, countMessages, eager, idleTimeout, url, ...shared } = options
    const { reconnect, retry = {} } = shared
    const endpoint = new URL(url)
    const authorize: Authorization<E> = (authorized) =>
      Effect.provide(
        Effect.suspend(() => authorization(authorized)),
        context
      )
    const client = yield* Http.make({
      ...shared,
      retry: withoutRefresh(retry),
      url: endpoint.href,
      subscriptions: "websocket",
      webSocket: {
        url: new URL(options.realtimeUrl ?? Realtime.urlOf(endpoint)).href,
        subprotocols: [appSync],
        subprotocolCredentials: Effect.map(Realtime.credential(endpoint, authorize), (one) => [
          one
        ]),
        ackTimeout,
        retry,
        idleTimeout,
        eager,
        countMessages
      }
    })
    return apply(client, authorizing(endpoint, authorize, reconnect === false ? false : retry))
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = <R = never>(
  options: AppSyncOptions<never, R>
): Layer.Layer<GraphQLClient, never, HttpClient | WireConstructor | R> =>
  Layer.scoped(GraphQLClient, make(options))
