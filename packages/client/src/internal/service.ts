/** The client's operations, made of a session. Their types are in `GraphQLClient`. */
import type { JsonObject } from "@fiberline/core/Message"
import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import type { BufferOptions } from "../ClientOptions.js"
import type { NetworkError } from "../NetworkError.js"
import type { Document, Kind } from "../Operation.js"
import type { EncodeError } from "../OperationError.js"
import type { ProtocolError } from "../ProtocolError.js"
import { Gap, type Progress } from "../Subscription.js"
import { isOperation, toRequest } from "./document.js"
import { execute } from "./execute.js"
import { Many } from "./many.js"
import { buffer, millis } from "./options.js"
import { type Read, reader, readWithin } from "./result.js"
import type { Session } from "./session.js"
import { type Running, subscribe } from "./subscribe.js"
import type { SubscriptionSettings } from "./subscribed.js"
import { forEachBatch, streamOf } from "./taking.js"
import { endSpan, isTraced, span, withTraceparent } from "./tracing.js"

interface Call {
  readonly document: Document
  readonly options: AnyOptions
  readonly showsGaps: boolean
}

interface AnyOptions {
  readonly variables?: unknown
  readonly operationName?: string | undefined
  readonly extensions?: JsonObject | undefined
  readonly errors?: "throw" | "inline" | undefined
  readonly timeout?: Duration.DurationInput | undefined
  readonly idempotent?: boolean | undefined
  readonly buffer?: BufferOptions | undefined
  readonly resume?: ((last: unknown, variables: unknown) => unknown) | undefined
}

export const fromSession = (session: Session) => {
  const { options: defaults, registry } = session

  const request = (document: Document, options: AnyOptions) =>
    defaults.propagateTrace
      ? Effect.flatMap(toRequest(document, options), withTraceparent)
      : toRequest(document, options)

  /** One for all documents of which nothing is decoded. */
  const plain = {
    throw: reader("", "throw", registry),
    inline: reader("", "inline", registry)
  }

  const readerOf = (document: Document, { errors = "throw" }: AnyOptions) =>
    isOperation(document) ? reader(document, errors, registry) : plain[errors]

  const once =
    (kind: Kind) =>
    (document: Document, options: AnyOptions = {}) => {
      const read = readerOf(document, options)
      const timeout =
        options.timeout === undefined
          ? defaults.operationTimeout
          : millis("timeout", options.timeout)
      return Effect.suspend(() => request(document, options)).pipe(
        Effect.flatMap((request) =>
          execute(registry, request, timeout, options.idempotent ?? false)
        ),
        Effect.flatMap(read),
        Effect.withSpan(...span(kind, document, options.operationName))
      )
    }

  const plainSettings = (read: Read) =>
    Effect.succeed<SubscriptionSettings>({ limits: defaults.buffer, read, resume: undefined })

  const plainly = { throw: plainSettings(plain.throw), inline: plainSettings(plain.inline) }

  // -- subscriptions ------------------------------------------------------------------------------

  /** @param within what decoding is a part of, where that is not the span of whoever takes */
  const settings = (
    document: Document,
    options: AnyOptions,
    within?: Tracer.Span
  ): Effect.Effect<SubscriptionSettings, never, unknown> => {
    const read = readerOf(document, options)
    const { resume } = options
    if (!isOperation(document) && !options.buffer && !resume)
      return plainly[options.errors ?? "throw"]
    const settings: SubscriptionSettings = {
      limits: buffer(options.buffer, defaults.buffer),
      // Without a Schema nothing takes a fiber.
      read: within && isOperation(document) ? readWithin(read, within) : read,
      resume: undefined
    }
    if (resume === undefined) return Effect.succeed(settings)
    return Effect.contextWith((context) => ({
      ...settings,
      resume: {
        after: (last, variables) =>
          Effect.flatMap(read(last), (element) =>
            request(document, { ...options, variables: resume(element, variables ?? {}) })
          ).pipe(Effect.provide(context)),
        timeout: defaults.ackTimeout
      }
    }))
  }

  /** Everything of a subscription that takes effects, so that beginning it takes none. */
  const prepare = (
    document: Document,
    options: AnyOptions,
    showsGaps: boolean,
    within?: Tracer.Span
  ): Effect.Effect<() => Running, EncodeError, unknown> =>
    Effect.flatMap(
      Effect.suspend(() => request(document, options)),
      (first) =>
        Effect.map(
          settings(document, options, within),
          (settings) => () => subscribe(registry, first, options.variables, settings, showsGaps)
        )
    )

  const subscription = (document: Document, options: AnyOptions = {}) =>
    Effect.flatMap(prepare(document, options, false), (begin) =>
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

  /**
   * A subscription in its span, for whoever takes from it and in the end leaves it. Not made of
   * `subscription`: a scope for each stream would cost as much again as the stream.
   */
  class Lifetime {
    #running: Running | undefined = undefined
    #span: Tracer.Span | undefined = undefined
    /** How it begins. Not kept: it may last for days, and there may be ten thousand. */
    #call: Call | undefined

    constructor(call: Call) {
      this.#call = call
    }

    get begin(): Effect.Effect<Running["take"], EncodeError, unknown> {
      return Effect.suspend(() => {
        const call = this.#call
        if (call === undefined) return Effect.dieMessage("a subscription was begun twice")
        this.#call = undefined
        return Effect.flatMap(isTraced, (isTraced) =>
          isTraced || defaults.propagateTrace ? this.#beginTraced(call) : this.#begin(call)
        )
      })
    }

    #beginTraced(call: Call): Effect.Effect<Running["take"], EncodeError, unknown> {
      const { document, options } = call
      const open = Effect.makeSpan(...span("subscription", document, options.operationName))
      return Effect.flatMap(
        // Or it could be made and nobody know of it.
        Effect.uninterruptible(Effect.map(open, (span) => (this.#span = span))),
        (span) => Effect.withParentSpan(this.#begin(call, span), span)
      )
    }

    #begin(
      { document, options, showsGaps }: Call,
      within?: Tracer.Span
    ): Effect.Effect<Running["take"], EncodeError, unknown> {
      return Effect.map(prepare(document, options, showsGaps, within), (begin) => {
        this.#running = begin()
        return this.#running.take
      })
    }

    end(exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> {
      return Effect.suspend(() => {
        this.#running?.leave()
        return this.#span ? endSpan(this.#span, exit) : Effect.void
      })
    }
  }

  // Not with `Stream.withSpan`: it provides the span to each step that a stream takes, which doubles them.
  const stream = (document: Document, options: AnyOptions = {}, showsGaps: boolean) =>
    Stream.suspend(() => {
      const lifetime = new Lifetime({ document, options, showsGaps })
      return Stream.ensuringWith(streamOf(lifetime.begin), (exit) => lifetime.end(exit))
    })

  const subscribeEvents = (document: Document, options?: AnyOptions) =>
    Stream.map(stream(document, options, true), (element) =>
      element instanceof Gap ? element : { _tag: "Data", data: element }
    )

  const runForEachChunk = <A, E, R>(
    document: Document,
    f: (elements: Chunk.Chunk<unknown>) => Effect.Effect<A, E, R>,
    options: AnyOptions = {}
  ) => Effect.suspend(() => consume(new Lifetime({ document, options, showsGaps: false }), f))

  const runForEach = <A, E, R>(
    document: Document,
    f: (element: unknown) => Effect.Effect<A, E, R>,
    options?: AnyOptions
  ) =>
    runForEachChunk(
      document,
      (elements) => Effect.forEach(Chunk.toReadonlyArray(elements), f, { discard: true }),
      options
    )

  const subscribeMany = (
    document: Document,
    variables: Iterable<readonly [key: unknown, variables: unknown]>,
    options: AnyOptions = {}
  ) =>
    Effect.gen(function* () {
      const many = new Many(registry, yield* settings(document, options))
      const add = (key: unknown, variables: unknown) =>
        Effect.match(
          Effect.suspend(() => request(document, { ...options, variables })),
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
    subscribe: (document: Document, options?: AnyOptions) => stream(document, options, false),
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

interface Consumed<E, R> {
  readonly begin: Effect.Effect<Running["take"], E, R>
  readonly end: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>
}

/**
 * Runs an effect for each batch, until there are no more, and ends what began, however that went.
 *
 * As `Effect.onExit`, but for what it holds while it waits: nothing of how it began.
 */
const consume = <B, E2, R2, E, R>(
  lifetime: Consumed<E, R>,
  f: (batch: Chunk.Chunk<unknown>) => Effect.Effect<B, E2, R2>
) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.matchCauseEffect(restore(lifetime.begin), {
      onFailure: (cause) => endWith(cause, lifetime),
      onSuccess: (take) => endAfter(restore(forEachBatch(take, f)), lifetime)
    })
  )

const endAfter = <E, R>(
  running: Effect.Effect<void, E, R>,
  lifetime: Pick<Consumed<never, never>, "end">
): Effect.Effect<void, E, R> =>
  Effect.matchCauseEffect(running, {
    onFailure: (cause) => endWith(cause, lifetime),
    onSuccess: () => lifetime.end(Exit.void)
  })

const endWith = <E>(
  cause: Cause.Cause<E>,
  lifetime: Pick<Consumed<never, never>, "end">
): Effect.Effect<never, E> =>
  Effect.zipRight(lifetime.end(Exit.failCause(cause)), Effect.failCause(cause))

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
