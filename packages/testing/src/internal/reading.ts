/** What has arrived at the client's machine, and is read when the client reads. */
import type { VirtualTime } from "../VirtualTime.js"

interface Arrival {
  /** The how manieth it was to be sent. */
  readonly number: number
  readonly read: () => void
}

export class Reading {
  #isPaused = false
  #isReading = false
  #sent = 0
  #unread: Array<Arrival> = []
  /** How many are still handed over although it is paused: what had been read by then. */
  #readAhead = 0
  #readAheadUpTo = 0
  #pausedAt = 0

  constructor(
    readonly time: VirtualTime,
    readonly mostReadAhead: number
  ) {}

  get isPaused(): boolean {
    return this.#isPaused
  }

  pause(): void {
    this.#isPaused = true
    this.#pausedAt = this.time.now()
    // The rest of what had been read when the client asked, and nothing that comes later.
    this.#readAhead = this.#isReading ? this.time.dice.between(0, this.mostReadAhead) : 0
    this.#readAheadUpTo = this.#sent
  }

  /** Until it is paused again, by what it reads. */
  resume(): void {
    this.#isPaused = false
    let next: Arrival | undefined
    while ((next = this.#unread[0]) && this.#isHandedOver(next)) {
      this.#unread.shift()
      this.#handOver(next)
    }
  }

  /** The server has sent something; returns what to do when it has arrived. */
  sent(read: () => void): () => void {
    const arrival = { number: ++this.#sent, read }
    return () => {
      if (this.#isHandedOver(arrival)) this.#handOver(arrival)
      else this.#unread.push(arrival)
    }
  }

  discard(): void {
    this.#unread = []
  }

  #isHandedOver({ number }: Arrival): boolean {
    if (!this.#isPaused) return true
    const wasRead = number <= this.#readAheadUpTo && this.#pausedAt === this.time.now()
    return wasRead && this.#readAhead > 0
  }

  #handOver({ read }: Arrival): void {
    if (this.#isPaused) this.#readAhead--
    const wasReading = this.#isReading
    this.#isReading = true
    read()
    this.#isReading = wasReading
  }
}
