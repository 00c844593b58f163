/** What a run came to: for a machine, and for a person. */
import { type Feature, features } from "./features.js"
import type { Transport } from "./transport.js"

export interface Check {
  readonly feature: Feature
  /** `null` where there is nothing to try. */
  readonly ok: boolean | null
  /** What came, and if that was wrong, what was expected; or why there was nothing to try. */
  readonly why: string
  /** For what is known to fail: where the server's own source, or its authors, have the cause. */
  readonly known?: string
}

/** A server over a transport. */
export interface Row {
  readonly name: string
  readonly version: string
  readonly transport: Transport
  readonly checks: ReadonlyArray<Check>
}

export interface Report {
  readonly servers: ReadonlyArray<Row>
}

/** Whether nothing failed but what is known to. */
export const isClean = ({ servers }: Report): boolean =>
  servers.every(({ checks }) =>
    checks.every(({ known, ok }) => ok !== false || known !== undefined)
  )

export const json = (report: Report): string => JSON.stringify(report)

/** Whether there was anything to try at all. */
export const isTried = ({ checks }: Row): boolean => checks.some(({ ok }) => ok !== null)

const mark = ({ known, ok }: Check): string =>
  ok === null ? "–" : ok ? "✓" : known === undefined ? "✗" : "✗ known"

/** One line, for whoever waits. */
export const progress = (row: Row): string => {
  const { checks, name, transport, version } = row
  const [first] = checks
  return isTried(row)
    ? `${name} ${version} ${transport}: ${checks.map((check) => `${check.feature} ${mark(check)}`).join(", ")}`
    : `${name} ${version} ${transport}: – ${first?.why ?? ""}`
}

const headings = ["server", "version", "transport", ...features]

const cells = ({ checks, name, transport, version }: Row): ReadonlyArray<string> => [
  name,
  version,
  transport,
  ...checks.map(mark)
]

/** What there is to say about a row in which nothing was tried: all its checks say the same. */
const absence = ({ checks, name, transport }: Row): string =>
  `${name}, ${transport}: ${checks[0]?.why ?? ""}`

/** What there is to say about a check: nothing, if it went as it should. */
const remark = (
  { name, transport }: Row,
  { feature, known, ok, why }: Check
): ReadonlyArray<string> => {
  const place = `${name}, ${transport}, ${feature}`
  if (ok === false)
    return [`✗ ${place}: ${why}`, ...(known === undefined ? [] : [`  known: ${known}`])]
  return known === undefined
    ? []
    : [`✓ ${place}: is in the list of what fails, and does not any more`]
}

export const text = ({ servers }: Report): string => {
  const tried = servers.filter(isTried)
  const rows = [headings, ...tried.map(cells)]
  const widths = headings.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  )
  const remarks = tried.flatMap((row) => row.checks.flatMap((check) => remark(row, check)))
  return [
    ...rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()
    ),
    ...["", ...servers.filter((row) => !isTried(row)).map((row) => `– ${absence(row)}`)],
    ...remarks
  ].join("\n")
}

/** The same for the documentation: nothing in it but the versions changes from run to run. */
export const markdown = ({ servers }: Report): string => {
  const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
  return [
    line(headings),
    line(headings.map(() => "---")),
    ...servers.filter(isTried).map((row) => line(cells(row))),
    "",
    "Not there:",
    "",
    ...servers.filter((row) => !isTried(row)).map((row) => `- ${absence(row)}`)
  ].join("\n")
}
