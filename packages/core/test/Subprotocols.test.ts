/** What holds for every subprotocol: whatever is written is read back, and whatever is read is no surprise. */
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { ClientMessage, Rejected, ServerMessage } from "@fiberline/core/Message"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import {
  clientMessageOf,
  garbled,
  json,
  misshapen,
  serverMessageOf,
  text
} from "./support/frames.js"

const reasons = ["NotText", "NotJson", "NotAnObject", "UnknownType", "InvalidField"]

const isRejected = (message: ClientMessage | ServerMessage | Rejected): message is Rejected =>
  message._tag === "Rejected"

type Decode = (frame: unknown) => ClientMessage | ServerMessage | Rejected

/** Fails unless the frame is decoded to a message or to a proper rejection. */
const answers = (decode: Decode, frame: unknown): void => {
  const message = decode(frame)
  assert.isNotEmpty(message._tag)
  if (!isRejected(message)) return
  assert.hasAllKeys(message, ["_tag", "reason", "detail"])
  assert.include(reasons, message.reason)
  assert.isNotEmpty(message.detail)
}

describe.each([
  ["graphql-transport-ws", graphqlTransportWs],
  ["graphql-ws", subscriptionsTransportWs]
])("in %s", (name, subprotocol) => {
  const { client, server } = subprotocol
  const clientMessage = clientMessageOf(subprotocol)
  const serverMessage = serverMessageOf(subprotocol)
  const clientFrame = clientMessage.map((message) => client.encode(message))
  const serverFrame = serverMessage.map((message) => server.encode(message))

  /** Each end's decoder, with frames of the other end. */
  const ends = [
    ["client", (frame: unknown) => client.decode(frame), serverFrame],
    ["server", (frame: unknown) => server.decode(frame), clientFrame]
  ] as const

  it("has its name", () => {
    assert.strictEqual(subprotocol.name, name)
  })

  it("the server reads back as the client's message", () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        assert.deepEqual(server.decode(client.encode(message)), message)
      })
    )
  })

  it("the client reads back as the server's message", () => {
    fc.assert(
      fc.property(serverMessage, (message) => {
        assert.deepEqual(client.decode(server.encode(message)), message)
      })
    )
  })

  describe.each(ends)("whatever the %s is given", (_, decode, frame) => {
    const decodes = (frame: unknown) => answers(decode, frame)

    it("as text becomes a message or a rejection", () => {
      fc.assert(fc.property(text, decodes))
    })

    it("as JSON becomes a message or a rejection", () => {
      fc.assert(
        fc.property(
          json.map((value) => JSON.stringify(value)),
          decodes
        )
      )
    })

    it("as a frame that lost or gained characters becomes a message or a rejection", () => {
      fc.assert(fc.property(garbled(frame), decodes), { numRuns: 500 })
    })

    it("as a frame with a field replaced or lost becomes a message or a rejection", () => {
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
          const message = decode(frame)
          if (isRejected(message)) assert.notInclude(message.detail, secret)
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
      ["an array", `[{"type":"ping"}]`, "an array"]
    ])("that is JSON but no object is named so: %s", (_, frame, kind) => {
      assert.deepEqual(decode(frame), {
        _tag: "Rejected",
        reason: "NotAnObject",
        detail: `a message must be an object, but is ${kind}`
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
