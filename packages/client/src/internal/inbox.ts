/**
 * What a subscription holds between the socket's callback, which puts results in synchronously, and
 * the subscriber's fiber, which takes all there are at once.
 *
 * It is written by hand because everything else costs several times as much for each of ten thousand
 * subscriptions (`docs/decisions`).
 */
import type { ExecutionResult } from "@fiberline/core/Message"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { BufferLimits } from "./options.js"

/** Why there will be no more: `None` for a regular end. */
export type End<E> = Cause.Cause<Option.Option<E>>

/** Where a `suspend` inbox says that it is full, and that it is no longer. */
export interface Pressure {
  readonly canPause: boolean
  readonly press: (full: boolean) => void
}

export class Inbox<E> {
  #results: Array<ExecutionResult> = []
  #end: End<E> | undefined = undefined
  #pressing = false
  #wake: ((take: Effect.Effect<Array<ExecutionResult>, Option.Option<E>>) => void) | undefined =
    undefined

  constructor(
    readonly limits: BufferLimits,
    readonly pressure: Pressure
  ) {}

  get isFull(): boolean {
    return this.#results.length >= this.limits.capacity
  }

  /** Puts a result in. `false` if the subscription cannot go on without losing it. */
  offer(result: ExecutionResult): boolean {
    if (this.#end !== undefined) return true
    if (this.isFull) {
      switch (this.limits.strategy) {
        case "suspend":
          if (!this.pressure.canPause) return false
          break
        case "fail":
          return false
        case "dropping":
          return true
        case "sliding":
          this.#results.shift()
      }
    }
    this.#results.push(result)
    if (this.isFull && this.limits.strategy === "suspend") this.#press(true)
    this.#wakeUp()
    return true
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
  readonly take: Effect.Effect<Array<ExecutionResult>, Option.Option<E>> = Effect.suspend(() => {
    if (this.#results.length > 0) return Effect.succeed(this.#drain())
    if (this.#end !== undefined) return Effect.failCause(this.#end)
    return Effect.async((resume) => {
      if (this.#wake !== undefined) {
        return resume(Effect.dieMessage("a subscription was taken from by two fibers at once"))
      }
      this.#wake = resume
      return Effect.sync(() => {
        this.#wake = undefined
      })
    })
  })

  #drain(): Array<ExecutionResult> {
    const results = this.#results
    this.#results = []
    this.#press(false)
    return results
  }

  #press(pressing: boolean): void {
    if (pressing === this.#pressing) return
    this.#pressing = pressing
    this.pressure.press(pressing)
  }

  /** Lets the fiber take when it runs, by when the rest of a burst has arrived too. */
  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.(this.take)
  }
}
