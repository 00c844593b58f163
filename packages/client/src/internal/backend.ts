/** What carries a client's calls: the one thing in which clients over different transports differ. */
import type { JsonObject, OperationRequest } from "@fiberline/core/Message"
import * as Effect from "effect/Effect"
import type * as Subscribable from "effect/Subscribable"
import type { Kind } from "../Operation.js"
import type { Executed, Headers } from "../Middleware.js"
import type { EncodeError } from "../OperationError.js"
import type { ProtocolError, Violation } from "../ProtocolError.js"
import type { Status } from "../Status.js"
import { execute } from "./execute.js"
import type { ConnectionError } from "./loss.js"
import type { Options } from "./options.js"
import type { Send } from "./middleware.js"
import type { Registry } from "./registry.js"
import type { Session } from "./session.js"

/** Where a call may ask to go, instead of where its client would send it. */
export type Route = "websocket" | "http" | "sse" | "multipart"

/** How a query or mutation is carried out. */
export interface Execution {
  readonly kind: Kind
  readonly request: OperationRequest
  /** Of this operation. */
  readonly headers?: Headers | undefined
  /** In milliseconds, from here to the result. */
  readonly timeout: number
  /** Whether it may be sent again after it was sent. */
  readonly isRepeatable: boolean
  readonly route: Route | undefined
  readonly method: "GET" | "POST" | undefined
  /** What is done instead of sending it, with whatever there is to send in place of it. */
  readonly around?: ((send: Send) => ReturnType<Send>) | undefined
}

/** Says what is wrong with what the server said. */
export interface Reporter {
  /** A text of the server's without what it was told in confidence. */
  readonly scrub: (text: string) => string
  /** An error of the server's that concerns one operation only. */
  readonly violation: (violation: Violation, detail: string) => ProtocolError
}

export interface Backend {
  readonly options: Options
  readonly reporter: Reporter
  /** What carries it. */
  readonly transportOf: (kind: Kind, route: Route | undefined) => Route
  readonly execute: (execution: Execution) => Effect.Effect<Executed, ConnectionError | EncodeError>
  /** Where a subscription is registered, which is where it may find others. */
  readonly open: (route: Route | undefined) => Registry
  /** The same for a query or mutation whose result comes in pieces. */
  readonly openIncremental: (route: Route | undefined) => Registry
  readonly connect: Effect.Effect<JsonObject, ConnectionError>
  readonly status: Subscribable.Subscribable<Status>
  readonly reconnect: Effect.Effect<void>
}

/** Everything over the one connection of a session. */
export const fromSession = ({ options, reconnect, registry, status }: Session): Backend => ({
  options,
  reporter: registry,
  transportOf: () => "websocket",
  execute: (execution) => execute(registry, execution),
  open: () => registry,
  openIncremental: () => registry,
  connect: acknowledged(registry),
  status,
  reconnect
})

/** Waits for a connection, and gives the payload of its acknowledgement. */
const acknowledged = (registry: Registry): Effect.Effect<JsonObject, ConnectionError> =>
  Effect.suspend(() => {
    let stopWaiting = (): void => {}
    return Effect.async<JsonObject, ConnectionError>((resume) => {
      stopWaiting = registry.wait({
        established: (ack) => resume(Effect.succeed(ack)),
        lost: ({ cause }) => resume(Effect.failCause(cause))
      })
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => stopWaiting())))
  })

/** A call that asks for a transport which its client was not given. */
export const noRoute = (route: Route | undefined): Error =>
  new TypeError(`this client has no transport "${route}"`)
