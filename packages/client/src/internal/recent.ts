/**
 * What was made of keys, for as many of them as were used last: a program may make its keys at run time,
 * without end.
 */
export class Recent<K, V extends NonNullable<unknown>> {
  readonly #values = new Map<K, V>()

  /** @param most how many are remembered */
  constructor(readonly most: number) {}

  /** What is remembered of a key, or made of it now. A key for which `make` throws is not remembered. */
  of(key: K, make: (key: K) => V): V {
    const value = this.#values.get(key) ?? make(key)
    // The one used last is the one forgotten last.
    this.#values.delete(key)
    this.#values.set(key, value)
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.most) break
      this.#values.delete(oldest)
    }
    return value
  }
}
