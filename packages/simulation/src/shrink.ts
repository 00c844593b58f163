/** Makes a failing run smaller: fewer lives, actors, steps and kinds of faults, while it still fails. */
import { type Fault, faults } from "@fiberline/testing/NetworkFaults"
import { type Limits, unlimited } from "./parameters.js"
import { type Report, simulate, type SimulationOptions } from "./simulate.js"

/** The limits of the smallest run that still violates the first invariant that the report does. */
export const smallest = (
  seed: number,
  { faults: counts, violations }: Report,
  meddle: Pick<SimulationOptions, "meddle"> = {}
): Limits => {
  const invariant = violations[0]?.invariant
  const stillFails = (limits: Limits): boolean =>
    simulate(seed, { ...meddle, limits }).violations.some((other) => other.invariant === invariant)

  let best: Limits = { ...unlimited, lives: 2, actors: 8, steps: 10 }
  const attempt = (limits: Limits): void => {
    if (stillFails(limits)) best = limits
  }
  attempt({ ...best, lives: 1 })
  for (const kind of faults.filter((kind) => counts[kind] > 0)) {
    attempt({ ...best, without: new Set<Fault>([...best.without, kind]) })
  }
  for (const actors of [4, 2, 1]) attempt({ ...best, actors: Math.min(best.actors, actors) })
  for (const steps of [5, 2, 1, 0]) attempt({ ...best, steps: Math.min(best.steps, steps) })
  return best
}

/** The same for a person, with the end of its timeline. */
export const shrink = (seed: number, report: Report): string => {
  const { actors, lives, steps, without } = smallest(seed, report)
  const left = faults.filter((kind) => report.faults[kind] > 0 && !without.has(kind))
  const { timeline } = simulate(seed, { limits: { actors, lives, steps, without } })
  const lines = timeline()
  const end = lines.findIndex((line) => line.includes("VIOLATION")) + 1
  return [
    `it still fails with ${lives} lives, ${actors} actors of a kind, ${steps} steps`,
    `and of the faults ${left.join(", ") || "none"}; what came before:`,
    ...lines.slice(Math.max(0, end - 12), end)
  ].join("\n  ")
}
