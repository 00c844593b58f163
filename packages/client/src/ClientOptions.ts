/**
 * The options of a client.
 *
 * @since 0.1.0
 */
import type { Retry } from "@fiberline/core/CloseCode"
import type { JsonObject } from "@fiberline/core/Message"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import type { NetworkError } from "./NetworkError.js"
import type * as Operation from "./Operation.js"
import type { ProtocolError } from "./ProtocolError.js"

export type {
  /**
   * A JSON object: variables, extensions, payloads.
   *
   * @since 0.1.0
   * @category models
   */
  JsonObject
} from "@fiberline/core/Message"

/**
 * A value, or an effect that is evaluated anew for every connection attempt. What the effect fails
 * with becomes the `cause` of a `NetworkError` for `OptionFailed`.
 *
 * @since 0.1.0
 * @category models
 */
export type Setting<A, R = never> = A | Effect.Effect<A, unknown, R>

/**
 * A name that is offered and never spoken, and the secrets that a server reads out of it, where they do not
 * stand in it as they are. All of it is kept out of errors.
 *
 * @since 0.1.0
 * @category models
 */
export type SubprotocolCredential =
  | string
  | Redacted.Redacted<string>
  | {
      readonly name: string | Redacted.Redacted<string>
      readonly secrets: ReadonlyArray<string | Redacted.Redacted<string>>
    }

/**
 * What a full buffer does with the next result.
 *
 * - `suspend`: keeps it and stops reading the socket until the consumer has caught up. Nothing is
 *   lost, TCP holds the server back. The whole connection waits with it, and while it waits, silence
 *   is not taken for death. On a socket that cannot pause (a browser's) it is `fail`.
 * - `sliding`: drops the oldest result
 * - `dropping`: drops the new result
 * - `fail`: ends this subscription with an `OverflowError`, after what it holds
 *
 * @since 0.1.0
 * @category models
 */
export type Strategy = "suspend" | "sliding" | "dropping" | "fail"

/**
 * What each subscription holds for a consumer that is slower than its server.
 *
 * @since 0.1.0
 * @category models
 */
export interface BufferOptions {
  /**
   * Results held at most; default 256. With `suspend` it is where reading stops: what the socket had
   * read by then (at most one read's worth, 64 KiB in Node) is still added.
   */
  readonly capacity?: number | undefined
  /** Default `suspend`. */
  readonly strategy?: Strategy | undefined
}

/**
 * How a dead link is noticed: at most `interval + timeout` after the last byte received.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeepaliveOptions {
  /** Silence after which a ping is sent; default 20 seconds. */
  readonly interval?: Duration.DurationInput | undefined
  /** How long after a ping anything at all must arrive; default 10 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * What the options need to be evaluated is what the client needs: `R` for the URL, and for the headers
 * and the payload the same unless said otherwise.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClientOptions<R = never, HeadersR = R, PayloadR = R> {
  /**
   * The endpoint: `ws:` or `wss:`, or `http:` or `https:` for the same. With a `Redacted` URL only
   * its origin is ever shown.
   */
  readonly url: Setting<string | URL | Redacted.Redacted<string>, R>
  /**
   * Headers of the upgrade, for sockets that can send them: Node's, not a browser's.
   */
  readonly headers?:
    Setting<{ readonly [name: string]: string | Redacted.Redacted<string> }, HeadersR> | undefined
  /**
   * The payload of `connection_init`. It may be, or hold anywhere inside, a `Redacted` value.
   */
  readonly connectionPayload?:
    Setting<JsonObject | Redacted.Redacted<JsonObject> | undefined, PayloadR> | undefined
  /**
   * What is spoken over a WebSocket, by preference; default `graphql-transport-ws` alone. All are offered,
   * and the server chooses. One that names none is taken to speak the first, where that is the only one.
   * Legacy servers take the first offered, whatever it is, so the legacy subprotocol has to stand first.
   */
  readonly subprotocols?: ReadonlyArray<Subprotocol> | undefined
  /**
   * Names that are offered behind those of `subprotocols` and never spoken: where a server looks for the
   * credentials that a browser cannot send in a header. Default: none.
   */
  readonly subprotocolCredentials?: Setting<ReadonlyArray<SubprotocolCredential>, R> | undefined
  /**
   * From the evaluation of `url` and `headers` to the open socket, with DNS, TCP, TLS and upgrade;
   * default 10 seconds.
   */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /**
   * From the open socket to the server's acknowledgement, with the evaluation of
   * `connectionPayload`; and from sending a subscription to its being established, where the subprotocol
   * has the server tell. Default 10 seconds.
   */
  readonly ackTimeout?: Duration.DurationInput | undefined
  /** When a silent link is dead; `false` never asks. */
  readonly keepalive?: KeepaliveOptions | false | undefined
  /**
   * What closing takes at most: the socket is destroyed if the peer has not answered by then;
   * default 5 seconds.
   */
  readonly closeTimeout?: Duration.DurationInput | undefined
  /**
   * From calling a query or mutation to its result, waiting for the connection included; default 30
   * seconds, `Duration.infinity` for none. Each call may set its own.
   */
  readonly operationTimeout?: Duration.DurationInput | undefined
  /** Largest frame accepted, in bytes; default 16 MiB. */
  readonly maxFrameSize?: number | undefined
  /**
   * How a lost connection is made again. The schedule's input is the failure that is to be recovered
   * from; it starts afresh when a connection has proved itself. When it is done, or for a failure
   * that trying again cannot mend, everybody is told the last failure. `false` tells them the first.
   *
   * Default `Reconnect.schedule`: exponential from 500 ms to 30 s with full jitter, ten failures in a
   * row. `Reconnect.growth` is the same without an end; `Schedule.forever` alone knows no pause.
   */
  readonly reconnect?: Schedule.Schedule<unknown, NetworkError | ProtocolError> | false | undefined
  /**
   * How long a connection must be live to prove itself, unless it delivers a result before; default
   * 10 seconds. A server that acknowledges and drops never does.
   */
  readonly healthyAfter?: Duration.DurationInput | undefined
  /**
   * Whether connecting again can help after this close code, or after this HTTP status of a refused
   * upgrade, where you know better than `CloseCode` and `UpgradeStatus` in `@fiberline/core`.
   */
  readonly retry?: { readonly [code: number]: Retry } | undefined
  /**
   * How long a connection is kept when nothing uses it; default 5 seconds, `Duration.infinity` keeps
   * it open once it was needed.
   */
  readonly idleTimeout?: Duration.DurationInput | undefined
  /** Connect at once, and stay connected; default `false`: connect when somebody needs it. */
  readonly eager?: boolean | undefined
  /**
   * Whether `Metrics.messages` and `Metrics.bytes` are counted, which costs something for every
   * message; default `false`.
   */
  readonly countMessages?: boolean | undefined
  /**
   * Whether the current span's context goes out with each operation, as `traceparent` in its
   * `extensions` (W3C Trace Context); default `false`.
   */
  readonly propagateTrace?: boolean | undefined
  /**
   * The identifier of a document that the server knows, which is then sent in place of its text; `undefined`
   * sends the text. Default: always the text. `Operation.documentHash` is one for documents of GraphQL Code
   * Generator's client preset. A document without Schemas is what it is given, of an `Operation` the one
   * inside.
   *
   * Source: GraphQL over HTTP draft, "Persisted Documents".
   */
  readonly documentId?: ((document: Operation.Source) => string | undefined) | undefined
  /** For all subscriptions; each may set its own. */
  readonly buffer?: BufferOptions | undefined
}
