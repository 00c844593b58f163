import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Milliseconds, with fractions, on a clock that only grows. */
export const nowMs: Effect.Effect<number> = Effect.map(
  Clock.currentTimeNanos,
  (nanos) => Number(nanos) / 1e6
)
