/**
 * What a client's connection is doing.
 *
 * Three facts are kept apart: whether there is a network (`NetworkMonitor`), whether there is a
 * connection (this), and whether a subscription is running (`Subscription.progress`).
 *
 * @since 0.1.0
 */
import type { JsonObject } from "@fiberline/core/Message"
import * as Data from "effect/Data"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Option from "effect/Option"
import type { NetworkError } from "./NetworkError.js"
import type { ProtocolError } from "./ProtocolError.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Status = Data.TaggedEnum<{
  /** There is no connection, and nobody needs one. */
  Idle: {}
  /** A connection is being made. `attempt` counts from 1 since the last one that proved itself. */
  Connecting: { readonly attempt: number }
  /** There is a connection. */
  Live: {
    readonly since: DateTime.Utc
    /** From the last ping that was needed to its answer. */
    readonly roundTrip: Option.Option<Duration.Duration>
    /** The payload of the server's acknowledgement. */
    readonly ack: JsonObject
  }
  /** The connection was lost or could not be made, and the next attempt waits. */
  Reconnecting: {
    /** Failures in a row. */
    readonly attempt: number
    readonly cause: NetworkError | ProtocolError
    readonly nextAttemptAt: DateTime.Utc
  }
  /** The client is being closed. */
  Closing: {}
  /** The client is closed. */
  Closed: {}
  /** Given up, for this reason. The next operation starts anew. */
  Failed: { readonly cause: NetworkError | ProtocolError }
}>

/**
 * @since 0.1.0
 * @category constructors
 */
export const { $is, $match, Closed, Closing, Connecting, Failed, Idle, Live, Reconnecting } =
  Data.taggedEnum<Status>()
