/** What objects remember whose fields are private. */
import { vi } from "vitest"

type Collection = Map<unknown, unknown> | Set<unknown>

/** What is made, with every map and set that was made for it. */
export const recorded = <A>(
  make: () => A
): { readonly value: A; readonly collections: ReadonlyArray<Collection> } => {
  const collections: Array<Collection> = []
  class RecordedMap<K, V> extends Map<K, V> {
    constructor(entries?: Iterable<readonly [K, V]>) {
      super(entries ?? [])
      collections.push(this)
    }
  }
  class RecordedSet<A> extends Set<A> {
    constructor(values?: Iterable<A>) {
      super(values ?? [])
      collections.push(this)
    }
  }
  vi.stubGlobal("Map", RecordedMap)
  vi.stubGlobal("Set", RecordedSet)
  try {
    return { value: make(), collections }
  } finally {
    vi.unstubAllGlobals()
  }
}

/** What is in them. */
export const leftBehind = (collections: ReadonlyArray<Collection>): ReadonlyArray<unknown> =>
  collections.flatMap((collection): ReadonlyArray<unknown> => [...collection])
