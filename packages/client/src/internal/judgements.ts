import type { Document } from "../Operation.js"

/** Documents that are text are made at run time by some programs, without end. */
const capacity = 1000

/** What was said of documents: each is judged once, by what it is rather than by what it says. */
export class Judgements<A> {
  readonly #ofObjects = new WeakMap<object, { readonly value: A }>()
  readonly #ofTexts = new Map<string, { readonly value: A }>()

  constructor(private readonly judge: (document: Document) => A) {}

  of(document: Document): A {
    if (typeof document === "object") {
      const known = this.#ofObjects.get(document)
      if (known) return known.value
      const value = this.judge(document)
      this.#ofObjects.set(document, { value })
      return value
    }
    const known = this.#ofTexts.get(document)
    if (known) return known.value
    const value = this.judge(document)
    const [oldest] = this.#ofTexts.keys()
    if (oldest !== undefined && this.#ofTexts.size >= capacity) this.#ofTexts.delete(oldest)
    this.#ofTexts.set(document, { value })
    return value
  }
}
