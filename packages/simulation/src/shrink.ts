/** Makes a failing run smaller: fewer lives, sites, actors, steps and kinds of faults, while it fails. */
import { type Fault, faults } from "@fiberline/testing/NetworkFaults"
import { type Limits, unlimited } from "./parameters.js"
import { type Report, simulate } from "./simulate.js"

/** What a run may have at least, and has at most. */
const ranges = { lives: [1, 2], sites: [1, 3], actors: [0, 8], steps: [0, 30] } as const

/** Of which there are few enough to count. */
type Counted = keyof typeof ranges

// Type boundary: `Object.keys` forgets the keys' type.
const counted = Object.keys(ranges) as ReadonlyArray<Counted>

/** The limits of the smallest run that still violates the first invariant that the report does. */
export const smallest = (
  { faults: counts, seed, violations }: Report,
  run: (seed: number, limits: Limits) => Pick<Report, "violations"> = simulate
): Limits => {
  const invariant = violations[0]?.invariant
  const fails = (limits: Limits): boolean =>
    run(seed, limits).violations.some((other) => other.invariant === invariant)

  let best: Limits = unlimited
  const attempt = (limits: Limits): boolean => {
    const isSmaller = fails(limits)
    if (isSmaller) best = limits
    return isSmaller
  }
  for (const kind of faults.filter((kind) => counts[kind] > 0)) {
    attempt({ ...best, without: new Set<Fault>([...best.without, kind]) })
  }
  for (const what of counted) {
    const [least, most] = ranges[what]
    for (let count: number = least; count <= most; count++) {
      if (attempt({ ...best, [what]: count })) break
    }
  }
  return best
}

/** The same for a person, with the end of its timeline. */
export const shrink = (report: Report): string => {
  const limits = smallest(report)
  const { timeline } = simulate(report.seed, limits)
  const left = faults.filter((kind) => report.faults[kind] > 0 && !limits.without.has(kind))
  const lines = timeline()
  const end = lines.findIndex((line) => line.includes("VIOLATION")) + 1
  return [
    `it still fails with ${counted.map((what) => `${what} ${limits[what]}`).join(", ")}`,
    `and of the faults ${left.join(", ") || "none"}; what came before:`,
    ...lines.slice(Math.max(0, end - 12), end)
  ].join("\n  ")
}
