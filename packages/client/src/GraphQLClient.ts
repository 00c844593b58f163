/**
 * A GraphQL client over one WebSocket.
 *
 * Queries, mutations and subscriptions share a connection, which is made when the first of them needs
 * it. Every failure of the connection reaches every operation as a typed error, within the bounds of
 * `ClientOptions`; closing the client's scope takes at most `closeTimeout`.
 *
 * @since 0.1.0
 */
import type { JsonObject } from "@fiberline/core/Message"
import type * as Chunk from "effect/Chunk"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type * as Subscribable from "effect/Subscribable"
import type { BufferOptions, ClientOptions } from "./ClientOptions.js"
import { fromSession } from "./internal/service.js"
import * as Session from "./internal/session.js"
import type { NetworkError } from "./NetworkError.js"
import type * as Operation from "./Operation.js"
import type { DecodeError, EncodeError, OperationError, OverflowError } from "./OperationError.js"
import type { ProtocolError } from "./ProtocolError.js"
import type { Status } from "./Status.js"
import type * as Subscription from "./Subscription.js"
import type * as Subscriptions from "./Subscriptions.js"
import type { WireConstructor } from "./Wire.js"

/**
 * Where GraphQL errors go: into the error channel as an `OperationError`, or into the result beside
 * partial data, in which case the channel's type no longer holds them.
 *
 * @since 0.1.0
 * @category models
 */
export type ErrorMode = "throw" | "inline"

/**
 * @since 0.1.0
 * @category models
 */
export interface OperationOptions<Mode extends ErrorMode> {
  /** Which operation of the document, where it has several. */
  readonly operationName?: string | undefined
  /** Sent as `extensions` of the request. */
  readonly extensions?: JsonObject | undefined
  /**
   * Default `"throw"`. A subscription that throws ends with its first error; inline, it goes on.
   */
  readonly errors?: Mode | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface QueryOptions<Mode extends ErrorMode> extends OperationOptions<Mode> {
  /** Instead of the client's `operationTimeout`. */
  readonly timeout?: Duration.DurationInput | undefined
  /**
   * Whether it may be sent again when the connection is lost after it was sent; default `false`: it
   * then fails, with `sent: true`.
   */
  readonly idempotent?: boolean | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface SubscribeOptions<D, Mode extends ErrorMode> extends OperationOptions<Mode> {
  /** Instead of the client's `buffer`. */
  readonly buffer?: BufferOptions | undefined
  /**
   * The variables to go on with after a lost connection, made of the last element that arrived and
   * the variables of the call: a cursor, for a server that knows one. Without it, or before the first
   * element, the same request is sent again.
   */
  readonly resume?:
    | ((last: Success<D, Mode>, variables: Operation.Variables<D>) => Operation.Variables<D>)
    | undefined
}

/**
 * What follows the document in a call: its variables, where it has any that are required, and the
 * options.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Arguments<D, Options> =
  {} extends Operation.Variables<D>
    ? [options?: Options & { readonly variables?: Operation.Variables<D> | undefined }]
    : [options: Options & { readonly variables: Operation.Variables<D> }]

/**
 * What an operation gives.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Success<D, Mode extends ErrorMode> = Mode extends "inline"
  ? Operation.Result<Operation.Data<D>>
  : Operation.Data<D>

/**
 * What a query or mutation can fail with.
 *
 * @since 0.1.0
 * @category type-level
 */
export type QueryError<D, Mode extends ErrorMode> =
  | NetworkError
  | ProtocolError
  | EncodeError
  | (Mode extends "inline" ? never : OperationError)
  | (D extends { readonly _tag: "Operation" } ? DecodeError : never)

/**
 * What a subscription can fail with.
 *
 * @since 0.1.0
 * @category type-level
 */
export type SubscriptionError<D, Mode extends ErrorMode> = QueryError<D, Mode> | OverflowError

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Executes a query. */
  readonly query: <const D extends Operation.Document<"query">, Mode extends ErrorMode = "throw">(
    document: D,
    ...options: Arguments<D, QueryOptions<Mode>>
  ) => Effect.Effect<Success<D, Mode>, QueryError<D, Mode>, Operation.Context<D>>

  /** Executes a mutation. It is sent once, and `NetworkError.sent` says whether it was. */
  readonly mutate: <
    const D extends Operation.Document<"mutation">,
    Mode extends ErrorMode = "throw"
  >(
    document: D,
    ...options: Arguments<D, QueryOptions<Mode>>
  ) => Effect.Effect<Success<D, Mode>, QueryError<D, Mode>, Operation.Context<D>>

  /**
   * The results of a subscription, which runs while the stream does: leaving it tells the server.
   */
  readonly subscribe: <
    const D extends Operation.Document<"subscription">,
    Mode extends ErrorMode = "throw"
  >(
    document: D,
    ...options: Arguments<D, SubscribeOptions<D, Mode>>
  ) => Stream.Stream<Success<D, Mode>, SubscriptionError<D, Mode>, Operation.Context<D>>

  /**
   * The results of a subscription, with a `Gap` wherever the connection was lost and made again.
   */
  readonly subscribeEvents: <
    const D extends Operation.Document<"subscription">,
    Mode extends ErrorMode = "throw"
  >(
    document: D,
    ...options: Arguments<D, SubscribeOptions<D, Mode>>
  ) => Stream.Stream<
    Subscription.Event<Success<D, Mode>>,
    SubscriptionError<D, Mode>,
    Operation.Context<D>
  >

  /**
   * Runs an effect for each result of a subscription, one after the other, until it completes: what
   * `Stream.runForEach` does with `subscribe`, at a fraction of its cost.
   */
  readonly runForEach: <
    const D extends Operation.Document<"subscription">,
    A,
    E,
    R,
    Mode extends ErrorMode = "throw"
  >(
    document: D,
    f: (element: Success<D, Mode>) => Effect.Effect<A, E, R>,
    ...options: Arguments<D, SubscribeOptions<D, Mode>>
  ) => Effect.Effect<void, SubscriptionError<D, Mode> | E, Operation.Context<D> | R>

  /** The same for all results that have come together: at least one, in order. */
  readonly runForEachChunk: <
    const D extends Operation.Document<"subscription">,
    A,
    E,
    R,
    Mode extends ErrorMode = "throw"
  >(
    document: D,
    f: (elements: Chunk.Chunk<Success<D, Mode>>) => Effect.Effect<A, E, R>,
    ...options: Arguments<D, SubscribeOptions<D, Mode>>
  ) => Effect.Effect<void, SubscriptionError<D, Mode> | E, Operation.Context<D> | R>

  /**
   * A subscription to take batches from, which runs while its scope is open: what all others are made
   * of.
   */
  readonly subscription: <
    const D extends Operation.Document<"subscription">,
    Mode extends ErrorMode = "throw"
  >(
    document: D,
    ...options: Arguments<D, SubscribeOptions<D, Mode>>
  ) => Effect.Effect<
    Subscription.Subscription<Success<D, Mode>, SubscriptionError<D, Mode>, Operation.Context<D>>,
    EncodeError,
    Operation.Context<D> | Scope.Scope
  >

  /**
   * Many subscriptions of one document, by key, taken from as one: for thousands of them. It begins
   * with those of `variables`; others are added and removed while it runs, which is as long as its
   * scope is open.
   */
  readonly subscribeMany: <
    K,
    const D extends Operation.Document<"subscription">,
    Mode extends ErrorMode = "throw"
  >(
    document: D,
    variables: Iterable<readonly [key: K, variables: Operation.Variables<D>]>,
    options?: SubscribeOptions<D, Mode>
  ) => Effect.Effect<
    Subscriptions.Subscriptions<
      K,
      Operation.Variables<D>,
      Success<D, Mode>,
      SubscriptionError<D, Mode>,
      Operation.Context<D>
    >,
    never,
    Operation.Context<D> | Scope.Scope
  >

  /**
   * Connects, unless there is a connection, and gives the payload of the server's acknowledgement:
   * for a service that wants to know early whether its endpoint is there.
   */
  readonly connect: Effect.Effect<JsonObject, NetworkError | ProtocolError>

  /** What the connection is doing, now and as it changes. */
  readonly status: Subscribable.Subscribable<Status>

  /**
   * Replaces the connection by a new one, with `url`, `headers` and `connectionPayload` evaluated
   * anew: for a token that was rotated. Subscriptions move over; a query or mutation that was sent
   * fails for `ReconnectRequested`, unless it is idempotent. Without a connection it does nothing.
   */
  readonly reconnect: Effect.Effect<void>
}

/**
 * A client for the one endpoint of an application. Applications with several define a tag for each
 * and fill it with `make`.
 *
 * @since 0.1.0
 * @category tags
 */
export class GraphQLClient extends Context.Tag("@fiberline/client/GraphQLClient")<
  GraphQLClient,
  Service
>() {}

/**
 * A client that lives as long as the scope. Nothing is connected before the first operation.
 *
 * Options that make no sense (a negative capacity, what is no duration) are a defect.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <R = never, HeadersR = never, PayloadR = never>(
  options: ClientOptions<R, HeadersR, PayloadR>
): Effect.Effect<Service, never, R | HeadersR | PayloadR | WireConstructor | Scope.Scope> =>
  // Type boundary: the document's type parameters are carried from the signatures in `Service` to its
  // results there. `toRequest` and `reader` treat each form of document as `Operation` defines it, and
  // the type tests hold every combination.
  Effect.map(
    Session.make<R | HeadersR | PayloadR>(options),
    (session) => fromSession(session) as unknown as Service
  )

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = <R = never, HeadersR = never, PayloadR = never>(
  options: ClientOptions<R, HeadersR, PayloadR>
): Layer.Layer<GraphQLClient, never, R | HeadersR | PayloadR | WireConstructor> =>
  Layer.scoped(GraphQLClient, make(options))

/**
 * A client whose options come from configuration: `layerConfig({ url: Config.string("URL") })`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<ClientOptions>
): Layer.Layer<GraphQLClient, ConfigError, WireConstructor> =>
  Layer.scoped(GraphQLClient, Effect.flatMap(Config.unwrap(options), make))
