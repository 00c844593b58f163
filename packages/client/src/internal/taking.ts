/** Taking batch after batch, until there are no more. */
import * as Channel from "effect/Channel"
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Batch } from "./pull.js"

/** Runs an effect for each batch. */
export const forEachBatch = <A, E, R, B, E2, R2>(
  take: Batch<A, E, R>,
  f: (batch: Chunk.Chunk<A>) => Effect.Effect<B, E2, R2>
): Effect.Effect<void, E | E2, R | R2> => {
  const next = untilNone(take)
  const loop: Effect.Effect<void, E | E2, R | R2> = Effect.flatMap(next, (batch) =>
    batch === undefined ? Effect.void : Effect.flatMap(f(batch), () => loop)
  )
  return loop
}

/**
 * `Stream.repeatEffectChunkOption` in fewer steps: that one unfolds a state, of which there is none
 * here, and wraps each step in a channel of its own.
 *
 * @param begin gives what to take from
 */
export const streamOf = <A, E, R, E2, R2>(
  begin: Effect.Effect<Batch<A, E, R>, E2, R2>
): Stream.Stream<A, E | E2, R | R2> =>
  Stream.fromChannel(
    Channel.flatMap(Channel.fromEffect(begin), (take) => {
      const next = Channel.fromEffect(untilNone(take))
      const loop: Channel.Channel<
        Chunk.Chunk<A>,
        unknown,
        E,
        unknown,
        unknown,
        unknown,
        R
      > = Channel.flatMap(next, (batch) =>
        batch === undefined ? Channel.void : Channel.flatMap(Channel.write(batch), () => loop)
      )
      return loop
    })
  )

const untilNone = <A, E, R>(
  take: Batch<A, E, R>
): Effect.Effect<Chunk.Chunk<A> | undefined, E, R> => Effect.catchAll(take, noneToUndefined)

const noneToUndefined: <E>(end: Option.Option<E>) => Effect.Effect<undefined, E> = Option.match({
  onNone: () => Effect.succeed(undefined),
  onSome: (error) => Effect.fail(error)
})
