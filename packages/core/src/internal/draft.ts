/**
 * JSON to be changed without changing what was given out: what is on the way to a change is copied,
 * once for each draft, and everything else is shared.
 */
import { isObject } from "./json.js"

export type Key = string | number
export type Path = ReadonlyArray<Key>

type List = Array<unknown>
type Fields = { [key: string]: unknown }
type Container = List | Fields
type Merge = readonly [into: Container, from: unknown]

export class Draft {
  readonly #root: Fields
  /** The copies, which nobody else has seen. */
  readonly #copies = new Set<unknown>()

  constructor(data: unknown) {
    this.#root = { data }
    this.#copies.add(this.#root)
  }

  get data(): unknown {
    return this.#root.data
  }

  /** What is at the path, to be changed; `undefined` where there is nothing that could be. */
  at(path: Path): Container | undefined {
    let node = this.#open(this.#root, "data")
    for (const key of path) {
      if (node === undefined) return undefined
      node = this.#open(node, key)
    }
    return node
  }

  /** Merges into what `at` gave: objects by key, lists by index, and of anything else the new. */
  merge(target: Container, source: unknown): void {
    // With a stack of its own, because the peer decides how deep it goes.
    const todo: Array<Merge> = []
    let next: Merge | undefined = [target, source]
    while (next !== undefined) {
      const [into, from]: Merge = next
      for (const [key, value] of entriesOf(from)) {
        const inner = this.#set(into, key, value)
        if (inner !== undefined) todo.push([inner, value])
      }
      next = todo.pop()
    }
  }

  /** Merges one value into a list. */
  put(list: List, index: number, value: unknown): void {
    const inner = this.#set(list, index, value)
    if (inner !== undefined) this.merge(inner, value)
  }

  /** Sets what can be set; what has to be merged instead, is given back. */
  #set(into: Container, key: Key, value: unknown): Container | undefined {
    const inner = isAlike(get(into, key), value) ? this.#open(into, key) : undefined
    if (inner === undefined) set(into, key, value)
    return inner
  }

  #open(node: Container, key: Key): Container | undefined {
    const child = get(node, key)
    const copy = this.#copies.has(child) ? undefined : copyOf(child)
    if (copy === undefined) return isContainer(child) ? child : undefined
    this.#copies.add(copy)
    set(node, key, copy)
    return copy
  }
}

export const isList = (value: unknown): value is List => Array.isArray(value)

const isContainer = (value: unknown): value is Container => isList(value) || isObject(value)

const isAlike = (one: unknown, other: unknown): boolean =>
  (isList(one) && isList(other)) || (isObject(one) && isObject(other))

const copyOf = (value: unknown): Container | undefined =>
  isList(value) ? value.slice() : isObject(value) ? { ...value } : undefined

const entriesOf = (value: unknown): Iterable<readonly [Key, unknown]> =>
  isList(value) ? value.entries() : isObject(value) ? Object.entries(value) : []

/** Only what is the node's own: a path never leads to a prototype. */
const get = (node: Container, key: Key): unknown =>
  isList(node)
    ? typeof key === "number"
      ? node[key]
      : undefined
    : typeof key === "string" && Object.hasOwn(node, key)
      ? node[key]
      : undefined

const set = (node: Container, key: Key, value: unknown): void => {
  if (isList(node)) {
    if (typeof key === "number") node[key] = value
  } else if (key === "__proto__") {
    // Assigned, it would change the prototype.
    Object.defineProperty(node, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true
    })
  } else {
    node[key] = value
  }
}
