/**
 * When this process did not run: a program that does not run cannot notice anything, so that time is
 * nobody's fault. It is what the timers of a busy machine, and collecting the garbage, come to.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { now } from "../clock.js"
import { bounds, tolerance } from "./bounds.js"

/** How often it is looked whether the process runs. */
const beat = 20

/** Later than this is a stall. */
const noticeable = 10

/** Nothing that is judged takes longer. */
const kept = 60_000

export class Lag {
  #stalls: Array<{ readonly from: number; readonly to: number }> = []
  #longest = 0
  /** When it should run next. */
  #due = Infinity

  /** The longest that the process did not run. */
  get longest(): number {
    return this.#longest
  }

  /** It runs, and should do so again at `due`. */
  runs(at: number, due: number): void {
    if (at - this.#due > noticeable) this.#stalled(this.#due, at)
    this.#due = due
  }

  #stalled(from: number, to: number): void {
    this.#longest = Math.max(this.#longest, to - from)
    this.#stalls.push({ from, to })
    if (to - (this.#stalls[0]?.to ?? to) > 2 * kept) {
      this.#stalls = this.#stalls.filter((stall) => to - stall.to <= kept)
    }
  }

  /**
   * What may lie between two times that are a bound apart. A keepalive timer that is late by a whole
   * `timeout` has the peer asked once more, so such a stall earns another of them.
   */
  allowed(from: number, to: number, bound: number): number {
    let late = 0
    // A stall may have ended this very moment, and the timer that would tell run next.
    for (const stall of [...this.#stalls, { from: this.#due, to }]) {
      const overlap = Math.min(to, stall.to) - Math.max(from, stall.from)
      if (overlap > 0) late += overlap
      if (overlap >= bounds.timeout) late += bounds.timeout
    }
    return bound + tolerance + late
  }
}

/** Watches until the scope closes. */
export const watch: Effect.Effect<Lag, never, Scope.Scope> = Effect.gen(function* () {
  const lag = new Lag()
  yield* Effect.sync(() => lag.runs(now(), now() + beat)).pipe(
    Effect.delay(beat),
    Effect.forever,
    Effect.forkScoped
  )
  return lag
})
