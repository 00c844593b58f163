import {
  type OperationAction,
  type OperationEvent,
  type OperationState,
  toMermaid,
  transitions
} from "@fiberline/core/OperationState"
import { assert, describe, it } from "vitest"

// Type boundary: `transitions` is typed by its keys, all of which it has.
const states = Object.keys(transitions) as ReadonlyArray<OperationState>

/** Who brings an event about. A record, so that the compiler misses none. */
const sources: { readonly [Event in OperationEvent]: "peer" | "ourselves" } = {
  Confirmed: "peer",
  Answered: "peer",
  Published: "peer",
  Failed: "peer",
  Finished: "peer",
  Stopped: "ourselves"
}

// Type boundary: as above.
const events = Object.keys(sources) as ReadonlyArray<OperationEvent>

/** Where an action leads, by what its name promises; nowhere else if it promises nothing. */
const leadsTo: { readonly [Action in OperationAction]: ReadonlyArray<OperationState> } = {
  Establish: ["Established"],
  Conclude: ["Ended"],
  Unsubscribe: ["Ended"],
  Await: ["Left"],
  Deliver: [],
  Hold: [],
  // What nobody wants may come to its end.
  Ignore: ["Ended"]
}

/** Everything about an operation's past that the rules below speak of. */
interface Life {
  readonly state: OperationState
  readonly confirmed: boolean
  readonly stopped: boolean
  readonly actions: ReadonlyArray<OperationAction>
  /** How it came to this, for a failing test's message. */
  readonly path: ReadonlyArray<OperationEvent>
}

interface Step {
  readonly before: Life
  readonly event: OperationEvent
  readonly action: OperationAction
  readonly after: Life
}

const birth: Life = { state: "Asked", confirmed: false, stopped: false, actions: [], path: [] }

const step = (before: Life, event: OperationEvent): Step => {
  const { action, to } = transitions[before.state][event]
  return {
    before,
    event,
    action,
    after: {
      state: to,
      confirmed: before.confirmed || event === "Confirmed",
      stopped: before.stopped || event === "Stopped",
      actions: [...before.actions, action],
      path: [...before.path, event]
    }
  }
}

/** Every step of every way of five events: one more than there are states. */
const explore = (): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  let generation: ReadonlyArray<Life> = [birth]
  for (let depth = 0; depth < 5; depth++) {
    const taken = generation.flatMap((life) => events.map((event) => step(life, event)))
    steps.push(...taken)
    generation = taken.map(({ after }) => after)
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

const count = ({ actions }: Life, action: OperationAction): number =>
  actions.filter((one) => one === action).length

describe("the table", () => {
  it.each(states)("has a cell for every event while %s", (state) => {
    assert.sameMembers(Object.keys(transitions[state]), [...events])
  })

  it("leads nowhere but to its own states", () => {
    for (const state of states) {
      for (const event of events) assert.include(states, transitions[state][event].to)
    }
  })

  it("leads where the action says, and for others nowhere", () => {
    for (const state of states) {
      for (const event of events) {
        const { action, to } = transitions[state][event]
        if (to !== state) assert.include(leadsTo[action], to, `${state}, ${event}: ${action}`)
        else if (leadsTo[action].length > 0 && action !== "Ignore") {
          assert.include(leadsTo[action], state, `${state}, ${event}: ${action}`)
        }
      }
    }
  })

  it("has every state in some operation's life", () => {
    assert.sameMembers([...new Set(steps().map(({ before }) => before.state))], [...states])
  })
})

describe("in every life of an operation", () => {
  it("there is no way back", () => {
    const ranks: { readonly [State in OperationState]: number } = {
      Asked: 0,
      Established: 1,
      Left: 1,
      Ended: 2
    }
    never(
      ({ after, before }) =>
        after.state !== before.state && ranks[after.state] <= ranks[before.state]
    )
  })

  it("nothing happens once it has ended", () => {
    never(
      ({ action, after, before }) =>
        before.state === "Ended" && (action !== "Ignore" || after.state !== "Ended")
    )
  })

  it("it is concluded at most once, and delivers nothing behind that", () => {
    never(({ after }) => count(after, "Conclude") > 1)
    never(({ action, before }) => count(before, "Conclude") > 0 && action !== "Ignore")
  })

  it("it is concluded or left, and never both", () => {
    never(({ after }) => count(after, "Conclude") + count(after, "Unsubscribe") > 1)
  })

  it("the server is told to stop only what it has confirmed, and only when nobody wants it", () => {
    never(({ action, after }) => action === "Unsubscribe" && !(after.confirmed && after.stopped))
  })

  it("the server is told to stop whatever is left and confirmed, in either order", () => {
    never(({ after }) => {
      const ended = count(after, "Conclude") > 0 || after.actions.some((_, at) => endsAt(after, at))
      return after.stopped && after.confirmed && !ended && count(after, "Unsubscribe") !== 1
    })
  })

  it("whoever left hears nothing more", () => {
    never(
      ({ action, before }) =>
        before.stopped && ["Establish", "Deliver", "Hold", "Conclude"].includes(action)
    )
  })

  it("it is established at most once, by a confirmation alone", () => {
    never(({ after }) => count(after, "Establish") > 1)
    never(({ action, event }) => action === "Establish" && event !== "Confirmed")
  })

  it("results are delivered only once it is established, and are held before", () => {
    never(({ action, before }) => action === "Deliver" && count(before, "Establish") === 0)
    never(
      ({ action, before, event }) =>
        event === "Published" && before.state === "Asked" && action !== "Hold"
    )
  })

  it("whatever the server says last is its end", () => {
    for (const event of ["Answered", "Failed", "Finished"] as const) {
      never((step) => step.event === event && step.after.state !== "Ended")
    }
  })
})

describe("the diagram", () => {
  const lines = () => toMermaid().split("\n")

  it("begins where an operation does and ends where it does", () => {
    assert.strictEqual(lines()[0], "stateDiagram-v2")
    assert.include(lines(), "  [*] --> Asked")
    assert.deepEqual(lines().slice(-2), ["  Ended --> [*]", ""])
  })

  it("names every transition that changes something, once, and no other", () => {
    const expected = states.flatMap((state) =>
      events.flatMap((event) => {
        const { action, to } = transitions[state][event]
        if (action === "Ignore") return to === state ? [] : [`${state} --> ${to}: ${event}`]
        return [`${state} --> ${to}: ${event} / ${action}`]
      })
    )
    const shown = lines().flatMap((line) => {
      const [, arrow, labels] = /^ {2}(\w+ --> \w+): (.+)$/.exec(line) ?? []
      return labels?.split("<br/>").map((label) => `${arrow}: ${label}`) ?? []
    })
    assert.sameMembers(shown, expected)
  })

  it("has one arrow from a state to another", () => {
    const arrows = lines().map((line) => line.split(":")[0])
    assert.strictEqual(new Set(arrows).size, arrows.length)
  })
})

/** Whether the operation ended by the server's word, at that event of its life, though it had been left. */
function endsAt({ path }: Life, at: number): boolean {
  const event = path[at]
  return (
    (event === "Answered" || event === "Failed" || event === "Finished") &&
    !path.slice(0, at).includes("Confirmed")
  )
}
