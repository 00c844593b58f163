/**
 * A GraphQL client over HTTP: queries and mutations by a request each, subscriptions by Server-Sent
 * Events, multipart responses, or a WebSocket.
 *
 * It is the same `GraphQLClient`, with the same errors, bounds and guarantees. Its requests are sent by
 * whatever `HttpClient` of `@effect/platform` the program has.
 *
 * @since 0.1.0
 */
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { ClientOptions } from "./ClientOptions.js"
import { GraphQLClient, type Service } from "./GraphQLClient.js"
import * as Connection from "./internal/connection.js"
import * as Backend from "./internal/http/backend.js"
import type { BatchSettings } from "./internal/http/batch.js"
import { millis, type Options, positive, resolve } from "./internal/options.js"
import type { Secrets } from "./internal/secrets.js"
import { fromBackend } from "./internal/service.js"
import * as Session from "./internal/session.js"
import { WireConstructor } from "./Wire.js"

/**
 * What carries subscriptions.
 *
 * - `sse`: Server-Sent Events, a response for each subscription (graphql-sse, GraphQL Yoga, Hive)
 * - `multipart`: a multipart response for each subscription (Apollo Router, `subscriptionSpec=1.0`)
 * - `websocket`: one WebSocket for all of them (`graphql-transport-ws`, unless `webSocket` says otherwise)
 *
 * @since 0.1.0
 * @category models
 */
export type Subscriptions = "sse" | "multipart" | "websocket"

/**
 * The options of the WebSocket, where they are not those of the client.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebSocketOptions<R = never> extends Pick<
  ClientOptions<R>,
  | "headers"
  | "connectionPayload"
  | "subprotocols"
  | "subprotocolCredentials"
  | "ackTimeout"
  | "retry"
  | "idleTimeout"
  | "eager"
  | "countMessages"
> {
  /** Where it is another; `http:` and `https:` mean the same server over `ws:` and `wss:`. */
  readonly url?: ClientOptions<R>["url"] | undefined
}

/**
 * What the options need to be evaluated is what the client needs.
 *
 * `url` and `headers` are evaluated when the first request needs them, and kept. When the server refuses
 * them (401, 403, 407) they are evaluated anew, once for all requests that were refused, and each of
 * those is tried once more. `reconnect` of the client has them evaluated anew too.
 *
 * @since 0.1.0
 * @category models
 */
export interface HttpOptions<R = never> extends Pick<
  ClientOptions<R>,
  | "url"
  | "headers"
  | "closeTimeout"
  | "operationTimeout"
  | "retry"
  | "healthyAfter"
  | "propagateTrace"
  | "documentId"
  | "buffer"
> {
  /**
   * From the evaluation of `url` and `headers` to the head of a subscription's response; default 10
   * seconds. A query's response is bounded by `operationTimeout`.
   */
  readonly connectTimeout?: ClientOptions["connectTimeout"]
  /**
   * When a silent subscription is dead: `interval + timeout` after its last byte. There is nothing to ask
   * the server with, so what it sends by itself has to come more often: every 12 seconds from
   * graphql-sse, Yoga and Hive, every 5 from Apollo's Router. `false` waits without end.
   */
  readonly keepalive?: ClientOptions["keepalive"]
  /**
   * How a lost subscription is made again, and when a request is sent again: one that never reached the
   * server, that is `idempotent`, or that the server asked for later by `Retry-After` with a 429 or 503.
   * Default `Reconnect.schedule`; `false` never does.
   */
  readonly reconnect?: ClientOptions["reconnect"]
  /** What carries subscriptions; default `sse`. Each may say otherwise. */
  readonly subscriptions?: Subscriptions | undefined
  /**
   * Whether all subscriptions over Server-Sent Events share one response: graphql-sse's single connection
   * mode, where the server has it; default `false`.
   */
  readonly singleConnection?: boolean | undefined
  /** How queries are sent; default `POST`. Mutations always are. Each query may say otherwise. */
  readonly method?: "GET" | "POST" | undefined
  /**
   * Whether queries and mutations are named by a hash of their text, which is sent only when the server
   * does not know it yet (automatic persisted queries); default `false`. With `method: "GET"` queries are
   * asked for by GET then, which a cache on the way can answer, and sent in full by POST.
   *
   * A server that says that it has no such thing is asked no more. Subscriptions are always sent in full.
   */
  readonly persistedQueries?: boolean | undefined
  /**
   * Has queries that begin at about the same time go in one request, for servers that take an array of
   * them; default: a request each. Those by GET, and those with files, still have one each.
   */
  readonly batch?: BatchOptions | undefined
  /** Largest response, and largest event of a subscription, in bytes; default 16 MiB. */
  readonly maxResponseSize?: number | undefined
  /**
   * Has the client have a WebSocket beside, for operations that ask for it, and says what is different
   * for it. With `subscriptions: "websocket"` it has one without being told.
   */
  readonly webSocket?: WebSocketOptions<R> | undefined
}

/**
 * Of operations in one request, each has its own result, error, timeout and interruption; nobody's response
 * has a head. What refuses the request refuses all of them, and each is tried again or not on its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchOptions {
  /** How long after the first the others may come; default 10 milliseconds. */
  readonly interval?: Duration.DurationInput | undefined
  /** With how many of them a request waits no longer; default 10. */
  readonly size?: number | undefined
  /**
   * Whether mutations go with the others; default `false`. Servers execute what is in one request in any
   * order, or at once.
   */
  readonly mutations?: boolean | undefined
}

/**
 * What a client with these options needs: a `WireConstructor` too, where it may have a WebSocket.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Requirements<O> =
  | HttpClient
  | ("websocket" extends Option<O, "subscriptions"> ? WireConstructor : never)
  | ([Exclude<Option<O, "webSocket">, undefined>] extends [never] ? never : WireConstructor)
  | ContextOf<Option<O, "url"> | Option<O, "headers">>
  | ContextOf<
      Option<
        Option<O, "webSocket">,
        "url" | "headers" | "connectionPayload" | "subprotocolCredentials"
      >
    >

type Option<O, Name extends string> = O extends { readonly [N in Name]?: unknown }
  ? O[Name & keyof O]
  : never

type ContextOf<Setting> = Setting extends Effect.Effect<unknown, unknown, infer R> ? R : never

/**
 * A client that lives as long as the scope. Nothing is sent before the first operation.
 *
 * Options that make no sense are a defect.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <const O extends HttpOptions<unknown>>(
  options: O
): Effect.Effect<Service, never, Requirements<O> | Scope.Scope> =>
  // Type boundary: what the settings need is in `Requirements`; the service as in `GraphQLClient.make`.
  fromOptions(options) as unknown as Effect.Effect<Service, never, Requirements<O> | Scope.Scope>

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = <const O extends HttpOptions<unknown>>(
  options: O
): Layer.Layer<GraphQLClient, never, Exclude<Requirements<O>, Scope.Scope>> =>
  Layer.scoped(GraphQLClient, make(options))

/**
 * A client whose options come from configuration: `Http.layerConfig({ url: Config.string("URL") })`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<Omit<HttpOptions, "subscriptions" | "webSocket">>
): Layer.Layer<GraphQLClient, ConfigError, HttpClient> =>
  Layer.scoped(GraphQLClient, Effect.flatMap(Config.unwrap(options), make))

const fromOptions = (options: HttpOptions<unknown>) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<unknown>()
    const { maxResponseSize, method = "POST", subscriptions = "sse", webSocket } = options
    const resolved: Options = {
      // What is prepared for a WebSocket is prepared within its bound.
      ...resolve({ ...options, ackTimeout: webSocket?.ackTimeout }, context),
      maxFrameSize: positive("maxResponseSize", maxResponseSize ?? 16 * 1024 * 1024)
    }
    const session =
      subscriptions === "websocket" || webSocket ? overWebSocket(options, context) : undefined
    const backend = yield* Backend.make(
      resolved,
      {
        method,
        subscriptions,
        singleConnection: options.singleConnection ?? false,
        persistedQueries: options.persistedQueries ?? false,
        batch: options.batch && batching(options.batch)
      },
      session
    )
    return fromBackend(backend)
  })

const batching = ({ interval, mutations = false, size = 10 }: BatchOptions): BatchSettings => ({
  interval: millis("batch.interval", interval ?? "10 millis"),
  size: positive("batch.size", Math.floor(size)),
  mutations
})

const overWebSocket = (options: HttpOptions<unknown>, context: Context.Context<unknown>) => {
  const { webSocket: own = {}, ...shared } = options
  const resolved = resolve<unknown>({ ...shared, ...own, url: own.url ?? shared.url }, context)
  // Type boundary: `Requirements` has it wherever there is to be one.
  const openWire = Context.unsafeGet(context as Context.Context<WireConstructor>, WireConstructor)
  return (secrets: Secrets) =>
    Session.make(resolved, Connection.transport(resolved, openWire), secrets)
}
