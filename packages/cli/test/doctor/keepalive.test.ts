/** The keepalive that is advised, and its bounds. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { advise, type Measured } from "../../src/doctor/keepalive.js"

const fit: Measured = {
  slowestMs: 30,
  survivedMs: undefined,
  cutMs: undefined,
  cutIsExact: false,
  serverPeriodMs: undefined
}

const line = (measured: Partial<Measured>) => advise({ ...fit, ...measured })?.commandLine

describe("a keepalive", () => {
  it("is the default interval, and a timeout that fits the round trip", () => {
    assert.strictEqual(line({}), "--keepalive 20s/3s")
    assert.strictEqual(line({ slowestMs: 650 }), "--keepalive 20s/7s")
    assert.strictEqual(line({ slowestMs: 1500 }), "--keepalive 20s/15s")
    const advice = advise(fit)
    assert.strictEqual(
      advice?.options,
      'keepalive: { interval: "20 seconds", timeout: "3 seconds" }'
    )
  })

  it("asks within half of the silence that is survived", () => {
    const between = { survivedMs: 30_000, cutMs: 60_000 }
    assert.strictEqual(line(between), "--keepalive 15s/3s")
    assert.strictEqual(line({ survivedMs: 60_000, cutMs: 120_000 }), "--keepalive 20s/3s")
    assert.strictEqual(line({ cutMs: 25_300, cutIsExact: true }), "--keepalive 12s/3s")
    // Nothing is known to be survived.
    assert.strictEqual(line({ cutMs: 15_000 }), "--keepalive 3s/3s")
    assert.strictEqual(line({ cutMs: 900, cutIsExact: true }), "--keepalive 450ms/3s")
  })

  it("rests on what the server says by itself, where it answers no ping messages", () => {
    assert.isUndefined(advise({ ...fit, slowestMs: undefined }))
    assert.strictEqual(
      line({ slowestMs: undefined, serverPeriodMs: 12_000 }),
      "--keepalive 18s/12s"
    )
  })

  it("keeps its bounds, whatever was measured", () => {
    const maybe = (most: number) =>
      FastCheck.option(FastCheck.double({ min: 0.01, max: most, noNaN: true }), { nil: undefined })
    const arbitrary: FastCheck.Arbitrary<Measured> = FastCheck.record({
      slowestMs: maybe(60_000),
      survivedMs: maybe(300_000),
      cutMs: maybe(300_000),
      cutIsExact: FastCheck.boolean(),
      serverPeriodMs: maybe(120_000)
    })
    FastCheck.assert(
      FastCheck.property(arbitrary, (measured) => {
        const advice = advise(measured)
        const { cutIsExact, cutMs, serverPeriodMs, slowestMs, survivedMs } = measured
        assert.strictEqual(
          advice === undefined,
          slowestMs === undefined && serverPeriodMs === undefined
        )
        if (advice === undefined) return
        const { boundMs, commandLine, intervalMs, timeoutMs } = advice
        assert.strictEqual(boundMs, intervalMs + timeoutMs)
        assert.isAtLeast(intervalMs, 1)
        assert.isTrue(Number.isInteger(intervalMs) && Number.isInteger(timeoutMs))
        assert.match(commandLine, /^--keepalive \d+m?s\/\d+m?s$/)
        if (slowestMs === undefined) {
          assert.isAtLeast(intervalMs, serverPeriodMs!)
          return
        }
        assert.isAtMost(intervalMs, 20_000)
        assert.isAtLeast(timeoutMs, Math.max(1000, slowestMs * 10))
        if (cutMs !== undefined && intervalMs > 1) {
          const safe = cutIsExact ? cutMs : (survivedMs ?? cutMs / 2)
          assert.isAtMost(intervalMs, safe / 2)
        }
      })
    )
  })
})
