/** The life of a connection, whatever it is made of. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Loss from "./loss.js"
import type { Link, Live, Operations, Transport } from "./transport.js"

/** A connection as whoever makes it sees it. */
export interface Connecting extends Link {
  /** Ends when the server has acknowledged; fails when that takes too long. */
  readonly connect: Effect.Effect<void, Loss.Failure>
  /** Until the connection is over. Uninterruptible but for the wait itself. */
  readonly live: (
    observe: (live: Live) => void,
    restore: Restore
  ) => Effect.Effect<void, Loss.Failure>
  /** Ends the keepalive. */
  readonly unwatch: Effect.Effect<void>
  /** Takes at most `closeTimeout`; then there is nothing left of it. */
  readonly close: Effect.Effect<void>
}

/** Has a wait be interruptible. */
export type Restore = <A, E>(wait: Effect.Effect<A, E>) => Effect.Effect<A, E>

/**
 * Connects and serves the operations until the connection ends.
 *
 * A live connection may last for days, and there may be thousands. While it does, all there is of this
 * on the fiber's stack is the wait for its end, and what follows it.
 */
export const run =
  (make: (operations: Operations, clock: Clock.Clock) => Connecting): Transport["run"] =>
  (operations, attempt, observe) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.clock, (clock) => {
        const connection = make(operations, clock)
        operations.attached(connection)
        // Outside of `restore`: no interrupt can fall between the connection and its end.
        const end = (exit: Exit.Exit<void, Loss.Failure>) =>
          connection.unwatch.pipe(
            Effect.zipRight(Effect.sync(() => operations.ended(connection, exit))),
            Effect.ensuring(connection.close),
            Effect.zipRight(exit)
          )
        return Effect.matchCauseEffect(
          Effect.suspend(() =>
            Effect.zipRight(
              restore(traced(connection.connect, attempt)),
              Effect.suspend(() => connection.live(observe, restore))
            )
          ),
          { onFailure: (cause) => end(Exit.failCause(cause)), onSuccess: () => end(Exit.void) }
        )
      })
    )

/** A trace of its own: whoever happened to need the connection first is not its cause. */
const traced = <A, E>(establish: Effect.Effect<A, E>, attempt: number): Effect.Effect<A, E> =>
  Effect.withSpan(establish, "graphql.connect", {
    kind: "client",
    root: true,
    captureStackTrace: false,
    attributes: { "graphql.client.attempt": attempt }
  })
