/** Clients under test, and what their errors say. */
import { assert } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { NetworkError } from "@fiberline/client/NetworkError"
import { ProtocolError } from "@fiberline/client/ProtocolError"
import { WireConstructor } from "@fiberline/client/Wire"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** A dead link is noticed within 600 ms, and closing takes at most 300. */
export const bounds = {
  keepalive: { interval: "300 millis", timeout: "300 millis" },
  closeTimeout: "300 millis"
} as const
export const detection = 600
export const closing = 300

/** On top of a bound, for a machine that is busy with other things. */
export const slack = 1500

export const connect = (
  url: string,
  options: Omit<ClientOptions, "url"> = {},
  wire: WireConstructor["Type"] = NodeWire.make()
): Effect.Effect<GraphQLClient.Service, never, Scope.Scope> =>
  GraphQLClient.make({ url, reconnect: false, ...bounds, ...options }).pipe(
    Effect.provideService(WireConstructor, wire)
  )

/** A client that can be closed before its test ends. */
export const connectClosable = (...args: Parameters<typeof connect>) =>
  Effect.gen(function* () {
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) =>
      Scope.close(scope, Exit.void)
    )
    const client = yield* Scope.extend(connect(...args), scope)
    return { client, close: Scope.close(scope, Exit.void) }
  })

/** The error a stream ends with. */
export const failureOf = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<E, A, R> =>
  Effect.flip(Stream.runDrain(stream)).pipe(
    Effect.catchAll(() => Effect.dieMessage("the stream ended without an error"))
  )

/** Runs a subscription, and gives the fiber that ends with its failure once the request is sent. */
export const running = (client: GraphQLClient.Service, subscription: string) =>
  Effect.gen(function* () {
    yield* client.connect
    const failure = yield* Effect.fork(failureOf(client.subscribe(subscription)))
    yield* Effect.sleep("20 millis")
    return failure
  })

/** What a `NetworkError` says, but for its endpoint and cause. */
export const network = (error: unknown) => {
  assert(error instanceof NetworkError, String(error))
  const { _tag, phase, reason, sent } = error
  return { _tag, reason: { ...reason }, phase, sent }
}

/** What a `ProtocolError` says, but for its endpoint, its text and cause. */
export const protocol = (error: unknown) => {
  assert(error instanceof ProtocolError, String(error))
  const { _tag, phase, sent, violation } = error
  return { _tag, violation, phase, sent }
}

/** A property of the error's cause, `code` if not said otherwise. */
export const causeOf = (error: unknown, property: string = "code"): unknown => {
  assert(error instanceof NetworkError || error instanceof ProtocolError, String(error))
  return Object(error.cause)[property]
}

/** Asserts that it took so many milliseconds at most, some slack included, and perhaps at least. */
export const assertTook = (
  duration: Duration.Duration,
  range: { readonly atLeast?: number; readonly atMost: number }
): void => {
  const millis = Duration.toMillis(duration)
  assert.isAtMost(millis, range.atMost + slack)
  // Timers of Node may fire a millisecond early.
  if (range.atLeast !== undefined) assert.isAtLeast(millis, range.atLeast - 5)
}
