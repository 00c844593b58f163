/** The server of a `SimulatedNetwork`: the log, what was executed, and who is to be told. */
import type { VirtualTime } from "../VirtualTime.js"
import type { Faults } from "./faults.js"

/** What the server has of each connection. */
export interface ServerSession {
  /** Something was published. */
  readonly flush: () => void
  /** The server was killed. */
  readonly cut: () => void
}

export class SimulatedServer {
  readonly executed = new Map<string, number>()
  readonly sessions = new Set<ServerSession>()
  #published = 0
  #isUp = true

  constructor(
    readonly time: VirtualTime,
    readonly faults: Faults,
    readonly pace: readonly [min: number, max: number]
  ) {}

  get published(): number {
    return this.#published
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Executes the operation of this key, and tells how often that has been done. */
  execute(key: string): number {
    const times = (this.executed.get(key) ?? 0) + 1
    this.executed.set(key, times)
    return times
  }

  kill(): void {
    if (!this.#isUp) return
    this.#isUp = false
    for (const session of Array.from(this.sessions)) session.cut()
    this.time.after(this.time.dice.between(0, 20_000), () => {
      this.#isUp = true
    })
  }

  /** Begins to publish. */
  publish(): void {
    this.time.after(this.time.dice.between(...this.pace), () => {
      // Now and then a burst.
      this.#published += this.time.dice.chance(0.05) ? this.time.dice.between(2, 30) : 1
      for (const session of Array.from(this.sessions)) session.flush()
      this.publish()
    })
  }
}
