/**
 * The wire port: what a connection needs of an open WebSocket, and nothing else.
 *
 * Rules of the port, on which the connection relies:
 *
 * - Opening is synchronous and never throws; whatever goes wrong arrives as `onEnd`, if need be
 *   before the wire has been returned.
 * - `onOpen` comes at most once and before any `onFrame`; `onEnd` comes at most once and last.
 * - The listener's callbacks are synchronous and do not throw.
 * - Every method of a `Wire` may be called at any time, also after the end, and never throws.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/**
 * What is to be opened. It holds secrets, so it is never logged.
 *
 * @since 0.1.0
 * @category models
 */
export interface WireRequest {
  readonly url: string
  /** Offered in `Sec-WebSocket-Protocol`, in order of preference. */
  readonly subprotocols: ReadonlyArray<string>
  /** Sent with the upgrade, where the socket can send headers. */
  readonly headers: { readonly [name: string]: string }
  /** Largest frame accepted, in bytes. */
  readonly maxFrameSize: number
}

/**
 * How a WebSocket ended.
 *
 * - `Closed`: it is gone, with the peer's close code, or 1005 or 1006 where there was none
 * - `Rejected`: the upgrade was answered with something other than 101
 * - `Failed`: the operating system or TLS reported an error
 * - `Violated`: the peer broke the WebSocket protocol itself: 1002, 1007 (text that is not UTF-8),
 *   1008 (too many fragments) or 1009 (larger than `maxFrameSize`)
 *
 * @since 0.1.0
 * @category models
 */
export type WireEnd =
  | { readonly _tag: "Closed"; readonly code: number; readonly reason: string }
  | {
      readonly _tag: "Rejected"
      readonly status: number
      readonly headers: { readonly [name: string]: string }
    }
  | { readonly _tag: "Failed"; readonly cause: unknown }
  | { readonly _tag: "Violated"; readonly code: number; readonly cause: unknown }

/**
 * @since 0.1.0
 * @category models
 */
export interface WireListener {
  /** The upgrade succeeded; `subprotocol` is what the server chose, or empty. */
  readonly onOpen: (subprotocol: string) => void
  /**
   * Something has arrived, if only a part of a frame: a large one on a slow link is no silence. A
   * socket that shows no more than whole frames never calls it; its frames count by themselves
   * (`Wire.showsActivity`).
   */
  readonly onActivity: () => void
  /** A frame: text as a string, anything else as the bytes it is made of. */
  readonly onFrame: (frame: string | ArrayBuffer) => void
  readonly onEnd: (end: WireEnd) => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Wire {
  /** Sends a text frame. A frame for a socket that is not open is dropped. */
  readonly send: (text: string) => void
  /**
   * Sends a ping frame of WebSocket's own, where the socket can and `onActivity` is called for what
   * answers it.
   */
  readonly ping?: () => void
  /** Begins the closing handshake; `onEnd` tells when it is over. */
  readonly close: (code: number, reason: string) => void
  /** Destroys the socket. When this returns, the operating system's socket is gone. */
  readonly terminate: () => void
  /**
   * Stops and starts reading, where the socket can; TCP then holds the peer back. What was read
   * before may still arrive after `pause`.
   */
  readonly flow?: { readonly pause: () => void; readonly resume: () => void }
  /**
   * Whether `onActivity` is called for all that arrives, whole frames too. Frames then need not count,
   * which spares looking at the clock for each of them.
   */
  readonly showsActivity?: boolean
  /**
   * Bytes that were sent and wait for the peer to take them, where the socket knows. Nothing is held
   * back because of it but pongs, which a peer can ask for without end and not read.
   */
  readonly backlog?: () => number
  /**
   * Completes once everything that had already reached this machine has been handed to `onFrame`.
   * A program that was busy must look at what lies waiting before it calls its peer dead.
   */
  readonly settle: Effect.Effect<void>
}

/**
 * Opens WebSockets. Layers: `NodeWire.layer` in `@fiberline/node`, `WebSocketWire.layer` here for any
 * standard `WebSocket`, and `TestServer` in `@fiberline/testing`.
 *
 * @since 0.1.0
 * @category tags
 */
export class WireConstructor extends Context.Tag("@fiberline/client/WireConstructor")<
  WireConstructor,
  (request: WireRequest, listener: WireListener) => Wire
>() {}
