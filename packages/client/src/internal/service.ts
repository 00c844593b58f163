/** The client's operations, made of a session. Their types are in `GraphQLClient`. */
import type { JsonObject } from "@fiberline/core/Message"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { NetworkError } from "../NetworkError.js"
import type { Document, Kind } from "../Operation.js"
import type { ProtocolError } from "../ProtocolError.js"
import { Gap, type Progress } from "../Subscription.js"
import { type CallOptions, Calls } from "./calls.js"
import { execute } from "./execute.js"
import { consume, Lifetime } from "./lifetime.js"
import { Many } from "./many.js"
import { millis } from "./options.js"
import type { Session } from "./session.js"
import type { Running } from "./subscribe.js"
import { streamOf } from "./taking.js"
import { span } from "./tracing.js"

export const fromSession = (session: Session) => {
  const { options: defaults, registry } = session
  const calls = new Calls(session)

  const once =
    (kind: Kind) =>
    (document: Document, options: CallOptions = {}) => {
      const read = calls.reader(document, options)
      const timeout =
        options.timeout === undefined
          ? defaults.operationTimeout
          : millis("timeout", options.timeout)
      return Effect.suspend(() => calls.request(document, options)).pipe(
        Effect.flatMap((request) =>
          execute(registry, request, timeout, options.idempotent ?? false)
        ),
        Effect.flatMap(read),
        Effect.withSpan(...span(kind, document, options.operationName))
      )
    }

  // -- subscriptions ------------------------------------------------------------------------------

  const subscription = (document: Document, options: CallOptions = {}) =>
    Effect.flatMap(
      Effect.suspend(() => calls.prepare({ document, options, showsGaps: false })),
      (begin) =>
        // As `acquireRelease`, which keeps for the finalizer all that the fiber knows.
        Effect.uninterruptible(
          Effect.flatMap(Effect.scope, (scope) =>
            Effect.suspend(() => {
              const running = begin()
              const leave = Effect.sync(() => running.leave())
              return Effect.as(Scope.addFinalizer(scope, leave), new Handle(running))
            })
          )
        )
    )

  // Not with `Stream.withSpan`: it provides the span to each step that a stream takes, which doubles them.
  const stream = (document: Document, options: CallOptions = {}, showsGaps: boolean) =>
    Stream.suspend(() => {
      const lifetime = new Lifetime(calls, { document, options, showsGaps })
      return Stream.ensuringWith(streamOf(lifetime.begin), (exit) => lifetime.end(exit))
    })

  const subscribeEvents = (document: Document, options?: CallOptions) =>
    Stream.map(stream(document, options, true), (element) =>
      element instanceof Gap ? element : { _tag: "Data", data: element }
    )

  const runForEachChunk = <A, E, R>(
    document: Document,
    f: (elements: Chunk.Chunk<unknown>) => Effect.Effect<A, E, R>,
    options: CallOptions = {}
  ) =>
    Effect.suspend(() => consume(new Lifetime(calls, { document, options, showsGaps: false }), f))

  const runForEach = <A, E, R>(
    document: Document,
    f: (element: unknown) => Effect.Effect<A, E, R>,
    options?: CallOptions
  ) =>
    runForEachChunk(
      document,
      (elements) => Effect.forEach(Chunk.toReadonlyArray(elements), f, { discard: true }),
      options
    )

  const subscribeMany = (
    document: Document,
    variables: Iterable<readonly [key: unknown, variables: unknown]>,
    options: CallOptions = {}
  ) =>
    Effect.gen(function* () {
      const many = new Many(registry, yield* calls.settings(document, options))
      const add = (key: unknown, variables: unknown) =>
        Effect.match(
          Effect.suspend(() => calls.request(document, { ...options, variables })),
          {
            onFailure: (error) => many.addEnded(key, Exit.fail(error)),
            onSuccess: (request) => many.add(key, request, variables)
          }
        )
      yield* Effect.addFinalizer(() => Effect.sync(() => many.close()))
      for (const [key, variablesOfKey] of variables) yield* add(key, variablesOfKey)
      return {
        add,
        remove: (key: unknown) => Effect.sync(() => many.remove(key)),
        keys: Effect.sync(() => many.keys),
        take: many,
        events: streamOf(Effect.succeed(many))
      }
    })

  // -- the connection -----------------------------------------------------------------------------

  const connect = Effect.suspend(() => {
    let stopWaiting = (): void => {}
    return Effect.async<JsonObject, NetworkError | ProtocolError>((resume) => {
      stopWaiting = registry.wait({
        established: (ack) => resume(Effect.succeed(ack)),
        lost: ({ cause }) => resume(Effect.failCause(cause))
      })
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => stopWaiting())))
  })

  return {
    query: once("query"),
    mutate: once("mutation"),
    subscribe: (document: Document, options?: CallOptions) => stream(document, options, false),
    subscribeEvents,
    runForEach,
    runForEachChunk,
    subscription,
    subscribeMany,
    connect,
    status: session.status,
    reconnect: session.reconnect
  }
}

/** What a subscriber has of a subscription. */
class Handle {
  constructor(private readonly running: Running) {}

  get take(): Running["take"] {
    return this.running.take
  }

  get progress(): Effect.Effect<Progress> {
    return Effect.sync(() => this.running.progress)
  }
}
