import { assert, describe, it } from "@effect/vitest"
import { noFaults } from "@fiberline/testing/NetworkFaults"
import { Summary } from "../src/summary.js"

const result = (seed: number, violations: ReadonlyArray<{ invariant: 1 | 6 }> = []) => ({
  seed,
  virtualMillis: 1_800_000,
  steps: 10,
  faults: { ...noFaults, reset: 2 },
  violations: violations.map(({ invariant }) => ({ invariant, at: 12, what: "oh" }))
})

describe("the summary of many runs", () => {
  it("adds them up, for a machine", () => {
    const summary = new Summary()
    summary.add(result(1))
    summary.add(result(2, [{ invariant: 6 }]))
    assert.isFalse(summary.isClean)
    assert.deepStrictEqual(JSON.parse(summary.json), {
      seeds: 2,
      virtualHours: 1,
      faults: { ...noFaults, reset: 4 },
      violations: [{ seed: 2, invariant: 6, at: 12, what: "oh" }]
    })
  })

  it("says for a person which invariant was violated, and by which seeds", () => {
    const summary = new Summary()
    assert.include(summary.text, "no violation")
    for (const seed of [4, 5]) summary.add(result(seed, [{ invariant: 1 }, { invariant: 6 }]))
    assert.include(summary.text, "4 violations")
    assert.match(summary.text, /1\. Each subscriber.*\n +seeds 4, 5/)
  })
})
