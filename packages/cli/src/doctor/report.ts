/**
 * What a diagnosis found, as plain data: every number is in milliseconds, and nothing in it is secret.
 * How it looks to a person is for `render.ts`.
 */

export interface Report {
  /** Where it led: without user, password and query. */
  readonly url: string
  /** The URL that was asked for, where another was taken for it: `http:` is taken as `ws:`. */
  readonly askedFor: string | null
  readonly outcome: Outcome
  readonly steps: ReadonlyArray<Step>
  readonly advice: Advice
}

/** Healthy, or whose failure ended the diagnosis: the network's, or a protocol's. */
export type Outcome = "healthy" | FailureKind

export type FailureKind = "network" | "protocol"

/** What each step finds. */
export interface Facts {
  readonly dns: Dns
  readonly tcp: Tcp
  readonly tls: Tls
  readonly upgrade: Upgrade
  readonly ack: Ack
  readonly ping: Ping
  readonly listen: Listen
  readonly unknownMessage: UnknownMessage
  readonly unansweredPing: UnansweredPing
  readonly idle: Idle
  readonly close: Close
  readonly http: Http
}

export type StepName = keyof Facts

/** In the order in which they are told. */
export const stepNames: ReadonlyArray<StepName> = [
  ...(["dns", "tcp", "tls", "upgrade", "ack", "ping", "listen"] as const),
  ...(["unknownMessage", "unansweredPing", "idle", "close", "http"] as const)
]

export type Step = { readonly [Name in StepName]: StepOf<Name> }[StepName]

export type StepOf<Name extends StepName> =
  | {
      readonly step: Name
      /** `warning`: it went through, and something about it should be known. */
      readonly status: "ok" | "warning"
      readonly ms: number
      readonly facts: Facts[Name]
    }
  | {
      readonly step: Name
      /** `failed` ends the diagnosis, `inconclusive` does not. */
      readonly status: "failed" | "inconclusive"
      readonly ms: number
      readonly failure: Failure
    }
  | {
      readonly step: Name
      /** `notReached`: an earlier one failed. `skipped`: there was nothing to do, or nobody asked. */
      readonly status: "notReached" | "skipped"
      readonly why: string
    }

export interface Failure {
  readonly kind: FailureKind
  /** For a machine: an error code of the system, an HTTP status, a close code, or a word of ours. */
  readonly code: string
  readonly message: string
}

export interface Dns {
  readonly host: string
  readonly addresses: ReadonlyArray<string>
}

export interface Tcp {
  readonly address: string
  readonly port: number
  /** The addresses tried before in vain. */
  readonly failed: ReadonlyArray<{ readonly address: string; readonly code: string }>
}

export interface Tls {
  readonly protocol: string
  readonly cipher: string
  readonly certificate: Certificate
}

export interface Certificate {
  readonly subject: string
  readonly issuer: string
  /** Whom it is for, as it says itself: `DNS:example.com`, `IP Address:127.0.0.1`. */
  readonly names: ReadonlyArray<string>
  /** ISO 8601. */
  readonly validFrom: string
  readonly validTo: string
}

export type ProtocolName =
  | "graphql-transport-ws"
  | "subscriptions-transport-ws"
  | "phoenix"
  | "phoenix-v1"
  | "actioncable"
  | "appsync"

export interface Upgrade {
  readonly status: number
  /** What is spoken, whatever the server calls it. */
  readonly protocol: ProtocolName
  /** What the server calls it; empty where it names none. */
  readonly subprotocol: string
  /** What the server agreed to of `permessage-deflate`, which was offered. */
  readonly compression: boolean
  readonly headers: { readonly [name: string]: string }
}

export interface Ack {
  readonly payload: unknown
  /** After how much silence the server would be taken for dead; `null` where it does not say. */
  readonly silenceMs: number | null
}

export interface Ping {
  /** `null`: the protocol has no ping message. */
  readonly messages: RoundTrips | null
  readonly frames: RoundTrips
}

export interface RoundTrips {
  readonly sent: number
  readonly answered: number
  /** `null` if none was answered. */
  readonly minMs: number | null
  readonly medianMs: number | null
  readonly maxMs: number | null
}

export interface Listen {
  readonly listenedMs: number
  /** `null`: the protocol has none that a server would send. */
  readonly messages: Heard | null
  readonly frames: Heard
  /** What a server sends by itself and wants no answer to; `null`: the protocol has no such thing. */
  readonly keepAlives: Heard | null
}

export interface Heard {
  readonly count: number
  /** From the open connection to the first. */
  readonly firstMs: number | null
  /** The median of the times between two. */
  readonly periodMs: number | null
}

export interface UnknownMessage {
  readonly treatment: "closed" | "cut" | "answered" | "ignored"
  readonly closeCode: number | null
  readonly reason: string | null
  readonly afterMs: number | null
}

export interface UnansweredPing {
  readonly treatment: "closed" | "cut" | "kept" | "noPing"
  readonly closeCode: number | null
  /** From the ping that was left unanswered to the end; `null` where there was none. */
  readonly afterMs: number | null
  readonly limitMs: number
}

export interface Idle {
  /** The longest idle time that a connection survived. */
  readonly survivedMs: number | null
  /** An idle time that cut one; `exact` if the cut itself was seen, or else it was no later. */
  readonly cut: {
    readonly afterMs: number
    readonly exact: boolean
    readonly how: string
  } | null
  /** Whether the server's own pings broke the silence, which then was none. */
  readonly disturbed: boolean
  readonly limitMs: number
  readonly rungs: ReadonlyArray<Rung>
}

export interface Rung {
  readonly idleMs: number
  readonly result: "survived" | "cut" | "silent" | "notNeeded" | "noConnection"
  readonly afterMs: number | null
  readonly how: string | null
  /** What arrived meanwhile. */
  readonly arrivals: number
}

export interface Close {
  /** Until the server's close frame; `null` if none came. */
  readonly closeFrameMs: number | null
  readonly closeCode: number | null
  /** Until TCP had ended; `null` if it did not within the limit. */
  readonly tcpEndMs: number | null
}

export interface Http {
  readonly status: number
  readonly mediaType: string | null
  /** Whether the body was a GraphQL response. */
  readonly graphql: boolean
}

export interface Advice {
  /** `null` where nothing was measured that it could follow from, or nothing fits. */
  readonly keepalive: KeepaliveAdvice | null
  readonly notes: ReadonlyArray<Note>
}

export interface KeepaliveAdvice {
  readonly intervalMs: number
  readonly timeoutMs: number
  /** A dead link is noticed so long after the last byte received. */
  readonly boundMs: number
  readonly why: ReadonlyArray<string>
  readonly options: string
  readonly commandLine: string
}

export interface Note {
  /** `problem`: something to mend. */
  readonly level: "problem" | "note"
  readonly text: string
}
