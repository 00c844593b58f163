import { Keepalive, type KeepaliveSettings } from "@fiberline/core/Keepalive"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"

const hour = 60 * 60 * 1000

/** What happens to the peer and to the machine, in the order of its time. */
interface World {
  readonly settings: KeepaliveSettings
  /** When something arrives. */
  readonly arrivals: ReadonlyArray<number>
  /** Whether what arrives in the very millisecond in which the timer fires is heard before it. */
  readonly arrivalFirst?: boolean
  /** How late a timer fires: by the number of the sleep. */
  readonly late?: (sleep: number) => number
  /** How far the clock is off at a time. */
  readonly skew?: (time: number) => number
}

interface Story {
  readonly probes: ReadonlyArray<number>
  readonly deadAt: number
  readonly heardAt: number
  /** How many of the probes were sent after that. */
  readonly unanswered: number
}

/**
 * Drives a keepalive as its documentation says: sleep `wait`, ask what is `due`, do it. Every peer
 * falls silent in the end, so every story has to end with a death.
 */
const live = (world: World): Story => {
  const { arrivalFirst = true, arrivals, late = () => 0, settings, skew = () => 0 } = world
  const clock = (time: number) => time + skew(time)
  const keepalive = new Keepalive(settings, clock(0))
  const probes: Array<number> = []
  let time = 0
  let heardAt = 0
  let unanswered = 0
  let next = 0
  for (let sleep = 0; sleep < 100_000; sleep++) {
    const wait = keepalive.wait(clock(time))
    assert.isAtLeast(wait, 0)
    assert.isAtMost(wait, settings.interval)
    time += wait + late(sleep)
    for (; next < arrivals.length; next++) {
      const arrival = arrivals[next]!
      if (arrivalFirst ? arrival > time : arrival >= time) break
      heardAt = arrival
      unanswered = 0
      keepalive.heard(clock(arrival))
    }
    const due = keepalive.due(clock(time))
    assert.strictEqual(keepalive.due(clock(time)), due, "asking twice gives another answer")
    if (due === "Dead") return { probes, deadAt: time, heardAt, unanswered }
    if (due === "Probe") {
      probes.push(time)
      unanswered++
      keepalive.probed(clock(time))
    }
  }
  throw new Error("a silent peer was never called dead")
}

const settings: fc.Arbitrary<KeepaliveSettings> = fc.record({
  interval: fc.integer({ min: 1, max: 60 }),
  timeout: fc.integer({ min: 0, max: 60 })
})

/** Arrivals by the silence before each, of up to so many times the bound. */
const arrivalsWith = (
  settings: fc.Arbitrary<KeepaliveSettings>,
  silence: (bound: number) => number
): fc.Arbitrary<{ settings: KeepaliveSettings; arrivals: ReadonlyArray<number> }> =>
  settings.chain((settings) =>
    fc
      .array(fc.nat(silence(settings.interval + settings.timeout)), { maxLength: 20 })
      .map((silences) => {
        let time = 0
        return { settings, arrivals: silences.map((silence) => (time += silence)) }
      })
  )

const world: fc.Arbitrary<World> = fc
  .tuple(
    arrivalsWith(settings, (bound) => 2 * bound),
    fc.boolean()
  )
  .map(([world, arrivalFirst]) => ({ ...world, arrivalFirst }))

/** The first arrival after which there is silence for the whole bound. */
const lastHeard = ({ arrivalFirst = true, arrivals, settings }: World): number => {
  const bound = settings.interval + settings.timeout
  let heard = 0
  for (const arrival of arrivals) {
    if (arrivalFirst ? arrival > heard + bound : arrival >= heard + bound) break
    heard = arrival
  }
  return heard
}

describe("a peer that falls silent", () => {
  it("is dead exactly interval + timeout after it was last heard, and never earlier", () => {
    fc.assert(
      fc.property(world, (world) => {
        const { interval, timeout } = world.settings
        assert.strictEqual(live(world).deadAt, lastHeard(world) + interval + timeout)
      }),
      { numRuns: 1000 }
    )
  })

  it("was probed exactly interval after it was last heard", () => {
    fc.assert(
      fc.property(world, (world) => {
        const { deadAt, heardAt, probes } = live(world)
        assert.strictEqual(probes.at(-1), heardAt + world.settings.interval)
        assert.strictEqual(deadAt, heardAt + world.settings.interval + world.settings.timeout)
      }),
      { numRuns: 1000 }
    )
  })

  it("is probed once", () => {
    const { deadAt, probes } = live({ settings: { interval: 20, timeout: 10 }, arrivals: [] })
    assert.deepEqual(probes, [20])
    assert.strictEqual(deadAt, 30)
  })

  it("is probed once where the timeout is longer than the interval, too", () => {
    const { deadAt, probes } = live({ settings: { interval: 10, timeout: 45 }, arrivals: [] })
    assert.deepEqual(probes, [10])
    assert.strictEqual(deadAt, 55)
  })
})

describe("a peer that is heard often enough", () => {
  it("is not dead as long as it is", () => {
    fc.assert(
      fc.property(
        arrivalsWith(settings, (bound) => bound - 1),
        (world) => {
          const { heardAt } = live(world)
          assert.strictEqual(heardAt, world.arrivals.at(-1) ?? 0)
        }
      )
    )
  })

  it("is not even probed where it is heard within every interval", () => {
    const { probes } = live({
      settings: { interval: 20, timeout: 10 },
      arrivals: [19, 38, 57, 76]
    })
    assert.deepEqual(probes, [96])
  })

  it("is heard before the timer of the same millisecond, or after it", () => {
    const settings = { interval: 20, timeout: 10 }
    for (const arrivalFirst of [true, false]) {
      // The second arrives in the millisecond of the first probe.
      const { deadAt, probes } = live({ settings, arrivals: [20, 20, 20], arrivalFirst })
      assert.deepEqual(probes, arrivalFirst ? [40] : [20, 40])
      assert.strictEqual(deadAt, 50)
    }
  })

  it("is alive in the last millisecond of its time", () => {
    const settings = { interval: 20, timeout: 10 }
    assert.strictEqual(live({ settings, arrivals: [29] }).deadAt, 59)
    assert.strictEqual(live({ settings, arrivals: [30] }).deadAt, 60)
    assert.strictEqual(live({ settings, arrivals: [30], arrivalFirst: false }).deadAt, 30)
  })
})

const seconds = { interval: 20_000, timeout: 10_000 }

describe("a pong", () => {
  it("that comes before the probe does not answer it", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.heard(5_000)
    assert.strictEqual(keepalive.due(25_000), "Probe")
    keepalive.probed(25_000)
    assert.strictEqual(keepalive.due(34_999), "Wait")
    assert.strictEqual(keepalive.due(35_000), "Dead")
  })

  it("that comes in the millisecond of the probe, but before it, puts it off", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.heard(20_000)
    assert.strictEqual(keepalive.due(20_000), "Wait")
    assert.strictEqual(keepalive.due(40_000), "Probe")
  })

  it("that comes in the millisecond of the probe, after it, answers it", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.probed(20_000)
    keepalive.heard(20_000)
    assert.strictEqual(keepalive.due(30_000), "Wait")
    assert.strictEqual(keepalive.due(40_000), "Probe")
  })

  it("answers one probe and not the next", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.probed(20_000)
    keepalive.heard(20_010)
    keepalive.probed(40_010)
    assert.strictEqual(keepalive.due(50_010), "Dead")
  })
})

describe("while reading is paused", () => {
  it("the peer is never dead and never probed, at any time", () => {
    fc.assert(
      fc.property(settings, fc.nat(), fc.nat(), fc.boolean(), (settings, start, then, probed) => {
        const keepalive = new Keepalive(settings, start)
        if (probed) keepalive.probed(start + settings.interval)
        keepalive.pause()
        assert.strictEqual(keepalive.due(then), "Wait")
        assert.strictEqual(keepalive.deadline, Infinity)
        // The driver has to be awake for the deadline that `resume` sets.
        assert.strictEqual(keepalive.wait(then), settings.interval)
      })
    )
  })

  it("what arrives all the same does no harm", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.pause()
    keepalive.heard(1_000)
    assert.strictEqual(keepalive.due(hour), "Wait")
    assert.strictEqual(keepalive.deadline, Infinity)
  })
})

describe("once reading is resumed", () => {
  it("the peer has the full time again, whatever went before", () => {
    fc.assert(
      fc.property(settings, fc.nat(), fc.boolean(), (settings, resumed, probed) => {
        const { interval, timeout } = settings
        const keepalive = new Keepalive(settings, 0)
        if (probed) keepalive.probed(interval)
        keepalive.pause()
        keepalive.resume(resumed)
        assert.strictEqual(keepalive.due(resumed + interval - 1), "Wait")
        assert.strictEqual(keepalive.due(resumed + interval), "Probe")
        keepalive.probed(resumed + interval)
        if (timeout > 0) assert.strictEqual(keepalive.due(resumed + interval + timeout - 1), "Wait")
        assert.strictEqual(keepalive.due(resumed + interval + timeout), "Dead")
      })
    )
  })

  it("a driver that slept through the pause is awake in time", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.pause()
    // Asleep from 19 s to 39 s, and resumed at 20 s.
    assert.strictEqual(19_000 + keepalive.wait(19_000), 39_000)
    keepalive.resume(20_000)
    assert.isAtMost(39_000, keepalive.deadline)
  })
})

describe("the round trip", () => {
  it("is unknown until a probe is answered, whatever else is heard", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.heard(5_000)
    keepalive.probed(25_000)
    assert.isUndefined(keepalive.roundTrip)
    assert.strictEqual(keepalive.answers, 0)
  })

  it("is the time from a probe to the first thing heard after it, each time", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat())), (trips) => {
        const keepalive = new Keepalive(seconds, 0)
        let time = 0
        for (const [index, [silence, trip, rest]] of trips.entries()) {
          keepalive.probed((time += silence))
          keepalive.heard((time += trip))
          // Nobody asked for this.
          keepalive.heard((time += rest))
          assert.strictEqual(keepalive.roundTrip, trip)
          assert.strictEqual(keepalive.answers, index + 1)
        }
      })
    )
  })

  it("of a peer that was asked twice is that of the second probe", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.probed(20_000)
    keepalive.probed(8 * hour)
    keepalive.heard(8 * hour + 100)
    assert.strictEqual(keepalive.roundTrip, 100)
    assert.strictEqual(keepalive.answers, 1)
  })

  it("is not negative where the clock was set back meanwhile", () => {
    const keepalive = new Keepalive(seconds, hour)
    keepalive.probed(hour + 20_000)
    keepalive.heard(0)
    assert.strictEqual(keepalive.roundTrip, 0)
  })

  it("is not measured by a pause: how long we did not read says nothing about the way", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.probed(20_000)
    keepalive.heard(20_100)
    keepalive.probed(40_100)
    keepalive.pause()
    keepalive.resume(hour)
    // Its answer, which lay unread.
    keepalive.heard(hour)
    assert.strictEqual(keepalive.roundTrip, 100)
    assert.strictEqual(keepalive.answers, 1)
  })
})

describe("after the machine slept", () => {
  it("through a probe's time, the peer is probed, not trusted and not called dead", () => {
    const keepalive = new Keepalive(seconds, 0)
    assert.strictEqual(keepalive.due(8 * hour), "Probe")
    keepalive.probed(8 * hour)
    assert.strictEqual(keepalive.due(8 * hour + 9_999), "Wait")
    assert.strictEqual(keepalive.due(8 * hour + 10_000), "Dead")
  })

  it("through an answer's time, the peer is probed once more and has its timeout again", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.probed(20_000)
    assert.strictEqual(keepalive.due(8 * hour), "Probe")
    keepalive.probed(8 * hour)
    assert.strictEqual(keepalive.due(8 * hour + 9_999), "Wait")
    assert.strictEqual(keepalive.due(8 * hour + 10_000), "Dead")
  })

  it("the peer lives if it answers the second probe", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.probed(20_000)
    keepalive.probed(8 * hour)
    keepalive.heard(8 * hour + 100)
    assert.strictEqual(keepalive.due(8 * hour + 10_000), "Wait")
    // And it may sleep again.
    keepalive.probed(8 * hour + 20_100)
    assert.strictEqual(keepalive.due(16 * hour), "Probe")
  })

  it("there is only one more probe until something is heard", () => {
    // Be it in the very same millisecond.
    for (const again of [20_000, 8 * hour]) {
      const keepalive = new Keepalive(seconds, 0)
      keepalive.probed(20_000)
      keepalive.probed(again)
      assert.strictEqual(keepalive.due(16 * hour), "Dead")
    }
  })

  it("a timer that is late by less than a timeout is believed", () => {
    const keepalive = new Keepalive(seconds, 0)
    keepalive.probed(20_000)
    assert.strictEqual(keepalive.due(39_999), "Dead")
    assert.strictEqual(keepalive.due(40_000), "Probe")
  })
})

describe("a process whose timers are late", () => {
  it("still calls a silent peer dead, after two probes at most", () => {
    fc.assert(
      fc.property(world, fc.array(fc.nat(1000), { minLength: 1 }), (world, delays) => {
        const late = (sleep: number) => delays[sleep % delays.length]!
        const { interval, timeout } = world.settings
        const { deadAt, heardAt, unanswered } = live({ ...world, late })
        assert.isAtMost(unanswered, 2)
        // One sleep to the probe, one to its timeout, one to the second probe's.
        const latest = interval + 2 * timeout + 3 * Math.max(...delays)
        assert.isAtMost(deadAt - heardAt, latest)
      })
    )
  })

  it("does not call a peer dead that it gave no time to answer", () => {
    fc.assert(
      fc.property(world, fc.array(fc.nat(1000), { minLength: 1 }), (world, delays) => {
        const { deadAt, probes } = live({
          ...world,
          late: (sleep) => delays[sleep % delays.length]!
        })
        assert.isAtLeast(deadAt - probes.at(-1)!, world.settings.timeout)
      })
    )
  })
})

describe("after the clock was set back", () => {
  it("a silent peer is dead within twice the bound, and had its time to answer", () => {
    const jump = fc.record({ at: fc.nat(500), by: fc.oneof(fc.nat(200), fc.nat(48 * hour)) })
    fc.assert(
      fc.property(world, jump, (world, { at, by }) => {
        const { interval, timeout } = world.settings
        const { deadAt, heardAt, probes } = live({
          ...world,
          skew: (time) => (time < at ? 0 : -by)
        })
        assert.isAtMost(deadAt - heardAt, 2 * (interval + timeout))
        assert.isAtLeast(deadAt - probes.at(-1)!, timeout)
      }),
      { numRuns: 1000 }
    )
  })

  it("a peer that goes on being heard lives, on the new time", () => {
    const keepalive = new Keepalive(seconds, hour)
    keepalive.heard(1_000)
    assert.strictEqual(keepalive.due(20_999), "Wait")
    assert.strictEqual(keepalive.due(21_000), "Probe")
  })

  it("the peer is probed at once, and no later than after an interval", () => {
    const keepalive = new Keepalive(seconds, 8 * hour)
    assert.isAtMost(keepalive.wait(0), seconds.interval)
    assert.strictEqual(keepalive.due(0), "Probe")
    keepalive.probed(0)
    assert.strictEqual(keepalive.due(10_000), "Dead")
  })

  it("and forward again, the peer still gets its second probe", () => {
    const keepalive = new Keepalive(seconds, 8 * hour)
    keepalive.probed(8 * hour + 20_000)
    keepalive.probed(0)
    assert.strictEqual(keepalive.due(8 * hour + 25_000), "Probe")
  })

  it("its silence is never counted as negative", () => {
    assert.strictEqual(new Keepalive(seconds, hour).silentFor(0), 0)
  })
})

describe("the time to sleep", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom("heard", "probed", "resume"), at: fc.nat(10 * hour) }),
    fc.record({ do: fc.constant("pause"), at: fc.constant(0) })
  )

  it("is a number between nothing and the interval, whatever happened", () => {
    fc.assert(
      fc.property(
        settings,
        fc.nat(),
        fc.array(step),
        fc.integer(),
        (settings, start, steps, now) => {
          const keepalive = new Keepalive(settings, start)
          for (const { at, do: name } of steps) {
            if (name === "heard") keepalive.heard(at)
            else if (name === "probed") keepalive.probed(at)
            else if (name === "resume") keepalive.resume(at)
            else keepalive.pause()
          }
          const wait = keepalive.wait(now)
          assert.isNotNaN(wait)
          assert.isAtLeast(wait, 0)
          assert.isAtMost(wait, settings.interval)
        }
      )
    )
  })

  it("ends the wait: after it something is due, or was put off by what was heard", () => {
    fc.assert(
      fc.property(settings, fc.nat(1000), ({ interval, timeout }, now) => {
        const keepalive = new Keepalive({ interval, timeout }, 0)
        const then = now + keepalive.wait(now)
        assert.strictEqual(keepalive.due(then), "Probe")
        keepalive.probed(then)
        let time = then
        // A timeout longer than the interval takes several sleeps.
        for (let sleeps = Math.ceil(timeout / interval); sleeps > 0; sleeps--) {
          assert.strictEqual(keepalive.due(time), "Wait")
          time += keepalive.wait(time)
        }
        assert.strictEqual(time, then + timeout)
        assert.strictEqual(keepalive.due(time), "Dead")
      })
    )
  })

  it("is for ever, where nothing is ever to be asked", () => {
    const keepalive = new Keepalive({ interval: Infinity, timeout: 10 }, 0)
    assert.strictEqual(keepalive.wait(hour), Infinity)
    assert.strictEqual(keepalive.due(Number.MAX_SAFE_INTEGER), "Wait")
  })
})

describe("fractions of a millisecond", () => {
  it("leave no rest that is slept for ever by timers that count nanoseconds", () => {
    const millis = fc.double({ min: 1e-3, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(millis, millis, (start, interval) => {
        const keepalive = new Keepalive({ interval, timeout: interval }, start)
        let time = start
        let sleeps = 0
        while (keepalive.due(time) === "Wait") {
          time += Math.round(keepalive.wait(time) * 1e6) / 1e6
          assert.isBelow(++sleeps, 10)
        }
      }),
      { numRuns: 10_000 }
    )
  })
})

describe("a peer that wants to hear of us", () => {
  const settings = { interval: 10, timeout: 5, always: true }

  it("is probed every interval, however much it is heard", () => {
    const arrivals = Array.from({ length: 100 }, (_, i) => i + 1)
    const { probes } = live({ settings, arrivals })
    assert.deepEqual(probes, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
  })

  it("is called dead at most interval + timeout after it was last heard, and never before its timeout", () => {
    fc.assert(
      fc.property(
        arrivalsWith(
          fc.record({
            interval: fc.integer({ min: 1, max: 60 }),
            timeout: fc.integer({ min: 0, max: 60 }),
            always: fc.constant(true)
          }),
          (bound) => bound
        ),
        ({ arrivals, settings }) => {
          const { deadAt, heardAt, probes } = live({ settings, arrivals })
          assert.isAtMost(deadAt - heardAt, settings.interval + settings.timeout)
          assert.strictEqual(deadAt - Math.max(...probes), settings.timeout)
        }
      )
    )
  })

  it("is probed while we do not read, and not called dead", () => {
    const keepalive = new Keepalive(settings, 0)
    keepalive.pause()
    for (let now = 10; now <= 100; now += 10) {
      assert.strictEqual(keepalive.due(now - 1), "Wait")
      assert.strictEqual(keepalive.due(now), "Probe")
      keepalive.probed(now)
    }
    keepalive.resume(100)
    assert.strictEqual(keepalive.due(109), "Wait")
    assert.strictEqual(keepalive.due(110), "Probe")
  })

  it("is probed at once when the clock was set back", () => {
    const keepalive = new Keepalive(settings, hour)
    keepalive.probed(hour + 10)
    keepalive.heard(0)
    assert.strictEqual(keepalive.due(1), "Probe")
    keepalive.probed(1)
    keepalive.heard(2)
    assert.strictEqual(keepalive.due(10), "Wait")
    assert.strictEqual(keepalive.due(11), "Probe")
  })
})
