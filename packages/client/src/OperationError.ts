/**
 * What can go wrong with one operation while the connection is well. None of these touches another
 * operation.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { isObject } from "./internal/json.js"

/**
 * Passes as it came. A `Record` would be built anew, key by key, and a key `__proto__` become the
 * prototype: the server could have properties be found that the object does not have.
 */
const Extensions = Schema.declare(
  (value): value is { readonly [key: string]: unknown } => isObject(value),
  { identifier: "Extensions", jsonSchema: { type: "object" } }
)

/**
 * A GraphQL error as the server sent it.
 *
 * Source: GraphQL specification, section 7.1.2.
 *
 * @since 0.1.0
 * @category models
 */
export const GraphQLError = Schema.Struct({
  message: Schema.String,
  locations: Schema.optionalWith(
    Schema.Array(Schema.Struct({ line: Schema.Number, column: Schema.Number })),
    { exact: true }
  ),
  path: Schema.optionalWith(Schema.Array(Schema.Union(Schema.String, Schema.Number)), {
    exact: true
  }),
  extensions: Schema.optionalWith(Extensions, { exact: true })
})

/**
 * @since 0.1.0
 * @category models
 */
export type GraphQLError = typeof GraphQLError.Type

/**
 * What came before the body of an HTTP response; without cookies.
 *
 * @since 0.1.0
 * @category models
 */
export const ResponseHead = Schema.Struct({
  status: Schema.Number,
  headers: Schema.Record({ key: Schema.String, value: Schema.String })
})

/**
 * @since 0.1.0
 * @category models
 */
export type ResponseHead = typeof ResponseHead.Type

/**
 * The server executed the operation, or refused to, and reported GraphQL errors.
 *
 * In the channel with `errors: "throw"` (the default); with `errors: "inline"` the same errors are
 * part of the result instead.
 *
 * @since 0.1.0
 * @category errors
 */
export class OperationError extends Schema.TaggedError<OperationError>(
  "@fiberline/client/OperationError"
)("OperationError", {
  errors: Schema.Array(GraphQLError),
  /** The partial result, undecoded; absent where nothing was executed. */
  data: Schema.optionalWith(Schema.Unknown, { exact: true }),
  /** Of the response, where the operation was sent over HTTP and had one to itself. */
  response: Schema.optionalWith(ResponseHead, { exact: true })
}) {
  override get message(): string {
    return this.errors.map((error) => error.message).join("; ")
  }
}

/**
 * The data does not fit the operation's Schema.
 *
 * In the channel, unless a subscription is told to have it in its place among the elements, with
 * `decodeErrors: "inline"`.
 *
 * @since 0.1.0
 * @category errors
 */
export class DecodeError extends Schema.TaggedError<DecodeError>("@fiberline/client/DecodeError")(
  "DecodeError",
  {
    /** What was expected and what was there, in Schema's words. */
    issue: Schema.String,
    /** Where in the data the first of it is; empty where the data as a whole does not fit. */
    path: Schema.optionalWith(Schema.Array(Schema.Union(Schema.String, Schema.Number)), {
      default: () => []
    }),
    /** Where the operation, or the call, has a name. */
    operationName: Schema.optionalWith(Schema.String, { exact: true }),
    /** GraphQL errors beside the data, which may be why: a field that failed is `null`. */
    errors: Schema.optionalWith(Schema.Array(GraphQLError), { exact: true })
  }
) {
  override get message(): string {
    const of = this.operationName === undefined ? "" : ` of ${this.operationName}`
    const at = this.path.length === 0 ? "" : ` at ${this.path.join(".")}`
    return `the data${of} does not fit its Schema${at}: ${this.issue}`
  }
}

/**
 * The variables or extensions cannot be sent: they do not fit the operation's Schema, or are not
 * JSON (a cycle, a `bigint`). Nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class EncodeError extends Schema.TaggedError<EncodeError>("@fiberline/client/EncodeError")(
  "EncodeError",
  { issue: Schema.String }
) {
  override get message(): string {
    return `the operation cannot be sent: ${this.issue}`
  }
}

/**
 * A subscription's consumer was slower than its server, and its buffer's strategy is `fail`, or
 * `suspend` on a socket that cannot pause. What was buffered is delivered first.
 *
 * @since 0.1.0
 * @category errors
 */
export class OverflowError extends Schema.TaggedError<OverflowError>(
  "@fiberline/client/OverflowError"
)("OverflowError", {
  /** The buffer's capacity, in results. */
  capacity: Schema.Number
}) {
  override get message(): string {
    return `more than ${this.capacity} results are waiting for their consumer`
  }
}
