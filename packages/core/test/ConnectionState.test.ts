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
    ConnectionError: "peer",
    Disconnected: "peer",
    KeepAlive: "peer",
    Ping: "peer",
    Pong: "peer",
    Established: "peer",
    Next: "peer",
    Result: "peer",
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
  readonly opened: boolean
  /** Whether an option may still be evaluated: nothing is once `connection_init` was sent. */
  readonly evaluating: boolean
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

const birth: Life = {
  state: "Opening",
  opened: false,
  evaluating: true,
  established: false,
  ended: false,
  path: []
}

/**
 * Whether the world can bring an event about. It says nothing of states, so that what the table calls
 * impossible has to be so. Whatever is not forbidden here may come at any time, in any order and as
 * often as it likes: that is more than TCP allows.
 */
const isPossible = (life: Life, event: ConnectionEvent): boolean => {
  switch (event) {
    case "SocketOpened":
      return !life.opened
    case "InitSent":
      return life.opened && life.evaluating
    case "OptionFailed":
      return life.evaluating
    // A timer is started by what it bounds, and may fire in the very moment in which it is stopped.
    case "ConnectTimedOut":
      return life.evaluating
    case "AckTimedOut":
      return life.opened
    case "KeepaliveTimedOut":
      return life.established
    case "CloseTimedOut":
      return life.ended
    default:
      return true
  }
}

/** The actions that tell every operation how the connection ended. */
const endings: ReadonlyArray<ConnectionAction> = ["Fail", "Reject", "Refuse", "Leave"]

const step = (before: Life, event: ConnectionEvent): Step => {
  const { action, to } = transitions[before.state][event]
  return {
    before,
    event,
    action,
    after: {
      state: to,
      opened: before.opened || event === "SocketOpened",
      evaluating: before.evaluating && event !== "InitSent" && event !== "OptionFailed",
      established: before.established || action === "Establish",
      ended: before.ended || endings.includes(action),
      path: [...before.path, event]
    }
  }
}

/**
 * Every step of every ten events that can follow one another. Lives that differ in nothing but their
 * path have the same future, so of those that are as long each is followed once.
 */
const explore = (): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  let generation: ReadonlyArray<Life> = [birth]
  for (let depth = 0; depth < 10; depth++) {
    const next = new Map<string, Life>()
    for (const life of generation) {
      for (const event of events) {
        if (!isPossible(life, event)) continue
        const taken = step(life, event)
        steps.push(taken)
        next.set(JSON.stringify({ ...taken.after, path: undefined }), taken.after)
      }
    }
    generation = [...next.values()]
  }
  return steps
}

let explored: ReadonlyArray<Step> | undefined

/** Explores when a test asks, so that a table with a hole in it fails a test that has a name. */
const steps = (): ReadonlyArray<Step> => (explored ??= explore())

/** Fails for each step that the rule forbids, and shows the way to it. */
const never = (rule: (step: Step) => boolean): void => {
  const broken = steps()
    .filter(rule)
    .map(({ action, after }) => `${after.path.join(", ")}: ${action}, ${after.state}`)
  assert.deepEqual(broken, [])
}

/** Where an action leads, by what its name promises; nowhere else if it promises nothing. */
const leadsTo: { readonly [Action in ConnectionAction]: ReadonlyArray<ConnectionState> } = {
  Initialize: ["Initializing"],
  AwaitAck: ["Acknowledging"],
  Establish: ["Ready"],
  Fail: ["Closing", "Closed"],
  Reject: ["Closing", "Closed"],
  Refuse: ["Closing"],
  Leave: ["Closing", "Closed"],
  Finish: ["Closed"],
  Deliver: [],
  Answer: [],
  Watch: [],
  Ignore: [],
  Impossible: []
}

/** What runs out in each state, so that nobody else is needed to leave it. */
const timers: { readonly [State in Exclude<ConnectionState, "Closed">]: ConnectionEvent } = {
  Opening: "ConnectTimedOut",
  Initializing: "AckTimedOut",
  Acknowledging: "AckTimedOut",
  Ready: "KeepaliveTimedOut",
  Closing: "CloseTimedOut"
}

/** What a life comes to where nothing happens any more but that timers run out. */
const abandoned = (life: Life): Life => {
  while (life.state !== "Closed") {
    const timer = timers[life.state]
    assert.isTrue(isPossible(life, timer), `${timer} after ${life.path.join(", ")}`)
    const { after } = step(life, timer)
    assert.notStrictEqual(after.state, life.state, `${timer} while ${life.state}`)
    life = after
  }
  return life
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

  it("leads where the action says, and for most actions nowhere", () => {
    for (const state of states) {
      for (const event of events) {
        const { action, to } = transitions[state][event]
        const allowed = leadsTo[action].length === 0 ? [state] : leadsTo[action]
        assert.include(allowed, to, `${state}, ${event}: ${action}`)
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
  it("what is called impossible is, and every other cell is of use", () => {
    const taken = new Set(steps().map(({ before, event }) => `${before.state}, ${event}`))
    const provided = states.flatMap((state) =>
      events
        .filter((event) => transitions[state][event].action !== "Impossible")
        .map((event) => `${state}, ${event}`)
    )
    assert.sameMembers([...taken], provided)
  })

  it("there is no way back", () => {
    const order = ["Opening", "Initializing", "Acknowledging", "Ready", "Closing", "Closed"]
    assert.sameMembers(order, [...states])
    never(({ after, before }) => order.indexOf(after.state) < order.indexOf(before.state))
  })

  it("it is stuck nowhere: with a peer that does nothing at all, timers bring it to its end", () => {
    for (const { after } of steps()) assert.isTrue(abandoned(after).ended)
  })

  it("leaving leads to the end, from anywhere and whatever the peer does", () => {
    for (const { after } of steps()) {
      const left = step(after, "CloseRequested").after
      assert.include(["Closing", "Closed"], left.state, left.path.join(", "))
      assert.strictEqual(step(left, "CloseTimedOut").after.state, "Closed", left.path.join(", "))
    }
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

  it("its operations are told of the end exactly once", () => {
    never(({ action, before }) => before.ended && endings.includes(action))
    never(({ after }) => (after.state === "Closing" || after.state === "Closed") && !after.ended)
  })

  it("it is finished by the end of closing alone, since nobody is left to be told", () => {
    never(
      ({ action, after, before }) =>
        (action === "Finish") !== (before.state === "Closing" && after.state === "Closed")
    )
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
  const lines = () => toMermaid().split("\n")

  it("begins where a connection does and ends where it does", () => {
    assert.strictEqual(lines()[0], "stateDiagram-v2")
    assert.include(lines(), "  [*] --> Opening")
    assert.deepEqual(lines().slice(-2), ["  Closed --> [*]", ""])
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
    const shown = lines().flatMap((line) => {
      const [, arrow, labels] = /^ {2}(\w+ --> \w+): (.*)$/.exec(line) ?? []
      return labels?.split("<br/>").map((label) => `${arrow}: ${label}`) ?? []
    })
    assert.sameMembers(shown, expected)
  })

  it("has the labels of an arrow in order, wherever they stand in the table", () => {
    for (const line of lines()) {
      const labels = line.split(": ")[1]?.split("<br/>") ?? []
      assert.deepEqual(labels, [...labels].sort())
    }
  })

  it("has one arrow from a state to another", () => {
    const arrows = lines().map((line) => line.split(":")[0])
    assert.strictEqual(new Set(arrows).size, arrows.length)
  })
})
