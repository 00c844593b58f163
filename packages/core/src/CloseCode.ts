/**
 * WebSocket close codes: what each means, whose fault it is, and whether connecting again can help.
 *
 * Sources: RFC 6455 section 7.4 and the IANA "WebSocket Close Code Number Registry"; the "GraphQL
 * over WebSocket Protocol" for 44xx; the close codes of the graphql-ws library for those that
 * servers and clients in the field use beyond the protocol.
 *
 * @since 0.1.0
 */

/**
 * Whose doing a close is: ours (`client`), the peer's (`server`), something between us
 * (`network`), or nobody's (`none`).
 *
 * @since 0.1.0
 * @category models
 */
export type Fault = "client" | "server" | "network" | "none"

/**
 * Whether connecting again can help.
 *
 * - `backoff`: yes, after a while
 * - `refresh`: once, with credentials evaluated anew
 * - `never`: the same connection would be closed for the same reason
 *
 * @since 0.1.0
 * @category models
 */
export type Retry = "backoff" | "refresh" | "never"

/**
 * @since 0.1.0
 * @category models
 */
export interface CloseCode {
  readonly code: number
  readonly name: string
  readonly meaning: string
  readonly fault: Fault
  readonly retry: Retry
}

const row = (
  code: number,
  name: string,
  fault: Fault,
  retry: Retry,
  meaning: string
): readonly [number, CloseCode] => [code, { code, name, meaning, fault, retry }]

/**
 * The codes that are known by number.
 *
 * @since 0.1.0
 * @category table
 */
export const closeCodes: ReadonlyMap<number, CloseCode> = new Map([
  // Servers restart with 1000, and Hasura has closed refused credentials with it. With operations
  // running it is no good-bye, so it is worth another try, but never without a pause.
  row(1000, "Normal Closure", "none", "backoff", "the peer has nothing more to say"),
  // A deploy, or a browser's tab that closes.
  row(1001, "Going Away", "server", "backoff", "the peer is shutting down"),
  // We would say the same again.
  row(1002, "Protocol Error", "client", "never", "we broke the WebSocket protocol"),
  row(1003, "Unsupported Data", "client", "never", "we sent a kind of frame the peer cannot read"),
  // Never on the wire: what the socket reports for a close frame that bears no code.
  row(1005, "No Status Received", "server", "backoff", "the peer closed without giving a reason"),
  // Never on the wire either: there was no close frame. A killed server, a cut cable.
  row(1006, "Abnormal Closure", "network", "backoff", "the connection was cut"),
  row(1007, "Invalid Payload", "client", "never", "we sent text that is not UTF-8"),
  // What several Python and .NET servers send for a missing or refused token.
  row(1008, "Policy Violation", "client", "refresh", "the peer's policy forbids this connection"),
  // The operation that was too big is too big the next time.
  row(1009, "Message Too Big", "client", "never", "we sent more than the peer accepts"),
  row(1010, "Missing Extension", "client", "never", "the peer lacks an extension we asked for"),
  row(1011, "Internal Error", "server", "backoff", "the peer met a condition it did not expect"),
  row(1012, "Service Restart", "server", "backoff", "the peer restarts"),
  row(1013, "Try Again Later", "server", "backoff", "the peer is overloaded"),
  // A gateway lost the server behind it, which may well come back.
  row(1014, "Bad Gateway", "server", "backoff", "a gateway got no valid answer from the server"),
  // Never on the wire. A certificate does not mend itself.
  row(1015, "TLS Handshake Failed", "network", "never", "the TLS handshake failed"),
  // 3000 and 3003 are HTTP's 401 and 403, registered for WebSocket.
  row(3000, "Unauthorized", "client", "refresh", "credentials are missing or expired"),
  row(3003, "Forbidden", "client", "refresh", "these credentials are not enough"),
  // The codes of graphql-ws as a client, and those a server copies from it.
  row(4004, "Bad Response", "server", "never", "a message that breaks the subprotocol"),
  row(4005, "Internal Client Error", "client", "never", "the client could not go on"),
  row(4400, "Bad Request", "client", "never", "a message that breaks the subprotocol"),
  // An expired token also ends here, and a fresh one may be had.
  row(4401, "Unauthorized", "client", "refresh", "an operation before the acknowledgement"),
  row(4403, "Forbidden", "client", "refresh", "the server refuses this connection's payload"),
  row(4406, "Subprotocol Not Acceptable", "client", "never", "the server lacks the subprotocol"),
  // Our `connection_init` was late: a slow payload or a slow network, either of which may pass.
  row(4408, "Connection Initialisation Timeout", "client", "backoff", "no init in time"),
  row(4409, "Subscriber Already Exists", "client", "never", "an operation's id is in use"),
  row(4429, "Too Many Initialisation Requests", "client", "never", "a second init"),
  row(4499, "Terminated", "network", "backoff", "the connection was given up as dead"),
  row(4500, "Internal Server Error", "server", "backoff", "the server met an error"),
  row(4504, "Acknowledgement Timeout", "server", "backoff", "no acknowledgement in time")
])

/**
 * What a close code means. Total: a number without a row of its own is described by its range.
 *
 * @since 0.1.0
 * @category table
 */
export const describe = (code: number): CloseCode =>
  closeCodes.get(code) ??
  (code >= 4000 && code <= 4999
    ? // An application's own code. It may mean anything, so trying again within the schedule's
      // limits is the one answer that is wrong for none.
      unlisted(code, "Application Code", "server", "backoff", "a code of the server's own")
    : code >= 3000 && code <= 3999
      ? unlisted(code, "Registered Code", "server", "backoff", "a code of a library or framework")
      : unlisted(code, "Reserved Code", "server", "backoff", "a code without a meaning"))

const unlisted = (code: number, name: string, fault: Fault, retry: Retry, meaning: string) =>
  row(code, name, fault, retry, meaning)[1]

/**
 * The codes we close with, by what made us close.
 *
 * @since 0.1.0
 * @category table
 */
export const ours = {
  /** Leaving: the protocol's own good-bye. */
  leaving: 1000,
  /** The server broke the subprotocol. */
  invalidMessage: 4400,
  /** We could not produce the connection payload. */
  internalClientError: 4005,
  /** The server did not acknowledge in time. */
  ackTimeout: 4504,
  /** The frame is larger than we accept. */
  messageTooBig: 1009
} as const
