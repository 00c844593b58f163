/** Results as tables of Markdown, which are read as well in a terminal. */
import { labelOf } from "./clients.js"
import type { Figure, Measure } from "./plan.js"
import type { ClientResult, MeasureResult, VariantResult } from "./results.js"
import type { Sizes } from "./size.js"
import { ratios, type Series, spreadOf } from "./statistics.js"

export type Row = ReadonlyArray<string>

/** Columns as wide as their widest cell; all but the first end at the right. */
export const table = (head: Row, rows: ReadonlyArray<Row>): string => {
  const widths = head.map((cell, column) =>
    Math.max(3, cell.length, ...rows.map((row) => row[column]?.length ?? 0))
  )
  const line = (row: Row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`
  return [line(head), rule, ...rows.map(line)].join("\n")
}

export const grouped = (value: number, digits: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** `1.23 (1.20–1.30)`: the median, the least and the most. */
const cell = (series: Series, digits: number, otherwise = "–"): string => {
  const spread = spreadOf(series)
  if (spread === undefined) return otherwise
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) =>
    grouped(value, digits)
  )
  return min === max ? `${median}` : `${median} (${min}–${max})`
}

const none: Series = []

const columnsOf = ({ isRatio, label }: Figure): ReadonlyArray<string> =>
  isRatio ? [label, "× limit"] : [label]

const cellsOf = (
  { digits, isRatio, key, otherwise }: Figure,
  result: ClientResult,
  limit: ClientResult | undefined
): ReadonlyArray<string> => {
  const series = result[key] ?? none
  const absolute = cell(series, digits, otherwise)
  return isRatio ? [absolute, cell(ratios(series, limit?.[key] ?? none), 2)] : [absolute]
}

export const variantTable = (measure: Measure, variant: VariantResult): string =>
  table(
    [variant.name, ...measure.figures.flatMap(columnsOf)],
    Object.entries(variant.clients).map(([client, result]) => [
      labelOf(client),
      ...measure.figures.flatMap((figure) => cellsOf(figure, result, variant.clients.limit))
    ])
  )

/** The section of a measure: what it is, and a table for each of its variants. */
export const section = (measure: Measure, result: MeasureResult): string =>
  [
    `### ${measure.id}: ${measure.title}`,
    `${measure.about} ${result.rounds} rounds, ${result.date}.`,
    ...result.variants.map((variant) => variantTable(measure, variant))
  ].join("\n\n")

export const sizeTable = (sizes: Sizes): string =>
  table(
    ["minified and gzipped", "KiB"],
    Object.entries(sizes).map(([name, bytes]) => [name, grouped(bytes / 1024, 1)])
  )
