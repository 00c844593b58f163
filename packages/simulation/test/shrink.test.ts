import { assert, describe, it } from "@effect/vitest"
import { noFaults } from "@fiberline/testing/NetworkFaults"
import type { Violation } from "../src/invariants.js"
import type { Limits } from "../src/parameters.js"
import { smallest } from "../src/shrink.js"

const violation: Violation = { invariant: 6, at: 1, what: "lost" }

const report = {
  seed: 1,
  virtualMillis: 1,
  steps: 1,
  faults: { ...noFaults, reset: 3, closed: 1, killed: 2 },
  violations: [violation],
  timeline: () => []
}

/** What a run comes to that violates something where this is so. */
const failsIf = (condition: (limits: Limits) => boolean) => (_: number, limits: Limits) => ({
  violations: condition(limits) ? [violation] : []
})

describe("a failing run is made smaller", () => {
  it("down to what it takes, and no further", () => {
    const { actors, lives, sites, steps, without } = smallest(
      report,
      failsIf(({ actors, steps, without }) => actors >= 2 && steps >= 5 && !without.has("reset"))
    )
    assert.deepStrictEqual(
      { actors, lives, sites, steps },
      { actors: 2, lives: 1, sites: 1, steps: 5 }
    )
    assert.deepStrictEqual(Array.from(without).sort(), ["closed", "killed"])
  })

  it("not at all where everything is needed", () => {
    const limits = smallest(
      report,
      failsIf(
        ({ actors, lives, sites, steps, without }) =>
          [actors, lives, sites, steps].every((limit) => limit === Infinity) && without.size === 0
      )
    )
    assert.deepStrictEqual([limits.lives, limits.without.size], [Infinity, 0])
  })

  it("for the violation that was reported, not for another", () => {
    const other = { ...violation, invariant: 1 } as const
    const { lives } = smallest(report, (_, { lives }) => ({
      violations: lives > 1 ? [violation] : [other]
    }))
    assert.strictEqual(lives, 2)
  })
})
