/**
 * The cursors that were followed, of which two are kept, so that it does not grow with the pages: the
 * last one, and that of the last page whose number is a power of two. Whatever the length of a circle,
 * one of these pages is in it some day, and its cursor comes again (Brent's algorithm).
 */
export interface Trail {
  readonly pages: number
  readonly last: string | undefined
  readonly mark: string | undefined
}

/** @param cursor that of the first page, where it is known */
export const start = (cursor: unknown): Trail => ({
  pages: 0,
  last: typeof cursor === "string" ? cursor : undefined,
  mark: undefined
})

export const leadsBack = (trail: Trail, cursor: string): boolean =>
  cursor === trail.last || cursor === trail.mark

export const extend = (trail: Trail, cursor: string): Trail => {
  const pages = trail.pages + 1
  const isPowerOfTwo = (pages & (pages - 1)) === 0
  return { pages, last: cursor, mark: isPowerOfTwo ? cursor : trail.mark }
}
