/** Arbitrary scripts of frames, good, bad and in between, in plain data that can be shrunk and shown. */
import * as fc from "fast-check"
import {
  disordered,
  final,
  garbled,
  harmless,
  message,
  misshapen,
  noMessage,
  probe,
  text
} from "./badMessages.js"
import type { Ids, Script } from "./exchange.js"
import { encodeFrame, opcodes, type RawFrame } from "./rawFrames.js"
import { maxFrameSize } from "./fuzzing.js"

/** A frame, or what is sent in place of one. Ids are written as in `"%feed%"`. */
type Item = RawFrame | Uint8Array

const render = (item: Item, ids: Ids): Buffer => {
  const fill = (bytes: Uint8Array): Buffer => {
    const text = Buffer.from(bytes).toString("latin1")
    return Buffer.from(
      text.replaceAll(/%(feed|inline|ask)%/g, (_, name: keyof Ids) => ids[name]),
      "latin1"
    )
  }
  return item instanceof Uint8Array
    ? fill(item)
    : encodeFrame({ ...item, payload: fill(item.payload) })
}

const toFrame = (payload: string | Uint8Array, opcode: number = opcodes.text): RawFrame => ({
  fin: true,
  rsv: 0,
  opcode,
  masked: false,
  payload: typeof payload === "string" ? Buffer.from(payload) : payload
})

// -- frames -----------------------------------------------------------------------------------------

const bytes = fc.uint8Array({ maxLength: 130 })

/** Text that is not UTF-8: cut in the middle of a character, overlong, a surrogate, out of range. */
const notUtf8 = fc
  .tuple(
    text,
    fc.constantFrom(
      [0xc3],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0xff],
      [0xe2, 0x82]
    ),
    text
  )
  .map(([before, bad, after]) =>
    toFrame(Buffer.concat([Buffer.from(before), Buffer.from(bad), Buffer.from(after)]))
  )

/** A message in fragments, with control frames in between, or with less than all of it. */
const fragments = (isWhole: boolean): fc.Arbitrary<ReadonlyArray<Item>> =>
  fc
    .tuple(
      harmless.map((message) => Buffer.from(JSON.stringify(message))),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
      fc.boolean()
    )
    .map(([whole, cuts, isPinged]) => {
      const ends = [...cuts.map((at) => Math.floor(at * whole.length)), whole.length].sort(
        (a, b) => a - b
      )
      const parts = ends.map((end, i): RawFrame => ({
        ...toFrame(
          whole.subarray(ends[i - 1] ?? 0, end),
          i === 0 ? opcodes.text : opcodes.continuation
        ),
        fin: i === ends.length - 1
      }))
      const all = isPinged
        ? parts.flatMap((part) => [part, toFrame("in between", opcodes.ping)])
        : parts
      return isWhole ? all : all.slice(0, -2)
    })

/** Any header at all. */
const anyFrame: fc.Arbitrary<RawFrame> = fc.record(
  {
    fin: fc.boolean(),
    rsv: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(7)),
    opcode: fc.nat(15),
    masked: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.boolean()),
    payload: fc.oneof(
      bytes,
      message.map((message) => Buffer.from(JSON.stringify(message)))
    ),
    declared: fc.oneof(
      fc.constantFrom(
        0n,
        1n,
        125n,
        126n,
        127n,
        65535n,
        65536n,
        BigInt(maxFrameSize),
        BigInt(maxFrameSize + 1)
      ),
      fc.constantFrom(
        2n ** 31n,
        2n ** 32n - 1n,
        2n ** 32n,
        2n ** 53n - 1n,
        2n ** 53n,
        2n ** 63n,
        2n ** 64n - 1n
      ),
      fc.bigUintN(16)
    ),
    lengthBytes: fc.constantFrom<Array<0 | 2 | 8>>(0, 2, 8)
  },
  { requiredKeys: ["fin", "rsv", "opcode", "masked", "payload"] }
)

const closes: fc.Arbitrary<RawFrame> = fc.oneof(
  fc
    .constantFrom<Array<Uint8Array>>(Buffer.alloc(0), Buffer.of(3), Buffer.of(0x03, 0xe8))
    .map((payload) => toFrame(payload, opcodes.close)),
  fc
    .tuple(
      fc.oneof(
        fc.constantFrom(
          0,
          999,
          1000,
          1001,
          1004,
          1005,
          1006,
          1012,
          1015,
          1016,
          2999,
          3000,
          4400,
          4999,
          5000,
          65535
        ),
        fc.nat(65535)
      ),
      fc.oneof(
        text.map((text) => Buffer.from(text.slice(0, 30))),
        fc.constant(Buffer.of(0xff))
      )
    )
    .map(([code, reason]) =>
      toFrame(Buffer.concat([Buffer.of(code >> 8, code & 0xff), reason]), opcodes.close)
    )
)

const large = fc
  .tuple(
    fc.integer({ min: maxFrameSize - 2, max: maxFrameSize + 40 }),
    fc.constantFrom(opcodes.text, opcodes.binary)
  )
  .map(([length, opcode]) =>
    toFrame(`{"type":"pong","filler":"${"x".repeat(length - 27)}"}`, opcode)
  )

const one = (frame: fc.Arbitrary<Item>): fc.Arbitrary<ReadonlyArray<Item>> =>
  frame.map((item) => [item])
const texts = (text: fc.Arbitrary<string>) => one(text.map((text) => toFrame(text)))

const controls: fc.Arbitrary<ReadonlyArray<Item>> = one(
  fc
    .tuple(fc.uint8Array({ maxLength: 125 }), fc.constantFrom(opcodes.ping, opcodes.pong))
    .map(([payload, opcode]) => toFrame(payload, opcode))
)

/** What changes nothing even before the acknowledgement. */
const quiet = fc.oneof(texts(probe.map((message) => JSON.stringify(message))), controls)

/** What a connection survives. */
const good: fc.Arbitrary<ReadonlyArray<Item>> = fc.oneof(
  { weight: 20, arbitrary: texts(harmless.map((message) => JSON.stringify(message))) },
  { weight: 1, arbitrary: texts(final.map((message) => JSON.stringify(message))) },
  { weight: 2, arbitrary: fragments(true) },
  { weight: 2, arbitrary: controls }
)

/** What it may well not survive. */
const bad: fc.Arbitrary<ReadonlyArray<Item>> = fc.oneof(
  { weight: 3, arbitrary: texts(message.map((message) => JSON.stringify(message))) },
  { weight: 3, arbitrary: texts(misshapen) },
  { weight: 3, arbitrary: texts(garbled) },
  { weight: 2, arbitrary: texts(disordered) },
  { weight: 3, arbitrary: texts(noMessage) },
  { weight: 1, arbitrary: one(bytes.map((payload) => toFrame(payload, opcodes.binary))) },
  { weight: 1, arbitrary: one(notUtf8) },
  { weight: 3, arbitrary: one(anyFrame) },
  { weight: 2, arbitrary: one(closes) },
  { weight: 1, arbitrary: one(large) },
  { weight: 1, arbitrary: fragments(false) },
  { weight: 1, arbitrary: one(bytes) }
)

// -- scripts ----------------------------------------------------------------------------------------

interface Plan extends Omit<Script, "render"> {
  readonly items: ReadonlyArray<ReadonlyArray<Item>>
  /** Bits that are flipped: where, from 0 to 1, and which. */
  readonly flips: ReadonlyArray<readonly [at: number, bit: number]>
}

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

const rarely = <A>(arbitrary: fc.Arbitrary<A>, otherwise: A): fc.Arbitrary<A> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary })

const others = {
  flips: rarely(fc.array(fc.tuple(fraction, fc.nat(7)), { minLength: 1, maxLength: 3 }), []),
  cuts: rarely(fc.array(fraction, { minLength: 1, maxLength: 6 }), []),
  ending: fc.oneof(
    { weight: 6, arbitrary: fc.constant("complete" as const) },
    fc.constantFrom("fin" as const, "reset" as const)
  ),
  farewell: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom("fin" as const, "reset" as const, "close" as const) },
    // Which costs the client its `closeTimeout`.
    fc.constant("stay" as const)
  )
}

const afterwards = fc.array(fc.oneof(good, bad), { maxLength: 6 })

export const plan: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      ...others,
      stage: fc.constant("live" as const),
      items: fc
        .tuple(fc.array(good, { minLength: 10, maxLength: 80, size: "max" }), bad, afterwards)
        .map(([before, bad, after]) => [...before, bad, ...after])
    })
  },
  fc.record({
    ...others,
    stage: fc.constantFrom("upgrade" as const, "acknowledging" as const),
    items: fc
      .tuple(fc.array(quiet, { maxLength: 10 }), bad, afterwards)
      .map(([before, bad, after]) => [...before, bad, ...after])
  })
)

export const toScript = ({ cuts, ending, farewell, flips, items, stage }: Plan): Script => ({
  stage,
  cuts,
  ending,
  farewell,
  render: (ids) => {
    const all = items.flat().filter((item) => stage !== "upgrade" || !isAcknowledgement(item))
    const bytes = Buffer.concat(all.map((item) => render(item, ids)))
    for (const [at, bit] of flips) {
      const index = Math.floor(at * bytes.length)
      if (index < bytes.length) bytes[index] = bytes.readUInt8(index) ^ (1 << bit)
    }
    return bytes
  }
})

/**
 * In one segment with the answer to the upgrade, an acknowledgement comes before or after we have
 * introduced ourselves: that is up to how fast we are, and nothing can be foretold of it.
 */
const isAcknowledgement = (item: Item): boolean =>
  Buffer.from(item instanceof Uint8Array ? item : item.payload).includes("connection_ack")
