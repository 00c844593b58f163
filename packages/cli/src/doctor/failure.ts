/** How a step can fail: what happened, before anybody has said what that means. */
import type { JsonObject } from "@fiberline/core/Message"
import * as Data from "effect/Data"
import type { Certificate } from "./report.js"
import type { Ended } from "./transcript.js"

/** The operating system, the resolver or TLS reported an error. */
export class SystemFailure extends Data.TaggedError("SystemFailure")<{
  readonly code: string
  readonly detail: string
}> {}

/** No certificate that could be trusted. */
export class CertificateRefused extends Data.TaggedError("CertificateRefused")<{
  readonly code: string
  readonly certificate: Certificate
}> {}

/** HTTP's answer to the upgrade was another than 101. */
export class UpgradeRefused extends Data.TaggedError("UpgradeRefused")<{
  readonly status: number
  readonly headers: { readonly [name: string]: string }
}> {}

/** A 101 that is none, or an answer that is not HTTP. */
export class UpgradeInvalid extends Data.TaggedError("UpgradeInvalid")<{
  readonly detail: string
}> {}

/** The WebSocket is open, and speaks none of the subprotocols that were offered. */
export class SubprotocolRefused extends Data.TaggedError("SubprotocolRefused")<{
  /** `""`: none at all. */
  readonly chosen: string
}> {}

/** The server refuses the connection by a message. */
export class ConnectionRefused extends Data.TaggedError("ConnectionRefused")<{
  /** What it says of that. */
  readonly payload: JsonObject | undefined
}> {}

/** The server says by a message that it serves the connection no longer. */
export class ServerDisconnected extends Data.TaggedError("ServerDisconnected")<{
  readonly detail: string
}> {}

/** It ended while something was waited for. */
export class ConnectionEnded extends Data.TaggedError("ConnectionEnded")<{
  readonly end: Ended
  /** For how long nothing had arrived, in milliseconds, where that may be why. */
  readonly silentMs?: number
}> {}

/** A frame that is no message, or one that has no place here. */
export class InvalidMessage extends Data.TaggedError("InvalidMessage")<{
  readonly detail: string
}> {}

/** The step's own limit. */
export class TimedOut extends Data.TaggedError("TimedOut")<{ readonly limitMs: number }> {}

export type ProbeFailure =
  | SystemFailure
  | CertificateRefused
  | UpgradeRefused
  | UpgradeInvalid
  | SubprotocolRefused
  | ConnectionRefused
  | ServerDisconnected
  | ConnectionEnded
  | InvalidMessage
  | TimedOut
