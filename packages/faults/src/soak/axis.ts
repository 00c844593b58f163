/** Axes: where a value stands, which values are named, and how. */

export type Scale = (value: number) => number

/** Takes one range onto another. */
export const scaleOf = (
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number]
): Scale => {
  const span = to - from === 0 ? 1 : to - from
  return (value) => start + ((value - from) / span) * (end - start)
}

/** Round values that cover a range, about so many. With a base of 60, round for a clock. */
export const ticksOf = (
  from: number,
  to: number,
  count: number,
  base: 10 | 60 = 10
): ReadonlyArray<number> => {
  const rough = (to - from) / count
  const steps =
    base === 60
      ? [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400]
      : [1, 2, 2.5, 5, 10].map((step) => step * 10 ** Math.floor(Math.log10(rough)))
  const step = steps.find((step) => step >= rough) ?? Math.ceil(rough / 3600) * 3600
  // The last one of a clock does not lie beyond the end; that of a value covers it.
  const most = base === 60 ? Math.floor(to / step) : Math.ceil(to / step)
  return Array.from({ length: most + 1 }, (_, index) => from + index * step)
}

/** As short as can be. */
export const format = (value: number): string => String(Math.round(value * 10) / 10)

/** Minutes and seconds. */
export const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`
