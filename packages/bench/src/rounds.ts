/** Round after round, every client once, each time another one first. */
import type { ClientName } from "./clients.js"
import type { Sample } from "./measurement.js"
import type { Measure, Variant } from "./plan.js"
import type { ClientResult, MeasureResult, VariantResult } from "./results.js"
import { rotated } from "./statistics.js"
import type { Task } from "./task.js"

export interface RoundsOptions {
  readonly rounds: number
  readonly only?: ReadonlyArray<ClientName> | undefined
  readonly run: (task: Task) => Promise<Sample>
  readonly tell: (line: string) => void
}

export const runMeasure = async (
  measure: Measure,
  options: RoundsOptions
): Promise<MeasureResult> => {
  const variants: Array<VariantResult> = []
  for (const variant of measure.variants) {
    variants.push(await runVariant(measure, variant, options))
  }
  return {
    id: measure.id,
    date: new Date().toISOString().slice(0, 10),
    rounds: options.rounds,
    variants
  }
}

const runVariant = async (
  measure: Measure,
  { name, parameters }: Variant,
  { only, rounds, run, tell }: RoundsOptions
): Promise<VariantResult> => {
  const clients = measure.clients.filter((client) => only?.includes(client) ?? true)
  const samples = new Map<ClientName, Array<Sample>>(clients.map((client) => [client, []]))
  for (let round = 0; round < rounds; round++) {
    for (const client of rotated(clients, round)) {
      const where = `${measure.id} ${name}, round ${round + 1} of ${rounds}, ${client}`
      const sample = await run({ measurement: measure.measurement, client, parameters }).catch(
        (error: unknown): Sample => {
          tell(`${where}: ${error instanceof Error ? error.message : String(error)}`)
          return {}
        }
      )
      samples.get(client)?.push(sample)
      tell(`${where}: ${textOf(sample)}`)
    }
  }
  const series = (of: ReadonlyArray<Sample>): ClientResult =>
    Object.fromEntries(
      measure.figures.map(({ key }) => [key, of.map((sample) => sample[key] ?? null)])
    )
  return {
    name,
    clients: Object.fromEntries(Array.from(samples, ([client, of]) => [client, series(of)]))
  }
}

const textOf = (sample: Sample): string =>
  Object.entries(sample)
    .map(([figure, value]) => `${figure} ${value === null ? "-" : Number(value.toPrecision(4))}`)
    .join(", ")
