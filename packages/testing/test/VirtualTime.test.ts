import { assert, describe, it } from "@effect/vitest"
import * as VirtualTime from "@fiberline/testing/VirtualTime"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"

const seeds = FastCheck.integer({ min: 0, max: 2 ** 32 - 1 })

/** Some fibers that sleep, draw and write down what they do. */
const busy = (time: VirtualTime.VirtualTime, log: Array<string>) =>
  Effect.forEach(
    [1, 2, 3, 4, 5],
    (who) =>
      Effect.gen(function* () {
        for (let round = 0; round < 5; round++) {
          for (let i = 0; i < 20; i++) yield* Effect.void
          log.push(`${who}.${round} at ${time.now()}`)
          yield* Effect.sleep(yield* Random.nextIntBetween(0, 100))
        }
      }),
    { concurrency: "unbounded", discard: true }
  )

const trace = (seed: number, yieldEvery?: number) => {
  const log: Array<string> = []
  const time = VirtualTime.make({ seed, yieldEvery })
  const outcome = time.run(busy(time, log))
  assert.strictEqual(outcome._tag, "Ended")
  return { log, steps: time.steps(), now: time.now(), sleeping: time.sleeping() }
}

describe("VirtualTime", () => {
  it("gives the same run for the same seed, to the last step", () => {
    FastCheck.assert(
      FastCheck.property(seeds, (seed) => {
        assert.deepStrictEqual(trace(seed), trace(seed))
      }),
      { numRuns: 50 }
    )
  })

  it("gives other runs for other seeds", () => {
    const runs = new Set([1, 2, 3, 4, 5].map((seed) => trace(seed).log.join()))
    assert.strictEqual(runs.size, 5)
  })

  it("fires timers in the order of their time, and then of their setting", () => {
    const delays = FastCheck.array(
      FastCheck.tuple(FastCheck.integer({ min: 0, max: 50 }), FastCheck.boolean()),
      { maxLength: 200 }
    )
    FastCheck.assert(
      FastCheck.property(delays, (delays) => {
        const time = VirtualTime.make({ seed: 0 })
        const fired: Array<number> = []
        const cancels = delays.map(([delay], index) =>
          time.after(delay, () => {
            assert.strictEqual(time.now(), delay)
            fired.push(index)
          })
        )
        delays.forEach(([, isCalledOff], index) => {
          if (isCalledOff) cancels[index]?.()
        })
        time.run(Effect.sleep(51))
        const expected = delays
          .map(([delay, isCalledOff], index) => ({ delay, isCalledOff, index }))
          .filter(({ isCalledOff }) => !isCalledOff)
          .sort((a, b) => a.delay - b.delay || a.index - b.index)
        assert.deepStrictEqual(
          fired,
          expected.map(({ index }) => index)
        )
      })
    )
  })

  it("lets hours pass at once, and shows them on the program's clock", () => {
    const time = VirtualTime.make({ seed: 1 })
    const outcome = time.run(
      Effect.gen(function* () {
        const before = yield* Clock.currentTimeMillis
        yield* Effect.sleep("3 hours")
        return (yield* Clock.currentTimeMillis) - before
      })
    )
    assert.deepStrictEqual(outcome, { _tag: "Ended", exit: Exit.succeed(3 * 3_600_000) })
  })

  it("jumps the wall clock, forward and back, and no timer with it", () => {
    const time = VirtualTime.make({ seed: 1 })
    time.after(10, () => time.jump(3_600_000))
    time.after(20, () => time.jump(-7_200_000))
    const begun = time.wallClock()
    time.run(Effect.sleep(100))
    assert.strictEqual(time.now(), 100)
    assert.strictEqual(time.wallClock(), begun + 100 - 3_600_000)
  })

  it("is stuck when nothing will ever happen", () => {
    const stuck = Effect.async<never>(() => {})
    assert.strictEqual(VirtualTime.make({ seed: 1 }).run(stuck)._tag, "Stuck")
    const asleep = Effect.sleep(Infinity)
    assert.strictEqual(VirtualTime.make({ seed: 1 }).run(asleep)._tag, "Stuck")
  })

  it("gives up on a program that goes round in circles", () => {
    const time = VirtualTime.make({ seed: 1, maxSteps: 1000 })
    assert.strictEqual(time.run(Effect.forever(Effect.yieldNow()))._tag, "Endless")
  })

  it("makes fibers wait at arbitrary instructions, or not at all", () => {
    const order = (seed: number, yieldEvery: number) => {
      const log: Array<number> = []
      const write = (who: number) =>
        Effect.gen(function* () {
          for (let i = 0; i < 200; i++) yield* Effect.sync(() => log.push(who))
        })
      const all = Effect.all([write(1), write(2)], { concurrency: "unbounded", discard: true })
      VirtualTime.make({ seed, yieldEvery }).run(all)
      return log.join("")
    }
    assert.strictEqual(order(1, Infinity), "1".repeat(200) + "2".repeat(200))
    const orders = new Set(Array.from({ length: 20 }, (_, seed) => order(seed, 50)))
    assert.isAbove(orders.size, 15)
  })

  it("knows of every sleep that is not over, and forgets the interrupted", () => {
    FastCheck.assert(
      FastCheck.property(seeds, FastCheck.integer({ min: 40, max: 60 }), (seed, yieldEvery) => {
        const time = VirtualTime.make({ seed, yieldEvery })
        time.run(
          Effect.gen(function* () {
            const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(Effect.sleep(1000)))
            yield* Effect.sleep(time.dice.between(0, 1))
            yield* Fiber.interruptAll(fibers)
          })
        )
        assert.strictEqual(time.sleeping(), 0)
      })
    )
  })

  it("has dice that are fair, and of which a split changes nothing", () => {
    const { dice } = VirtualTime.make({ seed: 7 })
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 4000; i++) counts[dice.between(0, 3)]!++
    for (const count of counts) assert.approximately(count, 1000, 150)

    const draw = (isDrawn: boolean) => {
      const { dice } = VirtualTime.make({ seed: 7 })
      const other = dice.split()
      if (isDrawn) other.number()
      return [dice.number(), dice.pick(["a", "b", "c"]), dice.chance(0.5)]
    }
    assert.deepStrictEqual(draw(true), draw(false))
  })
})
