/**
 * A WebSocket subprotocol: how messages are written on the wire.
 *
 * A subprotocol is a few facts and what each end of a connection makes of messages and frames. It reads no
 * clock and does no I/O; *when* a message may be sent is the business of `ConnectionState`.
 *
 * In some subprotocols every frame means the same whatever came before it: those are two codecs
 * (`fromCodecs`). In others a frame can only be read by who remembers what was said, or has to be answered;
 * so what a connection is given is a `Conversation` of its own.
 *
 * @since 0.1.0
 */
import type { ClientMessage, JsonObject, Rejected, ServerMessage, Subscribe } from "./Message.js"

/**
 * What not every subprotocol has a word for; every subprotocol has one for the others. `ServerComplete` is the
 * `Complete` of a subscription that the server sends.
 *
 * @since 0.1.0
 * @category models
 */
export type OptionalMessage =
  | "Ping"
  | "Pong"
  | "KeepAlive"
  | "ConnectionError"
  | "ConnectionTerminate"
  | "Established"
  | "Result"
  | "Disconnected"
  | "ServerComplete"

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
 * What a conversation does things by. Both are called where it is made and in its own calls, and at no other
 * time.
 *
 * @since 0.1.0
 * @category models
 */
export interface Port<in Incoming> {
  /** Sends a text frame. */
  readonly send: (frame: string) => void
  /** Hands over a message of the peer's, or why a frame is none. */
  readonly deliver: (message: Incoming | Rejected) => void
}

/**
 * One end of one connection, from its opening to its end.
 *
 * @since 0.1.0
 * @category models
 */
export interface Conversation<in Outgoing> {
  /** Says a message. Throws as `Codec.encode` does; then nothing was sent. */
  readonly send: (message: Outgoing) => void
  /** Takes a frame of the peer's. Total, as `Codec.decode` is. */
  readonly receive: (frame: unknown) => void
}

/**
 * The client's end, where operations may have been written before there was a connection.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClientConversation extends Conversation<ClientMessage> {
  /** Begins an operation, as `Subprotocol.write` wrote it. */
  readonly start: (id: string, written: string) => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Subprotocol {
  /** The name offered and negotiated in `Sec-WebSocket-Protocol`; empty for one that has none. */
  readonly name: string
  /** The messages that it has no word for. */
  readonly lacks: ReadonlySet<OptionalMessage>
  /** What its servers look for in the query of the URL. */
  readonly parameters?: { readonly [name: string]: string }
  /**
   * Whether its servers drop a client that says nothing for a while, however much they send themselves: it
   * then has to ping in any case. Default `false`.
   */
  readonly expectsPings?: boolean
  /**
   * Milliseconds of silence after which the server itself says that it is to be taken for dead, where its
   * acknowledgement says so.
   */
  readonly silence?: (acknowledged: JsonObject) => number | undefined
  /**
   * Writes an operation, as far as that can be done without a connection: ahead of it, and so that it is
   * known that it can be. Throws as `Codec.encode` does.
   */
  readonly write: (operation: Subscribe) => string
  /** The client's end of a new connection. */
  readonly connect: (port: Port<ServerMessage>) => ClientConversation
  /** The server's end: what a test server or a proxy needs. */
  readonly accept: (port: Port<ClientMessage>) => Conversation<ServerMessage>
}

/**
 * A subprotocol in which every frame means the same whatever came before it.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatelessSubprotocol extends Subprotocol {
  /** The client's end. */
  readonly client: Codec<ClientMessage, ServerMessage>
  /** The server's end. */
  readonly server: Codec<ServerMessage, ClientMessage>
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const fromCodecs = (
  subprotocol: Omit<StatelessSubprotocol, "write" | "connect" | "accept">
): StatelessSubprotocol => {
  const { client, server } = subprotocol
  return {
    ...subprotocol,
    write: (operation) => client.encode(operation),
    connect: (port) => ({
      ...speak(client, port),
      start: (_id, written) => port.send(written)
    }),
    accept: (port) => speak(server, port)
  }
}

const speak = <Outgoing, Incoming>(
  codec: Codec<Outgoing, Incoming>,
  port: Port<Incoming>
): Conversation<Outgoing> => ({
  send: (message) => port.send(codec.encode(message)),
  receive: (frame) => port.deliver(codec.decode(frame))
})
