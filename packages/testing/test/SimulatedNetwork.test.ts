import { assert, describe, it } from "@effect/vitest"
import type { Wire, WireEnd } from "@fiberline/client/Wire"
import { type Fault, faults, type FaultRates, noFaults } from "@fiberline/testing/NetworkFaults"
import * as SimulatedNetwork from "@fiberline/testing/SimulatedNetwork"
import * as VirtualTime from "@fiberline/testing/VirtualTime"
import * as Effect from "effect/Effect"

interface Client {
  readonly network: SimulatedNetwork.SimulatedNetwork
  readonly wire: Wire
  readonly frames: Array<string>
  readonly ends: Array<WireEnd>
  readonly run: (millis: number) => void
}

/** A client that introduces itself, and does what it is told from then on. */
const open = (
  rates: Partial<FaultRates> = {},
  options: Partial<SimulatedNetwork.NetworkOptions> = {},
  seed = 1,
  subprotocols = ["graphql-transport-ws"]
): Client => {
  const time = VirtualTime.make({ seed })
  const network = SimulatedNetwork.make({ time, rates: { ...noFaults, ...rates }, ...options })
  const frames: Array<string> = []
  const ends: Array<WireEnd> = []
  const wire = network.openWire(
    {
      url: "ws://test/?token=hush",
      subprotocols,
      headers: {},
      maxFrameSize: 1000
    },
    {
      onOpen: () => wire.send(`{"type":"connection_init"}`),
      onActivity: () => {},
      onFrame: (frame) => frames.push(String(frame)),
      onEnd: (end) => ends.push(end)
    }
  )
  return { network, wire, frames, ends, run: (millis) => void time.run(Effect.sleep(millis)) }
}

const subscribe = (variables: object) =>
  JSON.stringify({
    type: "subscribe",
    id: "1",
    payload: { query: "subscription { event { number text } }", variables }
  })

const numbers = (frames: ReadonlyArray<string>) =>
  frames.flatMap((frame) => /"number":(\d+)/.exec(frame)?.[1] ?? []).map(Number)

describe("SimulatedNetwork", () => {
  it("carries everything, in order, when nothing goes wrong", () => {
    const { ends, frames, network, run, wire } = open()
    run(1000)
    wire.send(subscribe({ after: 0, count: 20, who: "me" }))
    run(1000)
    assert.deepStrictEqual(network.endpoint("test").subscribers(), ["me"])
    run(60_000)
    assert.deepStrictEqual(
      numbers(frames),
      Array.from({ length: 20 }, (_, i) => i + 1)
    )
    assert.include(frames.at(-1), "complete")
    assert.deepStrictEqual(network.endpoint("test").subscribers(), [])
    wire.close(1000, "")
    run(1000)
    assert.deepStrictEqual(ends, [{ _tag: "Closed", code: 1000, reason: "" }])
    assert.strictEqual(network.sockets(), 0)
    assert.deepStrictEqual(network.faults(), noFaults)
  })

  it("counts what it executes by key", () => {
    const { network, run, wire } = open()
    run(1000)
    for (const id of ["1", "2"]) {
      const payload = { query: "mutation { executed }", variables: { key: "k" } }
      wire.send(JSON.stringify({ type: "subscribe", id, payload }))
    }
    run(1000)
    assert.strictEqual(network.endpoint("test").executed("k"), 2)
    assert.strictEqual(network.endpoint("test").executed("other"), 0)
  })

  it("stops reading where it is asked to, but for what was read, and loses nothing", () => {
    const { frames, run, wire } = open()
    run(1000)
    wire.send(subscribe({ after: 0 }))
    run(2000)
    wire.flow?.pause()
    const before = frames.length
    run(5000)
    assert.strictEqual(frames.length, before)
    wire.flow?.resume()
    const all = numbers(frames)
    assert.isAbove(all.length, before)
    assert.deepStrictEqual(
      all,
      all.map((_, i) => i + 1)
    )
  })

  const ended = (rates: Partial<FaultRates>, options = {}) => {
    const client = open(rates, { faultWindow: 100, ...options })
    client.run(70_000)
    return client
  }

  it("refuses, rejects and never answers", () => {
    assert.strictEqual(ended({ refused: 1 }).ends[0]?._tag, "Failed")
    const [rejected] = ended({ rejected: 1 }).ends
    assert(rejected?._tag === "Rejected")
    assert.oneOf(rejected.status, [401, 403, 404, 500, 503])
    assert.include(rejected.headers.echo, "hush")
    const unanswered = ended({ unanswered: 1 })
    assert.deepStrictEqual([unanswered.ends, unanswered.frames], [[], []])
    assert.strictEqual(unanswered.network.sockets(), 1)
  })

  it("resets, closes, drops and kills", () => {
    assert.strictEqual(ended({ reset: 1 }).ends[0]?._tag, "Failed")
    assert.strictEqual(ended({ closed: 1 }).ends[0]?._tag, "Closed")
    assert.strictEqual(ended({ dropped: 1 }).ends[0]?._tag, "Closed")
    const [killed] = ended({ killed: 1 }).ends
    assert.deepStrictEqual(killed, { _tag: "Closed", code: 1006, reason: "" })
  })

  it("does not acknowledge", () => {
    assert.deepStrictEqual(ended({ unacknowledged: 1 }).frames, [])
  })

  it("sends what it should not", () => {
    assert.isTrue(ended({ oversized: 1 }).frames.some((frame) => frame.length > 1000))
    const extra = (rates: Partial<FaultRates>) => ended(rates, { faultWindow: 5000 }).frames.length
    assert.strictEqual(extra({ malformed: 1 }), 2)
    assert.strictEqual(extra({ unexpected: 1 }), 2)
  })

  it("loses one direction, or both, and tells nobody", () => {
    const answers = (kind: Fault) => {
      const { ends, frames, network, run, wire } = ended({ [kind]: 1 })
      const before = frames.length
      const payload = { query: "{ executed }", variables: { key: "k" } }
      wire.send(JSON.stringify({ type: "subscribe", id: "1", payload }))
      run(1000)
      assert.deepStrictEqual(ends, [])
      return [network.endpoint("test").executed("k"), frames.length - before]
    }
    assert.deepStrictEqual(answers("lostUp"), [0, 0])
    assert.deepStrictEqual(answers("lostDown"), [1, 0])
    assert.deepStrictEqual(answers("lostBoth"), [0, 0])
  })

  it("stalls and freezes, and goes on where it was", () => {
    for (const kind of ["stalled", "frozen"] as const) {
      const { frames, run, wire } = open({ [kind]: 1 }, { faultWindow: 5000 })
      run(6000)
      wire.send(subscribe({ after: 0 }))
      run(100_000)
      const all = numbers(frames)
      assert.isAbove(all.length, 10, kind)
      assert.deepStrictEqual(
        all,
        all.map((_, i) => i + 1)
      )
    }
  })

  it("does not say that a socket was closed", () => {
    const { ends, network, run, wire } = open({ unclosed: 1 })
    run(1000)
    wire.close(1000, "")
    run(60_000)
    assert.deepStrictEqual([ends, network.sockets()], [[], 1])
    wire.terminate()
    assert.deepStrictEqual([ends, network.sockets()], [[], 0])
  })

  it("sets the clock", () => {
    const time = VirtualTime.make({ seed: 3 })
    const network = SimulatedNetwork.make({ time, rates: { ...noFaults, clockJump: 1 } })
    const begun = time.wallClock()
    time.run(Effect.sleep(15_000))
    assert.notStrictEqual(time.wallClock(), begun + 15_000)
    assert.strictEqual(network.faults().clockJump, 1)
  })

  it("counts each kind it is told to inject, and writes it down", () => {
    // One is not told, and one can only be where subscriptions are confirmed.
    const told = faults.filter((kind) => kind !== "partial" && kind !== "unestablished")
    for (const kind of told) {
      const { network, run, wire } = open({ [kind]: 1 }, { faultWindow: 100 })
      run(1000)
      wire.send(`{"type":"subscribe","id":"9","payload":{"query":"{ executed }"}}`)
      run(15_000)
      assert.isAbove(network.faults()[kind], 0, kind)
      assert.isTrue(
        network.timeline().some((line) => line.includes(`FAULT ${kind}`)),
        kind
      )
    }
  })

  it("confirms a subscription, or does not, where there is a word for that", () => {
    for (const unestablished of [0, 1]) {
      const appSync = ["graphql-ws", "header-e30"]
      const { frames, network, run, wire } = open({ unestablished }, {}, 1, appSync)
      run(1000)
      const data = JSON.stringify({ query: "subscription { event { number text } }" })
      wire.send(JSON.stringify({ type: "start", id: "1", payload: { data } }))
      run(15_000)
      assert.strictEqual(network.faults().unestablished, unestablished)
      const isConfirmed = frames.some((frame) => frame.includes("start_ack"))
      assert.strictEqual(isConfirmed, unestablished === 0)
      assert.strictEqual(numbers(frames).length > 0, unestablished === 0)
    }
  })

  it("has a server at every host, each with a log of its own", () => {
    const { network, run } = open()
    run(10_000)
    const [one, other] = [network.endpoint("test"), network.endpoint("other")]
    run(1000)
    assert.deepStrictEqual([one.sockets(), other.sockets()], [1, 0])
    assert.isAbove(other.published(), 0)
    assert.isBelow(other.published(), one.published())
  })

  it("delivers a part before the rest, and nothing overtakes it", () => {
    const time = VirtualTime.make({ seed: 1 })
    const seen: Array<string> = []
    const network = SimulatedNetwork.make({
      time,
      rates: { ...noFaults, partial: 0.5 },
      observe: ({ _tag }) => void seen.push(_tag)
    })
    const told: Array<string> = []
    const wire = network.openWire(
      { url: "ws://test", subprotocols: ["s"], headers: {}, maxFrameSize: 1000 },
      {
        onOpen: () => wire.send(`{"type":"connection_init"}`),
        onActivity: () => told.push("HeardPart"),
        onFrame: (frame) => told.push(String(frame).includes("next") ? "next" : "Heard"),
        onEnd: () => {}
      }
    )
    time.run(Effect.sleep(10_000))
    wire.send(subscribe({ after: 0, count: 20 }))
    time.run(Effect.sleep(120_000))
    assert.strictEqual(told.filter((what) => what === "next").length, 20)
    const parts = told.filter((what) => what === "HeardPart").length
    assert.isAbove(parts, 5)
    assert.strictEqual(network.faults().partial, parts)
    assert.strictEqual(seen.filter((what) => what === "HeardPart").length, parts)
  })

  it("says the same for the same seed", () => {
    const timeline = (seed: number) => {
      const { network, run, wire } = open({}, { rates: {} }, seed)
      run(500)
      wire.send(subscribe({ after: 0 }))
      run(30_000)
      return network.timeline()
    }
    for (let seed = 0; seed < 20; seed++) assert.deepStrictEqual(timeline(seed), timeline(seed))
  })
})
