/**
 * What a client measures. The metrics are Effect's own, so any exporter of theirs exports them.
 *
 * All but `messages` and `bytes` are updated when a connection or an operation begins or ends. Those
 * two would cost something for every message, and are updated with the option `countMessages` only.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

/** From a millisecond to about half a minute. */
const seconds = MetricBoundaries.exponential({ start: 0.001, factor: 2, count: 16 })

/**
 * Connections that are live, of all clients together.
 *
 * @since 0.1.0
 * @category metrics
 */
export const connections = Metric.counter("graphql_client_connections", {
  description: "Live connections"
})

/**
 * Attempts to connect, by `outcome`: `live`, or the tag of the failure's reason.
 *
 * @since 0.1.0
 * @category metrics
 */
export const attempts = Metric.counter("graphql_client_connection_attempts_total", {
  description: "Attempts to connect, by outcome",
  incremental: true
})

/**
 * Operations that have begun and not ended, waiting or sent.
 *
 * @since 0.1.0
 * @category metrics
 */
export const activeOperations = Metric.counter("graphql_client_active_operations", {
  description: "Operations under way"
})

/**
 * Messages, by `direction`: `in` or `out`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const messages = Metric.counter("graphql_client_messages_total", {
  description: "Messages, by direction",
  incremental: true
})

/**
 * Sizes of messages in characters, by `direction`: `in` or `out`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const bytes = Metric.counter("graphql_client_bytes_total", {
  description: "Characters of messages, by direction",
  incremental: true
})

/**
 * Results that a full buffer has dropped, with the strategies `sliding` and `dropping`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const dropped = Metric.counter("graphql_client_dropped_total", {
  description: "Results dropped by full buffers",
  incremental: true
})

/**
 * From a keepalive ping to the first thing heard after it, in seconds.
 *
 * @since 0.1.0
 * @category metrics
 */
export const roundTrip = Metric.histogram(
  "graphql_client_round_trip_seconds",
  seconds,
  "From a ping to its answer"
)

/**
 * From the last thing heard to noticing that the link is dead, in seconds.
 *
 * @since 0.1.0
 * @category metrics
 */
export const detection = Metric.histogram(
  "graphql_client_detection_seconds",
  seconds,
  "How long dead links went unnoticed"
)

/**
 * How long closing a connection took, in seconds.
 *
 * @since 0.1.0
 * @category metrics
 */
export const closing = Metric.histogram(
  "graphql_client_close_seconds",
  seconds,
  "How long closing took"
)
