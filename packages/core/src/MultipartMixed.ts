/**
 * Bodies of `multipart/mixed`, as their bytes arrive.
 *
 * Source: RFC 2046, section 5.1.
 *
 * There is no stream here: whoever has one pushes its chunks and is given the parts they complete.
 * Three rules make each part come as early as it can, since the next one may be a minute away:
 *
 * - A part is complete with its delimiter's last character. The rest of the delimiter's line, which
 *   some servers send with the next part, is not waited for.
 * - A part that says that it is JSON is complete with the last bracket of an object or array. Many
 *   servers send the whole delimiter with the next part only. Blanks that follow are not the part's.
 * - A `content-length` means nothing: RFC 2046 gives it no meaning, and it can be wrong.
 *
 * What the parts are depends on the bytes alone, never on how they were cut into chunks.
 *
 * @since 0.1.0
 */
import { DelimitedBytes } from "./internal/delimitedBytes.js"
import { isBlank, JsonEnd } from "./internal/jsonEnd.js"
import { essenceOf, isJson, parameterOf } from "./internal/mediaType.js"
import { readHeaders } from "./internal/partHeaders.js"
import { decodeUtf8 } from "./internal/utf8.js"

/**
 * A part: its headers by their names in lower case, and the text of its body.
 *
 * @since 0.1.0
 * @category models
 */
export interface Part {
  readonly headers: { readonly [lowercaseName: string]: string }
  readonly body: string
}

/**
 * What came is no multipart body. `detail` carries none of its own values.
 *
 * @since 0.1.0
 * @category models
 */
export interface Malformed {
  readonly _tag: "Malformed"
  readonly detail: string
}

/**
 * The boundary that a `Content-Type` declares, or `undefined` if it is not of `multipart/mixed`.
 * One without a boundary has `-`, which is what the servers mean that leave it out.
 *
 * @since 0.1.0
 * @category reading
 */
export const boundaryOf = (contentType: string): string | undefined =>
  essenceOf(contentType) === "multipart/mixed"
    ? parameterOf(contentType, "boundary") || "-"
    : undefined

/**
 * What the next byte belongs to: what is before the first delimiter, the delimiter's line, headers,
 * a body, what follows a body that ended before its delimiter, or what is after the last delimiter.
 */
type Place = "Preamble" | "Delimiter" | "Padding" | "Headers" | "Body" | "Remainder" | "Epilogue"

/**
 * @since 0.1.0
 * @category reading
 */
export class MultipartMixed {
  readonly #input: DelimitedBytes
  #place: Place = "Preamble"
  #headers: Part["headers"] = {}
  #json: JsonEnd | undefined
  #parts: Array<Part> = []
  #malformed: Malformed | undefined

  /** `maxPartSize` bounds, in bytes, the body of a part, and likewise its headers. */
  constructor(
    boundary: string,
    readonly maxPartSize: number
  ) {
    this.#input = new DelimitedBytes(`--${boundary}`)
  }

  /**
   * The parts completed by these bytes.
   *
   * Parts that came before the bytes that are malformed are given first. Then `malformed` says what
   * is wrong, and so does every further `push`.
   */
  push(chunk: Uint8Array): ReadonlyArray<Part> | Malformed {
    if (this.#malformed !== undefined) return this.#malformed
    this.#input.append(chunk)
    let advanced = true
    while (advanced) advanced = this.#advance()
    const parts = this.#parts
    this.#parts = []
    this.#input.release()
    return parts.length === 0 && this.#malformed !== undefined ? this.#malformed : parts
  }

  /** Whether the closing boundary has come. */
  get isClosed(): boolean {
    return this.#place === "Epilogue"
  }

  /** What is wrong, once something is. */
  get malformed(): Malformed | undefined {
    return this.#malformed
  }

  /** Whether what is wrong is that a part is larger than it may be. */
  get isTooLarge(): boolean {
    return this.#malformed?.detail === tooLarge
  }

  /** Reads on to the next place. `false` says that more bytes are needed, or none any more. */
  #advance(): boolean {
    switch (this.#place) {
      case "Preamble":
        return this.#skip()
      case "Delimiter":
        return this.#readDelimiter()
      case "Padding":
        return this.#readPadding()
      case "Headers":
        return this.#readHeaders()
      case "Body":
        return this.#readBody()
      case "Remainder":
        return this.#readRemainder()
      case "Epilogue":
        this.#input.take(this.#input.bytes.length, "middle")
        return false
    }
  }

  #skip(): boolean {
    const found = this.#input.toDelimiter()
    if (!found) this.#input.takePlain()
    return found && this.#passDelimiter()
  }

  /** Two hyphens after the delimiter close the body. */
  #readDelimiter(): boolean {
    const [first, second] = this.#input.bytes
    if (first === undefined) return false
    if (first !== hyphen) {
      this.#place = "Padding"
      return true
    }
    if (second === undefined) return false
    if (second !== hyphen) return this.#fail(strayBytes)
    this.#place = "Epilogue"
    return true
  }

  #readPadding(): boolean {
    const { bytes } = this.#input
    const length = bytes.findIndex((byte) => byte !== space && byte !== tab)
    if (length === -1) {
      this.#input.take(bytes.length, "middle")
      return false
    }
    const end = bytes[length] === carriageReturn ? length + 1 : length
    if (end === bytes.length) {
      this.#input.take(length, "middle")
      return false
    }
    if (bytes[end] !== lineFeed) return this.#fail(strayBytes)
    this.#input.take(end + 1, "line")
    this.#place = "Headers"
    return true
  }

  #readHeaders(): boolean {
    const input = this.#input
    for (;;) {
      const found = input.atDelimiter()
      if (found === true) {
        // Not even an empty line: a part without a body, and perhaps without any headers.
        return this.#acceptHeaders(input.line) && this.#complete(0) && this.#passDelimiter()
      }
      const { line } = input
      if (found === undefined || !input.nextLine()) return this.#wait()
      if (input.beforeLine <= line) {
        if (!this.#acceptHeaders(line)) return false
        input.take(input.line, "line")
        this.#json = isJson(this.#headers["content-type"] ?? "") ? new JsonEnd(0) : undefined
        this.#place = "Body"
        return true
      }
    }
  }

  #acceptHeaders(size: number): boolean {
    if (size > this.maxPartSize) return this.#fail(tooLarge)
    const headers = readHeaders(this.#input.bytes.subarray(0, size))
    if (headers === undefined) return this.#fail("a line among a part's headers that is none")
    this.#headers = headers
    return true
  }

  #readBody(): boolean {
    const input = this.#input
    const found = input.toDelimiter()
    const end = this.#json?.find(input.bytes, input.plain)
    if (end !== undefined) {
      if (!this.#complete(end)) return false
      input.take(end, "middle")
      this.#place = "Remainder"
      return true
    }
    if (!found) return this.#wait()
    return this.#complete(input.beforeLine) && this.#passDelimiter()
  }

  #readRemainder(): boolean {
    const found = this.#input.toDelimiter()
    const { bytes, plain } = this.#input
    const blank = bytes.subarray(0, plain).every(isBlank)
    if (!blank) return this.#fail("something after the JSON of a part")
    if (!found) this.#input.takePlain()
    return found && this.#passDelimiter()
  }

  /** Completes the part of which so many bytes are the body. */
  #complete(size: number): boolean {
    if (size > this.maxPartSize) return this.#fail(tooLarge)
    const body = decodeUtf8(this.#input.bytes.subarray(0, size))
    if (body === undefined) return this.#fail("a part whose text is not UTF-8")
    this.#parts.push({ headers: this.#headers, body })
    return true
  }

  #passDelimiter(): true {
    this.#input.takeDelimiter()
    this.#place = "Delimiter"
    return true
  }

  /** For more bytes, unless there are too many already. */
  #wait(): false {
    const { beforeLine, bytes, line, plain } = this.#input
    // A line's end is the delimiter's, should one follow.
    const certain = plain === line ? beforeLine : plain
    const size = bytes[certain - 1] === carriageReturn ? certain - 1 : certain
    return size > this.maxPartSize ? this.#fail(tooLarge) : false
  }

  #fail(detail: string): false {
    this.#malformed = { _tag: "Malformed", detail }
    return false
  }
}

const strayBytes = "something after a boundary in its line"
const tooLarge = "a part that is too large"

const hyphen = 0x2d
const space = 0x20
const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
