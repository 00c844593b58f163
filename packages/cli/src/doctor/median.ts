/** The middle of some numbers; `null` if there is none. */
export const median = (numbers: ReadonlyArray<number>): number | null => {
  const sorted = Array.from(numbers).sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1]
  const lower = sorted[(sorted.length - 1) >> 1]
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2
}
