/** What several rounds come to. */

/** `null` where nothing was measured. */
export type Series = ReadonlyArray<number | null>

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Over the rounds in which something was measured; `undefined` if there is none. */
export const spreadOf = (series: Series): Spread | undefined => {
  const values = series.filter((value) => value !== null).sort((a, b) => a - b)
  const middle = values.length / 2
  const low = values[Math.ceil(middle) - 1]
  const high = values[Math.floor(middle)]
  const [min] = values
  const max = values.at(-1)
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    return undefined
  }
  return { median: (low + high) / 2, min, max }
}

/** Round by round, what a series is to another one. */
export const ratios = (series: Series, base: Series): Series =>
  series.map((value, round) => {
    const by = base[round] ?? null
    return value === null || by === null || by === 0 ? null : value / by
  })

/** The same things, beginning with another one. */
export const rotated = <A>(all: ReadonlyArray<A>, by: number): ReadonlyArray<A> => {
  const at = all.length === 0 ? 0 : by % all.length
  return [...all.slice(at), ...all.slice(0, at)]
}
