/**
 * Queries and mutations with `@defer` and `@stream`: their result as far as it is known, each time that more
 * has come.
 *
 * @since 0.1.0
 */
import type { Pending } from "@fiberline/core/IncrementalDelivery"
import type * as Stream from "effect/Stream"
import type {
  Arguments,
  ErrorMode,
  OperationOptions,
  QueryOptions,
  Service,
  SubscriptionError,
  Success,
  Transport
} from "./GraphQLClient.js"
import * as Increments from "./internal/increments.js"
import { callsOf } from "./internal/service.js"
import type * as Operation from "./Operation.js"

export type {
  /**
   * A fragment or a list of which more is to come.
   *
   * @since 0.1.0
   * @category models
   */
  Pending
} from "@fiberline/core/IncrementalDelivery"

/**
 * A result that comes in pieces, as far as it is known.
 *
 * @since 0.1.0
 * @category models
 */
export interface Incremental<out Result> {
  readonly result: Result
  /** The fragments and lists that are to come, where the server announces them. */
  readonly pending: ReadonlyArray<Pending>
  /** Whether more is to come. */
  readonly hasNext: boolean
}

/**
 * `timeout` bounds the wait for the first piece, and for each that follows. What has begun is never begun
 * again, `idempotent` or not.
 *
 * @since 0.1.0
 * @category models
 */
export interface IncrementalOptions<Mode extends ErrorMode>
  extends OperationOptions<Mode>, Pick<QueryOptions<Mode>, "timeout" | "idempotent"> {
  /** Instead of what the client would send it over. One that the client has not is a defect. */
  readonly transport?: Exclude<Transport, "multipart"> | undefined
}

/**
 * Executes a query or mutation, and gives its result as far as it is known, each time that more has come;
 * the last is the whole of it. A Schema sees each of them, so that what is deferred has to be optional in it.
 *
 * Over HTTP the pieces are parts of a multipart response, over Server-Sent Events and a WebSocket results of
 * the operation, in whichever of the three formats the server has. From one that has none comes the one result.
 * A result that does not say whether there is more is told when the next has come, or the end: some gateways
 * put the pieces together themselves, and send the whole of what they have each time.
 *
 * @since 0.1.0
 * @category operations
 */
export const stream = <
  const D extends Operation.Document<"query" | "mutation">,
  Mode extends ErrorMode = "throw"
>(
  client: Service,
  document: D,
  ...options: Arguments<D, IncrementalOptions<Mode>>
): Stream.Stream<
  Incremental<Success<D, Mode>>,
  SubscriptionError<D, Mode>,
  Operation.Context<D>
> => {
  // Type boundary: what is read of the results is as in `Service`.
  return Increments.stream(callsOf(client), document, ...options) as unknown as Stream.Stream<
    Incremental<Success<D, Mode>>,
    SubscriptionError<D, Mode>,
    Operation.Context<D>
  >
}
