/**
 * What can go wrong in a `SimulatedNetwork`, and how often it does.
 *
 * @since 0.1.0
 */

/**
 * How often each fault happens: a probability from 0 to 1, of what is said beside it.
 *
 * @since 0.1.0
 * @category models
 */
export interface FaultRates {
  // Of each attempt to connect.

  /** The connection is refused; default 0.06. */
  readonly refused: number
  /** The upgrade is never answered; default 0.03. */
  readonly unanswered: number
  /** The upgrade is answered with 401, 403, 404, 500 or 503; default 0.05. */
  readonly rejected: number

  // Of each connection, at some moment of its `faultWindow`.

  /** `connection_init` is not acknowledged; default 0.04. */
  readonly unacknowledged: number
  /** Both directions stand still for up to five seconds, and lose nothing; default 0.1. */
  readonly stalled: number
  /** What the client sends is lost from then on, and nobody is told; default 0.07. */
  readonly lostUp: number
  /** What the server sends is lost from then on, and nobody is told; default 0.07. */
  readonly lostDown: number
  /** Both are; default 0.07. */
  readonly lostBoth: number
  /** The connection is reset; default 0.07. */
  readonly reset: number
  /** The server stops doing anything, for up to a minute; default 0.05. */
  readonly frozen: number
  /** The server is killed, and comes back within twenty seconds; default 0.04. */
  readonly killed: number
  /** The server closes, with any code; default 0.1. */
  readonly closed: number
  /** The server closes right after it acknowledged; default 0.05. */
  readonly dropped: number
  /** The server sends a frame that is no message; default 0.04. */
  readonly malformed: number
  /** The server sends a frame larger than the client accepts; default 0.02. */
  readonly oversized: number
  /** The server sends a message that is not to be sent then; default 0.03. */
  readonly unexpected: number
  /** The client is never told that its socket was closed; default 0.05. */
  readonly unclosed: number

  // Of each operation.

  /** It is answered with an error; default 0.03. */
  readonly failed: number
  /** A query or mutation is executed, and not answered; default 0.05. */
  readonly unfinished: number
  /** A subscription is never established, where its subprotocol has the server tell; default 0.03. */
  readonly unestablished: number

  // Of each frame.

  /** A part of it arrives, and the rest up to three seconds later, or a part of that; default 0.01. */
  readonly partial: number

  // Of each ten seconds.

  /** The client's clock jumps, forward by hours or back by less; default 0.01. */
  readonly clockJump: number
}

/**
 * @since 0.1.0
 * @category models
 */
export type Fault = keyof FaultRates

/**
 * How often each happened.
 *
 * @since 0.1.0
 * @category models
 */
export type FaultCounts = { readonly [kind in Fault]: number }

/**
 * @since 0.1.0
 * @category constants
 */
export const defaultRates: FaultRates = {
  refused: 0.06,
  unanswered: 0.03,
  rejected: 0.05,
  unacknowledged: 0.04,
  stalled: 0.1,
  lostUp: 0.07,
  lostDown: 0.07,
  lostBoth: 0.07,
  reset: 0.07,
  frozen: 0.05,
  killed: 0.04,
  closed: 0.1,
  dropped: 0.05,
  malformed: 0.04,
  oversized: 0.02,
  unexpected: 0.03,
  unclosed: 0.05,
  failed: 0.03,
  unfinished: 0.05,
  unestablished: 0.03,
  partial: 0.01,
  clockJump: 0.01
}

/**
 * Every kind, in the order of `FaultRates`.
 *
 * @since 0.1.0
 * @category constants
 */
// Type boundary: `Object.keys` forgets the keys' type, and `defaultRates` has exactly these.
export const faults = Object.keys(defaultRates) as ReadonlyArray<Fault>

/**
 * A network in which nothing goes wrong.
 *
 * @since 0.1.0
 * @category constants
 */
// Type boundary: made of every kind, one by one.
export const noFaults = Object.fromEntries(faults.map((kind) => [kind, 0])) as unknown as FaultRates
