/** Where middleware stands: between a call and what carries it. */
import type { ExecutionResult, OperationRequest } from "@fiberline/core/Message"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Described, Executed, Headers, Middleware, Next, Request } from "../Middleware.js"
import type { EncodeError } from "../OperationError.js"
import type { ConnectionError } from "./loss.js"

/** What is to be sent. */
export interface Outgoing {
  readonly request: OperationRequest
  readonly headers: Headers | undefined
}

/** Sends it, as often as it is run. */
export type Send = (outgoing: Outgoing) => Effect.Effect<Executed, ConnectionError | EncodeError>

/** A client's middleware, set up: all of it as one. */
export interface Interceptors {
  readonly execute: Next
  readonly prepare: ((request: Request) => Effect.Effect<Request, EncodeError, unknown>) | undefined
  readonly result: ((result: ExecutionResult, of: Described) => ExecutionResult) | undefined
}

/** How the operation is sent whose middleware this is: that is set up once for all operations. */
class Sending extends Context.Tag("@fiberline/client/Sending")<Sending, Send>() {}

/** Where all middleware ends. */
const wire = (request: Request): Effect.Effect<Executed, ConnectionError | EncodeError, Sending> =>
  Effect.flatMap(Sending, (send) => send(toOutgoing(request)))

/** Has all middleware see a request, and in the end send it. */
export const run =
  ({ execute }: Interceptors, request: Request) =>
  (send: Send): ReturnType<Send> =>
    Effect.suspend(() => execute(request)).pipe(
      Effect.provideService(Sending, send),
      // Or one that cannot be interrupted would outlast every timeout.
      Effect.disconnect
    )

/** @param inside what the client has already */
export const setUp = (
  { around, prepare, result }: Middleware<unknown, unknown>,
  inside: Interceptors | undefined
): Interceptors =>
  // Type boundary: the errors and requirements of the middleware are in the types of the client that it is
  // applied to; what `wire` needs is provided by `run`.
  ({
    execute: around(inside ? inside.execute : (wire as Next)),
    prepare: both(prepare, inside?.prepare, inOrder),
    result: both(inside?.result, result, oneAfterTheOther)
  }) as Interceptors

/** One middleware around another. */
export const chain = (
  outer: Middleware<unknown, unknown>,
  inner: Middleware<unknown, unknown>
): Middleware<unknown, unknown> => ({
  // Type boundary: what the inner one fails with and needs, the two do.
  around: (next) => outer.around(inner.around(next) as Next),
  prepare: both(outer.prepare, inner.prepare, inOrder),
  result: both(inner.result, outer.result, oneAfterTheOther)
})

const both = <A>(
  first: A | undefined,
  second: A | undefined,
  combine: (first: A, second: A) => A
): A | undefined => (first && second ? combine(first, second) : (first ?? second))

type Prepare = (request: Request) => Effect.Effect<Request, unknown, unknown>

const inOrder =
  (first: Prepare, second: Prepare): Prepare =>
  (request) =>
    Effect.flatMap(first(request), second)

type Result = (result: ExecutionResult, of: Described) => ExecutionResult

const oneAfterTheOther =
  (first: Result, second: Result): Result =>
  (result, of) =>
    second(first(result, of), of)

/** What of a request goes over the wire. A member that was taken out is absent. */
export const toOutgoing = ({ headers, kind: _, transport, ...request }: Request): Outgoing => {
  if (headers && transport === "websocket") throw noHeaders()
  const given = Object.entries(request).filter(([, value]) => value !== undefined)
  // Type boundary: all other members may be absent.
  return { request: Object.fromEntries(given) as unknown as OperationRequest, headers }
}

/** A call with headers for a transport that has none. */
export const noHeaders = (): Error =>
  new TypeError("a WebSocket has no headers for a single operation")
