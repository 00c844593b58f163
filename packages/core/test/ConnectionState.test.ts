import {
  type ConnectionAction,
  type ConnectionEvent,
  type ConnectionState,
  toMermaid,
  transitions
} from "@fiberline/core/ConnectionState"
import { assert, describe, it } from "vitest"

// Type boundary: `transitions` is typed by its keys, all of which it has.
const states = Object.keys(transitions) as ReadonlyArray<ConnectionState>

/** Who or what brings an event about. A record, so that the compiler misses none. */
const sources: { readonly [Event in ConnectionEvent]: "peer" | "socket" | "timer" | "ourselves" } =
  {
    ConnectionAck: "peer",
    Ping: "peer",
    Pong: "peer",
    Next: "peer",
    OperationFailed: "peer",
    Complete: "peer",
    Rejected: "peer",
    SocketEnded: "peer",
    SocketOpened: "socket",
    ConnectTimedOut: "timer",
    AckTimedOut: "timer",
    KeepaliveTimedOut: "timer",
    CloseTimedOut: "timer",
    InitSent: "ourselves",
    OptionFailed: "ourselves",
    CloseRequested: "ourselves"
  }

// Type boundary: as above.
const events = Object.keys(sources) as ReadonlyArray<ConnectionEvent>

/** Everything about a connection's past that the rules below speak of. */
interface Life {
  readonly state: ConnectionState
  readonly established: boolean
  readonly ended: boolean
  /** How it came to this, for a failing test's message. */
  readonly path: ReadonlyArray<ConnectionEvent>
}

interface Step {
  readonly before: Life
  readonly event: ConnectionEvent
  readonly action: ConnectionAction
  readonly after: Life
}

/** The actions that tell every operation how the connection ended. */
const endings: ReadonlyArray<ConnectionAction> = ["Fail", "Reject", "Leave"]

const step = (before: Life, event: ConnectionEvent): Step => {
  const { action, to } = transitions[before.state][event]
  return {
    before,
    event,
    action,
    after: {
      state: to,
      established: before.established || action === "Establish",
      ended: before.ended || endings.includes(action),
      path: [...before.path, event]
    }
  }
}

/**
 * Every step that any ten events can lead to. Lives that differ in nothing but their path have the
 * same future, so each is followed once.
 */
const explore = (): ReadonlyArray<Step> => {
  const birth: Life = { state: "Opening", established: false, ended: false, path: [] }
  const seen = new Set<string>()
  const steps: Array<Step> = []
  let generation: ReadonlyArray<Life> = [birth]
  for (let depth = 0; depth < 10; depth++) {
    const next: Array<Life> = []
    for (const life of generation) {
      const key = `${life.state} ${life.established} ${life.ended}`
      if (seen.has(key)) continue
      seen.add(key)
      for (const event of events) {
        const taken = step(life, event)
        if (taken.action === "Impossible") continue
        steps.push(taken)
        next.push(taken.after)
      }
    }
    generation = next
  }
  return steps
}

const steps = explore()

/** Fails for each step that the rule forbids, and shows the way to it. */
const never = (rule: (step: Step) => boolean): void => {
  const broken = steps
    .filter(rule)
    .map(({ action, after }) => `${after.path.join(", ")}: ${action}, ${after.state}`)
  assert.deepEqual(broken, [])
}

/** The states that some of the events, in any number and order, lead to. */
const reachable = (
  from: ConnectionState,
  by: (event: ConnectionEvent) => boolean
): ReadonlySet<ConnectionState> => {
  const found = new Set([from])
  // A set's iteration goes on to what is added during it.
  for (const state of found) {
    for (const event of events) {
      const { action, to } = transitions[state][event]
      if (by(event) && action !== "Impossible") found.add(to)
    }
  }
  return found
}

describe("the table", () => {
  it.each(states)("has a cell for every event while %s", (state) => {
    assert.sameMembers(Object.keys(transitions[state]), [...events])
  })

  it("leads nowhere but to its own states", () => {
    for (const state of states) {
      for (const event of events) assert.include(states, transitions[state][event].to)
    }
  })

  it("does not change the state for what is ignored or impossible", () => {
    for (const state of states) {
      for (const event of events) {
        const { action, to } = transitions[state][event]
        if (action === "Ignore" || action === "Impossible") assert.strictEqual(to, state, event)
      }
    }
  })

  it("calls nothing impossible that is the peer's to do", () => {
    for (const state of states) {
      for (const event of events) {
        if (transitions[state][event].action === "Impossible") {
          assert.notStrictEqual(sources[event], "peer", `${state}, ${event}`)
        }
      }
    }
  })

  it("has an answer to a timer that has just fired as what it waited for came", () => {
    for (const [state, timer] of [
      ["Opening", "ConnectTimedOut"],
      ["Initializing", "AckTimedOut"],
      ["Acknowledging", "AckTimedOut"],
      ["Ready", "KeepaliveTimedOut"],
      ["Closing", "CloseTimedOut"]
    ] as const) {
      for (const event of events) {
        const { to } = transitions[state][event]
        assert.notStrictEqual(transitions[to][timer].action, "Impossible", `${timer} while ${to}`)
      }
    }
  })

  it("lets us leave at any time", () => {
    for (const state of states) {
      assert.notStrictEqual(transitions[state].CloseRequested.action, "Impossible", state)
    }
  })
})

describe("in every life of a connection", () => {
  it("each state is reached", () => {
    assert.sameMembers([...reachable("Opening", () => true)], [...states])
  })

  it.each(states)("the end can be reached while %s", (state) => {
    assert.include([...reachable(state, () => true)], "Closed")
  })

  it.each(states)("a peer that does nothing at all is left in the end, while %s", (state) => {
    assert.include([...reachable(state, (event) => sources[event] === "timer")], "Closed")
  })

  it.each(states)("the end of the socket is the end, while %s", (state) => {
    assert.strictEqual(transitions[state].SocketEnded.to, "Closed")
  })

  it("nothing happens once it is closed", () => {
    never(
      ({ action, after, before }) =>
        before.state === "Closed" && (action !== "Ignore" || after.state !== "Closed")
    )
  })

  it("a link that is dead gets no farewell, and one that works gets it", () => {
    never(
      ({ action, after, event }) =>
        event === "KeepaliveTimedOut" && action === "Fail" && after.state !== "Closed"
    )
    never(
      ({ action, after, before, event }) =>
        endings.includes(action) &&
        before.state !== "Opening" &&
        event !== "SocketEnded" &&
        event !== "KeepaliveTimedOut" &&
        after.state !== "Closing"
    )
  })

  it("there is no way back from closing", () => {
    never(
      ({ after, before }) =>
        before.state === "Closing" && after.state !== "Closing" && after.state !== "Closed"
    )
  })

  it("its operations are told of the end exactly once", () => {
    never(({ action, before }) => before.ended && endings.includes(action))
    never(({ after }) => (after.state === "Closing" || after.state === "Closed") && !after.ended)
  })

  it("its operations hear nothing after the end", () => {
    never(({ action, before }) => before.ended && (action === "Deliver" || action === "Establish"))
  })

  it("it is established at most once, by an acknowledgement alone", () => {
    never(({ action, before }) => action === "Establish" && before.established)
    never(({ action, event }) => action === "Establish" && event !== "ConnectionAck")
  })

  it("messages are delivered only while ready, and it is ready only once established", () => {
    never(({ action, before }) => action === "Deliver" && before.state !== "Ready")
    never(({ after }) => after.state === "Ready" && !after.established)
  })

  it("a ping is answered as soon as there is a socket and as long as we stay", () => {
    never(({ action, event }) => action === "Answer" && event !== "Ping")
    for (const state of ["Initializing", "Acknowledging", "Ready"] as const) {
      assert.deepEqual(transitions[state].Ping, { to: state, action: "Answer" })
    }
  })

  it("a pong that nobody asked for is no offence", () => {
    never(
      ({ action, before, event }) =>
        event === "Pong" && action === "Reject" && before.state !== "Opening"
    )
  })

  it("only the peer can break the protocol", () => {
    never(({ action, event }) => action === "Reject" && sources[event] !== "peer")
  })

  it("what is no message is never let pass before the end", () => {
    never(
      ({ action, before, event }) => event === "Rejected" && !before.ended && action !== "Reject"
    )
  })
})

describe("the diagram", () => {
  const lines = toMermaid().split("\n")

  it("begins where a connection does and ends where it does", () => {
    assert.strictEqual(lines[0], "stateDiagram-v2")
    assert.include(lines, "  [*] --> Opening")
    assert.include(lines, "  Closed --> [*]")
  })

  it("shows every transition that does something, once, and no other", () => {
    const expected = states.flatMap((state) =>
      events.flatMap((event) => {
        const { action, to } = transitions[state][event]
        return action === "Ignore" || action === "Impossible"
          ? []
          : [`${state} --> ${to}: ${event} / ${action}`]
      })
    )
    const shown = lines.flatMap((line) => {
      const [, arrow, labels] = /^ {2}(\w+ --> \w+): (.*)$/.exec(line) ?? []
      return labels?.split("<br/>").map((label) => `${arrow}: ${label}`) ?? []
    })
    assert.sameMembers(shown, expected)
  })

  it("has one arrow from a state to another", () => {
    const arrows = lines.map((line) => line.split(":")[0])
    assert.strictEqual(new Set(arrows).size, arrows.length)
  })
})
