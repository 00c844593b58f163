/**
 * WebSocket frames by hand: written as no library would, and read by RFC 6455 alone, so that what is
 * expected of a client comes from the specification and not from the library that the client uses.
 */
export interface RawFrame {
  readonly fin: boolean
  /** RSV1 to RSV3 as a number, 4 to 1. */
  readonly rsv: number
  readonly opcode: number
  readonly masked: boolean
  readonly payload: Uint8Array
  /** What the length says; default the truth. */
  readonly declared?: bigint
  /** Bytes that the length takes beyond the first two; default as few as can be. */
  readonly lengthBytes?: 0 | 2 | 8
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export const encodeFrame = (frame: RawFrame): Buffer => {
  const { declared = BigInt(frame.payload.length), payload } = frame
  const lengthBytes = frame.lengthBytes ?? (declared < 126n ? 0 : declared < 65536n ? 2 : 8)
  const header = Buffer.alloc(2 + lengthBytes)
  header[0] = (frame.fin ? 0x80 : 0) | (frame.rsv << 4) | frame.opcode
  const short = lengthBytes === 0 ? Number(declared & 0x7fn) : lengthBytes === 2 ? 126 : 127
  header[1] = (frame.masked ? 0x80 : 0) | short
  if (lengthBytes === 2) header.writeUInt16BE(Number(declared & 0xffffn), 2)
  if (lengthBytes === 8) header.writeBigUInt64BE(BigInt.asUintN(64, declared), 2)
  // A mask of zeros masks nothing, so that the payload can be read in a report.
  return Buffer.concat([header, Buffer.alloc(frame.masked ? 4 : 0), payload])
}

const plain = { fin: true, rsv: 0, masked: false }

export const textFrame = (text: string): RawFrame => ({
  ...plain,
  opcode: opcodes.text,
  payload: Buffer.from(text)
})

export const closeFrame = (code: number, reason: Uint8Array = Buffer.alloc(0)): RawFrame => ({
  ...plain,
  opcode: opcodes.close,
  payload: Buffer.concat([Buffer.of(code >> 8, code & 0xff), reason])
})

export const controlFrame = (opcode: number, payload: Uint8Array): RawFrame => ({
  ...plain,
  opcode,
  payload
})

/** What a reader makes of the bytes. `Violated` and `Closed` are the last of all. */
export type Incoming =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Binary" }
  | { readonly _tag: "Ping" | "Pong"; readonly payload: Buffer }
  /** 1005 where the frame has no code. */
  | { readonly _tag: "Closed"; readonly code: number; readonly reason: string }
  | { readonly _tag: "Violated"; readonly code: number }

/** Reads what one end of a connection receives. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)
  #fragments: Array<Buffer> = []
  /** The opcode of the message whose fragments are being read. */
  #unfinished: number | undefined = undefined
  #isOver = false
  /** How many frames were read so far, in full or as far as they were wrong. */
  frames = 0

  constructor(
    /** Whether the peer has to mask: a client does, a server must not. */
    readonly expectsMask: boolean,
    readonly maxMessageSize: number = Infinity
  ) {}

  *read(bytes: Uint8Array): Generator<Incoming> {
    this.#rest = Buffer.concat([this.#rest, bytes])
    while (!this.#isOver) {
      const next = this.#next()
      if (next === undefined) return
      this.frames++
      this.#isOver = next.some(({ _tag }) => _tag === "Closed" || _tag === "Violated")
      yield* next
    }
  }

  /** One frame; nothing while it is incomplete. */
  #next(): ReadonlyArray<Incoming> | undefined {
    const rest = this.#rest
    if (rest.length < 2) return undefined
    const first = rest.readUInt8(0)
    const second = rest.readUInt8(1)
    const fin = (first & 0x80) !== 0
    const opcode = first & 0x0f
    const masked = (second & 0x80) !== 0
    if (!this.#isAllowed(fin, first & 0x70, opcode, masked, second & 0x7f)) return violated(1002)

    const lengthBytes = (second & 0x7f) === 126 ? 2 : (second & 0x7f) === 127 ? 8 : 0
    let at = 2 + lengthBytes
    if (rest.length < at) return undefined
    const length =
      lengthBytes === 0
        ? second & 0x7f
        : lengthBytes === 2
          ? rest.readUInt16BE(2)
          : Number(rest.readBigUInt64BE(2))
    const before = this.#fragments.reduce((sum, { length }) => sum + length, 0)
    // Known before the payload has come, and for the whole message.
    if (opcode < 8 && length > 0 && before + length > this.maxMessageSize) return violated(1009)

    if (masked) at += 4
    if (rest.length < at + length) return undefined
    const payload = Buffer.from(rest.subarray(at, at + length))
    if (masked) {
      const mask = rest.subarray(at - 4, at)
      for (const [i, byte] of payload.entries()) payload[i] = byte ^ mask.readUInt8(i % 4)
    }
    this.#rest = rest.subarray(at + length)
    return opcode < 8 ? this.#data(opcode, fin, payload) : control(opcode, payload)
  }

  /** RFC 6455, section 5: what the first two bytes must be like. */
  #isAllowed(fin: boolean, rsv: number, opcode: number, masked: boolean, length: number): boolean {
    const isControl = opcode === opcodes.close || opcode === opcodes.ping || opcode === opcodes.pong
    const isKnown = isControl || opcode <= opcodes.binary
    const isInTurn = (opcode === opcodes.continuation) === (this.#unfinished !== undefined)
    const isOneByteClose = opcode === opcodes.close && length === 1
    return (
      rsv === 0 &&
      isKnown &&
      masked === this.expectsMask &&
      (isControl ? fin && length <= 125 && !isOneByteClose : isInTurn)
    )
  }

  #data(opcode: number, fin: boolean, payload: Buffer): ReadonlyArray<Incoming> {
    this.#unfinished ??= opcode
    this.#fragments.push(payload)
    if (!fin) return []
    const kind = this.#unfinished
    const whole = Buffer.concat(this.#fragments)
    this.#unfinished = undefined
    this.#fragments = []
    if (kind === opcodes.binary) return [{ _tag: "Binary" }]
    const text = fromUtf8(whole)
    return text === undefined ? violated(1007) : [{ _tag: "Text", text }]
  }
}

const violated = (code: number): ReadonlyArray<Incoming> => [{ _tag: "Violated", code }]

const control = (opcode: number, payload: Buffer): ReadonlyArray<Incoming> => {
  if (opcode !== opcodes.close) {
    return [{ _tag: opcode === opcodes.ping ? "Ping" : "Pong", payload }]
  }
  if (payload.length === 0) return [{ _tag: "Closed", code: 1005, reason: "" }]
  const code = payload.readUInt16BE(0)
  if (!mayBeSent(code)) return violated(1002)
  const reason = fromUtf8(payload.subarray(2))
  return reason === undefined ? violated(1007) : [{ _tag: "Closed", code, reason }]
}

/** RFC 6455, section 7.4, with the codes that IANA has registered since. */
const mayBeSent = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
  (code >= 3000 && code <= 4999)

const fromUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
