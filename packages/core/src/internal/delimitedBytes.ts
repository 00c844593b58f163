const lineFeed = 0x0a
const carriageReturn = 0x0d

const empty = new Uint8Array(0)

/**
 * Bytes that arrive at the end and are taken from the front, and the search among them for lines
 * that begin with a delimiter. No byte is searched twice, and none is copied more than a few times
 * however small the pieces are that it comes in.
 */
export class DelimitedBytes {
  readonly #delimiter: Uint8Array
  /** The memory, of which `#end` bytes are in use and `#start` are taken already. */
  #memory = empty
  #start = 0
  #end = 0
  /** Where the line begins that is being searched, and how much of it has no line feed. */
  #line = 0
  #searched = 0
  /** Whether this line is known not to begin with the delimiter. */
  #isPlain = false

  constructor(delimiter: string) {
    // A header's characters are bytes.
    this.#delimiter = Uint8Array.from(delimiter, (character) => character.charCodeAt(0) & 0xff)
  }

  append(chunk: Uint8Array): void {
    const end = this.#end + chunk.length
    if (end > this.#memory.length) {
      // By doubling, so that a megabyte that comes byte by byte is not copied a million times.
      const grown = new Uint8Array(Math.max(end, 2 * this.#end))
      grown.set(this.#memory.subarray(0, this.#end))
      this.#memory = grown
    }
    this.#memory.set(chunk, this.#end)
    this.#end = end
  }

  /** What is not taken. A view: `append` and `release` may change it. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(this.#start, this.#end)
  }

  /** The index in `bytes` at which the line begins that the search is at. */
  get line(): number {
    return this.#line
  }

  /** How many of `bytes` are certainly before the next delimiter. */
  get plain(): number {
    return this.#isPlain ? this.#end - this.#start : this.#line
  }

  /** The index at which the line before `line` ends, without the line's end itself. */
  get beforeLine(): number {
    const { bytes } = this
    const end = bytes[this.#line - 1] === lineFeed ? this.#line - 1 : this.#line
    return end < this.#line && bytes[end - 1] === carriageReturn ? end - 1 : end
  }

  /** Whether `line` begins with the delimiter; `undefined` while too little of it has come. */
  atDelimiter(): boolean | undefined {
    if (this.#isPlain) return false
    const { bytes } = this
    const delimiter = this.#delimiter
    for (let i = 0; i < delimiter.length; i++) {
      const byte = bytes[this.#line + i]
      if (byte === undefined) return undefined
      if (byte !== delimiter[i]) {
        this.#isPlain = true
        return false
      }
    }
    return true
  }

  /** Moves `line` to the next line, if that has begun. */
  nextLine(): boolean {
    const { bytes } = this
    const end = bytes.indexOf(lineFeed, this.#searched)
    if (end === -1) {
      this.#searched = bytes.length
      return false
    }
    this.#line = this.#searched = end + 1
    this.#isPlain = false
    return true
  }

  /** Moves `line` to the next delimiter, if it has come. */
  toDelimiter(): boolean {
    for (;;) {
      const found = this.atDelimiter()
      if (found !== false) return found === true
      if (!this.nextLine()) return false
    }
  }

  /** Takes bytes from the front. What comes then is a line's beginning, or the middle of one. */
  take(count: number, then: "line" | "middle"): void {
    this.#start += count
    this.#line = this.#searched = 0
    this.#isPlain = then === "middle"
  }

  /** Takes the delimiter, and what is before it. */
  takeDelimiter(): void {
    this.take(this.#line + this.#delimiter.length, "middle")
  }

  /** Takes all that is certainly before the next delimiter. */
  takePlain(): void {
    this.take(this.plain, this.#isPlain ? "middle" : "line")
  }

  /** Gives the memory back of what was taken. */
  release(): void {
    if (this.#start === 0) return
    this.#end -= this.#start
    // One large part must not hold its memory for as long as the connection lives.
    this.#memory =
      this.#end === 0 ? empty : this.#memory.slice(this.#start, this.#start + this.#end)
    this.#start = 0
  }
}
