/** What a call needs before it can begin: its request, and how its results are read. */
import type { JsonObject, OperationRequest } from "@fiberline/core/Message"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Tracer from "effect/Tracer"
import type { BufferOptions } from "../ClientOptions.js"
import type { Document } from "../Operation.js"
import type { EncodeError } from "../OperationError.js"
import { isOperation, toRequest } from "./document.js"
import { buffer } from "./options.js"
import { type ErrorMode, type Read, reader, readWithin } from "./result.js"
import type { Session } from "./session.js"
import { type Running, subscribe } from "./subscribe.js"
import type { SubscriptionSettings } from "./subscribed.js"
import { flatMap, map, type Step } from "./step.js"
import { withTraceparent } from "./tracing.js"

export interface CallOptions {
  readonly variables?: unknown
  readonly operationName?: string | undefined
  readonly extensions?: JsonObject | undefined
  readonly errors?: ErrorMode | undefined
  readonly timeout?: Duration.DurationInput | undefined
  readonly idempotent?: boolean | undefined
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

  constructor(readonly session: Session) {
    const plain = (mode: ErrorMode) => ({
      limits: session.options.buffer,
      read: reader("", mode, session.registry),
      resume: undefined
    })
    this.#plain = { throw: plain("throw"), inline: plain("inline") }
  }

  /** Encodes at once, and throws what a document throws that cannot be printed: for inside of an effect. */
  request(document: Document, options: CallOptions): Step<OperationRequest, EncodeError> {
    const request = toRequest(document, options)
    return this.session.options.propagateTrace ? flatMap(request, withTraceparent) : request
  }

  reader(document: Document, { errors = "throw" }: CallOptions): Read {
    return isOperation(document)
      ? reader(document, errors, this.session.registry)
      : this.#plain[errors].read
  }

  /** @param within what decoding is a part of, where that is not the span of whoever takes */
  settings(
    document: Document,
    options: CallOptions,
    within?: Tracer.Span
  ): Step<SubscriptionSettings, never> {
    const { errors = "throw", resume } = options
    if (!isOperation(document) && !options.buffer && !resume) {
      return Either.right(this.#plain[errors])
    }
    const defaults = this.session.options
    const read = this.reader(document, options)
    const settings: SubscriptionSettings = {
      limits: buffer(options.buffer, defaults.buffer),
      // Without a Schema nothing takes a fiber.
      read: within && isOperation(document) ? readWithin(read, within) : read,
      resume: undefined
    }
    if (resume === undefined) return Either.right(settings)
    return Effect.contextWith((context) => ({
      ...settings,
      resume: {
        after: (last, variables) =>
          Effect.flatMap(read(last), (element) =>
            this.request(document, { ...options, variables: resume(element, variables ?? {}) })
          ).pipe(Effect.provide(context)),
        timeout: defaults.ackTimeout
      }
    }))
  }

  /** Everything of a subscription that takes effects, so that beginning it takes none. */
  prepare(
    { document, options, showsGaps }: Call,
    within?: Tracer.Span
  ): Step<() => Running, EncodeError> {
    const { registry } = this.session
    return flatMap(this.request(document, options), (first) =>
      map(
        this.settings(document, options, within),
        (settings) => () => subscribe(registry, first, options.variables, settings, showsGaps)
      )
    )
  }
}
