/**
 * The life of one connection, as a table.
 *
 * Every state has a cell for every event, so that nothing is left to chance: an event is either
 * provided for, broken protocol of the peer's (`Reject`), without consequence (`Ignore`), or it
 * cannot happen unless the code that drives the table is wrong (`Impossible`).
 *
 * The client runs on this table and `docs/protocol.md` is drawn from it.
 *
 * @since 0.1.0
 */
import { stateDiagram } from "./internal/diagram.js"
import type { Rejected, ServerMessage } from "./Message.js"

/**
 * - `Opening`: the URL is being resolved, the socket opened and upgraded
 * - `Initializing`: the socket is open; the payload of `connection_init` is being evaluated
 * - `Acknowledging`: `connection_init` is sent; the server has yet to acknowledge it
 * - `Ready`: operations may be sent
 * - `Closing`: a close frame is sent; the peer has yet to answer it
 * - `Closed`: there is no socket
 *
 * @since 0.1.0
 * @category models
 */
export type ConnectionState =
  "Opening" | "Initializing" | "Acknowledging" | "Ready" | "Closing" | "Closed"

/**
 * What can happen to a connection: what the peer sends (by the message's tag), what the socket
 * reports, what a clock says, and what we decide ourselves.
 *
 * @since 0.1.0
 * @category models
 */
export type ConnectionEvent =
  | ServerMessage["_tag"]
  | Rejected["_tag"]
  /** The upgrade was accepted with our subprotocol. */
  | "SocketOpened"
  /** The socket was refused, failed, or was closed by the peer. */
  | "SocketEnded"
  /** `connection_init` was sent. */
  | "InitSent"
  /** `connectTimeout` is over. */
  | "ConnectTimedOut"
  /** `ackTimeout` is over. */
  | "AckTimedOut"
  /** A keepalive probe went unanswered. */
  | "KeepaliveTimedOut"
  /** The URL, the headers or the connection payload could not be had. */
  | "OptionFailed"
  /** We want to leave. */
  | "CloseRequested"
  /** `closeTimeout` is over. */
  | "CloseTimedOut"

/**
 * What the driver does when it takes a transition.
 *
 * - `Initialize`: evaluate the payload and send `connection_init`
 * - `AwaitAck`: wait for the acknowledgement, at most `ackTimeout`
 * - `Establish`: send the waiting operations and start the keepalive
 * - `Watch`: the server keeps the connection alive by itself; from here on its silence means something
 * - `Refuse`: the server refuses the connection, or serves it no longer; give every operation that failure
 * - `Deliver`: hand the message to its operation; an unknown id is ignored
 * - `Answer`: send a pong
 * - `Fail`: give every operation this failure
 * - `Reject`: the peer broke the protocol; give every operation that failure
 * - `Leave`: end every operation and send a close frame
 * - `Finish`: nothing more is to be done
 * - `Ignore`: without consequence
 * - `Impossible`: the driver has a bug
 *
 * @since 0.1.0
 * @category models
 */
export type ConnectionAction =
  | "Initialize"
  | "AwaitAck"
  | "Establish"
  | "Watch"
  | "Refuse"
  | "Deliver"
  | "Answer"
  | "Fail"
  | "Reject"
  | "Leave"
  | "Finish"
  | "Ignore"
  | "Impossible"

/**
 * Entering `Closing` sends a close frame; entering `Closed` destroys whatever is left of the
 * socket.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transition {
  readonly to: ConnectionState
  readonly action: ConnectionAction
}

const go = (to: ConnectionState, action: ConnectionAction): Transition => ({ to, action })

// There is no link worth a farewell: the socket is destroyed.
const lost = go("Closed", "Fail")
// The link works, so the peer is told why we leave.
const failed = go("Closing", "Fail")
const rejected = go("Closing", "Reject")
const refused = go("Closing", "Refuse")
const noWebSocket = go("Closed", "Reject")
const leave = go("Closing", "Leave")
const finish = go("Closed", "Finish")

/**
 * @since 0.1.0
 * @category table
 */
export const transitions: {
  readonly [State in ConnectionState]: { readonly [Event in ConnectionEvent]: Transition }
} = {
  Opening: {
    SocketOpened: go("Initializing", "Initialize"),
    SocketEnded: lost,
    ConnectTimedOut: lost,
    OptionFailed: lost,
    CloseRequested: go("Closed", "Leave"),
    // A frame before the upgrade is done comes from no WebSocket server.
    ConnectionAck: noWebSocket,
    ConnectionError: noWebSocket,
    Disconnected: noWebSocket,
    KeepAlive: noWebSocket,
    Ping: noWebSocket,
    Pong: noWebSocket,
    Established: noWebSocket,
    Next: noWebSocket,
    Result: noWebSocket,
    OperationFailed: noWebSocket,
    Complete: noWebSocket,
    Rejected: noWebSocket,
    InitSent: go("Opening", "Impossible"),
    AckTimedOut: go("Opening", "Impossible"),
    KeepaliveTimedOut: go("Opening", "Impossible"),
    CloseTimedOut: go("Opening", "Impossible")
  },
  Initializing: {
    InitSent: go("Acknowledging", "AwaitAck"),
    AckTimedOut: failed,
    OptionFailed: failed,
    SocketEnded: lost,
    CloseRequested: leave,
    // Ping and pong are allowed as soon as the socket is open; Hasura does send them this early.
    Ping: go("Initializing", "Answer"),
    Pong: go("Initializing", "Ignore"),
    KeepAlive: go("Initializing", "Watch"),
    ConnectionError: refused,
    Disconnected: refused,
    // There was nothing yet that could be acknowledged, executed or completed.
    ConnectionAck: rejected,
    Established: rejected,
    Next: rejected,
    Result: rejected,
    OperationFailed: rejected,
    Complete: rejected,
    Rejected: rejected,
    // Its timer may fire in the very moment in which the socket opens.
    ConnectTimedOut: failed,
    SocketOpened: go("Initializing", "Impossible"),
    KeepaliveTimedOut: go("Initializing", "Impossible"),
    CloseTimedOut: go("Initializing", "Impossible")
  },
  Acknowledging: {
    ConnectionAck: go("Ready", "Establish"),
    Ping: go("Acknowledging", "Answer"),
    Pong: go("Acknowledging", "Ignore"),
    KeepAlive: go("Acknowledging", "Watch"),
    ConnectionError: refused,
    Disconnected: refused,
    AckTimedOut: failed,
    SocketEnded: lost,
    CloseRequested: leave,
    // No operation was sent yet, so none can have a result.
    Established: rejected,
    Next: rejected,
    Result: rejected,
    OperationFailed: rejected,
    Complete: rejected,
    Rejected: rejected,
    SocketOpened: go("Acknowledging", "Impossible"),
    InitSent: go("Acknowledging", "Impossible"),
    ConnectTimedOut: go("Acknowledging", "Impossible"),
    OptionFailed: go("Acknowledging", "Impossible"),
    KeepaliveTimedOut: go("Acknowledging", "Impossible"),
    CloseTimedOut: go("Acknowledging", "Impossible")
  },
  Ready: {
    Established: go("Ready", "Deliver"),
    Next: go("Ready", "Deliver"),
    Result: go("Ready", "Deliver"),
    OperationFailed: go("Ready", "Deliver"),
    Complete: go("Ready", "Deliver"),
    Ping: go("Ready", "Answer"),
    Pong: go("Ready", "Ignore"),
    KeepAlive: go("Ready", "Watch"),
    ConnectionError: refused,
    Disconnected: refused,
    KeepaliveTimedOut: lost,
    SocketEnded: lost,
    CloseRequested: leave,
    // A connection is acknowledged once.
    ConnectionAck: rejected,
    Rejected: rejected,
    // Its timer may fire in the very moment in which the acknowledgement comes.
    AckTimedOut: failed,
    SocketOpened: go("Ready", "Impossible"),
    InitSent: go("Ready", "Impossible"),
    ConnectTimedOut: go("Ready", "Impossible"),
    OptionFailed: go("Ready", "Impossible"),
    CloseTimedOut: go("Ready", "Impossible")
  },
  Closing: {
    SocketEnded: finish,
    CloseTimedOut: finish,
    CloseRequested: go("Closing", "Ignore"),
    // Every operation has ended, so nobody is left to read what is still under way, and a timer
    // that fires now is too late to matter.
    ConnectionAck: go("Closing", "Ignore"),
    ConnectionError: go("Closing", "Ignore"),
    Disconnected: go("Closing", "Ignore"),
    KeepAlive: go("Closing", "Ignore"),
    Ping: go("Closing", "Ignore"),
    Pong: go("Closing", "Ignore"),
    Established: go("Closing", "Ignore"),
    Next: go("Closing", "Ignore"),
    Result: go("Closing", "Ignore"),
    OperationFailed: go("Closing", "Ignore"),
    Complete: go("Closing", "Ignore"),
    Rejected: go("Closing", "Ignore"),
    InitSent: go("Closing", "Ignore"),
    ConnectTimedOut: go("Closing", "Ignore"),
    AckTimedOut: go("Closing", "Ignore"),
    OptionFailed: go("Closing", "Ignore"),
    KeepaliveTimedOut: go("Closing", "Ignore"),
    SocketOpened: go("Closing", "Impossible")
  },
  Closed: {
    // The end. A socket may still report what it had under way.
    CloseRequested: go("Closed", "Ignore"),
    SocketOpened: go("Closed", "Ignore"),
    SocketEnded: go("Closed", "Ignore"),
    CloseTimedOut: go("Closed", "Ignore"),
    ConnectionAck: go("Closed", "Ignore"),
    ConnectionError: go("Closed", "Ignore"),
    Disconnected: go("Closed", "Ignore"),
    KeepAlive: go("Closed", "Ignore"),
    Ping: go("Closed", "Ignore"),
    Pong: go("Closed", "Ignore"),
    Established: go("Closed", "Ignore"),
    Next: go("Closed", "Ignore"),
    Result: go("Closed", "Ignore"),
    OperationFailed: go("Closed", "Ignore"),
    Complete: go("Closed", "Ignore"),
    Rejected: go("Closed", "Ignore"),
    InitSent: go("Closed", "Ignore"),
    ConnectTimedOut: go("Closed", "Ignore"),
    AckTimedOut: go("Closed", "Ignore"),
    OptionFailed: go("Closed", "Ignore"),
    KeepaliveTimedOut: go("Closed", "Ignore")
  }
}

/**
 * The table as a Mermaid state diagram, without the cells that change nothing.
 *
 * @since 0.1.0
 * @category table
 */
export const toMermaid = (): string => stateDiagram(transitions, "Opening", "Closed")
