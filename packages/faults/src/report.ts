/** What a run came to: a table for a person, one line for a machine. */
import { isFlat, type Leaked } from "./cycles.js"
import type { Result } from "./judgement.js"

export interface Report {
  readonly scenarios: ReadonlyArray<Result>
  /** `null` where no cycles were run. */
  readonly leaked: Leaked | null
  readonly toleranceMs: number
  /** Why nothing was tried. */
  readonly skipped?: string
  /** Why something could not be tried to its end. */
  readonly problem?: string
}

export const isClean = ({ leaked, problem, scenarios }: Report): boolean =>
  problem === undefined && scenarios.every(({ ok }) => ok) && (leaked === null || isFlat(leaked))

export const json = (report: Report): string => JSON.stringify(report)

/** One line, for whoever waits. */
export const progress = (result: Result): string => {
  const [mark, name, , measured, reason] = cells(result)
  return `${mark} ${name}: ${[reason, measured].filter((text) => text !== "").join(", ")}`
}

export const text = (report: Report): string => {
  const { leaked, problem, scenarios, skipped, toleranceMs } = report
  if (skipped !== undefined) return `Skipped: ${skipped}`
  const rows = [headings, ...scenarios.map(cells)]
  const widths = headings.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  )
  const failures = scenarios.flatMap(({ name, problems }) =>
    problems.map((problem) => `✗ ${name}: ${problem}`)
  )
  return [
    ...rows.map((row) =>
      row
        .map((cell, column) => pad(cell, column, widths))
        .join("  ")
        .trimEnd()
    ),
    "",
    `Milliseconds. Up to ${toleranceMs} over a bound counts as kept, and twice what the machine was late.`,
    ...(leaked === null ? [] : [textOf(leaked)]),
    ...failures,
    ...(problem === undefined ? [] : [`✗ ${problem}`])
  ].join("\n")
}

const headings = ["", "scenario", "bound", "measured", "reason", "close", "socket", "late", "exit"]

const cells = (result: Result): ReadonlyArray<string> => {
  const { boundMs, closeMs, exitMs, lateMs, livedMs, measuredMs, name, ok, reason, socketGone } =
    result
  return [
    ok ? "✓" : "✗",
    name,
    whole(boundMs),
    whole(measuredMs),
    reason ?? (livedMs === null ? "" : "lived"),
    whole(closeMs),
    socketGone ? "gone" : "left",
    whole(lateMs),
    whole(exitMs)
  ]
}

const textOf = (leaked: Leaked): string => {
  const { cycles, descriptors, heapBytesPerCycle, sockets } = leaked
  const left = [
    `${sockets} sockets left`,
    `${descriptors} descriptors more`,
    ...(heapBytesPerCycle === null ? [] : [`${heapBytesPerCycle} bytes of heap a cycle`])
  ]
  return `${isFlat(leaked) ? "✓" : "✗"} after ${cycles} cycles: ${left.join(", ")}`
}

const whole = (millis: number | null): string => (millis === null ? "" : millis.toFixed(0))

/** Numbers to the right. */
const pad = (cell: string, column: number, widths: ReadonlyArray<number>): string =>
  [2, 3, 5, 7, 8].includes(column)
    ? cell.padStart(widths[column] ?? 0)
    : cell.padEnd(widths[column] ?? 0)
