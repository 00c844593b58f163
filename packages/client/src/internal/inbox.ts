/**
 * What a subscription holds between the socket's callback, which puts results in synchronously, and
 * the subscriber's fiber, which takes all there are at once.
 *
 * It is written by hand because everything else costs several times as much for each of ten thousand
 * subscriptions (`docs/decisions`).
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
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

export class Inbox<A, E> {
  #elements: Array<A> = []
  #end: End<E> | undefined = undefined
  #pressing = false
  #wake: ((take: Effect.Effect<Array<A>, Option.Option<E>>) => void) | undefined = undefined

  constructor(
    readonly limits: BufferLimits,
    readonly session: InboxSession
  ) {}

  get isFull(): boolean {
    return this.#elements.length >= this.limits.capacity
  }

  /** Puts an element in. `false` if the subscription cannot go on without losing it. */
  offer(element: A): boolean {
    if (this.#end !== undefined) return true
    if (this.isFull) {
      switch (this.limits.strategy) {
        case "suspend":
          if (!this.session.canPause) return false
          break
        case "fail":
          return false
        case "dropping":
          this.session.dropped()
          return true
        case "sliding":
          this.session.dropped()
          this.#elements.shift()
      }
    }
    this.#elements.push(element)
    if (this.isFull && this.limits.strategy === "suspend") this.#press(true)
    this.#wakeUp()
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
      if (this.isFull && this.limits.strategy === "sliding") {
        this.session.dropped()
        this.#elements.shift()
      }
      this.#elements.push(element)
    }
    this.#wakeUp()
  }

  /** The first end counts. What is held is still delivered before it. */
  end(cause: End<E>): void {
    if (this.#end !== undefined) return
    this.#end = cause
    this.#press(false)
    this.#wakeUp()
  }

  /** Forgets what is held: the subscriber has left. */
  discard(): void {
    this.#drain()
  }

  /** All there is, at least one; waits for it. For one fiber at a time. */
  readonly take: Effect.Effect<Array<A>, Option.Option<E>> = Effect.suspend(() => {
    if (this.#elements.length > 0) return Effect.succeed(this.#drain())
    if (this.#end !== undefined) return Effect.failCause(this.#end)
    return Effect.async((resume) => {
      // Between looking and waiting lies an instruction, in which there was nobody to wake.
      if (this.#elements.length > 0 || this.#end !== undefined) return resume(this.take)
      // An interrupt may have reached the last fiber before its canceler was in place. If it did not,
      // there are two, which was never meant.
      this.#wake?.(Effect.dieMessage("a subscription was taken from by two fibers at once"))
      this.#wake = resume
      return Effect.sync(() => {
        if (this.#wake === resume) this.#wake = undefined
      })
    })
  })

  #drain(): Array<A> {
    const elements = this.#elements
    this.#elements = []
    this.#press(false)
    return elements
  }

  #press(pressing: boolean): void {
    if (pressing === this.#pressing) return
    this.#pressing = pressing
    this.session.press(pressing)
  }

  /** Lets the fiber take when it runs, by when the rest of a burst has arrived too. */
  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.(this.take)
  }
}
