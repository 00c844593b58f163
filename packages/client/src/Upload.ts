/**
 * Files among the variables of a query or mutation over HTTP.
 *
 * A `Blob` or `File` in the variables is one as it is. `make` makes one of a stream, of bytes or of a text,
 * and has a place for what the server is told of it and for who watches its progress.
 *
 * A file goes with a POST alone. Over anything else, it is an `EncodeError`, before anything was sent.
 *
 * Source: GraphQL multipart request specification.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"

/**
 * @since 0.1.0
 * @category symbols
 */
export const TypeId: unique symbol = Symbol.for("@fiberline/client/Upload")

/**
 * @since 0.1.0
 * @category symbols
 */
export type TypeId = typeof TypeId

/**
 * What a file holds.
 *
 * @since 0.1.0
 * @category models
 */
export type Content = Stream.Stream<Uint8Array, unknown> | Uint8Array | Blob | string

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** What the server is told that it is called. */
  readonly filename: string
  /** Its media type; default that of a `Blob`, `text/plain` for a text, else `application/octet-stream`. */
  readonly contentType?: string | undefined
  /**
   * The bytes of a stream, where they are known. A stream that then has more or less is an `UploadFailed`.
   */
  readonly size?: number | undefined
  /**
   * Called whenever bytes were handed to the HTTP client, with how many those are by now and how many
   * there are in all. The next are read when it has ended. It begins anew when the request does.
   */
  readonly onProgress?:
    ((sent: number, total: number | undefined) => Effect.Effect<void>) | undefined
  /**
   * Whether a stream can be run again for a request that is sent again, as one that reads a file can;
   * default `false`. Of everything else it is known.
   */
  readonly replayable?: boolean | undefined
}

/**
 * A file that can stand among variables.
 *
 * @since 0.1.0
 * @category models
 */
export interface Upload {
  readonly [TypeId]: TypeId
  readonly content: Content
  readonly options: Options
  /** Throws: it is no JSON. */
  readonly toJSON: () => never
}

/**
 * A stream is run by each request that sends it, and read no faster than the network takes it.
 *
 * With a stream, or with `onProgress`, the request's body is one. Browsers can send such a body where they
 * can at all (Chrome, over HTTP/2); give them a `Blob`, and watch no progress.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (content: Content, options: Options): Upload => new File(content, options)

/**
 * @since 0.1.0
 * @category guards
 */
export const isUpload = (value: unknown): value is Upload => Predicate.hasProperty(value, TypeId)

class File implements Upload {
  readonly [TypeId]: TypeId = TypeId

  constructor(
    readonly content: Content,
    readonly options: Options
  ) {}

  toJSON(): never {
    throw new TypeError("a file can only be sent by a query or mutation over HTTP, by POST")
  }
}

/**
 * For the variables of an operation with Schemas: `Schema.Struct({ file: Upload.Upload })`. It is sent as it
 * is; a `Blob` would have `Schema.instanceOf(Blob)`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Upload: Schema.Schema<Upload> = Schema.declare(isUpload, {
  identifier: "Upload",
  description: "a file that is sent along"
})
