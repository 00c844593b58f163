/** Whether something stays as it is, or grows. */

export interface Point {
  /** Seconds since the run began. */
  readonly at: number
  readonly value: number
}

/** What is no growth: the larger of the two. */
export interface Allowance {
  readonly share: number
  readonly absolute: number
}

export interface Trend {
  readonly verdict: "flat" | "grows" | "too short to tell"
  /** Of what is looked at: without the warm-up. */
  readonly median: number
  readonly lowest: number
  readonly highest: number
  /** Of its first third, and of its last. */
  readonly early: number
  readonly late: number
  /** By least squares. */
  readonly slopePerMinute: number
  /** What the slope comes to over what is looked at. */
  readonly growth: number
  readonly allowed: number
}

/** The share of a run in which code is compiled, caches are filled and everybody comes. */
const warmUp = 0.25

/** Fewer points say nothing, and neither do those of less time, in seconds. */
const fewest = 15
const shortest = 60

/**
 * It grows if both the line through all of it and the medians of its ends say so: by more than is
 * allowed. A line alone is moved by a peak near an end, and medians alone by a wave.
 */
export const trend = (points: ReadonlyArray<Point>, { absolute, share }: Allowance): Trend => {
  const last = points.at(-1)?.at ?? 0
  const looked = points.filter(({ at }) => at >= last * warmUp)
  const values = looked.map(({ value }) => value)
  const third = Math.ceil(values.length / 3)
  const early = median(values.slice(0, third))
  const late = median(values.slice(-third))
  const allowed = Math.max(absolute, share * median(values))
  const seconds = last - (looked[0]?.at ?? last)
  const growth = slope(looked) * seconds
  const isShort = looked.length < fewest || seconds < shortest
  return {
    verdict: isShort
      ? "too short to tell"
      : growth > allowed && late - early > allowed / 2
        ? "grows"
        : "flat",
    median: median(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    early,
    late,
    slopePerMinute: slope(looked) * 60,
    growth,
    allowed
  }
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = Array.from(values).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 0 ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper
}

/** By least squares, a second. */
const slope = (points: ReadonlyArray<Point>): number => {
  const meanOf = (numbers: ReadonlyArray<number>) =>
    numbers.reduce((sum, number) => sum + number, 0) / numbers.length
  const at = meanOf(points.map(({ at }) => at))
  const value = meanOf(points.map(({ value }) => value))
  let together = 0
  let alone = 0
  for (const point of points) {
    together += (point.at - at) * (point.value - value)
    alone += (point.at - at) ** 2
  }
  return alone === 0 ? 0 : together / alone
}
