import type { VirtualTime } from "../VirtualTime.js"

/** What a server does at once or, while it is frozen, when it has thawed; nothing once it is over. */
export class Attention {
  #unheeded: Array<() => void> | undefined = undefined
  #isOver = false

  constructor(readonly time: VirtualTime) {}

  get isWell(): boolean {
    return this.#unheeded === undefined && !this.#isOver
  }

  end(): void {
    this.#isOver = true
  }

  heed(task: () => void): void {
    if (this.#unheeded) this.#unheeded.push(task)
    else if (!this.#isOver) task()
  }

  freeze(millis: number): void {
    this.#unheeded ??= []
    this.time.after(millis, () => {
      const unheeded = this.#unheeded ?? []
      this.#unheeded = undefined
      for (const task of unheeded) this.heed(task)
    })
  }
}
