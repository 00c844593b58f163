import * as Metrics from "../Metrics.js"
import type { InboxSession } from "./inbox.js"
import type { Registry } from "./registry.js"

/** Where the subscriptions that share an inbox get their results: from one connection, or one each. */
export class Sources implements InboxSession {
  readonly #members = new Map<Registry, number>()
  #isFull = false

  /** One more subscription is of this source. */
  join(source: Registry): void {
    const members = this.#members.get(source) ?? 0
    this.#members.set(source, members + 1)
    if (members === 0 && this.#isFull) source.press(true)
  }

  /** One less. */
  leave(source: Registry): void {
    const members = this.#members.get(source) ?? 0
    if (members > 1) this.#members.set(source, members - 1)
    else if (this.#members.delete(source) && this.#isFull) source.press(false)
  }

  get canPause(): boolean {
    for (const source of this.#members.keys()) if (!source.canPause) return false
    return true
  }

  press(full: boolean): void {
    this.#isFull = full
    for (const source of this.#members.keys()) source.press(full)
  }

  /** Counted for all sources alike. */
  dropped(): void {
    Metrics.dropped.unsafeUpdate(1, [])
  }
}
