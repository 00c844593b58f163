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
  data: Schema.optionalWith(Schema.Unknown, { exact: true })
}) {
  override get message(): string {
    return this.errors.map((error) => error.message).join("; ")
  }
}

/**
 * The data does not fit the operation's Schema. `issue` names the path and what was expected.
 *
 * @since 0.1.0
 * @category errors
 */
export class DecodeError extends Schema.TaggedError<DecodeError>("@fiberline/client/DecodeError")(
  "DecodeError",
  { issue: Schema.String }
) {
  override get message(): string {
    return `the data does not fit its Schema: ${this.issue}`
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
