import { assert, describe, it } from "@effect/vitest"
import { isFlat, slope } from "../src/cycles.js"
import { isClean, json, progress, type Report, text } from "../src/report.js"

const well = {
  name: "RST, idle",
  boundMs: 2000,
  measuredMs: 3.4,
  reason: "ConnectionLost",
  livedMs: null,
  closeMs: 1.2,
  socketGone: true,
  lateMs: 4,
  exitMs: 20,
  events: 1,
  problems: [],
  ok: true
}
const lived = { ...well, name: "healthy", measuredMs: null, reason: null, livedMs: 6000 }
const bad = { ...well, name: "SIGSTOP, idle", measuredMs: 3100, problems: ["too late"], ok: false }
const flat = { cycles: 100, sockets: 0, descriptors: 0, heapBytesPerCycle: 300 }

const report: Report = { scenarios: [well, lived], leaked: flat, toleranceMs: 500 }

describe("a report", () => {
  it("is a table for a person", () => {
    assert.strictEqual(
      text(report),
      [
        "   scenario   bound  measured  reason          close  socket  late  exit",
        "✓  RST, idle   2000         3  ConnectionLost      1  gone       4    20",
        "✓  healthy     2000            lived               1  gone       4    20",
        "",
        "Milliseconds. Up to 500 over a bound counts as kept, and twice what the machine was late.",
        "✓ after 100 cycles: 0 sockets left, 0 descriptors more, 300 bytes of heap a cycle"
      ].join("\n")
    )
  })

  it("names what is not as it should be", () => {
    const broken = { ...report, scenarios: [well, bad] }
    assert.include(text(broken), "✗ SIGSTOP, idle: too late")
    assert.isFalse(isClean(broken))
    assert.strictEqual(progress(bad), "✗ SIGSTOP, idle: ConnectionLost, 3100")
  })

  it("is one line for a machine, the same", () => {
    assert.deepStrictEqual(JSON.parse(json(report)), report)
    assert.notInclude(json(report), "\n")
  })

  it("of nothing says why, and is no failure", () => {
    const skipped = { scenarios: [], leaked: null, toleranceMs: 500, skipped: "no root" }
    assert.strictEqual(text(skipped), "Skipped: no root")
    assert.isTrue(isClean(skipped))
    assert.isFalse(isClean({ ...report, problem: "the cycles: waited in vain" }))
  })
})

describe("what leaks", () => {
  it("is told by the slope, not by a single measurement", () => {
    assert.strictEqual(
      slope([
        [0, 10],
        [1, 12],
        [2, 14]
      ]),
      2
    )
    assert.strictEqual(
      slope([
        [0, 5],
        [1, 7],
        [2, 5]
      ]),
      0
    )
    assert.strictEqual(slope([[0, 5]]), 0)
  })

  it("is any socket, any descriptor, and a heap that grows by what a connection takes", () => {
    assert.isTrue(isFlat(flat))
    assert.isTrue(isFlat({ ...flat, heapBytesPerCycle: null }))
    assert.isFalse(isFlat({ ...flat, sockets: 1 }))
    assert.isFalse(isFlat({ ...flat, descriptors: 1 }))
    assert.isFalse(isFlat({ ...flat, heapBytesPerCycle: 20_000 }))
  })
})
