/**
 * A running subscription that is taken from.
 *
 * This is the foundation; the `Stream` of `GraphQLClient.subscribe` is its convenient face. A `Stream`
 * costs Effect some ten times as much for each of many quiet subscriptions.
 *
 * @since 0.1.0
 */
import type * as Chunk from "effect/Chunk"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"

/**
 * @since 0.1.0
 * @category models
 */
export interface Subscription<out A, out E, out R = never> {
  /**
   * Everything that has arrived since the last `take`, in order and at least one element; waits where
   * nothing has. Fails with `None` when the subscription has completed and with `Some` of the error
   * when it has failed, in either case after the last element, and again on every later call.
   *
   * For one fiber at a time.
   */
  readonly take: Effect.Effect<Chunk.Chunk<A>, Option.Option<E>, R>
}
