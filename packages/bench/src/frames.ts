/** WebSocket frames as bytes, made once for each subscription; only the number in them changes. */
import { Buffer } from "node:buffer"
import { first } from "./ticks.js"

const digits = String(first).length

/** An unmasked text frame, as servers send it. Source: RFC 6455, section 5.2. */
export const frameOf = (text: string): Buffer => {
  const payload = Buffer.from(text)
  const { length } = payload
  const header =
    length < 126
      ? Buffer.from([0x81, length])
      : length < 0x10000
        ? Buffer.from([0x81, 126, length >> 8, length & 0xff])
        : Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 0])
  if (length >= 0x10000) header.writeUInt32BE(length, 6)
  return Buffer.concat([header, payload])
}

const payloadOf = (pad: string): string => JSON.stringify({ data: { tick: { n: first, pad } } })

/** The payload of a message, so many bytes long as JSON, or as short as it can be. */
export const payload = (bytes: number): string =>
  payloadOf("x".repeat(Math.max(0, bytes - payloadOf("").length)))

export class TickFrame {
  readonly #bytes: Buffer
  readonly #number: number

  constructor(text: string) {
    this.#bytes = frameOf(text)
    this.#number = this.#bytes.indexOf(`"n":${first}`) + '"n":'.length
  }

  get length(): number {
    return this.#bytes.length
  }

  /** Writes the frame for the message number `index`, and returns where the next one goes. */
  write(target: Buffer, at: number, index: number): number {
    target.set(this.#bytes, at)
    let rest = first + index
    for (let i = at + this.#number + digits - 1; i >= at + this.#number; i--) {
      target[i] = 48 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    return at + this.#bytes.length
  }
}
