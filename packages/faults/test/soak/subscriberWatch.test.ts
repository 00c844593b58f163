import { assert, describe, it } from "@effect/vitest"
import { ConnectionLost, NetworkError } from "@fiberline/client/NetworkError"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { textOf } from "../../src/soak/log.js"
import { SubscriberWatch, type Terms } from "../../src/soak/subscriberWatch.js"
import { makeJudge } from "./judge.js"

const lost = new NetworkError({
  reason: new ConnectionLost(),
  phase: "live",
  endpoint: "ws://test",
  sent: true
})

describe("a subscriber", () => {
  const make = (terms: Partial<Terms> = {}) => {
    const { found, judge } = makeJudge()
    const watch = new SubscriberWatch(judge, {
      who: "somebody",
      endpoint: 3,
      resumes: true,
      buffer: { capacity: 4, strategy: "fail" },
      mayBeGivenUp: false,
      ...terms
    })
    const event = (number: number) => watch.event({ number, text: textOf(3, number) })
    return { watch, event, found }
  }

  it("that gets all, in order, over a leave, is well", () => {
    const { event, found, watch } = make()
    watch.subscribes()
    watch.batch(2)
    event(7)
    event(8)
    watch.ended(Exit.interrupt(FiberId.none), true, false)
    watch.subscribes()
    event(9)
    watch.ended(Exit.fail(lost), false, true)
    assert.deepStrictEqual(found(), [])
  })

  it("that resumes and misses one, or gets one twice: 6", () => {
    const { event, found } = make()
    for (const number of [1, 3, 3]) event(number)
    assert.deepStrictEqual(found(), [6, 6])
  })

  it("that misses one without a gap: 5, with one: none", () => {
    const { event, found, watch } = make({ resumes: false })
    event(1)
    watch.gap()
    event(5)
    assert.deepStrictEqual(found(), [])
    event(7)
    assert.deepStrictEqual(found(), [5])
  })

  it("that gets another's event: 5", () => {
    const { found, watch } = make()
    watch.event({ number: 1, text: textOf(4, 1) })
    assert.deepStrictEqual(found(), [5])
  })

  it("that is handed more than its buffer holds: 7", () => {
    const { found, watch } = make()
    watch.batch(5)
    assert.deepStrictEqual(found(), [7])
  })

  const ends = {
    "as if its data had": Exit.void,
    "with a defect": Exit.die(new Error("oops")),
    "by an interruption that nobody asked for": Exit.interrupt(FiberId.none),
    "with a failure while its client tries for ever": Exit.fail(lost)
  }
  for (const [how, exit] of Object.entries(ends)) {
    it(`that ends ${how}: 1`, () => {
      const { found, watch } = make()
      watch.ended(exit, false, false)
      assert.deepStrictEqual(found(), [1])
    })
  }

  it("that ends for several reasons, an interruption among them: 1", () => {
    const { found, watch } = make()
    const cause = Cause.parallel(Cause.interrupt(FiberId.none), Cause.die("oops"))
    watch.ended(Exit.failCause(cause), true, false)
    assert.deepStrictEqual(found(), [1])
  })
})
