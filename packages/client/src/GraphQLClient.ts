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
import type * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type * as Subscribable from "effect/Subscribable"
import type { BufferOptions, ClientOptions } from "./ClientOptions.js"
import * as Connection from "./internal/connection.js"
import { resolve } from "./internal/options.js"
import { fromBackend } from "./internal/service.js"
import { fromSession } from "./internal/backend.js"
import * as Session from "./internal/session.js"
import type { Headers } from "./Middleware.js"
import type { NetworkError } from "./NetworkError.js"
import type * as Operation from "./Operation.js"
import type { DecodeError, EncodeError, OperationError, OverflowError } from "./OperationError.js"
import type { ProtocolError } from "./ProtocolError.js"
import type { Status } from "./Status.js"
import type * as Subscription from "./Subscription.js"
import type * as Subscriptions from "./Subscriptions.js"
import { WireConstructor } from "./Wire.js"

/**
 * Where GraphQL errors go: into the error channel as an `OperationError`, or into the result beside
 * partial data, in which case the channel's type no longer holds them.
 *
 * @since 0.1.0
 * @category models
 */
export type ErrorMode = "throw" | "inline"

/**
 * What carries an operation. A client has those that it was made with: `make` a WebSocket, `Http.make`
 * all others, and a WebSocket where it was told.
 *
 * @since 0.1.0
 * @category models
 */
export type Transport = "websocket" | "http" | "sse" | "multipart"

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
   * Of this operation, over HTTP: beside the client's, and instead of one of the same name. What is
   * `Redacted` is kept out of errors. Over a WebSocket, which has none, they are a defect.
   */
  readonly headers?: Headers | undefined
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
  /** Instead of what the client would send it over. One that the client has not is a defect. */
  readonly transport?: Extract<Transport, "websocket" | "http"> | undefined
  /** Over HTTP, how a query is sent: instead of the client's `method`. */
  readonly method?: "GET" | "POST" | undefined
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
export interface SubscribeOptions<
  D,
  Mode extends ErrorMode,
  DecodeMode extends ErrorMode = "throw"
> extends OperationOptions<Mode> {
  /**
   * Where data goes that does not fit its Schema; default `"throw"`, which ends the subscription. Inline,
   * every element is an `Either`: `Right` of what it would be otherwise, `Left` of a `DecodeError`; and the
   * subscription goes on.
   */
  readonly decodeErrors?: DecodeMode | undefined
  /** Instead of the client's `buffer`. */
  readonly buffer?: BufferOptions | undefined
  /** Instead of what the client would have it carried by. One that the client has not is a defect. */
  readonly transport?: Exclude<Transport, "http"> | undefined
  /**
   * The variables to go on with after a lost connection, made of the last element that arrived and
   * the variables of the call: a cursor, for a server that knows one. Without it, or before the first
   * element, the same request is sent again.
   */
  readonly resume?:
    | ((
        last: Element<D, Mode, DecodeMode>,
        variables: Operation.Variables<D>
      ) => Operation.Variables<D>)
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
 * What a subscription gives: the same, in an `Either` where what does not fit is given too. That is around
 * the whole of it, so that it is one and the same test whatever `errors` says.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Element<
  D,
  Mode extends ErrorMode,
  DecodeMode extends ErrorMode = "throw"
> = DecodeMode extends "inline"
  ? Either.Either<Success<D, Mode>, DecodeErrorOf<D>>
  : Success<D, Mode>

/** Only what has a Schema is decoded. */
type DecodeErrorOf<D> = D extends { readonly _tag: "Operation" } ? DecodeError : never

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
  | DecodeErrorOf<D>

/**
 * What a subscription can fail with.
 *
 * @since 0.1.0
 * @category type-level
 */
export type SubscriptionError<D, Mode extends ErrorMode, DecodeMode extends ErrorMode = "throw"> =
  | NetworkError
  | ProtocolError
  | EncodeError
  | OverflowError
  | (Mode extends "inline" ? never : OperationError)
  | (DecodeMode extends "inline" ? never : DecodeErrorOf<D>)

/**
 * A client. `E` and `R` are what middleware has added to each of its operations.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service<out E = never, out R = never> {
  /** Executes a query. */
  readonly query: <const D extends Operation.Document<"query">, Mode extends ErrorMode = "throw">(
    document: D,
    ...options: Arguments<D, QueryOptions<Mode>>
  ) => Effect.Effect<Success<D, Mode>, QueryError<D, Mode> | E, Operation.Context<D> | R>

  /** Executes a mutation. It is sent once, and `NetworkError.sent` says whether it was. */
  readonly mutate: <
    const D extends Operation.Document<"mutation">,
    Mode extends ErrorMode = "throw"
  >(
    document: D,
    ...options: Arguments<D, QueryOptions<Mode>>
  ) => Effect.Effect<Success<D, Mode>, QueryError<D, Mode> | E, Operation.Context<D> | R>

  /**
   * The results of a subscription, which runs while the stream does: leaving it tells the server.
   */
  readonly subscribe: <
    const D extends Operation.Document<"subscription">,
    Mode extends ErrorMode = "throw",
    DecodeMode extends ErrorMode = "throw"
  >(
    document: D,
    ...options: Arguments<D, SubscribeOptions<D, Mode, DecodeMode>>
  ) => Stream.Stream<
    Element<D, Mode, DecodeMode>,
    SubscriptionError<D, Mode, DecodeMode> | E,
    Operation.Context<D> | R
  >

  /**
   * The results of a subscription, with a `Gap` wherever the connection was lost and made again.
   */
  readonly subscribeEvents: <
    const D extends Operation.Document<"subscription">,
    Mode extends ErrorMode = "throw",
    DecodeMode extends ErrorMode = "throw"
  >(
    document: D,
    ...options: Arguments<D, SubscribeOptions<D, Mode, DecodeMode>>
  ) => Stream.Stream<
    Subscription.Event<Element<D, Mode, DecodeMode>>,
    SubscriptionError<D, Mode, DecodeMode> | E,
    Operation.Context<D> | R
  >

  /**
   * Runs an effect for each result of a subscription, one after the other, until it completes: what
   * `Stream.runForEach` does with `subscribe`, at a fraction of its cost.
   */
  readonly runForEach: <
    const D extends Operation.Document<"subscription">,
    A,
    E2,
    R2,
    Mode extends ErrorMode = "throw",
    DecodeMode extends ErrorMode = "throw"
  >(
    document: D,
    f: (element: Element<D, Mode, DecodeMode>) => Effect.Effect<A, E2, R2>,
    ...options: Arguments<D, SubscribeOptions<D, Mode, DecodeMode>>
  ) => Effect.Effect<
    void,
    SubscriptionError<D, Mode, DecodeMode> | E | E2,
    Operation.Context<D> | R | R2
  >

  /** The same for all results that have come together: at least one, in order. */
  readonly runForEachChunk: <
    const D extends Operation.Document<"subscription">,
    A,
    E2,
    R2,
    Mode extends ErrorMode = "throw",
    DecodeMode extends ErrorMode = "throw"
  >(
    document: D,
    f: (elements: Chunk.Chunk<Element<D, Mode, DecodeMode>>) => Effect.Effect<A, E2, R2>,
    ...options: Arguments<D, SubscribeOptions<D, Mode, DecodeMode>>
  ) => Effect.Effect<
    void,
    SubscriptionError<D, Mode, DecodeMode> | E | E2,
    Operation.Context<D> | R | R2
  >

  /**
   * A subscription to take batches from, which runs while its scope is open: what all others are made
   * of.
   */
  readonly subscription: <
    const D extends Operation.Document<"subscription">,
    Mode extends ErrorMode = "throw",
    DecodeMode extends ErrorMode = "throw"
  >(
    document: D,
    ...options: Arguments<D, SubscribeOptions<D, Mode, DecodeMode>>
  ) => Effect.Effect<
    Subscription.Subscription<
      Element<D, Mode, DecodeMode>,
      SubscriptionError<D, Mode, DecodeMode> | E,
      Operation.Context<D> | R
    >,
    EncodeError | E,
    Operation.Context<D> | R | Scope.Scope
  >

  /**
   * Many subscriptions of one document, by key, taken from as one: for thousands of them. It begins
   * with those of `variables`; others are added and removed while it runs, which is as long as its
   * scope is open.
   */
  readonly subscribeMany: <
    K,
    const D extends Operation.Document<"subscription">,
    Mode extends ErrorMode = "throw",
    DecodeMode extends ErrorMode = "throw"
  >(
    document: D,
    variables: Iterable<readonly [key: K, variables: Operation.Variables<D>]>,
    options?: SubscribeOptions<D, Mode, DecodeMode>
  ) => Effect.Effect<
    Subscriptions.Subscriptions<
      K,
      Operation.Variables<D>,
      Element<D, Mode, DecodeMode>,
      SubscriptionError<D, Mode, DecodeMode> | E,
      Operation.Context<D> | R
    >,
    never,
    Operation.Context<D> | R | Scope.Scope
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
  Effect.gen(function* () {
    const context = yield* Effect.context<R | HeadersR | PayloadR | WireConstructor>()
    const resolved = resolve<R | HeadersR | PayloadR>(options, context)
    const transport = Connection.transport(resolved, Context.get(context, WireConstructor))
    return fromBackend(fromSession(yield* Session.make(resolved, transport))) as unknown as Service
  })

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
