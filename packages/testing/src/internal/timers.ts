/** Timers in the order of their time, and of their setting where the time is the same: a binary heap. */
export interface Timer {
  readonly at: number
  readonly order: number
  /** `undefined` once it is called off: taking it out of the middle would cost more than leaving it. */
  task: (() => void) | undefined
}

export class Timers {
  readonly #heap: Array<Timer> = []
  #order = 0
  #pending = 0

  /** How many are set and not called off. */
  get pending(): number {
    return this.#pending
  }

  set(at: number, task: () => void): Timer {
    const timer: Timer = { at, order: this.#order++, task }
    this.#pending++
    this.#rise(timer, this.#heap.push(timer) - 1)
    return timer
  }

  cancel(timer: Timer): void {
    if (timer.task === undefined) return
    timer.task = undefined
    this.#pending--
  }

  /** Takes the next one out and gives its time and task. */
  next(): { readonly at: number; readonly task: () => void } | undefined {
    while (true) {
      const timer = this.#pop()
      if (timer === undefined) return undefined
      const { at, task } = timer
      if (task === undefined) continue
      timer.task = undefined
      this.#pending--
      return { at, task }
    }
  }

  #pop(): Timer | undefined {
    const [first] = this.#heap
    const last = this.#heap.pop()
    if (last !== undefined && last !== first) this.#sink(last)
    return first
  }

  #rise(timer: Timer, from: number): void {
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = this.#heap[above]
      if (parent === undefined || isBefore(parent, timer)) break
      this.#heap[index] = parent
      index = above
    }
    this.#heap[index] = timer
  }

  #sink(timer: Timer): void {
    let index = 0
    while (true) {
      let below = 2 * index + 1
      let child = this.#heap[below]
      if (child === undefined) break
      const right = this.#heap[below + 1]
      if (right !== undefined && isBefore(right, child)) {
        child = right
        below++
      }
      if (isBefore(timer, child)) break
      this.#heap[index] = child
      index = below
    }
    this.#heap[index] = timer
  }
}

const isBefore = (a: Timer, b: Timer): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order)
