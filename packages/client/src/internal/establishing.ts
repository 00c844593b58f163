/**
 * Subscriptions that were sent and that their server has yet to confirm, each for so long at most.
 *
 * They all have the same time, so the first in is the first due, and one fiber waits for that one. Time in which
 * we do not read does not count: what would confirm them may lie unread.
 */
import * as Effect from "effect/Effect"

export interface EstablishingHooks<A> {
  readonly fork: (effect: Effect.Effect<void>) => void
  /** In milliseconds. */
  readonly now: () => number
  /** Hands over what has reached this machine. */
  readonly settle: Effect.Effect<void>
  readonly expired: (subscription: A) => void
}

export class Establishing<A> {
  readonly #deadlines = new Map<A, number>()
  #isWatched = false
  /** When we stopped reading, and for how long we had not read before. */
  #pausedAt: number | undefined = undefined
  #pausedFor = 0

  constructor(
    /** In milliseconds. */
    readonly timeout: number,
    readonly hooks: EstablishingHooks<A>
  ) {}

  add(subscription: A): void {
    this.#deadlines.set(subscription, this.#now + this.timeout)
    if (this.#isWatched) return
    this.#isWatched = true
    this.hooks.fork(this.#watch)
  }

  delete(subscription: A): void {
    this.#deadlines.delete(subscription)
  }

  clear(): void {
    this.#deadlines.clear()
  }

  pause(): void {
    this.#pausedAt ??= this.hooks.now()
  }

  resume(): void {
    if (this.#pausedAt === undefined) return
    this.#pausedFor += this.hooks.now() - this.#pausedAt
    this.#pausedAt = undefined
  }

  /** The time for which we have read. */
  get #now(): number {
    return (this.#pausedAt ?? this.hooks.now()) - this.#pausedFor
  }

  get #watch(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const [deadline] = this.#deadlines.values()
      if (deadline === undefined) {
        this.#isWatched = false
        return Effect.void
      }
      // While we do not read nothing is due, however long that lasts.
      const rest = this.#pausedAt === undefined ? deadline - this.#now : this.timeout
      return Effect.flatMap(Effect.sleep(Math.max(0, rest)), () =>
        Effect.zipRight(this.#isDue(deadline) ? this.#expire : Effect.void, this.#watch)
      )
    })
  }

  #isDue(deadline: number): boolean {
    return this.#pausedAt === undefined && deadline <= this.#now
  }

  /** We may have been too busy to read. */
  get #expire(): Effect.Effect<void> {
    return Effect.map(this.hooks.settle, () => {
      // Not of a copy: where each is due by itself, that would be as many copies of all.
      for (const [subscription, deadline] of this.#deadlines) {
        if (!this.#isDue(deadline)) return
        this.#deadlines.delete(subscription)
        this.hooks.expired(subscription)
      }
    })
  }
}
