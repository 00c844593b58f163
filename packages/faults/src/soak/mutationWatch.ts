/** The invariant that shows at mutations: 8. Both sides say what they know of each, by its key. */
import type { Judge } from "./invariants.js"

/** What is known of one mutation, as bits. */
const bit = { executed: 1, again: 2, unsent: 4, succeeded: 8 } as const

export class MutationWatch {
  /** Bytes rather than objects: a list that only grows would look like a leak. */
  #known = new Uint8Array(1 << 18)
  #made = 0

  constructor(
    readonly judge: Judge,
    readonly endpoint: number
  ) {}

  get made(): number {
    return this.#made
  }

  /** The key of another mutation. */
  next(): number {
    const key = this.#made++
    if (this.#made > this.#known.length) {
      const known = new Uint8Array(2 * this.#known.length)
      known.set(this.#known)
      this.#known = known
    }
    return key
  }

  /** The server has executed it. */
  executed(key: number): void {
    this.#learn(key, (this.#known[key] ?? 0) & bit.executed ? bit.again : bit.executed)
  }

  /** The client says that it never sent it. */
  unsent(key: number): void {
    this.#learn(key, bit.unsent)
  }

  /** The client says that it was executed. */
  succeeded(key: number): void {
    this.#learn(key, bit.succeeded)
  }

  /** When nothing more is on its way. */
  settled(): void {
    for (let key = 0; key < this.#made; key++) {
      const known = this.#known[key] ?? 0
      if (known & bit.succeeded && !(known & bit.executed)) {
        this.#violate(key, "succeeded and was not executed")
      }
    }
  }

  #learn(key: number, news: number): void {
    const known = (this.#known[key] ?? 0) | news
    this.#known[key] = known
    if (news === bit.again) this.#violate(key, "was executed again")
    if (known & bit.unsent && known & bit.executed) {
      this.#violate(key, "was executed, and is said not to have been sent")
    }
  }

  #violate(key: number, what: string): void {
    this.judge.violate(8, `mutation ${key} of endpoint ${this.endpoint} ${what}`)
  }
}
