/** What a diagnosis is told. All durations are in milliseconds. */
import type * as Redacted from "effect/Redacted"
import type { JsonObject } from "@fiberline/core/Message"
import type { WebSocketChoice } from "../options/transport.js"
import type { AppSync } from "./appsync.js"
import type { Endpoint } from "./endpoint.js"
import type { Headers } from "./prober.js"

export interface Settings {
  readonly endpoint: Endpoint
  readonly headers: Headers
  /** What must not be seen, besides what is in the endpoint. */
  readonly secrets: ReadonlyArray<Redacted.Redacted<unknown>>
  readonly payload: Redacted.Redacted<JsonObject> | undefined
  /** What to speak. */
  readonly transport: WebSocketChoice
  /** Of AWS AppSync, where it is that. */
  readonly appSync?: AppSync | undefined
  /** What each step may take. */
  readonly timeout: number
  /** How long to listen for the server's pings. */
  readonly listen: number
  /** For how long to leave a ping unanswered; `undefined` leaves the probes out. */
  readonly probeLimit: number | undefined
  /** The longest idle time to try; `undefined` tries none. */
  readonly idleLimit: number | undefined
  /** The shortest: each is twice the one before. */
  readonly idleFirst: number
}
