import { assert, describe, it } from "@effect/vitest"
import { median, type Point, trend } from "../../src/soak/flatness.js"

/** A sample every five seconds for a quarter of an hour, with some noise that is always the same. */
const series = (value: (at: number) => number, seconds = 900): ReadonlyArray<Point> =>
  Array.from({ length: seconds / 5 }, (_, index) => {
    const at = index * 5
    return { at, value: value(at) + 1e6 * Math.sin(index * 7) }
  })

const verdict = (points: ReadonlyArray<Point>) =>
  trend(points, { share: 0.1, absolute: 2e6 }).verdict

describe("what stays as it is", () => {
  it("is flat", () => {
    assert.strictEqual(verdict(series(() => 60e6)), "flat")
  })

  it("is flat after a warm-up, however much that took", () => {
    assert.strictEqual(verdict(series((at) => (at < 200 ? at * 3e5 : 60e6))), "flat")
  })

  it("is flat in waves, and with a peak near its end", () => {
    assert.strictEqual(verdict(series((at) => 60e6 + 6e6 * Math.sin(at / 60))), "flat")
    assert.strictEqual(verdict(series((at) => (at > 850 && at < 880 ? 200e6 : 60e6))), "flat")
  })

  it("is flat where it shrinks", () => {
    assert.strictEqual(verdict(series((at) => 90e6 - at * 5e4)), "flat")
  })
})

describe("what grows", () => {
  it("is not flat, if by a kilobyte for each of ten events a second", () => {
    const leaking = trend(
      series((at) => 60e6 + at * 10 * 1024),
      { share: 0.05, absolute: 2e6 }
    )
    assert.strictEqual(leaking.verdict, "grows")
    assert.approximately(leaking.slopePerMinute, 60 * 10 * 1024, 20e3)
    assert.isAbove(leaking.late, leaking.early)
  })

  it("is not flat, if it grows by steps", () => {
    assert.strictEqual(verdict(series((at) => 60e6 + 5e6 * Math.floor(at / 200))), "grows")
  })

  it("is not flat, if one descriptor is lost a minute", () => {
    const points = series(() => 0).map(({ at }) => ({ at, value: 37 + Math.floor(at / 60) }))
    assert.strictEqual(trend(points, { share: 0.1, absolute: 2 }).verdict, "grows")
  })
})

describe("too little", () => {
  it("says nothing", () => {
    assert.strictEqual(verdict([]), "too short to tell")
    assert.strictEqual(verdict([{ at: 1, value: 1 }]), "too short to tell")
    assert.strictEqual(verdict(series((at) => at * 1e6, 60)), "too short to tell")
  })

  it("has a median all the same", () => {
    assert.strictEqual(median([]), 0)
    assert.strictEqual(median([3]), 3)
    assert.strictEqual(median([4, 1]), 2.5)
  })
})
