/**
 * What the diagnosis asks of the network, step by step: each step hands on what the next one needs. That it
 * is a service lets tests put a server's behaviour in its place, in virtual time.
 *
 * No step has a time limit of its own; each can be interrupted at any moment. What a step opened is gone
 * when its scope has closed.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { Endpoint } from "./endpoint.js"
import type { ProbeFailure } from "./failure.js"
import type { Certificate } from "./report.js"
import type { Transcript } from "./transcript.js"

export class Prober extends Context.Tag("@fiberline/cli/doctor/Prober")<
  Prober,
  {
    /** The addresses of a name, in the order in which the system would have them tried. */
    readonly lookup: (host: string) => Effect.Effect<Resolved, ProbeFailure>
    readonly connect: (
      address: string,
      port: number
    ) => Effect.Effect<Connection, ProbeFailure, Scope.Scope>
    /** One query by POST, on a connection of its own. */
    readonly post: (
      endpoint: Endpoint,
      headers: Headers,
      body: string
    ) => Effect.Effect<HttpAnswer, ProbeFailure>
  }
>() {}

export interface Resolved {
  readonly addresses: ReadonlyArray<string>
  /** What that took, in milliseconds, by the resolver's own account. */
  readonly ms: number
}

export type Headers = { readonly [name: string]: Redacted.Redacted<string> }

/** Bytes in both directions: TCP, or TLS on it. */
export interface Connection {
  /** TLS on this; the certificate has been checked, or else this fails. */
  readonly secure: (host: string) => Effect.Effect<SecureConnection, ProbeFailure, Scope.Scope>
  readonly upgrade: (request: UpgradeRequest) => Effect.Effect<Line, ProbeFailure, Scope.Scope>
}

export interface SecureConnection extends Connection {
  readonly protocol: string
  readonly cipher: string
  readonly certificate: Certificate
}

export interface UpgradeRequest {
  readonly endpoint: Endpoint
  readonly headers: Headers
  readonly subprotocols: ReadonlyArray<string>
  /** Whether a ping frame is answered, as every client does. */
  readonly answersPingFrames: boolean
  /** How long to wait for a peer that has said good-bye and does not hang up. */
  readonly closeTimeout: number
}

/** An open WebSocket. What arrives on it is in its transcript, its end included. */
export interface Line {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  /** What the server said, whether it was offered or not; `""` if it said nothing. */
  readonly subprotocol: string
  readonly compression: boolean
  readonly transcript: Transcript
  /** What is sent to a connection that has ended is lost; its end is in the transcript. */
  readonly send: (text: string) => Effect.Effect<void>
  readonly ping: (data: string) => Effect.Effect<void>
  /** Begins to close; the end comes in the transcript. */
  readonly close: (code: number) => Effect.Effect<void>
  /** When the peer's close frame came, though TCP may go on. */
  readonly closeFrameAt: () => number | undefined
}

export interface HttpAnswer {
  readonly status: number
  readonly mediaType: string | undefined
  /** Its beginning. */
  readonly body: string
}
