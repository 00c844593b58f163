/**
 * A request with files in its variables, as a form: the operation, where its files belong, the files.
 *
 * What the runtime can read by itself goes out as `FormData`. Streams, and what somebody watches the progress
 * of, are written here.
 *
 * Source: GraphQL multipart request specification.
 */
import * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import type { OperationRequest } from "@fiberline/core/Message"
import { extract, type Extracted } from "@fiberline/core/Upload"
import * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { EncodeError } from "../../OperationError.js"
import * as Upload from "../../Upload.js"
import { notJson } from "../document.js"
import { type Field, type FormBody, type Part, streamed } from "./formBody.js"

export class Form {
  readonly #files: ReadonlyArray<File>

  private constructor(
    readonly request: OperationRequest,
    readonly extracted: Extracted<Upload.Upload>
  ) {
    this.#files = extracted.files.map(({ file }) => new File(file))
  }

  /** `undefined` for a request without files. */
  static of(request: OperationRequest): Form | undefined {
    const extracted = extract(request.variables, Upload.isUpload)
    return extracted.files.length > 0 ? new Form(request, extracted) : undefined
  }

  /** Whether all of it can be read, which of some files can be done only once. */
  get isReadable(): boolean {
    return this.#files.every(({ isReadable }) => isReadable)
  }

  /** Anew for each attempt. A stream is read as long as the scope is open, and no longer. */
  get body(): Effect.Effect<FormBody, EncodeError, Scope.Scope> {
    return Effect.flatMap(Effect.try({ try: () => this.#fields, catch: notJson }), (fields) => {
      const blobs = this.#files.flatMap(({ blob, filename }) => (blob ? { blob, filename } : []))
      if (blobs.length < this.#files.length) return streamed(fields, this.#files)
      const form = new FormData()
      for (const [name, text] of fields) form.append(name, text)
      blobs.forEach(({ blob, filename }, at) => form.append(String(at), blob, filename))
      return Effect.succeed({ body: HttpBody.formData(form), failed: undefined })
    })
  }

  get #fields(): ReadonlyArray<Field> {
    const { files, variables } = this.extracted
    const map = Object.fromEntries(files.map(({ paths }, at) => [at, paths]))
    return [
      ["operations", GraphQLOverHttp.encodeBody({ ...this.request, variables })],
      ["map", JSON.stringify(map)]
    ]
  }
}

/** What is to be known of an upload to send it. */
class File implements Part {
  readonly filename: string
  readonly contentType: string
  readonly size: number | undefined
  readonly onProgress: Part["onProgress"]
  readonly #stream: Stream.Stream<Uint8Array, unknown> | undefined
  readonly #blob: Blob | undefined
  readonly #isReplayable: boolean
  #wasBegun = false

  constructor({ content, options }: Upload.Upload) {
    this.filename = options.filename
    this.contentType = options.contentType ?? typeOf(content)
    this.onProgress = options.onProgress
    if (isStream(content)) {
      this.#stream = measured(content, options.size)
      this.size = options.size
      this.#isReplayable = options.replayable ?? false
    } else {
      this.#blob = blobOf(content, this.contentType)
      this.size = this.#blob.size
      this.#isReplayable = true
    }
  }

  /** Where nobody wants to know how it is read. */
  get blob(): Blob | undefined {
    return this.onProgress ? undefined : this.#blob
  }

  get isReadable(): boolean {
    return this.#isReplayable || !this.#wasBegun
  }

  get bytes(): Stream.Stream<Uint8Array, unknown> {
    return Stream.suspend(() => {
      this.#wasBegun = true
      const blob = this.#blob
      return blob
        ? Stream.fromReadableStream({ evaluate: () => blob.stream(), onError: (error) => error })
        : (this.#stream ?? Stream.empty)
    })
  }
}

const isStream = (content: Upload.Content): content is Stream.Stream<Uint8Array, unknown> =>
  typeof content === "object" && Stream.StreamTypeId in content

const typeOf = (content: Upload.Content): string =>
  content instanceof Blob && content.type !== ""
    ? content.type
    : typeof content === "string"
      ? "text/plain"
      : "application/octet-stream"

const blobOf = (content: Uint8Array | Blob | string, type: string): Blob =>
  content instanceof Blob
    ? content.type === type
      ? content
      : content.slice(0, content.size, type)
    : // Type boundary: a `Blob` copies, whatever the memory is.
      new Blob([content as string | Uint8Array<ArrayBuffer>], { type })

/** A body that is not as long as was announced would be refused further on, or never end. */
const measured = (
  content: Stream.Stream<Uint8Array, unknown>,
  size: number | undefined
): Stream.Stream<Uint8Array, unknown> => {
  if (size === undefined) return content
  return Stream.suspend(() => {
    let count = 0
    const wrong = () => Effect.fail(new RangeError(`the stream does not have ${size} bytes`))
    return Stream.concat(
      Stream.mapEffect(content, (bytes) => {
        count += bytes.byteLength
        return count > size ? wrong() : Effect.succeed(bytes)
      }),
      Stream.execute(Effect.suspend(() => (count < size ? wrong() : Effect.void)))
    )
  })
}
