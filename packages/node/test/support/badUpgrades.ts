/** Arbitrary answers to a request for a WebSocket, with what each has to end in. */
import * as fc from "fast-check"
import { toResponse, upgrade } from "./rawServer.js"

export interface Answer {
  readonly name: string
  /** `accept` is what `Sec-WebSocket-Accept` must say. */
  readonly render: (accept: string) => Buffer
  /** What follows: nothing, or a cut. */
  readonly ending: "stay" | "fin" | "reset"
  /** The reason or violation, one of these; with the status where it is about one. */
  readonly ends: ReadonlyArray<string>
}

const token = fc.stringOf(fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz-"), { minLength: 1 })
const value = fc.stringOf(fc.char().filter((char) => /[ -~]/.test(char)))

const named = (name: string): RegExp => new RegExp(`^${name}:`, "i")

/** An upgrade with one header gone, or other than it was. */
const withHeader = (name: string, value: fc.Arbitrary<string | undefined>, end: string) =>
  value.map((value): Answer => {
    const render = (accept: string) => {
      const others = upgrade(accept).filter((line) => !named(name).test(line))
      return toResponse(value === undefined ? others : [...others, `${name}: ${value}`])
    }
    return { name: `${name}: ${value}`, render, ending: "stay", ends: [end] }
  })

const answer = (
  name: string,
  bytes: Uint8Array,
  ending: Answer["ending"],
  ends: ReadonlyArray<string>
): Answer => ({ name, render: () => Buffer.from(bytes), ending, ends })

const wrongHeader: fc.Arbitrary<Answer> = fc.oneof(
  withHeader(
    "Sec-WebSocket-Accept",
    fc.option(fc.base64String(), { nil: undefined }),
    "ConnectFailed"
  ),
  withHeader(
    "Upgrade",
    fc.option(
      token.filter((name) => name !== "websocket"),
      { nil: undefined }
    ),
    "ConnectFailed"
  ),
  withHeader(
    "Sec-WebSocket-Extensions",
    fc.oneof(token, fc.constantFrom("permessage-deflate", "permessage-deflate; a=1", ";;", "=")),
    "ConnectFailed"
  ),
  withHeader(
    "Sec-WebSocket-Protocol",
    fc.oneof(
      token,
      fc.constantFrom("graphql-ws", "graphql-transport-ws, graphql-ws", "GraphQL-Transport-WS")
    ),
    "UnexpectedSubprotocol"
  )
)

const refused: fc.Arbitrary<Answer> = fc
  .tuple(
    fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(301, 302, 307, 308, 401, 403)),
    fc.array(fc.tuple(token, value), { maxLength: 5 }),
    value,
    fc.constantFrom("stay" as const, "fin" as const)
  )
  .map(([status, headers, body, ending]) =>
    answer(
      `status ${status}`,
      Buffer.concat([
        toResponse([
          `HTTP/1.1 ${status} ${body}`,
          "Location: ws://127.0.0.1:1/elsewhere",
          "Set-Cookie: a=b",
          // Some names mean something to a parser of HTTP.
          ...headers.map(([name, value]) => `x-${name}: ${value}`)
        ]),
        Buffer.from(body)
      ]),
      ending,
      [`HandshakeRejected ${status}`]
    )
  )

const noAnswer: fc.Arbitrary<Answer> = fc.oneof(
  fc
    .constantFrom("fin" as const, "reset" as const)
    .map((ending) => answer("nothing", Buffer.alloc(0), ending, ["ConnectFailed"])),
  fc
    .tuple(fc.constantFrom(100, 102, 103), fc.nat(20))
    .map(([status, times]) =>
      answer(
        `${times} times ${status}`,
        Buffer.concat(Array(times).fill(toResponse([`HTTP/1.1 ${status} Wait`]))),
        "fin",
        ["ConnectFailed"]
      )
    ),
  fc
    .uint8Array({ maxLength: 300 })
    .map((bytes) => answer("garbage", bytes, "fin", ["ConnectFailed"])),
  fc
    .tuple(fc.integer({ min: 17_000, max: 40_000 }), fc.boolean())
    .map(([length, isOne]) =>
      answer(
        "endless headers",
        Buffer.from(
          `HTTP/1.1 101 Switching Protocols\r\n${isOne ? `a: ${"x".repeat(length)}` : "a: b\r\n".repeat(length)}`
        ),
        "stay",
        ["ConnectFailed"]
      )
    )
)

/** What is left of an upgrade that is cut short. */
const truncated: fc.Arbitrary<Answer> = fc
  .tuple(
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.constantFrom("fin" as const, "reset" as const)
  )
  .map(([at, ending]) => ({
    name: `an upgrade cut at ${at}`,
    render: (accept) => {
      const whole = toResponse(upgrade(accept))
      return whole.subarray(0, Math.floor(at * (whole.length - 1)))
    },
    ending,
    ends: ["ConnectFailed"]
  }))

/** What a flipped bit makes of an upgrade is up to the parser of HTTP; it may even be harmless. */
const flipped: fc.Arbitrary<Answer> = fc
  .array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 4 })
  .map((flips) => ({
    name: `an upgrade with flips ${JSON.stringify(flips)}`,
    render: (accept) => {
      const bytes = toResponse(upgrade(accept))
      for (const [at, bit] of flips) {
        const index = at % bytes.length
        bytes[index] = bytes.readUInt8(index) ^ (1 << bit)
      }
      return bytes
    },
    ending: "fin",
    ends: ["ConnectFailed", "ConnectionLost", "UnexpectedSubprotocol", "HandshakeRejected"]
  }))

export const answers: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 4, arbitrary: wrongHeader },
  { weight: 2, arbitrary: refused },
  { weight: 3, arbitrary: noAnswer },
  truncated,
  { weight: 2, arbitrary: flipped }
)
