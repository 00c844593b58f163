/** The ladder of idle times, and what follows from it. */
import { assert, describe, it } from "@effect/vitest"
import { ladder, summarise } from "../../src/doctor/idle.js"
import type { Rung } from "../../src/doctor/report.js"

const rung = (idleMs: number, result: Rung["result"], more: Partial<Rung> = {}): Rung => ({
  ...{ idleMs, result, afterMs: null, how: null, arrivals: 0 },
  ...more
})

describe("the ladder", () => {
  it("doubles up to the limit, which is its last rung", () => {
    const minutes = ladder(15_000, 300_000).map((idleMs) => idleMs / 60_000)
    assert.deepStrictEqual(minutes, [0.25, 0.5, 1, 2, 4, 5])
    assert.deepStrictEqual(ladder(15_000, 60_000), [15_000, 30_000, 60_000])
    assert.deepStrictEqual(ladder(15_000, 15_000), [15_000])
  })
})

describe("the idle time", () => {
  it("is that of a cut that was seen, though a ping came at the very moment", () => {
    const { cut, survivedMs } = summarise(
      [
        rung(30_000, "survived"),
        rung(60_000, "silent", { how: "ECONNRESET" }),
        rung(120_000, "cut", { afterMs: 60_050, how: "ECONNRESET" })
      ],
      120_000
    )
    assert.deepStrictEqual(cut, { afterMs: 60_050, exact: true, how: "ECONNRESET" })
    assert.strictEqual(survivedMs, 30_000)
  })

  it("is less than a silence that nobody answered after, whatever was seen later", () => {
    const { cut } = summarise(
      [
        rung(60_000, "silent"),
        rung(120_000, "cut", { afterMs: 100_000, how: "FIN" }),
        rung(240_000, "notNeeded")
      ],
      240_000
    )
    assert.deepStrictEqual(cut, { afterMs: 60_000, exact: false, how: "no answer" })
  })

  it("is not survived by one that outlived another's cut", () => {
    const rungs = [rung(15_000, "survived"), rung(30_000, "silent"), rung(60_000, "survived")]
    assert.strictEqual(summarise(rungs, 60_000).survivedMs, 15_000)
  })

  it("is not known where there was no connection", () => {
    const { cut, survivedMs } = summarise([rung(15_000, "noConnection")], 15_000)
    assert.isNull(cut)
    assert.isNull(survivedMs)
  })
})
