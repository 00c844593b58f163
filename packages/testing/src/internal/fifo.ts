/** First in, first out, without what `Array.shift` costs. */
export class Fifo<A> {
  #items: Array<A | undefined> = []
  #head = 0

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  push(item: A): void {
    this.#items.push(item)
  }

  shift(): A | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    }
    return item
  }
}
