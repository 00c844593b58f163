/** One direction of a link: it takes its time, keeps the order, and may lose everything. */
import type { VirtualTime } from "../VirtualTime.js"

export class Pipe {
  #last = -Infinity
  #isLossy = false

  constructor(
    readonly time: VirtualTime,
    readonly latency: readonly [min: number, max: number]
  ) {}

  /** Whether something that is put in now arrives, and no later than latency alone would have it. */
  get isWell(): boolean {
    return !this.#isLossy && this.#last <= this.time.now() + this.latency[1]
  }

  /** Has it arrive after everything before it, or not at all; before this returns, if it takes no time. */
  put(arrive: () => void): void {
    if (this.#isLossy) return
    const now = this.time.now()
    const latency = this.time.dice.between(...this.latency)
    if (latency === 0 && this.#last < now) return arrive()
    this.#last = Math.max(this.#last, now + latency)
    this.time.after(this.#last - now, () => {
      if (!this.#isLossy) arrive()
    })
  }

  /** What is put in from now on waits so long. */
  stall(millis: number): void {
    this.#last = Math.max(this.#last, this.time.now() + millis)
  }

  lose(): void {
    this.#isLossy = true
  }
}
