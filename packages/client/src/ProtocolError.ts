/**
 * The server broke the protocol.
 *
 * Misuse on our own side is no error in the channel but a defect.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Phase } from "./NetworkError.js"

/**
 * - `NotText`, `NotJson`, `NotAnObject`, `UnknownType`, `InvalidField`: a frame that is no message
 * - `UnexpectedMessage`: a message that this phase does not allow: data before the acknowledgement,
 *   a second acknowledgement
 * - `UnexpectedSubprotocol`: the server chose a subprotocol that was not offered, or none at all
 *   where several were
 * - `FrameTooLarge`: a frame larger than `maxFrameSize`
 * - `ResponseTooLarge`: a response over HTTP, or a part of one, larger than `maxResponseSize`
 * - `InvalidFrame`: a frame that breaks WebSocket itself, such as text that is not UTF-8
 * - `NoResult`: a query or mutation that completed without a result
 * - `NoData`: a result with neither data nor errors
 * - `UnexpectedMediaType`: a response, or a part of one, of a media type that is none of the
 *   protocol's
 * - `InvalidPart`: a multipart body, or a part of it, that is malformed
 *
 * The last three concern one operation; the others end the connection, and with it every operation.
 *
 * @since 0.1.0
 * @category models
 */
export const Violation = Schema.Literal(
  "NotText",
  "NotJson",
  "NotAnObject",
  "UnknownType",
  "InvalidField",
  "UnexpectedMessage",
  "UnexpectedSubprotocol",
  "FrameTooLarge",
  "ResponseTooLarge",
  "InvalidFrame",
  "NoResult",
  "NoData",
  "UnexpectedMediaType",
  "InvalidPart"
)

/**
 * @since 0.1.0
 * @category models
 */
export type Violation = typeof Violation.Type

/**
 * @since 0.1.0
 * @category errors
 */
export class ProtocolError extends Schema.TaggedError<ProtocolError>(
  "@fiberline/client/ProtocolError"
)("ProtocolError", {
  violation: Violation,
  /** What is wrong, without any value of the server's. */
  detail: Schema.String,
  /** The beginning of the frame, at most 200 characters, with known secrets taken out. */
  received: Schema.optionalWith(Schema.String, { exact: true }),
  phase: Phase,
  /** As in `NetworkError`. */
  endpoint: Schema.String,
  /** As in `NetworkError`. */
  sent: Schema.Boolean,
  cause: Schema.optionalWith(Schema.Defect, { exact: true })
}) {
  override get message(): string {
    return `${this.endpoint}: the server broke the protocol: ${this.detail} (${this.violation}, ${this.phase})`
  }
}
