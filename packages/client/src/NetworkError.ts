/**
 * The link failed: it could not be made, was lost, or was closed.
 *
 * One error with a tagged `reason`. Catch the error by its tag to be rid of all of them, or one
 * reason with `catchReason`, which takes just that reason out of the error's type.
 *
 * @since 0.1.0
 */
import { describe, type Retry } from "@fiberline/core/CloseCode"
import { retryOf } from "@fiberline/core/UpgradeStatus"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

/** What the class of a reason extends. */
const reason =
  <Self>() =>
  <Tag extends string, Fields extends Schema.Struct.Fields>(tag: Tag, fields: Fields) =>
    Schema.TaggedClass<Self>(`@fiberline/client/NetworkError/${tag}`)(tag, fields)

/**
 * An effect given as an option (`url`, `headers`, `connectionPayload`, `subprotocolCredentials`,
 * `context`) failed, or gave a value that cannot be used. What it failed with is the error's `cause`.
 *
 * @since 0.1.0
 * @category reasons
 */
export class OptionFailed extends reason<OptionFailed>()("OptionFailed", {
  option: Schema.Literal(
    "url",
    "headers",
    "connectionPayload",
    "subprotocolCredentials",
    "context"
  ),
  /** Whether it is a plain value, which would be no better the next time. */
  isConstant: Schema.Boolean
}) {
  get retry(): Retry {
    return this.isConstant ? "never" : "backoff"
  }
  get message(): string {
    return `the option "${this.option}" could not be evaluated`
  }
}

/**
 * There was no connection within `connectTimeout`, counted from the evaluation of the first option: no
 * open WebSocket, no response, or no `context` for a schema in process.
 *
 * @since 0.1.0
 * @category reasons
 */
export class ConnectTimeout extends reason<ConnectTimeout>()("ConnectTimeout", {
  timeout: Schema.DurationFromMillis
}) {
  get retry(): Retry {
    return "backoff"
  }
  get message(): string {
    return `no connection within ${Duration.format(this.timeout)}`
  }
}

/**
 * The socket could not be opened: refused, unknown host, TLS. The operating system's error is the
 * error's `cause`.
 *
 * @since 0.1.0
 * @category reasons
 */
export class ConnectFailed extends reason<ConnectFailed>()("ConnectFailed", {}) {
  get retry(): Retry {
    return "backoff"
  }
  get message(): string {
    return "the socket could not be opened"
  }
}

/**
 * The server answered the upgrade with an HTTP status other than 101. `headers` are the response's,
 * without cookies.
 *
 * @since 0.1.0
 * @category reasons
 */
export class HandshakeRejected extends reason<HandshakeRejected>()("HandshakeRejected", {
  status: Schema.Number,
  headers: Schema.Record({ key: Schema.String, value: Schema.String })
}) {
  get retry(): Retry {
    return retryOf(this.status)
  }
  get message(): string {
    return `the server answered the upgrade with HTTP status ${this.status}`
  }
}

/**
 * The server answered an HTTP request with a status of failure, and not with a GraphQL response.
 * `headers` are the response's, without cookies; `body` is its beginning, at most 2,000 characters, with
 * known secrets taken out.
 *
 * @since 0.1.0
 * @category reasons
 */
export class RequestRejected extends reason<RequestRejected>()("RequestRejected", {
  status: Schema.Number,
  headers: Schema.Record({ key: Schema.String, value: Schema.String }),
  body: Schema.String,
  /** What the server's `Retry-After` asks for, where it does. */
  retryAfter: Schema.optionalWith(Schema.DurationFromMillis, { exact: true })
}) {
  get retry(): Retry {
    return retryOf(this.status)
  }
  get message(): string {
    return `the server answered with HTTP status ${this.status}`
  }
}

/**
 * The server did not acknowledge the connection within `ackTimeout`, counted from the open socket.
 *
 * @since 0.1.0
 * @category reasons
 */
export class AckTimeout extends reason<AckTimeout>()("AckTimeout", {
  timeout: Schema.DurationFromMillis
}) {
  get retry(): Retry {
    return "backoff"
  }
  get message(): string {
    return `the server did not acknowledge the connection within ${Duration.format(this.timeout)}`
  }
}

/**
 * The server refused the connection by a message of its subprotocol, and not by a status or a close code.
 *
 * @since 0.1.0
 * @category reasons
 */
export class ConnectionRejected extends reason<ConnectionRejected>()("ConnectionRejected", {
  /** The server's own words, with known secrets taken out, at most 2,000 characters; may be empty. */
  detail: Schema.String
}) {
  get retry(): Retry {
    // No subprotocol says why in a way that could be relied on. Most often it is the credentials.
    return "refresh"
  }
  get message(): string {
    return `the server refused the connection${this.detail && `: ${this.detail}`}`
  }
}

/**
 * Nothing was heard for `interval`, and nothing within `timeout` after that: no answer to a ping, or, where
 * there is nothing to ask with, no sign of life that the server would send by itself.
 *
 * @since 0.1.0
 * @category reasons
 */
export class KeepaliveTimeout extends reason<KeepaliveTimeout>()("KeepaliveTimeout", {
  interval: Schema.DurationFromMillis,
  timeout: Schema.DurationFromMillis,
  /** From the last byte heard to this failure. */
  silentFor: Schema.DurationFromMillis
}) {
  get retry(): Retry {
    return "backoff"
  }
  get message(): string {
    return (
      `nothing heard for ${Duration.format(this.silentFor)} ` +
      `(interval ${Duration.format(this.interval)}, timeout ${Duration.format(this.timeout)})`
    )
  }
}

/**
 * The link was cut: an error of the operating system, or an end without a close frame.
 *
 * @since 0.1.0
 * @category reasons
 */
export class ConnectionLost extends reason<ConnectionLost>()("ConnectionLost", {}) {
  get retry(): Retry {
    return "backoff"
  }
  get message(): string {
    return "the connection was cut"
  }
}

/**
 * The server closed the connection with this code. `CloseCode` in `@fiberline/core` says what each
 * code means.
 *
 * @since 0.1.0
 * @category reasons
 */
export class ServerClosed extends reason<ServerClosed>()("ServerClosed", {
  code: Schema.Number,
  reason: Schema.String
}) {
  get retry(): Retry {
    return describe(this.code).retry
  }
  get message(): string {
    const { name } = describe(this.code)
    return `the server closed the connection with ${this.code} (${name})${this.reason && `: ${this.reason}`}`
  }
}

/**
 * The server said, by a message of its subprotocol, that it serves this connection no longer: a channel of
 * Phoenix's that crashed or was closed, a `disconnect` of ActionCable's.
 *
 * @since 0.1.0
 * @category reasons
 */
export class ServerDisconnected extends reason<ServerDisconnected>()("ServerDisconnected", {
  /** The subprotocol's words or the server's own, with known secrets taken out, at most 2,000 characters. */
  detail: Schema.String,
  /** Whether another connection can help, as the message has it. */
  retry: Schema.Literal("backoff", "never")
}) {
  get message(): string {
    return `the server serves the connection no longer${this.detail && `: ${this.detail}`}`
  }
}

/**
 * A server that tells when a subscription is established did not within `ackTimeout`, and its connection was not
 * known to be lost: that takes the keepalive longer, unless it has less time. It ends that subscription alone.
 *
 * @since 0.1.0
 * @category reasons
 */
export class EstablishTimeout extends reason<EstablishTimeout>()("EstablishTimeout", {
  timeout: Schema.DurationFromMillis
}) {
  get retry(): Retry {
    return "never"
  }
  get message(): string {
    return `the subscription was not established within ${Duration.format(this.timeout)}`
  }
}

/**
 * The client was closed on our side, by its scope.
 *
 * @since 0.1.0
 * @category reasons
 */
export class ClientClosed extends reason<ClientClosed>()("ClientClosed", {}) {
  get retry(): Retry {
    return "never"
  }
  get message(): string {
    return "the client is closed"
  }
}

/**
 * A query or mutation had no result within its `timeout`, while the connection itself was well.
 *
 * @since 0.1.0
 * @category reasons
 */
export class OperationTimeout extends reason<OperationTimeout>()("OperationTimeout", {
  timeout: Schema.DurationFromMillis
}) {
  get retry(): Retry {
    return "never"
  }
  get message(): string {
    return `no result within ${Duration.format(this.timeout)}`
  }
}

/**
 * The server refused our credentials, they were evaluated anew, and it refused those too. `code` is
 * the HTTP status of the upgrade or the close code of the second refusal, which is the `cause`; 4403 for
 * one that came as a message.
 *
 * @since 0.1.0
 * @category reasons
 */
export class Unauthorized extends reason<Unauthorized>()("Unauthorized", { code: Schema.Number }) {
  get retry(): Retry {
    return "never"
  }
  get message(): string {
    return `the server refused the credentials twice, the second time with ${this.code}`
  }
}

/**
 * The application asked for a new connection while a query or mutation was under way on the old one.
 *
 * @since 0.1.0
 * @category reasons
 */
export class ReconnectRequested extends reason<ReconnectRequested>()("ReconnectRequested", {}) {
  get retry(): Retry {
    return "backoff"
  }
  get message(): string {
    return "a new connection was asked for"
  }
}

/**
 * The content of an `Upload` could not be read, or not as it was announced. What its stream failed with is
 * the error's `cause`. The server may have begun to execute the operation.
 *
 * @since 0.1.0
 * @category reasons
 */
export class UploadFailed extends reason<UploadFailed>()("UploadFailed", {}) {
  get retry(): Retry {
    return "never"
  }
  get message(): string {
    return "the content of an upload could not be read"
  }
}

/**
 * @since 0.1.0
 * @category reasons
 */
export const Reason = Schema.Union(
  OptionFailed,
  ConnectTimeout,
  ConnectFailed,
  HandshakeRejected,
  RequestRejected,
  AckTimeout,
  ConnectionRejected,
  KeepaliveTimeout,
  ConnectionLost,
  ServerClosed,
  ServerDisconnected,
  EstablishTimeout,
  ClientClosed,
  OperationTimeout,
  Unauthorized,
  ReconnectRequested,
  UploadFailed
)

/**
 * @since 0.1.0
 * @category reasons
 */
export type Reason = typeof Reason.Type

/**
 * How far the connection had come: being opened, open but not acknowledged, live, or closed by us.
 *
 * @since 0.1.0
 * @category models
 */
export const Phase = Schema.Literal("connecting", "acknowledging", "live", "closed")

/**
 * @since 0.1.0
 * @category models
 */
export type Phase = typeof Phase.Type

/**
 * @since 0.1.0
 * @category errors
 */
export class NetworkError extends Schema.TaggedError<NetworkError>(
  "@fiberline/client/NetworkError"
)("NetworkError", {
  reason: Reason,
  phase: Phase,
  /** The URL without credentials, query and fragment; of a `Redacted` URL the origin alone. */
  endpoint: Schema.String,
  /**
   * Whether the operation had been handed to the socket. `false` is certain: the server never saw
   * it. `true` means that it may have been executed.
   */
  sent: Schema.Boolean,
  /** What brought it about, where something else did. */
  cause: Schema.optionalWith(Schema.Defect, { exact: true })
}) {
  /** Whether, and how, connecting again can help. */
  get retry(): Retry {
    return this.reason.retry
  }
  get isRetryable(): boolean {
    return this.retry !== "never"
  }
  override get message(): string {
    return `${this.endpoint}: ${this.reason.message} (${this.phase}, ${this.sent ? "sent" : "not sent"})`
  }
}

/**
 * A `NetworkError` that can only be for one of the reasons `R`.
 *
 * @since 0.1.0
 * @category models
 */
export type NetworkErrorWith<R extends Reason> = NetworkError & { readonly reason: R }

/**
 * `E` after one reason was caught.
 *
 * @since 0.1.0
 * @category models
 */
export type ExcludeReason<E, Tag extends Reason["_tag"]> = E extends NetworkError
  ? Exclude<E["reason"], { readonly _tag: Tag }> extends infer R extends Reason
    ? [R] extends [never]
      ? never
      : NetworkErrorWith<R>
    : never
  : E

type Of<Tag extends Reason["_tag"]> = Extract<Reason, { readonly _tag: Tag }>

const isFor = <Tag extends Reason["_tag"]>(
  error: unknown,
  tag: Tag
): error is NetworkErrorWith<Of<Tag>> => error instanceof NetworkError && error.reason._tag === tag

/**
 * Recovers from a `NetworkError` for one reason; the others stay in the error's type.
 *
 * @since 0.1.0
 * @category error handling
 */
export const catchReason: {
  <Tag extends Reason["_tag"], A2, E2, R2>(
    tag: Tag,
    handler: (error: NetworkErrorWith<Of<Tag>>) => Effect.Effect<A2, E2, R2>
  ): <A, E, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<A | A2, ExcludeReason<E, Tag> | E2, R | R2>
  <A, E, R, Tag extends Reason["_tag"], A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    tag: Tag,
    handler: (error: NetworkErrorWith<Of<Tag>>) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, ExcludeReason<E, Tag> | E2, R | R2>
} = /*#__PURE__*/ dual(
  3,
  <A, E, R, Tag extends Reason["_tag"], A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    tag: Tag,
    handler: (error: NetworkErrorWith<Of<Tag>>) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, ExcludeReason<E, Tag> | E2, R | R2> =>
    Effect.catchAll(self, (error): Effect.Effect<A2, ExcludeReason<E, Tag> | E2, R2> =>
      isFor(error, tag)
        ? handler(error)
        : // Type boundary: the reason is not `Tag`, which is all that `ExcludeReason` takes away.
          Effect.fail(error as ExcludeReason<E, Tag>)
    )
)

/**
 * `catchReason` for a `Stream`.
 *
 * @since 0.1.0
 * @category error handling
 */
export const catchReasonStream: {
  <Tag extends Reason["_tag"], A2, E2, R2>(
    tag: Tag,
    handler: (error: NetworkErrorWith<Of<Tag>>) => Stream.Stream<A2, E2, R2>
  ): <A, E, R>(
    self: Stream.Stream<A, E, R>
  ) => Stream.Stream<A | A2, ExcludeReason<E, Tag> | E2, R | R2>
  <A, E, R, Tag extends Reason["_tag"], A2, E2, R2>(
    self: Stream.Stream<A, E, R>,
    tag: Tag,
    handler: (error: NetworkErrorWith<Of<Tag>>) => Stream.Stream<A2, E2, R2>
  ): Stream.Stream<A | A2, ExcludeReason<E, Tag> | E2, R | R2>
} = /*#__PURE__*/ dual(
  3,
  <A, E, R, Tag extends Reason["_tag"], A2, E2, R2>(
    self: Stream.Stream<A, E, R>,
    tag: Tag,
    handler: (error: NetworkErrorWith<Of<Tag>>) => Stream.Stream<A2, E2, R2>
  ): Stream.Stream<A | A2, ExcludeReason<E, Tag> | E2, R | R2> =>
    Stream.catchAll(self, (error): Stream.Stream<A2, ExcludeReason<E, Tag> | E2, R2> =>
      isFor(error, tag)
        ? handler(error)
        : // Type boundary: as in `catchReason`.
          Stream.fail(error as ExcludeReason<E, Tag>)
    )
)
