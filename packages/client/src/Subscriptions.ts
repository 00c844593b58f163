/**
 * Many subscriptions of one document, by key, taken from as one: what `GraphQLClient.subscribeMany`
 * gives.
 *
 * They share one buffer and one fiber, so that each costs little more than its variables, and one
 * that ends, in whatever way, is an event like its data and ends no other.
 *
 * @since 0.1.0
 */
import type * as Chunk from "effect/Chunk"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { Gap } from "./Subscription.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Subscriptions<in out K, in V, out A, out E, out R = never> {
  /**
   * Begins one, in place of the one of this key, if there is one. It never fails: variables that
   * cannot be encoded are its end.
   */
  readonly add: (key: K, variables: V) => Effect.Effect<void, never, R>
  /** Leaves one. Nothing more of it is handed over, not even its end. */
  readonly remove: (key: K) => Effect.Effect<void>
  /** Those that have not ended, in the order in which they began. */
  readonly keys: Effect.Effect<ReadonlyArray<K>>
  /**
   * Everything that has happened since the last `take`, in order and at least one event; waits where
   * nothing has. Fails with `None` once the scope is closed.
   *
   * For one fiber at a time.
   */
  readonly take: Effect.Effect<Chunk.Chunk<Event<K, A, E>>, Option.Option<never>, R>
  /** The same as a stream, which ends when the scope is closed; for one fiber at a time. */
  readonly events: Stream.Stream<Event<K, A, E>, never, R>
}

/**
 * What happens to them. A `Gap` stands where the connection was lost and made again, once for all of
 * them.
 *
 * @since 0.1.0
 * @category events
 */
export type Event<K, A, E> = Data<K, A> | Ended<K, E> | Gap

/**
 * @since 0.1.0
 * @category events
 */
export interface Data<out K, out A> {
  readonly _tag: "Data"
  readonly key: K
  readonly data: A
}

/**
 * One has completed, or failed. It is the last event of its key, unless that is added again.
 *
 * @since 0.1.0
 * @category events
 */
export interface Ended<out K, out E> {
  readonly _tag: "Ended"
  readonly key: K
  readonly exit: Exit.Exit<void, E>
}
