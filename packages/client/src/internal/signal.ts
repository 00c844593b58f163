import * as Effect from "effect/Effect"

/** What one fiber waits for: raised from anywhere, and lowered by whoever has seen it. */
export class Signal {
  #isRaised = false
  #wake: ((go: Effect.Effect<void>) => void) | undefined = undefined

  raise(): void {
    this.#isRaised = true
    this.#wake?.(Effect.void)
    this.#wake = undefined
  }

  lower(): void {
    this.#isRaised = false
    this.#wake = undefined
  }

  /** Waits until it is raised, unless it was, and lowers it. */
  get raised(): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      if (this.#isRaised) resume(Effect.void)
      else this.#wake = resume
    }).pipe(Effect.map(() => this.lower()))
  }
}
