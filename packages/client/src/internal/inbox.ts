/**
 * What a subscription holds between the socket's callback, which puts results in synchronously, and
 * the subscriber's fiber, which takes all there are at once (`pull.ts`).
 *
 * It is written by hand because everything else costs several times as much for each of ten thousand
 * subscriptions (`docs/decisions`).
 */
import type * as Cause from "effect/Cause"
import type * as Option from "effect/Option"
import type { BufferLimits } from "./options.js"

/** Why there will be no more: `None` for a regular end. */
export type End<E> = Cause.Cause<Option.Option<E>>

/** What an inbox tells its session. */
export interface InboxSession {
  readonly canPause: boolean
  /** A `suspend` inbox is full, or no longer. */
  readonly press: (full: boolean) => void
  /** An element was dropped. */
  readonly dropped: () => void
}

/** Who takes from an inbox. */
export interface InboxReader<in A> {
  /** There is something to take, or an end. */
  readonly wake: () => void
  /** Whether it can do without an element where there is no room for all. */
  readonly canMiss: (element: A) => boolean
}

export class Inbox<A, E> {
  #elements: Array<A> = none
  #end: End<E> | undefined = undefined
  #pressing = false

  constructor(
    readonly limits: BufferLimits,
    readonly session: InboxSession,
    readonly reader: InboxReader<A>
  ) {}

  /** Set once there will be no more, though what came before may still be held. */
  get ended(): End<E> | undefined {
    return this.#end
  }

  /** Puts an element in. `false` if the subscription cannot go on without losing it. */
  offer(element: A): boolean {
    if (this.#end !== undefined) return true
    const { capacity, strategy } = this.limits
    if (this.#elements.length >= capacity) {
      switch (strategy) {
        case "suspend":
          if (!this.session.canPause) return false
          break
        case "fail":
          return false
        case "dropping":
          this.session.dropped()
          return true
        case "sliding":
          this.#dropOldest()
      }
    }
    const held = this.#push(element)
    if (held >= capacity && strategy === "suspend") this.#press(true)
    // Nobody waits while there is something to take.
    if (held === 1) this.reader.wake()
    return true
  }

  /**
   * Puts in an element that must not be lost, whatever the capacity. Where nothing stands between it
   * and another such element, the two are made one, so that there are never more than can be told
   * apart.
   */
  mark(element: A, merge: (last: A) => A | undefined): void {
    if (this.#end !== undefined) return
    const last = this.#elements.at(-1)
    const merged = last === undefined ? undefined : merge(last)
    if (merged !== undefined) this.#elements[this.#elements.length - 1] = merged
    else {
      const { capacity, strategy } = this.limits
      if (this.#elements.length >= capacity && strategy === "sliding") this.#dropOldest()
      this.#push(element)
    }
    this.reader.wake()
  }

  /** The first end counts. What is held is still delivered before it. */
  end(cause: End<E>): void {
    if (this.#end !== undefined) return
    this.#end = cause
    this.#press(false)
    this.reader.wake()
  }

  /** Forgets what is held: the subscriber has left. */
  discard(): void {
    this.#drain()
  }

  /** Forgets what nobody will want any more, and makes room. */
  forget(isGone: (element: A) => boolean): void {
    const left = this.#elements.filter((element) => !isGone(element))
    if (left.length === this.#elements.length) return
    this.#elements = left
    if (left.length < this.limits.capacity) this.#press(false)
  }

  get isEmpty(): boolean {
    return this.#elements.length === 0
  }

  /** All there is, in order, in an array of the caller's own. */
  poll(): Array<A> {
    return this.#drain()
  }

  /** Returns how many there are then. */
  #push(element: A): number {
    // The first in an array made for it: one that is pushed to has room for seventeen. Not by a literal:
    // V8 comes to make those where only a full collection finds them, with all that they hold.
    if (this.#elements.length > 0) return this.#elements.push(element)
    this.#elements = Array.of(element)
    return 1
  }

  #dropOldest(): void {
    const oldest = this.#elements.findIndex((element) => this.reader.canMiss(element))
    if (oldest < 0) return
    this.session.dropped()
    this.#elements.splice(oldest, 1)
  }

  #drain(): Array<A> {
    const elements = this.#elements
    this.#elements = none
    this.#press(false)
    return elements
  }

  #press(pressing: boolean): void {
    if (pressing === this.#pressing) return
    this.#pressing = pressing
    this.session.press(pressing)
  }
}

/** What an empty inbox holds; never pushed to. */
const none: Array<never> = []
