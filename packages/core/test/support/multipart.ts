/** Arbitrary bodies of `multipart/mixed`, and ways to cut them. */
import type { Part } from "@fiberline/core/MultipartMixed"
import { MultipartMixed } from "@fiberline/core/MultipartMixed"
import * as fc from "fast-check"

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What a body becomes when it is pushed in these chunks. */
export const read = (
  boundary: string,
  chunks: Iterable<Uint8Array>,
  maxPartSize = Infinity
): {
  readonly parts: ReadonlyArray<Part>
  readonly isClosed: boolean
  readonly malformed: string | undefined
} => {
  const multipart = new MultipartMixed(boundary, maxPartSize)
  const parts: Array<Part> = []
  for (const chunk of chunks) {
    const pushed = multipart.push(chunk)
    if ("_tag" in pushed) break
    parts.push(...pushed)
    // What is pushed is the caller's again.
    chunk.fill(0x2d)
  }
  return { parts, isClosed: multipart.isClosed, malformed: multipart.malformed?.detail }
}

/** The bytes in chunks that end after these fractions of them. */
export const cut = (
  bytes: Uint8Array,
  fractions: ReadonlyArray<number>
): ReadonlyArray<Uint8Array> => {
  const ends = fractions.map((fraction) => Math.floor(fraction * bytes.length))
  const sorted = [0, ...ends.sort((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((end, i) => bytes.slice(sorted[i], end))
}

export const byteByByte = (bytes: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from(bytes, (byte) => Uint8Array.of(byte))

export const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

export const boundary = fc.oneof(
  fc.constantFrom("graphql", "-", "--", "a", "=_Part_1:2?"),
  fc.stringMatching(/^[0-9a-zA-Z'()+_,./:=?-]{1,70}$/)
)

const lineEnd = fc.constantFrom("\r\n", "\n")

const headers = fc.dictionary(
  fc.stringMatching(/^x-[a-z0-9-]{0,8}$/),
  fc.stringMatching(/^(?:[!-~é☃](?:[ -~é☃]{0,8}[!-~é☃])?)?$/),
  { maxKeys: 3 }
)

/** Lines that come close to being delimiters are what matters. */
const plainBody = (boundary: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.fullUnicodeString({ maxLength: 5 }),
        fc.constantFrom("\r\n", "\n", "\r", "-", "--", " ", boundary, `--${boundary}`),
        fc.constantFrom(`\r\n--${boundary.slice(0, -1)}`, `\n-${boundary}`, `\r\n --${boundary}`)
      ),
      { maxLength: 8 }
    )
    .map((pieces) => pieces.join("").replaceAll("\ufffd", ""))
    .filter((body) => !`\n${body}\n`.includes(`\n--${boundary}`) && !body.endsWith("\r"))

const jsonBody = fc
  .oneof(fc.dictionary(fc.fullUnicodeString(), fc.jsonValue()), fc.array(fc.jsonValue()))
  .chain((value) => fc.constantFrom(JSON.stringify(value), JSON.stringify(value, null, 2)))

const jsonType = fc.constantFrom(
  "application/json",
  "application/json; charset=utf-8",
  "Application/GraphQL-Response+JSON"
)

const part = (boundary: string): fc.Arbitrary<Part> =>
  fc.oneof(
    fc.record({ headers, body: plainBody(boundary) }),
    fc
      .tuple(headers, jsonType, jsonBody)
      .map(([headers, type, body]) => ({ headers: { ...headers, "content-type": type }, body }))
  )

export interface Body {
  readonly boundary: string
  readonly parts: ReadonlyArray<Part>
  readonly isClosed: boolean
  readonly text: string
}

const padding = fc.constantFrom("", " ", "\t ")

const prolog = (boundary: string) =>
  fc.constantFrom("", "\r\n", "\n", "This is MIME.\r\n", `--${boundary.slice(0, -1)}\r\n`, "-\n")

/** A body, whole or without its end, and the parts that are in it. */
export const body: fc.Arbitrary<Body> = boundary.chain((boundary) =>
  fc
    .record({
      parts: fc.array(part(boundary), { maxLength: 4 }),
      end: lineEnd,
      padding,
      isClosed: fc.boolean(),
      prolog: prolog(boundary),
      epilog: fc.constantFrom("", "\r\n", " junk", `\r\n--${boundary}\r\n\r\nnone\r\n`)
    })
    .map(({ end, epilog, isClosed, padding, parts, prolog }) => {
      const written = parts.map(
        ({ body, headers }) =>
          padding +
          end +
          Object.entries(headers)
            .map(([name, value]) => `${name}:${value}${end}`)
            .join("") +
          `${end}${body}${end}--${boundary}`
      )
      const closing = isClosed ? `--${epilog}` : ""
      // Nothing but the first delimiter, closed, is a body without parts.
      const text = `${prolog}--${boundary}${written.join("")}${closing}`
      return { boundary, parts, isClosed, text }
    })
)
