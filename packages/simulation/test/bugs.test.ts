/**
 * That the simulation can fail: bugs that it has to find, each put in without touching the source, at
 * the wire or in the client's own modules.
 */
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import type { Wire, WireListener } from "@fiberline/client/Wire"
import { Keepalive } from "../../core/src/Keepalive.js"
import { Inbox } from "../../client/src/internal/inbox.js"
import { Recovery } from "../../client/src/internal/recovery.js"
import { Registry } from "../../client/src/internal/registry.js"
import { Secrets } from "../../client/src/internal/secrets.js"
import type { Invariant } from "../src/invariants.js"
import { simulate } from "../src/simulate.js"
import type { Meddle } from "../src/world.js"

interface Bug {
  readonly name: string
  /** What it violates, any one of them. */
  readonly violates: ReadonlyArray<Invariant>
  /** Within how many seeds it is found. */
  readonly seeds: number
  readonly meddle?: Meddle
  readonly patch?: () => void
}

/** The wire, otherwise. */
const wire =
  (
    change: (wire: Wire, listener: WireListener) => Partial<Wire>,
    changeListener: (listener: WireListener) => Partial<WireListener> = () => ({})
  ): Meddle =>
  (openWire) =>
  (request, listener) => {
    const made = openWire(request, { ...listener, ...changeListener(listener) })
    return {
      send: (text) => made.send(text),
      close: (code, reason) => made.close(code, reason),
      terminate: () => made.terminate(),
      ...(made.flow && { flow: made.flow }),
      settle: made.settle,
      ...change(made, listener)
    }
  }

/** The first that comes is held back until the second has come. */
const swapping = (listener: WireListener): Partial<WireListener> => {
  let held: string | ArrayBuffer | undefined
  let count = 0
  return {
    onFrame: (frame) => {
      if (++count % 20 === 0) held = frame
      else {
        listener.onFrame(frame)
        if (held !== undefined) listener.onFrame(held)
        held = undefined
      }
    }
  }
}

const bugs: ReadonlyArray<Bug> = [
  {
    name: "silence is never taken for death",
    violates: [2],
    seeds: 30,
    patch: () => {
      vi.spyOn(Keepalive.prototype, "due").mockReturnValue("Wait")
      vi.spyOn(Keepalive.prototype, "wait").mockReturnValue(1000)
    }
  },
  {
    name: "what we send counts as a sign of life",
    violates: [2],
    seeds: 30,
    patch: () => {
      const { probed } = Keepalive.prototype
      vi.spyOn(Keepalive.prototype, "probed").mockImplementation(function (this: Keepalive, now) {
        probed.call(this, now)
        this.heard(now)
      })
    }
  },
  {
    name: "whoever leaves tells nobody",
    violates: [14],
    seeds: 60,
    meddle: wire((wire) => ({
      send: (text) => {
        if (!text.includes(`"type":"complete"`)) wire.send(text)
      }
    }))
  },
  {
    name: "what was published arrives twice",
    violates: [5, 6],
    seeds: 30,
    meddle: wire(
      () => ({}),
      (listener) => ({
        onFrame: (frame) => {
          listener.onFrame(frame)
          if (String(frame).includes("next")) listener.onFrame(frame)
        }
      })
    )
  },
  {
    name: "frames overtake each other",
    violates: [5, 6],
    seeds: 30,
    meddle: wire(() => ({}), swapping)
  },
  {
    name: "a socket is not destroyed",
    violates: [3, 4, 9, 12],
    seeds: 30,
    meddle: wire(() => ({ terminate: () => {} }))
  },
  {
    name: "operations are sent twice",
    violates: [8, 13],
    seeds: 30,
    meddle: wire((wire) => ({
      send: (text) => {
        wire.send(text)
        if (text.includes("mutation")) wire.send(text)
      }
    }))
  },
  {
    name: "a schedule that starts afresh with every failure",
    violates: [10],
    seeds: 300,
    patch: () => {
      const { decide } = Recovery.prototype
      vi.spyOn(Recovery.prototype, "decide").mockImplementation(function (this: Recovery, error) {
        this.reset()
        return decide.call(this, error)
      })
    }
  },
  {
    name: "no end of a connection reaches its operations",
    violates: [1, 15],
    seeds: 60,
    patch: () => {
      vi.spyOn(Registry.prototype, "lose").mockImplementation(() => {})
      vi.spyOn(Registry.prototype, "interrupt").mockImplementation(() => {})
    }
  },
  {
    name: "nothing is taken out of what the server says",
    violates: [11],
    seeds: 30,
    patch: () => vi.spyOn(Secrets.prototype, "scrub").mockImplementation((text) => text)
  },
  {
    name: "a buffer that is never full",
    violates: [7],
    seeds: 150,
    patch: () => vi.spyOn(Inbox.prototype, "isFull", "get").mockReturnValue(false)
  },
  {
    name: "nobody says that a connection is not needed",
    violates: [16],
    seeds: 60,
    patch: () => vi.spyOn(Registry.prototype, "hasDemand", "get").mockReturnValue(true)
  }
]

describe("the simulation finds", () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  for (const { meddle, name, patch, seeds, violates } of bugs) {
    it(name, () => {
      patch?.()
      for (let seed = 0; seed < seeds; seed++) {
        const { violations } = simulate(seed, { meddle })
        if (violations.some(({ invariant }) => violates.includes(invariant))) return
      }
      assert.fail(`not within ${seeds} seeds`)
    })
  }
})
