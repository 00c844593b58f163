/**
 * What arrived on a connection, with the time of each arrival: written by callbacks of the socket, read by
 * any number of fibers, each from where it likes.
 *
 * Times are taken where something arrives, not where somebody gets to see it.
 */
import type { Clock } from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

export type Arrival = Happening & { readonly at: number }

export type Happening =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Binary" }
  | { readonly _tag: "PingFrame" }
  | { readonly _tag: "PongFrame"; readonly data: string }
  | End

/** The last arrival. */
export interface End {
  readonly _tag: "End"
  /** 1006 where there was no close frame. */
  readonly code: number
  readonly reason: string
  /** When the peer's close frame was there; `undefined` without one. */
  readonly closeFrameAt: number | undefined
  /** How it ended, where there was no close frame: `FIN`, or what the operating system calls it. */
  readonly how: string
}

export type Ended = End & { readonly at: number }

/** The connection ended while something was waited for. */
export class LineEnded extends Data.TaggedError("LineEnded")<{
  readonly end: Ended
}> {}

/** Nobody who has subscribed to nothing is sent more. */
const capacity = 10_000

export class Transcript {
  readonly #arrivals: Array<Arrival> = []
  readonly #waiting = new Set<() => void>()

  constructor(readonly clock: Clock) {}

  /** Milliseconds on a clock that only grows. */
  now(): number {
    return Number(this.clock.unsafeCurrentTimeNanos()) / 1e6
  }

  /** Whether there was room for it. */
  add(arrival: Happening): boolean {
    if (this.end !== undefined) return true
    if (this.#arrivals.length >= capacity && arrival._tag !== "End") return false
    this.#arrivals.push({ ...arrival, at: this.now() })
    for (const wake of Array.from(this.#waiting)) wake()
    return true
  }

  get length(): number {
    return this.#arrivals.length
  }

  get end(): Ended | undefined {
    const last = this.#arrivals.at(-1)
    return last?._tag === "End" ? last : undefined
  }

  /** How long before its end nothing arrived any more; `undefined` if it goes on, or nothing ever did. */
  get silentMs(): number | undefined {
    const before = this.#arrivals.at(-2)
    return before === undefined || this.end === undefined ? undefined : this.end.at - before.at
  }

  since(index: number): ReadonlyArray<Arrival> {
    return this.#arrivals.slice(index)
  }

  /**
   * The first arrival from an index on that is what is looked for, as what `pick` makes of it. It waits for
   * as long as there is a connection: the bound is the caller's.
   */
  find<A>(
    from: number,
    pick: (arrival: Arrival, index: number) => A | undefined
  ): Effect.Effect<A, LineEnded> {
    return Effect.async((resume) => {
      let index = from
      const look = (): void => {
        for (; index < this.#arrivals.length; index++) {
          const arrival = this.#arrivals[index]
          const found = arrival === undefined ? undefined : pick(arrival, index)
          if (found !== undefined) return done(Effect.succeed(found))
        }
        if (this.end !== undefined) done(Effect.fail(new LineEnded({ end: this.end })))
      }
      const done = (outcome: Effect.Effect<A, LineEnded>): void => {
        this.#waiting.delete(look)
        resume(outcome)
      }
      this.#waiting.add(look)
      look()
      return Effect.sync(() => this.#waiting.delete(look))
    })
  }

  /** Its end, when it comes. */
  readonly ended: Effect.Effect<Ended> = Effect.suspend(() =>
    this.find<never>(this.length, () => undefined).pipe(
      Effect.catchAll(({ end }) => Effect.succeed(end))
    )
  )
}
