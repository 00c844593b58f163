/**
 * The plot of a soak, as SVG written by hand: memory, descriptors and events over time, and below them
 * what was wrong with which endpoint. It follows the reader's choice of light or dark.
 */
import type { FaultRecord } from "./breaking.js"
import { clock, format, type Scale, scaleOf, ticksOf } from "./axis.js"
import type { Point } from "./flatness.js"

export interface Plotted {
  readonly title: string
  readonly subtitle: string
  readonly samples: {
    readonly heap: ReadonlyArray<Point>
    readonly resident: ReadonlyArray<Point>
    readonly descriptors: ReadonlyArray<Point>
    readonly events: ReadonlyArray<Point>
  }
  readonly endpoints: number
  readonly faults: ReadonlyArray<FaultRecord>
  /** Seconds since the run began. */
  readonly violations: ReadonlyArray<number>
}

const width = 960
const left = 76
const right = 16
const panelHeight = 120
const gap = 46
const top = 84

/** Families of faults: what they do to whoever waits. */
const families = [
  { name: "silent", faults: ["lostUp", "lostDown", "lostBoth", "stalled", "frozen"] },
  { name: "slow", faults: ["slow"] },
  { name: "cut", faults: ["reset", "refused", "killed"] }
] as const

interface Series {
  readonly name: string
  readonly style: string
  readonly points: ReadonlyArray<Point>
}

export const plot = (plotted: Plotted): string => {
  const { endpoints, faults, samples, subtitle, title, violations } = plotted
  const every = [
    ...Object.values(samples)
      .flat()
      .map(({ at }) => at),
    ...faults.map(({ to }) => to)
  ]
  const last = every.reduce((most, at) => Math.max(most, at), 1)
  const x = scaleOf([0, last], [left, width - right])
  const rowHeight = Math.min(14, Math.max(3, 140 / Math.max(1, endpoints)))
  const stripTop = top + 3 * (panelHeight + gap)
  const stripHeight = rowHeight * Math.max(1, endpoints)
  const bottom = stripTop + stripHeight
  const megabytes = (points: ReadonlyArray<Point>) =>
    points.map(({ at, value }) => ({ at, value: value / 1e6 }))
  const panels: ReadonlyArray<readonly [title: string, series: ReadonlyArray<Series>]> = [
    [
      "Memory, MB",
      [
        { name: "resident", style: "faint", points: megabytes(samples.resident) },
        { name: "heap in use after collecting", style: "first", points: megabytes(samples.heap) }
      ]
    ],
    ["Descriptors", [{ name: "open", style: "second", points: samples.descriptors }]],
    ["Events a second", [{ name: "received", style: "third", points: samples.events }]]
  ]
  const panel = (index: number) => top + index * (panelHeight + gap)
  const height = bottom + 62

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${format(height)}" role="img" aria-label="${escape(title)}">`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${width}" height="${format(height)}"/>`,
    text(left, 30, title, "title"),
    text(left, 48, subtitle, "quiet"),
    ...panels.flatMap(([name, series], index) => drawPanel(name, series, panel(index), x)),
    ...drawStrip(plotted, stripTop, rowHeight, x),
    ...violations.map((at) => line(x(at), top, x(at), bottom, "violation")),
    ...ticksOf(0, last, 8, 60).flatMap((at) => [
      line(x(at), bottom, x(at), bottom + 4, "axis"),
      text(x(at), bottom + 17, clock(at), "quiet middle")
    ]),
    text((left + width - right) / 2, bottom + 34, "time, minutes:seconds", "quiet middle"),
    ...legend(bottom + 52, violations.length > 0),
    "</svg>",
    ""
  ].join("\n")
}

const drawPanel = (
  name: string,
  series: ReadonlyArray<Series>,
  above: number,
  x: Scale
): ReadonlyArray<string> => {
  const values = series.flatMap(({ points }) => points.map(({ value }) => value))
  const ticks = ticksOf(
    0,
    values.reduce((most, value) => Math.max(most, value), 1),
    4
  )
  const most = Math.max(ticks.at(-1) ?? 1, ...values.slice(0, 1))
  const y = scaleOf([0, most], [above + panelHeight, above])
  return [
    text(left, above - 10, name, "name"),
    ...ticks.flatMap((tick) => [
      line(left, y(tick), width - right, y(tick), "grid"),
      text(left - 8, y(tick) + 4, format(tick), "quiet end")
    ]),
    ...series.map(({ points, style }) => path(points, x, y, style)),
    // Names stand in a row, so that lines that lie close can be told apart.
    ...(series.length < 2
      ? []
      : series.map(({ name, style }, index) =>
          text(width - right - index * 110, above - 10, `— ${name}`, `label end ${style}-text`)
        ))
  ]
}

const path = (points: ReadonlyArray<Point>, x: Scale, y: Scale, style: string): string => {
  const steps = points.map(
    ({ at, value }, index) => `${index === 0 ? "M" : "L"}${format(x(at))} ${format(y(value))}`
  )
  return steps.length === 0 ? "" : `<path class="line ${style}" d="${steps.join("")}"/>`
}

/** A row for each endpoint, with a bar for each fault. */
const drawStrip = (
  { endpoints, faults }: Plotted,
  above: number,
  rowHeight: number,
  x: Scale
): ReadonlyArray<string> => [
  text(left, above - 10, "What was wrong with the way to each endpoint", "name"),
  ...Array.from({ length: endpoints }, (_, index) =>
    [
      line(
        left,
        above + (index + 1) * rowHeight,
        width - right,
        above + (index + 1) * rowHeight,
        "grid"
      ),
      rowHeight < 9 && index % 5 > 0
        ? ""
        : text(left - 8, above + (index + 0.8) * rowHeight, String(index), "quiet end")
    ].join("")
  ),
  ...faults.flatMap(({ endpoints: affected, fault, from, to }) => {
    const family = families.find(({ faults }) => faults.some((one) => one === fault))?.name ?? "cut"
    // What takes no time is still to be seen.
    const length = Math.max(2, x(to) - x(from))
    return affected.map(
      (index) =>
        `<rect class="${family}" x="${format(x(from))}" y="${format(above + index * rowHeight + 1)}" width="${format(length)}" height="${format(rowHeight - 2)}"><title>${fault}</title></rect>`
    )
  })
]

const legend = (at: number, hasViolations: boolean): ReadonlyArray<string> => {
  const marks = [
    ["silent", "nothing passes, in one direction or both, or the server is stopped"],
    ["slow", "less passes than is published"],
    ["cut", "reset, refused, killed"]
  ] as const
  const columns = [left, left + 425, left + 630]
  return [
    ...marks.flatMap(([family, meaning], index) => [
      `<rect class="${family}" x="${columns[index]}" y="${format(at - 9)}" width="10" height="10"/>`,
      text((columns[index] ?? 0) + 15, at, meaning, "quiet")
    ]),
    ...(hasViolations
      ? [
          line(left + 790, at - 10, left + 790, at + 2, "violation"),
          text(left + 797, at, "violation", "quiet")
        ]
      : [])
  ]
}

const text = (x: number, y: number, content: string, style: string): string =>
  `<text class="${style}" x="${format(x)}" y="${format(y)}">${escape(content)}</text>`

const line = (x1: number, y1: number, x2: number, y2: number, style: string): string =>
  `<line class="${style}" x1="${format(x1)}" y1="${format(y1)}" x2="${format(x2)}" y2="${format(y2)}"/>`

const escape = (content: string): string =>
  content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")

const style = [
  "text{font:12px system-ui,sans-serif;fill:#1f2328}",
  ".title{font-size:17px;font-weight:600}.name,.label{font-weight:600}.quiet{fill:#59636e}",
  ".middle{text-anchor:middle}.end{text-anchor:end}",
  ".paper{fill:#fff}.grid{stroke:#d1d9e0;stroke-width:.6}.axis{stroke:#59636e}",
  ".line{fill:none;stroke-width:1.4;stroke-linejoin:round}",
  ".faint{stroke:#afb8c1}.first{stroke:#0969da;stroke-width:2}.second{stroke:#1a7f37}.third{stroke:#8250df}",
  ".first-text{fill:#0969da}.faint-text{fill:#818b98}",
  ".silent{fill:#0969da}.slow{fill:#d4a72c}.cut{fill:#cf222e}",
  ".violation{stroke:#cf222e;stroke-width:1.5;stroke-dasharray:3 2}",
  "@media(prefers-color-scheme:dark){",
  "text{fill:#e6edf3}.quiet{fill:#9198a1}.paper{fill:#0d1117}.grid{stroke:#2f353d}.axis{stroke:#9198a1}",
  ".faint{stroke:#656c76}.first{stroke:#4493f8}.second{stroke:#3fb950}.third{stroke:#ab7df8}",
  ".first-text{fill:#4493f8}.faint-text{fill:#9198a1}",
  ".silent{fill:#4493f8}.slow{fill:#d29922}.cut{fill:#f85149}.violation{stroke:#f85149}",
  "}"
].join("")
