/**
 * How a session's operations reach their server: over a WebSocket, an HTTP response, or in process.
 *
 * A session knows nothing of how its connections are made. It has one made when it is needed, is told
 * when it is live and what it brings, and above all how it ended.
 */
import type { JsonObject, OperationRequest, Rejected, ServerMessage } from "@fiberline/core/Message"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { Headers } from "../Middleware.js"
import type { Phase } from "../NetworkError.js"
import type * as Loss from "./loss.js"
import type { Secrets } from "./secrets.js"

export interface Transport {
  /**
   * An operation as it will be sent, made ahead of the connection that carries it. Throws what
   * `JSON.stringify` throws, which is how it is known that it can be sent.
   */
  readonly encode: (id: string, request: OperationRequest) => string
  /**
   * One connection, from its making to its end. It fails with the reason, or succeeds when it was told
   * to `leave`.
   *
   * @param attempt for the span that traces it
   * @param observe told when the connection is live, and again for each round trip measured
   */
  readonly run: (
    operations: Operations,
    attempt: number,
    observe: (live: Live) => void
  ) => Effect.Effect<void, Loss.Failure>
}

/** A connection as its session and its operations see it. */
export interface Link {
  readonly phase: Phase
  /** The part of its URL that may be shown. */
  readonly endpoint: string
  readonly wasLive: boolean
  /** How long it has been, or was, live, in milliseconds. */
  readonly uptime: number
  /** Whether operations can be sent. */
  readonly isReady: boolean
  /** Whether it is opened by the one operation that it is for, which is therefore not sent over it. */
  readonly carriesOne: boolean
  /** Whether the server says when a subscription is established. */
  readonly establishes: boolean
  /** Sends an operation, as it was encoded; one that comes too late for this connection is dropped. */
  readonly start: (id: string, frame: string, headers: Headers | undefined) => void
  /** Tells the server that nobody wants more of it. */
  readonly stop: (id: string) => void
  /** Whether reading can be stopped and resumed. */
  readonly canPause: boolean
  readonly pause: () => void
  readonly resume: () => void
  /** Hands over what has reached this machine, where that may have been kept from being read. */
  readonly settle?: Effect.Effect<void>
  /** Has it end, unless it is over already. */
  readonly leave: () => void
  /** Destroys what there is of it. */
  readonly abandon: () => void
}

/** The operations that a connection serves, as it sees them. */
export interface Operations {
  /** What the server was told in confidence, over this connection and those before it. */
  readonly secrets: Secrets
  /** A connection is being made for them. */
  readonly attached: (connection: Link) => void
  /** What was encoded ahead is not in the words that the server chose. */
  readonly translate: () => void
  /** The server has acknowledged; what waits may be sent. */
  readonly established: (ack: JsonObject) => void
  /** A message that belongs to one operation. */
  readonly deliver: (message: ServerMessage | Rejected) => void
  /** The connection is over. Called exactly once, before its socket is closed. */
  readonly ended: (connection: Link, exit: Exit.Exit<void, Loss.Failure>) => void
  /**
   * The one operation of a connection that is opened by it, as it is to be sent now: nothing, if it
   * has left or cannot be made.
   */
  readonly opening: Effect.Effect<Opening | undefined>
  /** It may have reached the server, even if there never is an answer. */
  readonly sent: () => void
  /** The server has refused it without a look at it. */
  readonly refused: () => void
}

/** An operation that opens its connection. */
export interface Opening {
  readonly id: string
  readonly frame: string
  readonly headers: Headers | undefined
}

/** What is known of a live connection. */
export interface Live {
  readonly since: number
  readonly ack: JsonObject
  readonly roundTrip: number | undefined
}
