/**
 * A WebSocket subprotocol: how messages are written on the wire.
 *
 * A subprotocol is two codecs and a few facts. It holds no state, reads no clock and does no I/O;
 * *when* a message may be sent is the business of `ConnectionState`.
 *
 * @since 0.1.0
 */
import type { ClientMessage, Rejected, ServerMessage } from "./Message.js"

/**
 * What not every subprotocol has a message for.
 *
 * @since 0.1.0
 * @category models
 */
export type OptionalMessage =
  "Ping" | "Pong" | "KeepAlive" | "ConnectionError" | "ConnectionTerminate"

/**
 * One end's view of the wire: what it writes and what it reads.
 *
 * @since 0.1.0
 * @category models
 */
export interface Codec<in Outgoing, out Incoming> {
  /**
   * Writes a message as a text frame.
   *
   * Throws what `JSON.stringify` throws for a payload that is not JSON: a cycle, a `bigint`, a
   * `toJSON` that throws; and a `TypeError` for a message that the subprotocol lacks.
   */
  readonly encode: (message: Outgoing) => string
  /**
   * Reads one frame. Total: whatever it is given, it returns a message or says why it is none; it
   * never throws.
   */
  readonly decode: (frame: unknown) => Incoming | Rejected
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Subprotocol {
  /** The name offered and negotiated in `Sec-WebSocket-Protocol`. */
  readonly name: string
  /** The messages that it has no word for. Every subprotocol has those of the others. */
  readonly lacks: ReadonlySet<OptionalMessage>
  /** The client's end. */
  readonly client: Codec<ClientMessage, ServerMessage>
  /** The server's end: what a test server or a proxy needs. */
  readonly server: Codec<ServerMessage, ClientMessage>
}
