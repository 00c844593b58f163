/**
 * What an operation gives, fails with and needs, in every method of a client and in every mode of errors. The
 * tables say what is expected; `*Documents.tst.ts` have each cell of them.
 */
import type { NetworkError } from "@fiberline/client/NetworkError"
import type { Result } from "@fiberline/client/Operation"
import type { EncodeError, OperationError, OverflowError } from "@fiberline/client/OperationError"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import type { Event, Subscription } from "@fiberline/client/Subscription"
import type { Subscriptions } from "@fiberline/client/Subscriptions"
import type { Chunk } from "effect/Chunk"
import type { Effect } from "effect/Effect"
import type { Either } from "effect/Either"
import type { Scope } from "effect/Scope"
import type { Stream } from "effect/Stream"

/** What any operation can fail with, in whatever mode. */
type Base = NetworkError | ProtocolError | EncodeError

/**
 * A query or mutation in each mode of `errors`.
 *
 * @template A its data
 * @template D what decoding it fails with
 * @template R what it needs
 */
export interface Once<A, D, R> {
  throw: Effect<A, Base | OperationError | D, R>
  inline: Effect<Result<A>, Base | D, R>
}

/** What `f` of `runForEach` gives. */
export declare const own: Effect<number, "own", "Own">

/** A subscription of elements `A`, which fails with `E`, in each method. */
interface Methods<A, E, R, V> {
  element: A
  chunk: Chunk<A>
  subscribe: Stream<A, E, R>
  subscribeEvents: Stream<Event<A>, E, R>
  runForEach: Effect<void, E | "own", R | "Own">
  subscription: Effect<Subscription<A, E, R>, EncodeError, R | Scope>
  subscribeMany: Effect<Subscriptions<string, V, A, E, R>, never, R | Scope>
}

/** The same in each mode, of `errors` first and then of `decodeErrors`. */
export interface Many<A, D, R, V> {
  throw: Methods<A, Base | OverflowError | OperationError | D, R, V>
  inline: Methods<Result<A>, Base | OverflowError | D, R, V>
  decode: Methods<Either<A, D>, Base | OverflowError | OperationError, R, V>
  both: Methods<Either<Result<A>, D>, Base | OverflowError, R, V>
}

const variables = { id: "1" }

/** The options of each mode; without variables, and with. */
export const as = {
  inline: { errors: "inline" },
  decode: { decodeErrors: "inline" },
  both: { errors: "inline", decodeErrors: "inline" }
} as const
export const by = {
  throw: { variables },
  inline: { variables, ...as.inline },
  decode: { variables, ...as.decode },
  both: { variables, ...as.both }
}

/** What `subscribeMany` begins with. */
export const first = new Map([["a", variables]])
export const none = new Map([["a", {}]])
