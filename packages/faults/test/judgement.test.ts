import { assert, describe, it } from "@effect/vitest"
import { tolerance } from "../src/bounds.js"
import { judge, type Observed } from "../src/judgement.js"
import type { Scenario } from "../src/scenario.js"
import { scenarios } from "../src/scenarios.js"

const scenario = (name: string): Scenario => {
  const found = scenarios().find((scenario) => scenario.name === name)
  assert.isDefined(found, name)
  return found
}

const told = (reason: string, at: number) => ({
  _tag: "Ended" as const,
  reason,
  at,
  subscribedAt: 900,
  attemptAt: 500,
  openAt: 510,
  lastByteAt: 1000,
  late: 3
})

/** A black hole as it should be noticed. */
const noticed: Observed = {
  faultAt: 1010,
  watchedMs: 2000,
  noticed: true,
  told: told("KeepaliveTimeout", 3020),
  closed: { _tag: "Closed", from: 3100, to: 3105, late: 2 },
  sockets: [],
  eventsBefore: 5,
  seen: { _tag: "Seen", events: 6, inOrder: true },
  left: { open: [], after: 30 }
}

/** A connection that lived, and was then closed. */
const lived: Observed = {
  ...noticed,
  noticed: false,
  watchedMs: 6000,
  told: told("ClientClosed", 7101),
  closed: { _tag: "Closed", from: 7100, to: 7150, late: 2 },
  seen: { _tag: "Seen", events: 60, inOrder: true }
}

const problems = (name: string, observed: Observed) =>
  judge(scenario(name), observed, tolerance).problems

describe("a link that is silent", () => {
  const name = "black hole, mid-stream"

  it("is well if it was noticed in time", () => {
    assert.deepStrictEqual(judge(scenario(name), noticed, tolerance), {
      name,
      boundMs: 2000,
      measuredMs: 2020,
      reason: "KeepaliveTimeout",
      livedMs: null,
      closeMs: 5,
      socketGone: true,
      lateMs: 3,
      exitMs: 30,
      events: 6,
      problems: [],
      ok: true
    })
  })

  it("must be noticed, neither late nor early, and for what it is", () => {
    assert.deepStrictEqual(problems(name, lived), ["not noticed for 6000 ms"])
    assert.deepStrictEqual(problems(name, { ...noticed, told: told("KeepaliveTimeout", 3507) }), [
      "too late"
    ])
    assert.deepStrictEqual(problems(name, { ...noticed, told: told("KeepaliveTimeout", 2900) }), [
      "too early"
    ])
    assert.deepStrictEqual(problems(name, { ...noticed, told: told("ConnectionLost", 3010) }), [
      "the subscriber was told ConnectionLost"
    ])
  })

  it("must leave nothing", () => {
    const closed = { ...noticed.closed, to: 4605 }
    assert.deepStrictEqual(problems(name, { ...noticed, closed }), ["closed too late"])
    assert.deepStrictEqual(problems(name, { ...noticed, sockets: ["FIN_WAIT1"] }), [
      "sockets left: FIN_WAIT1"
    ])
    assert.deepStrictEqual(problems(name, { ...noticed, left: { open: [], after: undefined } }), [
      "the process did not end by itself"
    ])
    assert.deepStrictEqual(problems(name, { ...noticed, left: { open: ["Timeout"], after: 9 } }), [
      "left open: Timeout"
    ])
  })
})

describe("a link that is worse, but there", () => {
  const name = "10 kB/s, mid-stream"

  it("must carry on", () => {
    const { livedMs, measuredMs, ok, reason } = judge(scenario(name), lived, tolerance)
    assert.deepStrictEqual([ok, livedMs, measuredMs, reason], [true, 6000, null, null])
    assert.deepStrictEqual(problems(name, noticed), ["the subscriber was told KeepaliveTimeout"])
  })

  it("must lose nothing, and not fall silent", () => {
    const seen = { ...lived.seen, inOrder: false }
    assert.deepStrictEqual(problems(name, { ...lived, seen }), [
      "events were lost, or out of order"
    ])
    assert.deepStrictEqual(problems(name, { ...lived, eventsBefore: 60 }), [
      "no event arrived any more"
    ])
  })

  it("may be given up where TCP itself may", () => {
    const either = "30 % loss, mid-stream"
    assert.deepStrictEqual(problems(either, lived), [])
    assert.deepStrictEqual(problems(either, noticed), [])
  })
})

it("what is told while closing counts from closing, or came before", () => {
  const closing = { ...noticed, noticed: false, closed: { ...noticed.closed, to: 4100 } }
  const measured = (reason: string, at: number) =>
    judge(scenario("RST, closing"), { ...closing, told: told(reason, at) }, tolerance)
  assert.deepStrictEqual(measured("ClientClosed", 3102).measuredMs, 2)
  assert.deepStrictEqual(measured("ConnectionLost", 3098).measuredMs, 0)
  assert.isTrue(measured("ConnectionLost", 3098).ok)
  assert.isFalse(measured("KeepaliveTimeout", 3102).ok)
})
