/** What the server has to be subscribed to. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

export const Ticks = Schema.Struct({
  /** Milliseconds between two. */
  every: Schema.Number,
  /** After this one: silence. */
  last: Schema.optional(Schema.NullOr(Schema.Number)),
  /** Characters in each. */
  ballast: Schema.Number
})
export type Ticks = typeof Ticks.Type

/** The numbers from 1 up. */
export const ticks = ({ ballast, every, last }: Ticks): Stream.Stream<object> => {
  const text = "x".repeat(ballast)
  const numbers = Stream.iterate(1, (number) => number + 1).pipe(
    Stream.mapEffect((number) =>
      Effect.as(every > 0 ? Effect.sleep(every) : Effect.void, {
        ticks: { number, ballast: text }
      })
    )
  )
  return typeof last === "number"
    ? Stream.concat(Stream.take(numbers, last), Stream.never)
    : numbers
}
