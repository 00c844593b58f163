/** The drawings of how cost grows. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { labelOf } from "./clients.js"
import { plan, type Measure } from "./plan.js"
import { type Line, plot } from "./plot.js"
import type { MeasureResult, Results } from "./results.js"
import { spreadOf } from "./statistics.js"

interface Drawing {
  readonly file: string
  readonly figure: string
  readonly across: string
  /** The parameter that grows. */
  readonly parameter: string
}

export const drawings: { readonly [measure: string]: Drawing } = {
  "growth-subscriptions": {
    file: "performance-subscriptions.svg",
    figure: "establishCpu",
    across: "subscriptions",
    parameter: "subscriptions"
  },
  "growth-size": {
    file: "performance-size.svg",
    figure: "cpu",
    across: "bytes of payload",
    parameter: "bytes"
  }
}

const linesOf = (
  measure: Measure,
  { figure, parameter }: Drawing,
  result: MeasureResult
): ReadonlyArray<Line> =>
  measure.clients.map((client) => ({
    label: labelOf(client).replaceAll("`", ""),
    points: measure.variants.flatMap(({ name, parameters }) => {
      const variant = result.variants.find((variant) => variant.name === name)
      const spread = spreadOf(variant?.clients[client]?.[figure] ?? [])
      const x = parameters[parameter]
      return spread === undefined || x === undefined ? [] : [{ x, y: spread.median }]
    })
  }))

/** Writes the drawings of what has been measured beside the page. */
export const writeDrawings = (directory: string, results: Results): void => {
  for (const [id, drawing] of Object.entries(drawings)) {
    const measure = plan.find((measure) => measure.id === id)
    const result = results.measures.find((result) => result.id === id)
    const label = measure?.figures.find(({ key }) => key === drawing.figure)?.label
    if (measure === undefined || result === undefined || label === undefined) continue
    const lines = linesOf(measure, drawing, result)
    writeFileSync(
      join(directory, drawing.file),
      plot({ title: measure.title, across: drawing.across, up: label, lines })
    )
  }
}
