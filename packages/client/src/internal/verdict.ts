/**
 * What is decided once, by whoever comes first, and waited for.
 *
 * By hand because a `Deferred` is 700 bytes, most of them a shape of its own, and the canceler of a wait
 * for one has the waiting fiber hold another 2 kB. A connection has several, and waits for one of them
 * for as long as it lives.
 */
import * as Effect from "effect/Effect"

type Resume<A, E> = (decision: Effect.Effect<A, E>) => void

const nobody: ReadonlyArray<never> = []

export class Verdict<A, E = never> {
  #decision: Effect.Effect<A, E> | undefined = undefined
  #waiting: ReadonlyArray<Resume<A, E>> = nobody

  get isDecided(): boolean {
    return this.#decision !== undefined
  }

  /** The first decision counts. */
  decide(decision: Effect.Effect<A, E>): void {
    if (this.#decision !== undefined) return
    this.#decision = decision
    const waiting = this.#waiting
    this.#waiting = nobody
    for (const resume of waiting) resume(decision)
  }

  /** Waits for the decision. */
  get decided(): Effect.Effect<A, E> {
    return Effect.async((resume) => {
      if (this.#wait(resume)) return
      return Effect.sync(() => {
        this.#waiting = this.#waiting.filter((other) => other !== resume)
      })
    })
  }

  /**
   * The same, for a fiber that goes on to whatever ends this very thing. An interrupted one is
   * remembered until then, in vain: to resume a fiber that waits no more does nothing.
   */
  get decidedAtLast(): Effect.Effect<A, E> {
    return Effect.async((resume) => void this.#wait(resume))
  }

  /** Whether there was no need to wait. */
  #wait(resume: Resume<A, E>): boolean {
    // A spread, or a push, leaves room for sixteen more.
    if (this.#decision === undefined) this.#waiting = this.#waiting.concat(resume)
    else resume(this.#decision)
    return this.#decision !== undefined
  }
}
