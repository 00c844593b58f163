/**
 * A GraphQL client of a schema in the same process: no network, no server.
 *
 * It is the same `GraphQLClient`, with the same errors, bounds and guarantees: for rendering on the
 * server that has the schema, for tests, for programs that may have their API beside them or far away.
 * Variables and results are JSON on their way, so scalars see and give what they would over a network.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { assertValidSchema, type GraphQLSchema } from "graphql"
import type { ClientOptions } from "./ClientOptions.js"
import { GraphQLClient, type Service } from "./GraphQLClient.js"
import { fromSession } from "./internal/backend.js"
import * as Local from "./internal/local.js"
import { resolve } from "./internal/options.js"
import { fromBackend } from "./internal/service.js"
import * as Session from "./internal/session.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface LocalOptions<C = unknown> extends Pick<ClientOptions, "operationTimeout"> {
  /** What executes. One that is not valid is a defect. */
  readonly schema: GraphQLSchema
  /** What the fields of the root types are resolved from. */
  readonly rootValue?: unknown
  /**
   * The resolvers' context: a value, or an effect that is evaluated when the first operation needs it,
   * and again after `reconnect`. What the effect fails with becomes the `cause` of a `NetworkError` for
   * `OptionFailed`.
   */
  readonly context?: C
  /** What evaluating `context` takes at most; default 10 seconds. */
  readonly connectTimeout?: ClientOptions["connectTimeout"]
  /** When a `context` that failed is evaluated again; default `Reconnect.schedule`, `false` never. */
  readonly reconnect?: ClientOptions["reconnect"]
  /**
   * How long closing, and `reconnect`, wait for resolvers that run and for the sources of
   * subscriptions, whose `return` was called; default 5 seconds.
   */
  readonly closeTimeout?: ClientOptions["closeTimeout"]
  /**
   * For all subscriptions; each may set its own. With `suspend`, no source is asked for its next result
   * while a buffer is full.
   */
  readonly buffer?: ClientOptions["buffer"]
}

/**
 * What a client with such a `context` needs.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Requirements<C> = 0 extends 1 & C
  ? never // `any`, of which nothing is known.
  : C extends Effect.Effect<unknown, unknown, infer R>
    ? R
    : never

/**
 * A client that lives as long as the scope. Nothing is executed, and no context evaluated, before the
 * first operation.
 *
 * A schema that is not valid, and options that make no sense, are a defect.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <C = undefined>(
  options: LocalOptions<C>
): Effect.Effect<Service, never, Requirements<C> | Scope.Scope> =>
  // Type boundary: what the context needs is in `Requirements`; the service as in `GraphQLClient.make`.
  fromOptions(options) as unknown as Effect.Effect<Service, never, Requirements<C> | Scope.Scope>

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = <C = undefined>(
  options: LocalOptions<C>
): Layer.Layer<GraphQLClient, never, Exclude<Requirements<C>, Scope.Scope>> =>
  Layer.scoped(GraphQLClient, make(options))

const fromOptions = (options: LocalOptions) =>
  Effect.gen(function* () {
    const surroundings = yield* Effect.context<unknown>()
    const { context, rootValue, schema, ...shared } = options
    assertValidSchema(schema)
    const resolved = resolve(
      // There is no link to be lost, to be idle, or to be opened.
      { ...shared, url: "", keepalive: false, idleTimeout: Infinity },
      surroundings
    )
    const local: Local.Local = {
      schema,
      rootValue,
      context: Effect.isEffect(context)
        ? Effect.provide(context, surroundings)
        : Effect.succeed(context)
    }
    const { fibers } = yield* Session.host
    // Before the session, so that it is closed after it.
    yield* Effect.addFinalizer(() => fibers.interrupt)
    const session = yield* Session.make(resolved, Local.transport(resolved, local, fibers))
    return fromBackend(fromSession(session))
  })
