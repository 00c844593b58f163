/** How many results there may be in a row before others have their turn. */
export const burst = 256

/**
 * When a connection's iterators may be asked for their next results: not while an inbox presses, and
 * not for so long that nothing else runs. An iterator that always has a result is asked again in a
 * microtask, and as long as there are those, no timer of the program's fires.
 */
export class Turns {
  #isPaused = false
  #isResting = false
  #taken = 0
  #waiting: Array<() => void> = []

  /** @param rest calls back once all that was due had its turn */
  constructor(readonly rest: (rested: () => void) => void) {}

  /** Takes a turn: `undefined`, or what to wait for before another attempt. */
  take(): Promise<void> | undefined {
    if (!this.#isPaused && !this.#isResting && this.#taken++ < burst) return undefined
    if (!this.#isPaused && !this.#isResting) this.#begin()
    return new Promise((resume) => this.#waiting.push(resume))
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    if (!this.#isResting) this.#wake()
  }

  #begin(): void {
    this.#isResting = true
    this.rest(() => {
      this.#isResting = false
      this.#taken = 0
      if (!this.#isPaused) this.#wake()
    })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}
