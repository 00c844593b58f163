/**
 * A form that is written piece by piece, by a fiber that ends with its request: nobody else would end it for
 * certain, since a request that fails early leaves its body as it is.
 *
 * Source: RFC 7578.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { encodeHex } from "effect/Encoding"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Options } from "../../Upload.js"
import { Verdict } from "../verdict.js"

/** A body, and how reading what it is made of fails, if it can. */
export interface FormBody {
  readonly body: HttpBody.HttpBody
  readonly failed: Effect.Effect<never, unknown> | undefined
}

export type Field = readonly [name: string, text: string]

/** A file. Its name in the form is its place among the files. */
export interface Part {
  readonly filename: string
  readonly contentType: string
  readonly size: number | undefined
  readonly bytes: Stream.Stream<Uint8Array, unknown>
  readonly onProgress: Options["onProgress"]
}

export const streamed = (
  fields: ReadonlyArray<Field>,
  parts: ReadonlyArray<Part>
): Effect.Effect<FormBody, never, Scope.Scope> =>
  Effect.gen(function* () {
    const layout = new Layout(fields, parts)
    const failed = new Verdict<never, unknown>()
    const taken = yield* handover(layout.pieces, (cause) => failed.decide(Effect.failCause(cause)))
    return {
      body: HttpBody.stream(taken, layout.contentType, layout.size),
      failed: failed.decided
    }
  })

/** Some bytes of the body, and what follows once they were taken. */
interface Piece {
  readonly bytes: Uint8Array
  readonly taken: Effect.Effect<void>
}

/** What is written, for whoever asks for it: at any time there is one piece that nobody has asked for. */
const handover = (
  written: Stream.Stream<Piece, unknown>,
  onFailure: (cause: Cause.Cause<unknown>) => void
): Effect.Effect<Stream.Stream<Uint8Array>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const demand = yield* Effect.acquireRelease(Queue.unbounded<void>(), Queue.shutdown)
    const pieces = yield* Effect.acquireRelease(Queue.unbounded<Uint8Array | End>(), Queue.shutdown)
    const give = (piece: Uint8Array | End) =>
      Effect.zipRight(Queue.take(demand), Queue.offer(pieces, piece))
    yield* Stream.runForEach(written, ({ bytes, taken }) =>
      Effect.zipRight(give(bytes), taken)
    ).pipe(
      Effect.zipRight(give(end)),
      // Then no end is given: the server would believe that this was all.
      Effect.catchAllCause((cause) =>
        Effect.sync(() => {
          if (!Cause.isInterruptedOnly(cause)) onFailure(cause)
        })
      ),
      Effect.forkScoped
    )
    return Stream.takeWhile(
      Stream.repeatEffect(Effect.zipRight(Queue.offer(demand, undefined), Queue.take(pieces))),
      (piece): piece is Uint8Array => piece !== end
    )
  })

const end = Symbol("end")
type End = typeof end

/** What stands where in the body. */
class Layout {
  readonly contentType: string
  /** In bytes, if it is known of all parts. */
  readonly size: number | undefined
  readonly pieces: Stream.Stream<Piece, unknown>

  constructor(fields: ReadonlyArray<Field>, parts: ReadonlyArray<Part>) {
    const boundary = `fiberline-${encodeHex(crypto.getRandomValues(new Uint8Array(16)))}`
    const delimiter = `--${boundary}\r\n`
    const texts = fields.map(
      ([name, text]) => `${delimiter}${disposition(name)}\r\n\r\n${text}\r\n`
    )
    const files = parts.map((part, at) => ({
      part,
      head: encode(`${delimiter}${headOf(part, at)}\r\n\r\n`)
    }))
    const opening = encode(texts.join(""))
    const closing = encode(`--${boundary}--\r\n`)

    this.contentType = `multipart/form-data; boundary=${boundary}`
    this.size = files.reduce<number | undefined>(
      (sum, { head, part: { size } }) =>
        sum === undefined || size === undefined
          ? undefined
          : sum + head.length + size + lineBreak.length,
      opening.length + closing.length
    )
    this.pieces = Stream.flatten(
      Stream.make(
        Stream.make(silent(opening)),
        ...files.map(({ head, part }) =>
          Stream.concat(
            Stream.make(silent(head)),
            Stream.concat(watched(part), Stream.make(silent(lineBreak)))
          )
        ),
        Stream.make(silent(closing))
      )
    )
  }
}

const silent = (bytes: Uint8Array): Piece => ({ bytes, taken: Effect.void })

const watched = ({ bytes, onProgress, size }: Part): Stream.Stream<Piece, unknown> =>
  Stream.suspend(() => {
    let sent = 0
    return Stream.map(bytes, (chunk) => {
      const count = (sent += chunk.byteLength)
      return onProgress
        ? { bytes: chunk, taken: Effect.suspend(() => onProgress(count, size)) }
        : silent(chunk)
    })
  })

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const lineBreak = encode("\r\n")

const disposition = (name: string): string => `content-disposition: form-data; name="${name}"`

const headOf = ({ contentType, filename }: Part, at: number): string =>
  `${disposition(String(at))}; filename="${quoted(filename)}"\r\n` +
  `content-type: ${contentType.replace(/[\r\n]+/g, " ")}`

/** As browsers write it. Source: HTML, "Multipart form data". */
const quoted = (filename: string): string =>
  filename.replace(/\r\n|\r|\n/g, "%0D%0A").replaceAll('"', "%22")
