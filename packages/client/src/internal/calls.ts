/** What a call needs before it can begin: its request, and how its results are read. */
import type { JsonObject, OperationRequest } from "@fiberline/core/Message"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Tracer from "effect/Tracer"
import type { BufferOptions } from "../ClientOptions.js"
import type { Headers, Request } from "../Middleware.js"
import type { Document, Kind } from "../Operation.js"
import { EncodeError } from "../OperationError.js"
import type { Backend, Execution, Route } from "./backend.js"
import { isOperation, nameOf, toRequest } from "./document.js"
import { type Interceptors, noHeaders, type Outgoing, run, toOutgoing } from "./middleware.js"
import { buffer, millis } from "./options.js"
import { within } from "./race.js"
import { type ErrorMode, type Read, readEither, reader, readWithin } from "./result.js"
import { type Running, subscribe } from "./subscribe.js"
import type { SubscriptionSettings } from "./subscribed.js"
import { flatMap, isEither, map, type Step } from "./step.js"
import { withTraceparent } from "./tracing.js"

export interface CallOptions {
  readonly variables?: unknown
  readonly operationName?: string | undefined
  readonly extensions?: JsonObject | undefined
  readonly headers?: Headers | undefined
  readonly errors?: ErrorMode | undefined
  readonly decodeErrors?: ErrorMode | undefined
  readonly timeout?: Duration.DurationInput | undefined
  readonly idempotent?: boolean | undefined
  readonly transport?: Route | undefined
  readonly method?: "GET" | "POST" | undefined
  readonly buffer?: BufferOptions | undefined
  readonly resume?: ((last: unknown, variables: unknown) => unknown) | undefined
}

/** A call that subscribes. */
export interface Call {
  readonly document: Document
  readonly options: CallOptions
  /** Whether gaps stand between the elements. */
  readonly showsGaps: boolean
}

export class Calls {
  /** One of each for all documents of which nothing is decoded. */
  readonly #plain: { readonly [Mode in ErrorMode]: SubscriptionSettings }

  constructor(
    readonly backend: Backend,
    readonly interceptors?: Interceptors
  ) {
    const plain = (mode: ErrorMode) => ({
      limits: backend.options.buffer,
      read: reader("", mode, backend.reporter),
      resume: undefined
    })
    this.#plain = { throw: plain("throw"), inline: plain("inline") }
  }

  /** Encodes at once, and throws what a document throws that cannot be printed: for inside of an effect. */
  request(document: Document, options: CallOptions): Step<OperationRequest, EncodeError> {
    const { documentId, propagateTrace } = this.backend.options
    const request = toRequest(document, options, documentId)
    return propagateTrace ? flatMap(request, withTraceparent) : request
  }

  /** How a query or mutation is carried out: likewise. */
  execution(kind: Kind, document: Document, options: CallOptions): Step<Execution, EncodeError> {
    const { idempotent = false, method, timeout, transport } = options
    const { interceptors } = this
    return map(this.request(document, options), (request) => {
      return {
        kind,
        ...this.#outgoing(kind, request, options),
        timeout:
          timeout === undefined
            ? this.backend.options.operationTimeout
            : millis("timeout", timeout),
        isRepeatable: idempotent,
        route: transport,
        method,
        around: interceptors && run(interceptors, this.#seen(kind, request, options))
      }
    })
  }

  /** A subscription as it is sent, once middleware has seen it: likewise. */
  outgoing(document: Document, options: CallOptions): Step<Outgoing, EncodeError> {
    return flatMap(this.request(document, options), (request) => {
      const prepare = this.interceptors?.prepare
      if (prepare === undefined) {
        return Either.right(this.#outgoing("subscription", request, options))
      }
      const prepared = prepare(this.#seen("subscription", request, options))
      return map(isEither(prepared) ? prepared : this.#bounded(prepared), toOutgoing)
    })
  }

  /** A request as it is without middleware. */
  #outgoing(kind: Kind, request: OperationRequest, { headers, transport }: CallOptions): Outgoing {
    if (headers && this.backend.transportOf(kind, transport) === "websocket") throw noHeaders()
    return { request, headers }
  }

  /** A request as middleware sees it. */
  #seen(kind: Kind, request: OperationRequest, { headers, transport }: CallOptions): Request {
    return {
      ...request,
      kind,
      transport: this.backend.transportOf(kind, transport),
      headers
    }
  }

  #bounded<A>(prepared: Effect.Effect<A, EncodeError, unknown>) {
    // Or one that cannot be interrupted would outlast its timeout.
    return within(this.backend.options.ackTimeout, Effect.disconnect(prepared), () =>
      Effect.fail(new EncodeError({ issue: "its middleware took longer than ackTimeout" }))
    )
  }

  reader(document: Document, { errors = "throw", operationName }: CallOptions): Read {
    return isOperation(document)
      ? reader(document, errors, this.backend.reporter, operationName)
      : this.#plain[errors].read
  }

  /** @param within what decoding is a part of, where that is not the span of whoever takes */
  settings(
    document: Document,
    options: CallOptions,
    within?: Tracer.Span
  ): Step<SubscriptionSettings, never> {
    const { decodeErrors = "throw", errors = "throw", resume } = options
    const { interceptors } = this
    const isInline = decodeErrors === "inline"
    if (!isOperation(document) && !options.buffer && !resume && !isInline && !interceptors) {
      return Either.right(this.#plain[errors])
    }
    const defaults = this.backend.options
    const thrown = this.#intercepted(this.reader(document, options), document, options)
    const read = isInline ? readEither(thrown) : thrown
    const settings: SubscriptionSettings = {
      limits: buffer(options.buffer, defaults.buffer),
      // Without a Schema nothing takes a fiber.
      read: within && isOperation(document) ? readWithin(read, within) : read,
      resume: undefined
    }
    if (!resume && !interceptors?.prepare) return Either.right(settings)
    return Effect.contextWith((context) => ({
      ...settings,
      resume: {
        after:
          resume &&
          ((last, variables) =>
            Effect.flatMap(read(last), (element) =>
              this.outgoing(document, { ...options, variables: resume(element, variables ?? {}) })
            ).pipe(Effect.provide(context))),
        // What it was is not what it would be by now.
        again:
          interceptors?.prepare &&
          ((variables) =>
            Effect.suspend(() => this.outgoing(document, { ...options, variables })).pipe(
              Effect.provide(context)
            )),
        timeout: defaults.ackTimeout
      }
    }))
  }

  /** Has middleware see each result first. */
  #intercepted(read: Read, document: Document, options: CallOptions): Read {
    const result = this.interceptors?.result
    if (result === undefined) return read
    const of = { kind: "subscription", operationName: nameOf(document, options) } as const
    return (received, response) => read(result(received, of), response)
  }

  /** Everything of a subscription that takes effects, so that beginning it takes none. */
  prepare(
    { document, options, showsGaps }: Call,
    within?: Tracer.Span
  ): Step<() => Running, EncodeError> {
    return flatMap(this.outgoing(document, options), (first) =>
      map(
        this.settings(document, options, within),
        (settings) => () =>
          subscribe(
            this.backend.open(options.transport),
            first,
            options.variables,
            settings,
            showsGaps
          )
      )
    )
  }
}
