/** What many subscriptions are to do, as simply as it can be said. */

export const keys = ["a", "b", "c"] as const

export type Key = (typeof keys)[number]

/** One that was begun and of which more may be told. */
interface Begun {
  readonly id: string
  /** Whether the server has ended it. */
  isOver: boolean
}

type Held = "gap" | { readonly key: Key; readonly id: string; readonly says: Says }

/** Data, or an end. */
type Says = { readonly data: number } | { readonly end: string }

export class ManyModel {
  readonly #begun = new Map<Key, Begun>()
  #held: Array<Held> = []
  /** What the server of the current connection has been told of. */
  #completed = new Set<string>()

  get keys(): ReadonlyArray<Key> {
    return Array.from(this.#begun)
      .filter(([, { isOver }]) => !isOver)
      .map(([key]) => key)
  }

  get completed(): ReadonlyArray<string> {
    return Array.from(this.#completed).sort()
  }

  add(key: Key, id: string): void {
    this.remove(key)
    this.#begun.set(key, { id, isOver: false })
  }

  remove(key: Key): void {
    const begun = this.#begun.get(key)
    this.#begun.delete(key)
    if (begun && !begun.isOver) this.#completed.add(begun.id)
    // With it may go all that stood between two losses, which are then one gap.
    this.#held = this.#held.filter((held) => held === "gap" || held.key !== key)
  }

  /** The server says something of an operation that it knows by this id. */
  heard(key: Key, id: string, says: Says, isLast: boolean): void {
    const begun = this.#begun.get(key)
    if (begun?.id !== id || begun.isOver) return
    begun.isOver = isLast
    this.#held.push({ key, id, says })
  }

  lose(): void {
    this.#completed = new Set()
    if (this.keys.length > 0 && this.#held.at(-1) !== "gap") this.#held.push("gap")
  }

  take(): ReadonlyArray<string> {
    const told: Array<string> = []
    for (const held of this.#held.splice(0)) {
      if (held === "gap") told.push("gap")
      else if (this.#begun.get(held.key)?.id === held.id) told.push(this.#tell(held))
    }
    return told
  }

  close(): void {
    for (const key of keys) this.remove(key)
  }

  #tell({ key, says }: Exclude<Held, "gap">): string {
    if ("data" in says) return `${key}: ${says.data}`
    this.remove(key)
    return `${key} ${says.end}`
  }
}
