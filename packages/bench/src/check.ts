/** Compares ratios, not times, with those that were kept: times are the machine's, ratios ours. */
import type { Measure } from "./plan.js"
import type { MeasureResult } from "./results.js"
import { ratios, spreadOf } from "./statistics.js"

/** A ratio of ours that is not what it was. */
export interface Moved {
  readonly where: string
  readonly before: number
  readonly after: number
}

const ours = ["forEach", "chunks", "take", "stream", "many", "schema", "query"]

/** Less is the noise of a machine that does other things, too. */
const tolerance = 0.1

/**
 * What moved by more than a tenth, and out of the range in which its rounds lay.
 */
export const moved = (
  measure: Measure,
  before: MeasureResult,
  after: MeasureResult
): ReadonlyArray<Moved> =>
  after.variants.flatMap(({ clients, name }) =>
    ours.flatMap((client) =>
      measure.figures.flatMap(({ isRatio, key, label }) => {
        if (!isRatio) return []
        const then = before.variants.find((variant) => variant.name === name)?.clients
        const [old, now] = [then, clients].map((of) =>
          spreadOf(ratios(of?.[client]?.[key] ?? [], of?.limit?.[key] ?? []))
        )
        if (old === undefined || now === undefined) return []
        const hasMoved =
          Math.abs(now.median / old.median - 1) > tolerance &&
          (now.median > old.max || now.median < old.min)
        const where = `${measure.id} ${name}, ${client}: ${label}`
        return hasMoved ? [{ where, before: old.median, after: now.median }] : []
      })
    )
  )

export const lineOf = ({ after, before, where }: Moved): string =>
  `${where}, × limit: ${before.toFixed(2)} before, ${after.toFixed(2)} now`
