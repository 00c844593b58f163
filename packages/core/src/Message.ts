/**
 * The messages of a GraphQL connection, in the vocabulary every subprotocol is translated to.
 *
 * A message is plain, immutable data. What the wire calls `next`, `data` or `subscription:data` is
 * `Next` here, so that the client knows one language however many subprotocols there are.
 *
 * @since 0.1.0
 */
import type { FormattedExecutionResult, GraphQLFormattedError } from "graphql"

/**
 * A JSON object as it came from, or goes to, the wire.
 *
 * @since 0.1.0
 * @category models
 */
export type JsonObject = { readonly [key: string]: unknown }

/**
 * What a client asks a server to execute. An absent member is absent on the wire, never `null`.
 *
 * Source: GraphQL over WebSocket Protocol, `SubscribeMessage`; GraphQL over HTTP, "Request Parameters".
 *
 * @since 0.1.0
 * @category models
 */
export interface OperationRequest {
  readonly query: string
  /** A document that the server knows already. Where there is one, it is sent instead of `query`. */
  readonly documentId?: string | undefined
  readonly operationName?: string | undefined
  readonly variables?: JsonObject | undefined
  readonly extensions?: JsonObject | undefined
}

/**
 * A result of an operation: `data`, `errors`, `extensions`, as GraphQL's specification has it.
 *
 * @since 0.1.0
 * @category models
 */
export type ExecutionResult = FormattedExecutionResult<unknown, JsonObject>

/**
 * @since 0.1.0
 * @category messages
 */
export interface ConnectionInit {
  readonly _tag: "ConnectionInit"
  readonly payload?: JsonObject
}

/**
 * @since 0.1.0
 * @category messages
 */
export interface ConnectionAck {
  readonly _tag: "ConnectionAck"
  readonly payload?: JsonObject
}

/**
 * The server refuses the connection, and says why in a shape of its own.
 *
 * @since 0.1.0
 * @category messages
 */
export interface ConnectionError {
  readonly _tag: "ConnectionError"
  readonly payload?: JsonObject
}

/**
 * The server says that it serves this connection no longer.
 *
 * @since 0.1.0
 * @category messages
 */
export interface Disconnected {
  readonly _tag: "Disconnected"
  /** Why, in the subprotocol's words or the server's own. */
  readonly detail: string
  /** Whether another connection can help. */
  readonly retry: "backoff" | "never"
}

/**
 * The client leaves.
 *
 * @since 0.1.0
 * @category messages
 */
export interface ConnectionTerminate {
  readonly _tag: "ConnectionTerminate"
}

/**
 * The server is there. It sends this by itself, and wants no answer.
 *
 * @since 0.1.0
 * @category messages
 */
export interface KeepAlive {
  readonly _tag: "KeepAlive"
}

/**
 * @since 0.1.0
 * @category messages
 */
export interface Ping {
  readonly _tag: "Ping"
  readonly payload?: JsonObject
}

/**
 * @since 0.1.0
 * @category messages
 */
export interface Pong {
  readonly _tag: "Pong"
  readonly payload?: JsonObject
}

/**
 * @since 0.1.0
 * @category messages
 */
export interface Subscribe {
  readonly _tag: "Subscribe"
  readonly id: string
  readonly payload: OperationRequest
}

/**
 * One result of an operation. A subscription has any number of them; field errors inside do not
 * end it.
 *
 * @since 0.1.0
 * @category messages
 */
export interface Next {
  readonly _tag: "Next"
  readonly id: string
  readonly payload: ExecutionResult
}

/**
 * The one result of an operation, or its last: a `Next` and the `Complete` behind it.
 *
 * @since 0.1.0
 * @category messages
 */
export interface Result {
  readonly _tag: "Result"
  readonly id: string
  readonly payload: ExecutionResult
}

/**
 * The server runs the subscription: what is published from here on will come.
 *
 * @since 0.1.0
 * @category messages
 */
export interface Established {
  readonly _tag: "Established"
  readonly id: string
}

/**
 * The operation could not be executed. Final: no `Complete` follows.
 *
 * @since 0.1.0
 * @category messages
 */
export interface OperationFailed {
  readonly _tag: "OperationFailed"
  readonly id: string
  readonly payload: ReadonlyArray<GraphQLFormattedError>
}

/**
 * The end of an operation, from either side.
 *
 * @since 0.1.0
 * @category messages
 */
export interface Complete {
  readonly _tag: "Complete"
  readonly id: string
}

/**
 * What a client may send.
 *
 * @since 0.1.0
 * @category messages
 */
export type ClientMessage =
  ConnectionInit | Ping | Pong | Subscribe | Complete | ConnectionTerminate

/**
 * What a server may send.
 *
 * @since 0.1.0
 * @category messages
 */
export type ServerMessage =
  | ConnectionAck
  | ConnectionError
  | Disconnected
  | KeepAlive
  | Ping
  | Pong
  | Established
  | Next
  | Result
  | OperationFailed
  | Complete

/**
 * Why a frame is no message of the subprotocol, or a response no result.
 *
 * - `NotText`: a binary frame
 * - `NotJson`: text that is not JSON
 * - `NotAnObject`: JSON, but not an object
 * - `UnknownType`: an object whose `type` the subprotocol does not know
 * - `InvalidField`: a known type with a field that is missing or of the wrong shape
 * - `UnexpectedMediaType`: a response, or a part of one, of a media type that is none of the protocol's
 * - `InvalidPart`: a multipart body, or a part of it, that is malformed
 *
 * @since 0.1.0
 * @category messages
 */
export type RejectionReason =
  | "NotText"
  | "NotJson"
  | "NotAnObject"
  | "UnknownType"
  | "InvalidField"
  | "UnexpectedMediaType"
  | "InvalidPart"

/**
 * A frame that is no message, or a response that is no result. `detail` says what is wrong in words
 * that carry none of its own values, so that it can be logged.
 *
 * @since 0.1.0
 * @category messages
 */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly reason: RejectionReason
  readonly detail: string
}
