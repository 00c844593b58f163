import { assert, describe, it } from "@effect/vitest"
import type { Wire, WireListener } from "@fiberline/client/Wire"
import * as Effect from "effect/Effect"
import { bounds, detection, tolerance } from "../../src/soak/bounds.js"
import { Lag } from "../../src/soak/lag.js"
import { LinkWatch } from "../../src/soak/linkWatch.js"
import { makeJudge } from "./judge.js"

describe("a connection", () => {
  /** A client's wire that does nothing of itself, and what it is told. */
  const make = () => {
    const { found, judge, time } = makeJudge()
    const lag = new Lag()
    const watch = new LinkWatch(judge, 0, lag)
    const listeners: Array<WireListener> = []
    const idle: Wire = {
      send: () => {},
      close: () => {},
      terminate: () => {},
      flow: { pause: () => {}, resume: () => {} },
      settle: Effect.void
    }
    const open = watch.watched((_, listener) => {
      listeners.push(listener)
      return idle
    })
    const connect = () => {
      const request = { url: "ws://test", subprotocols: [], headers: {}, maxFrameSize: 1 }
      const wire = open(request, {
        onOpen: () => {},
        onActivity: () => {},
        onFrame: () => {},
        onEnd: () => {}
      })
      return { wire, listener: listeners.at(-1)! }
    }
    const live = () => {
      const connection = connect()
      connection.listener.onOpen("")
      connection.listener.onFrame('{"type":"connection_ack"}')
      return connection
    }
    return { watch, lag, connect, live, found, time }
  }
  const late = tolerance + 1

  it("that is noticed to be dead in time is well", () => {
    const { found, live, time, watch } = make()
    const { wire } = live()
    time.now = detection + tolerance
    watch.check()
    wire.terminate()
    watch.lastByte(1, 0)
    assert.deepStrictEqual(found(), [])
  })

  it("whose silence is noticed late, or not at all: 2", () => {
    const late1 = make()
    const { wire } = late1.live()
    late1.time.now = detection + late
    wire.terminate()
    assert.deepStrictEqual(late1.found(), [2])

    const never = make()
    never.live()
    never.time.now = detection + late
    never.watch.check()
    never.watch.check()
    assert.deepStrictEqual(never.found(), [2])
  })

  it("that was let hear nothing for longer than it says: 2", () => {
    const { found, live, time, watch } = make()
    const { listener, wire } = live()
    time.now = 1000
    listener.onActivity()
    time.now = detection + late
    wire.terminate()
    assert.deepStrictEqual(found(), [])
    watch.lastByte(1, 0)
    assert.deepStrictEqual(found(), [2])
  })

  it("of which nothing is read, or read again not long since, is well", () => {
    const { found, live, time, watch } = make()
    const { wire } = live()
    wire.flow!.pause()
    time.now = 10 * detection
    watch.check()
    wire.flow!.resume()
    time.now += detection
    wire.terminate()
    watch.lastByte(1, 0)
    assert.deepStrictEqual(found(), [])
  })

  it("that is late because the process did not run is well, and no longer", () => {
    for (const [excess, expected] of [
      [0, []],
      [1, [2]]
    ] as const) {
      const { found, lag, live, time } = make()
      const { wire } = live()
      lag.runs(0, 1000)
      lag.runs(1300, Infinity)
      time.now = detection + tolerance + 300 + excess
      wire.terminate()
      assert.deepStrictEqual(found(), [...expected])
    }
  })

  it("that takes too long to open, to be acknowledged, to close: 3", () => {
    const opening = make()
    opening.connect()
    opening.time.now = bounds.connectTimeout + late
    opening.watch.check()
    assert.deepStrictEqual(opening.found(), [3])

    const acknowledging = make()
    acknowledging.connect().listener.onOpen("")
    acknowledging.time.now = bounds.ackTimeout + late
    acknowledging.watch.check()
    assert.deepStrictEqual(acknowledging.found(), [3])

    const closing = make()
    closing.live().wire.close(1000, "")
    closing.time.now = bounds.closeTimeout + late
    closing.watch.check()
    assert.deepStrictEqual(closing.found(), [3])
  })

  it("beside another: 9, after another: none", () => {
    const { connect, found, live } = make()
    live().wire.terminate()
    live()
    assert.deepStrictEqual(found(), [])
    connect()
    assert.deepStrictEqual(found(), [9])
  })
})
