/**
 * A running subscription that is taken from, and what its stream may hold besides data.
 *
 * The subscription is the foundation; the `Stream` of `GraphQLClient.subscribe` is its convenient
 * face. A `Stream` costs Effect some ten times as much for each of many quiet subscriptions.
 *
 * @since 0.1.0
 */
import type * as Chunk from "effect/Chunk"
import * as EffectData from "effect/Data"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { NetworkError } from "./NetworkError.js"
import type { ProtocolError } from "./ProtocolError.js"

/**
 * How far a subscription is.
 *
 * - `pending`: it waits for a connection and was never sent
 * - `active`: the server knows of it
 * - `reconnecting`: its connection was lost, and it will be sent again over the next
 * - `ended`: it completed, failed, or was left
 *
 * @since 0.1.0
 * @category models
 */
export type Progress = "pending" | "active" | "reconnecting" | "ended"

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
  readonly progress: Effect.Effect<Progress>
  /**
   * Completes when the subscription is established, so that whatever is published from then on will come: at
   * once where it is, and after a lost connection when it is again. Fails as `take` does when it ends before,
   * a server that does not confirm within `ackTimeout` included.
   *
   * AppSync, Absinthe and graphql-ruby confirm, and so does the head of a response that is one subscription's.
   * Elsewhere (`graphql-transport-ws`, subscriptions-transport-ws, graphql-sse's single connection) there is no
   * word for it: there it is when it was sent over an acknowledged connection, which the server need not have
   * read yet.
   */
  readonly established: Effect.Effect<void, Option.Option<E>>
}

/**
 * A time in which a subscription had no connection. It stands in the stream where the time was:
 * between what came before the loss and what came after the subscription was sent again. Whatever
 * the server published meanwhile is missing, unless `resume` asked for it.
 *
 * @since 0.1.0
 * @category events
 */
export class Gap extends EffectData.TaggedClass("Gap")<{
  /** When the connection was lost. */
  readonly since: DateTime.Utc
  /** From the loss until the server acknowledged the next connection. */
  readonly duration: Duration.Duration
  /** What the connection was lost to. */
  readonly cause: NetworkError | ProtocolError
}> {}

/**
 * What `subscribeEvents` gives.
 *
 * @since 0.1.0
 * @category events
 */
export type Event<A> = Data<A> | Gap

/**
 * @since 0.1.0
 * @category events
 */
export interface Data<out A> {
  readonly _tag: "Data"
  readonly data: A
}
