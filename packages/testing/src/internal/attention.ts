import type { VirtualTime } from "../VirtualTime.js"

/** What a server does at once or, while it is frozen, when it has thawed. */
export class Attention {
  #unheeded: Array<() => void> | undefined = undefined

  constructor(readonly time: VirtualTime) {}

  get isFrozen(): boolean {
    return this.#unheeded !== undefined
  }

  heed(task: () => void): void {
    if (this.#unheeded) this.#unheeded.push(task)
    else task()
  }

  freeze(millis: number): void {
    this.#unheeded ??= []
    this.time.after(millis, () => {
      const unheeded = this.#unheeded ?? []
      this.#unheeded = undefined
      for (const task of unheeded) task()
    })
  }
}
