/** The client's operations, whatever carries them. Their types are in `GraphQLClient`. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Middleware } from "../Middleware.js"
import type { Document, Kind } from "../Operation.js"
import { Gap, type Progress } from "../Subscription.js"
import type { Backend } from "./backend.js"
import { type CallOptions, Calls } from "./calls.js"
import { consume, Lifetime } from "./lifetime.js"
import { Many } from "./many.js"
import { setUp } from "./middleware.js"
import type { Running } from "./subscribe.js"
import { streamOf } from "./taking.js"
import { span } from "./tracing.js"

export const fromBackend = (backend: Backend) => fromCalls(new Calls(backend))

/** What the clients were made of, for those that are made of them. */
const made = new WeakMap<object, Calls>()

/** Throws for what is no client, or one that somebody else has made. */
export const callsOf = (client: object): Calls => {
  const calls = made.get(client)
  if (calls) return calls
  throw new TypeError("this can only be done with a client that Fiberline has made")
}

/** A client as another one, with a middleware around it. */
export const applyTo = (client: object, middleware: Middleware<unknown, unknown>) => {
  const calls = callsOf(client)
  return fromCalls(new Calls(calls.backend, setUp(middleware, calls.interceptors)))
}

const fromCalls = (calls: Calls) => {
  const { backend } = calls

  const once =
    (kind: Kind) =>
    (document: Document, options: CallOptions = {}) => {
      const read = calls.reader(document, options)
      return Effect.suspend(() => calls.execution(kind, document, options)).pipe(
        Effect.flatMap((execution) => backend.execute(execution)),
        Effect.flatMap((executed) => read(executed.result, executed)),
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
      const many = new Many(
        () => backend.open(options.transport),
        yield* calls.settings(document, options)
      )
      const add = (key: unknown, variables: unknown) =>
        Effect.match(
          Effect.suspend(() => calls.outgoing(document, { ...options, variables })),
          {
            onFailure: (error) => many.addEnded(key, Exit.fail(error)),
            onSuccess: (outgoing) => many.add(key, outgoing, variables)
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

  const service = {
    query: once("query"),
    mutate: once("mutation"),
    subscribe: (document: Document, options?: CallOptions) => stream(document, options, false),
    subscribeEvents,
    runForEach,
    runForEachChunk,
    subscription,
    subscribeMany,
    connect: backend.connect,
    status: backend.status,
    reconnect: backend.reconnect
  }
  made.set(service, calls)
  return service
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

  get established(): Running["untilEstablished"] {
    return this.running.untilEstablished
  }
}
