/** What holds for every subprotocol: whatever is written is read back, and whatever is read is no surprise. */
import * as Absinthe from "@fiberline/core/Absinthe"
import * as ActionCable from "@fiberline/core/ActionCable"
import { appSync } from "@fiberline/core/AppSync"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { ClientMessage, Rejected, ServerMessage } from "@fiberline/core/Message"
import type { StatelessSubprotocol, Subprotocol } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"
import * as fc from "fast-check"
import { assert, beforeEach, describe, it } from "vitest"
import { Coupled } from "./support/coupled.js"
import {
  clientMessageOf,
  garbled,
  json,
  misshapen,
  serverMessageOf,
  text
} from "./support/frames.js"
import { leftBehind, recorded } from "./support/memory.js"
import { Play, scenes } from "./support/play.js"

const reasons = ["NotText", "NotJson", "NotAnObject", "UnknownType", "InvalidField"]

type Message = ClientMessage | ServerMessage

const isRejected = (message: Message | Rejected): message is Rejected => message._tag === "Rejected"

/** Gives one end a frame, and says what it made of it. */
type Receive = (frame: unknown) => ReadonlyArray<Message | Rejected>

/** Fails unless the frame becomes messages, a proper rejection or nothing. */
const answers = (receive: Receive, frame: unknown): void => {
  const messages = receive(frame)
  if (messages.some(isRejected)) assert.strictEqual(messages.length, 1)
  for (const message of messages) {
    assert.isNotEmpty(message._tag)
    if (!isRejected(message)) continue
    assert.hasAllKeys(message, ["_tag", "reason", "detail"])
    assert.include(reasons, message.reason)
    assert.isNotEmpty(message.detail)
  }
}

describe.each([
  ["graphql-transport-ws", graphqlTransportWs],
  ["graphql-ws", subscriptionsTransportWs]
])("in %s", (name, subprotocol) => {
  const { client, server } = subprotocol

  it("has its name", () => {
    assert.strictEqual(subprotocol.name, name)
  })

  it("the server reads back as the client's message", () => {
    fc.assert(
      fc.property(clientMessageOf(subprotocol), (message) => {
        assert.deepEqual(server.decode(client.encode(message)), message)
      })
    )
  })

  it("the client reads back as the server's message", () => {
    fc.assert(
      fc.property(serverMessageOf(subprotocol), (message) => {
        assert.deepEqual(client.decode(server.encode(message)), message)
      })
    )
  })
})

interface Spoken {
  readonly name: string
  readonly subprotocol: Subprotocol
  /** The same, where a frame means the same whatever came before it. */
  readonly stateless?: StatelessSubprotocol
  /** What a message is, where it is not an object. */
  readonly shape?: string
}

const spoken: ReadonlyArray<Spoken> = [
  {
    name: "graphql-transport-ws",
    subprotocol: graphqlTransportWs,
    stateless: graphqlTransportWs
  },
  {
    name: "graphql-ws",
    subprotocol: subscriptionsTransportWs,
    stateless: subscriptionsTransportWs
  },
  { name: "AppSync", subprotocol: appSync, stateless: appSync },
  { name: "ActionCable", subprotocol: ActionCable.make() },
  { name: "Absinthe", subprotocol: Absinthe.make(), shape: "array" },
  { name: "Absinthe, serializer 1.0.0", subprotocol: Absinthe.make({ serializer: "1.0.0" }) }
]

/** A connection with an operation that was left, one that runs and one that was asked. */
const underWay = (subprotocol: Subprotocol): Coupled => {
  const play = new Play(subprotocol)
  for (const what of ["ask", "speak", "leave", "ask", "speak", "ask"] as const) {
    play.act({ what, which: 0 })
    play.coupled.settle()
    play.act({ what: "up", which: 0 })
  }
  return play.coupled
}

describe.each(spoken)("with $name", ({ shape = "object", stateless, subprotocol }) => {
  /** Frames of one end's as they come in connections, and what a frame that is written by itself may have in it. */
  const framesOf = (end: "client" | "server"): fc.Arbitrary<string> => {
    const inConnections = scenes.map((scenes) => {
      const { coupled } = new Play(subprotocol).perform(scenes)
      coupled.settle()
      return coupled[end].sent
    })
    const sent = inConnections
      .filter((frames) => frames.length > 0)
      .chain((frames) => fc.constantFrom(...frames))
    if (stateless === undefined) return sent
    const { client, server } = stateless
    const byItself =
      end === "client"
        ? clientMessageOf(subprotocol).map((message) => client.encode(message))
        : serverMessageOf(subprotocol).map((message) => server.encode(message))
    return fc.oneof(sent, byItself)
  }

  /** Each end in the middle of a connection, with frames of the other end. */
  const ends = [
    ["client", "server"],
    ["server", "client"]
  ] as const

  describe.each(ends)("whatever the %s is given", (end, other) => {
    const frame = framesOf(other)
    let coupled = underWay(subprotocol)
    const receive: Receive = (frame) => {
      const { [end]: one } = coupled
      const before = one.heard.length
      one.end.receive(frame)
      return one.heard.slice(before)
    }
    const decode = (frame: unknown) => receive(frame)[0]
    const decodes = (frame: unknown) => answers(receive, frame)
    beforeEach(() => {
      coupled = underWay(subprotocol)
    })

    it("as text becomes messages, a rejection or nothing", () => {
      fc.assert(fc.property(text, decodes))
    })

    it("as JSON becomes messages, a rejection or nothing", () => {
      fc.assert(
        fc.property(
          json.map((value) => JSON.stringify(value)),
          decodes
        )
      )
    })

    it("as a frame that lost or gained characters becomes messages, a rejection or nothing", () => {
      fc.assert(fc.property(garbled(frame), decodes), { numRuns: 500 })
    })

    it("as a frame with a field replaced or lost becomes messages, a rejection or nothing", () => {
      fc.assert(fc.property(misshapen(frame, json), decodes), { numRuns: 500 })
    })

    it("is rejected without a word of it in the detail", () => {
      // In capitals, of which the details themselves have at most one in a row.
      const secret = fc.stringMatching(/^[A-Z]{6,12}$/)
      const hidden = secret.chain((secret) => {
        const value = fc.constantFrom<unknown>(
          secret,
          [secret],
          { [secret]: secret },
          [{ message: 1, [secret]: secret }],
          [{ [secret]: { [secret]: secret } }]
        )
        const anywhere = fc.oneof(
          fc.constant(secret),
          value.map((value) => JSON.stringify(value)),
          misshapen(frame, value),
          frame.map((frame) => frame.slice(0, -1) + secret)
        )
        return fc.tuple(fc.constant(secret), anywhere)
      })
      fc.assert(
        fc.property(hidden, ([secret, frame]) => {
          for (const message of receive(frame)) {
            if (isRejected(message)) assert.notInclude(message.detail, secret)
          }
        }),
        { numRuns: 500 }
      )
    })

    it.each([
      ["nothing", undefined],
      ["null", null],
      ["a number", 1],
      ["not a number", NaN],
      ["a boolean", true],
      ["a bigint", 1n],
      ["a symbol", Symbol.iterator],
      ["a function", () => `{"type":"ping"}`],
      ["an ArrayBuffer", new ArrayBuffer(8)],
      ["bytes that spell a message", new TextEncoder().encode(`{"type":"ping"}`)],
      ["a message's object", { type: "ping" }],
      ["a list of frames", [`{"type":"ping"}`]],
      ["a String object", Object(`{"type":"ping"}`)],
      ["an object whose every reading throws", hostile()],
      ["a proxy whose every trap throws", trap()],
      ["a revoked proxy", revoked()]
    ])("that is no string is no text: %s", (_, frame) => {
      assert.deepEqual(decode(frame), {
        _tag: "Rejected",
        reason: "NotText",
        detail: "a binary frame where the subprotocol has only text"
      })
    })

    it.each([
      ["an empty frame", "", "an empty frame"],
      ["blanks", " \n", "text that is not JSON"],
      ["prose", "hello", "text that is not JSON"],
      ["half a frame", `{"type":"pin`, "text that is not JSON"],
      ["two frames", `{"type":"ping"}{"type":"ping"}`, "text that is not JSON"],
      ["a byte order mark", `\uFEFF{"type":"ping"}`, "text that is not JSON"],
      ["JavaScript", "{type:'ping'}", "text that is not JSON"],
      ["a number that JSON lacks", "NaN", "text that is not JSON"]
    ])("that is no JSON is named so: %s", (_, frame, detail) => {
      assert.deepEqual(decode(frame), { _tag: "Rejected", reason: "NotJson", detail })
    })

    it.each([
      ["null", "null", "null"],
      ["a number", "1", "a number"],
      ["a string", `"ping"`, "a string"],
      ["an empty string", `""`, "empty"],
      ["a boolean", "true", "a boolean"],
      shape === "array"
        ? ["an object", `{"type":"ping"}`, "an object"]
        : ["an array", `[{"type":"ping"}]`, "an array"]
    ])("that is JSON but not what a message is, is named so: %s", (_, frame, kind) => {
      assert.deepEqual(decode(frame), {
        _tag: "Rejected",
        reason: "NotAnObject",
        detail: `a message must be an ${shape}, but is ${kind}`
      })
    })

    it("is read in good time however deep it is nested", { timeout: 5_000 }, () => {
      const nested = (open: string, close: string, depth: number) => {
        decodes(open.repeat(depth))
        decodes(open.repeat(depth) + "1" + close.repeat(depth))
        decodes(close.repeat(depth))
      }
      nested("[", "]", 1_000_000)
      nested(`{"type":`, "}", 100_000)
      nested(`{"type":"next","id":"1","payload":{"data":`, "}}", 100_000)
      nested(`{"type":"error","id":"1","payload":[`, "]}", 100_000)
      nested(`["join","1","__absinthe__:control","phx_reply",`, "]", 100_000)
      // Each field of what was said in this connection, nested within itself.
      for (const frame of coupled[other].sent.slice(0, 20)) {
        for (const within of nestings(frame, 100_000)) decodes(within)
      }
    })

    it("is read in good time however long it is", { timeout: 5_000 }, () => {
      const length = 4_000_000
      for (const long of ["a", " ", "1", "\\", `"`, `\\u0000`, "{}", "\ud800", "[1],"]) {
        const filler = long.repeat(length / long.length)
        decodes(filler)
        decodes(`"${filler}"`)
        decodes(`{"type":"${filler}"}`)
        decodes(`{"type":"complete","id":"${filler}"}`)
      }
      decodes(`{${`"a":0,`.repeat(length / 6)}"type":"ping"}`)
    })
  })
})

describe.each(spoken)("between both ends of $name", ({ stateless, subprotocol }) => {
  const performs = (judge: (play: Play) => void) =>
    fc.assert(
      fc.property(scenes, (scenes) => {
        const play = new Play(subprotocol).perform(scenes)
        play.coupled.settle()
        judge(play)
      }),
      { numRuns: 300 }
    )

  it("every message of an operation comes, in order, once, and none behind its end", () => {
    performs((play) => {
      for (const id of play.ids) {
        const { heard, said, wasLeft } = play.of(id)
        // Of one that was left, what was under way is nobody's.
        assert.deepEqual(heard, wasLeft ? said.slice(0, heard.length) : said, id)
      }
    })
  })

  it("whoever left hears nothing from then on", () => {
    performs((play) => assert.deepEqual(play.heardInVain, []))
  })

  it("the server is told once of each that is left while it runs, and runs nothing that nobody wants", () => {
    performs((play) => {
      play.answerAll()
      assert.deepEqual(play.unwanted, [])
      for (const id of play.ids) assert.isAtMost(play.of(id).stops, 1, id)
    })
  })

  it("nothing is remembered of a thousand operations, however they ended", () => {
    const { collections, value: coupled } = recorded(() => new Coupled(subprotocol))
    assert.strictEqual(collections.length > 0, stateless === undefined)
    const play = new Play(subprotocol, coupled)
    for (let n = 0; n < 1_000; n++) {
      play.act({ what: "ask", which: 0 })
      if (n % 3 > 0) play.act({ what: "leave", which: n })
      play.act({ what: "up", which: 0 })
      play.act({ what: "up", which: 0 })
      play.act({ what: "speak", which: n })
      play.act({ what: "down", which: 0 })
    }
    play.leaveAll()
    play.answerAll()
    assert.deepEqual(leftBehind(collections), [])
  })
})

// What follows is a function so that it can stand below its use in a table.
function hostile(): unknown {
  const fail = () => {
    throw new Error("was read")
  }
  return Object.defineProperties(
    {},
    Object.fromEntries(
      ["type", "id", "length", "toString", "valueOf", "toJSON", "constructor"].map((name) => [
        name,
        { get: fail, enumerable: true }
      ])
    )
  )
}

function trap(): unknown {
  const traps = new Proxy(
    {},
    {
      get: () => () => {
        throw new Error("was touched")
      }
    }
  )
  return new Proxy({}, traps)
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

/** A frame with each of its fields in turn nested a number of times within lists. */
function nestings(frame: string, depth: number): ReadonlyArray<string> {
  const values = frame.matchAll(/(?<=[:,[])("(?:[^"\\]|\\.)*"|\{\}|null|\d+)/g)
  return [...values].map(
    ({ 0: value, index }) =>
      frame.slice(0, index) +
      "[".repeat(depth) +
      "]".repeat(depth) +
      frame.slice(index + value.length)
  )
}
