const quote = 0x22
const backslash = 0x5c

const isOpening = (byte: number): boolean => byte === 0x7b || byte === 0x5b
const isClosing = (byte: number): boolean => byte === 0x7d || byte === 0x5d

/** A blank as JSON has it: space, tab, line feed, carriage return. */
export const isBlank = (byte: number): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d

/**
 * Finds where a JSON object or array ends, without waiting for what comes after it: nothing that
 * could follow would belong to it. Whether it is JSON at all is for the parser to say.
 */
export class JsonEnd {
  #depth = 0
  #inString = false
  #escaped = false
  #hopeless = false
  #at: number

  /** Begins to read at this index. */
  constructor(start: number) {
    this.#at = start
  }

  /**
   * The index after the value, if it ends before `limit`. Call it with more of the same bytes: what
   * was read is not read again.
   */
  find(bytes: Uint8Array, limit: number): number | undefined {
    if (this.#hopeless) return undefined
    while (this.#at < limit) {
      if (this.#endsWith(bytes[this.#at++] ?? 0)) return this.#at
      if (this.#hopeless) return undefined
    }
    return undefined
  }

  #endsWith(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (byte === backslash) this.#escaped = true
      else if (byte === quote) this.#inString = false
      return false
    }
    if (isOpening(byte)) this.#depth++
    else if (this.#depth === 0) this.#hopeless = !isBlank(byte)
    else if (byte === quote) this.#inString = true
    else if (isClosing(byte)) return --this.#depth === 0
    return false
  }
}
