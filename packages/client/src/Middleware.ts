/**
 * What stands between a client and its server, and sees what goes over: to sign requests, to cache, to
 * retry, to log, to change results.
 *
 * | made by             | sees                                    | of                               |
 * | ------------------- | --------------------------------------- | -------------------------------- |
 * | `mapRequest(Effect)` | a request, before it is sent           | all operations                   |
 * | `mapResult`         | each result, as it came                 | all operations                   |
 * | `transform`         | a request, and what becomes of it       | queries and mutations            |
 *
 * A subscription is no request with a response: it lasts, is sent again over another connection, and
 * brings results in a socket's callback. So nothing is around it. Its request is mapped whenever it is
 * made, and its results by a function that takes no fiber.
 *
 * @since 0.1.0
 */
import type { ExecutionResult, OperationRequest } from "@fiberline/core/Message"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { dual, identity } from "effect/Function"
import type * as Redacted from "effect/Redacted"
import type { Service, Transport } from "./GraphQLClient.js"
import { chain } from "./internal/middleware.js"
import { applyTo } from "./internal/service.js"
import type { NetworkError } from "./NetworkError.js"
import type { Kind } from "./Operation.js"
import type { EncodeError, ResponseHead } from "./OperationError.js"
import type { ProtocolError } from "./ProtocolError.js"

/**
 * Headers of one operation.
 *
 * @since 0.1.0
 * @category models
 */
export type Headers = { readonly [name: string]: string | Redacted.Redacted<string> }

/**
 * An operation as it is about to be sent: with its variables encoded. What is changed is sent as changed,
 * but for `kind` and `transport`, which only say what it is.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request extends OperationRequest {
  readonly kind: Kind
  /** What will carry it. */
  readonly transport: Transport
  /**
   * Of this operation, over HTTP: beside the client's, and instead of one of the same name. A WebSocket has
   * nowhere to put them: there they are a defect, and not left out unnoticed.
   */
  readonly headers?: Headers | undefined
}

/**
 * What a query or mutation brought, before its errors are thrown and its data is decoded.
 *
 * @since 0.1.0
 * @category models
 */
export interface Executed {
  readonly result: ExecutionResult
  /** Of the response that it came in, where it had one to itself. */
  readonly response?: ResponseHead | undefined
}

/**
 * What executing a request fails with. GraphQL errors are none of it: they are in the result.
 *
 * @since 0.1.0
 * @category models
 */
export type Failure = NetworkError | ProtocolError | EncodeError

/**
 * Executes a query or mutation. Each time it is run it is sent anew.
 *
 * @since 0.1.0
 * @category models
 */
export type Next = (request: Request) => Effect.Effect<Executed, Failure>

/**
 * Which operation a result is of.
 *
 * @since 0.1.0
 * @category models
 */
export interface Described {
  readonly kind: Kind
  readonly operationName: string | undefined
}

/**
 * A middleware that may fail with `E` and needs `R`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Middleware<out E = never, out R = never> {
  /** Of queries and mutations. Called once, when it is applied. */
  readonly around: (next: Next) => (request: Request) => Effect.Effect<Executed, Failure | E, R>
  /** Of subscriptions: what is sent. */
  readonly prepare?: ((request: Request) => Effect.Effect<Request, E, R>) | undefined
  /** Of subscriptions: what each result is taken for. */
  readonly result?: ((result: ExecutionResult, of: Described) => ExecutionResult) | undefined
}

/**
 * Changes what is sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const mapRequest = (f: (request: Request) => Request): Middleware =>
  // In no fiber, where none is needed for anything else.
  mapRequestEffect((request) => Either.right(f(request)))

/**
 * The same by an effect. A subscription's is run when it begins, and anew whenever it is sent again over
 * another connection, each time for `ackTimeout` at most.
 *
 * @since 0.1.0
 * @category constructors
 */
export const mapRequestEffect = <E, R>(
  f: (request: Request) => Effect.Effect<Request, E, R>
): Middleware<E, R> => ({
  around: (next) => (request) => Effect.flatMap(f(request), next),
  prepare: f
})

/**
 * Changes what came, data or errors, before errors are thrown and data is decoded.
 *
 * It is run for each result of a subscription, and should be as fast as that asks for.
 *
 * @since 0.1.0
 * @category constructors
 */
export const mapResult = (
  f: (result: ExecutionResult, of: Described) => ExecutionResult
): Middleware => ({
  around: (next) => (request) =>
    Effect.map(next(request), (executed) => ({
      ...executed,
      result: f(executed.result, { kind: request.kind, operationName: request.operationName })
    })),
  result: f
})

/**
 * Is around each query and mutation, and does whatever an effect can: run `next` again, later, or not at
 * all. All of it is within the operation's timeout. Subscriptions pass it by.
 *
 * What other middleware further inside fails with comes out of `next` too, beside what its type says.
 *
 * @since 0.1.0
 * @category constructors
 */
export const transform = <E, R>(
  around: (next: Next) => (request: Request) => Effect.Effect<Executed, Failure | E, R>
): Middleware<Exclude<E, Failure>, R> =>
  // Type boundary: `Failure | E` is the same with what is in both taken out of `E`.
  ({ around }) as Middleware<Exclude<E, Failure>, R>

/**
 * What a middleware may fail with.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Error<M> = M extends Middleware<infer E, unknown> ? E : never

/**
 * What a middleware needs.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Context<M> = M extends Middleware<unknown, infer R> ? R : never

/**
 * One of several: the first is outermost. It sees requests first and results last.
 *
 * @since 0.1.0
 * @category combinators
 */
export const compose = <const M extends ReadonlyArray<Middleware<unknown, unknown>>>(
  ...middlewares: M
): Middleware<Error<M[number]>, Context<M[number]>> =>
  // Type boundary: each has its errors and requirements in the union of all.
  middlewares.reduceRight<Middleware<unknown, unknown>>(
    (inner, outer) => chain(outer, inner),
    none
  ) as Middleware<Error<M[number]>, Context<M[number]>>

const none: Middleware = { around: identity }

/**
 * A client with a middleware around it, which is outside of any that it has already: the one applied last
 * sees requests first. It adds what it fails with and what it needs to every operation.
 *
 * The connection is still the client's, which goes on without the middleware.
 *
 * A client that is neither made by this package nor by `apply` is a defect: there is nothing to stand
 * between.
 *
 * @since 0.1.0
 * @category combinators
 */
export const apply: {
  <E2, R2>(middleware: Middleware<E2, R2>): <E, R>(client: Service<E, R>) => Service<E | E2, R | R2>
  <E, R, E2, R2>(client: Service<E, R>, middleware: Middleware<E2, R2>): Service<E | E2, R | R2>
} = dual(
  2,
  <E, R, E2, R2>(client: Service<E, R>, middleware: Middleware<E2, R2>): Service<E | E2, R | R2> =>
    // Type boundary: as in `GraphQLClient.make`; a middleware's errors and requirements are those of all
    // operations that it sees.
    applyTo(client, middleware) as unknown as Service<E | E2, R | R2>
)
