/** A query or mutation whose result comes in pieces: what is known so far, each time there is more. */
import { IncrementalResult, type Merged } from "@fiberline/core/IncrementalDelivery"
import type { ExecutionResult, JsonObject, OperationRequest } from "@fiberline/core/Message"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { GraphQLFormattedError } from "graphql"
import * as Stream from "effect/Stream"
import * as NetworkError from "../NetworkError.js"
import type { Document } from "../Operation.js"
import { OverflowError } from "../OperationError.js"
import type { Reporter } from "./backend.js"
import type { Ending } from "./loss.js"
import type { CallOptions, Calls } from "./calls.js"
import { type BufferLimits, millis } from "./options.js"
import { type Batch, Pull } from "./pull.js"
import { within } from "./race.js"
import { Entry, type Registry } from "./registry.js"
import { notExecuted, type Read } from "./result.js"
import { map, type Step } from "./step.js"
import { start, type SubscriptionError } from "./subscribed.js"
import { streamOf } from "./taking.js"

export interface IncrementsSettings {
  readonly limits: BufferLimits
  readonly read: Read
  readonly reporter: Reporter
  readonly isRepeatable: boolean
}

export class Increments extends Entry {
  readonly take: Take
  #merged = new IncrementalResult()
  /** One that does not say whether there is more: the whole if it is the last. */
  #whole: Merged | undefined = undefined
  #hasBegun = false

  constructor(
    registry: Registry,
    request: OperationRequest,
    readonly settings: IncrementsSettings
  ) {
    super(registry, request)
    this.take = new Take(this)
  }

  override get isSubscription(): boolean {
    return false
  }

  override get isRepeatable(): boolean {
    // What was begun is not begun again: pieces of two executions need not fit together.
    return this.settings.isRepeatable && !this.#hasBegun
  }

  /** Takes what is known, and waits for it at most so many milliseconds. */
  takeWithin(timeout: number): Batch<unknown, SubscriptionError, unknown> {
    return within(timeout, this.take, () =>
      Effect.fail(
        Option.some(
          new NetworkError.NetworkError({
            reason: new NetworkError.OperationTimeout({ timeout: Duration.millis(timeout) }),
            phase: this.registry.phase,
            endpoint: this.registry.endpoint,
            sent: this.wasSent,
            ...(this.registry.lastFailure && { cause: this.registry.lastFailure })
          })
        )
      )
    )
  }

  /** Ends it from our side; without consequence where it has ended. */
  leave(): void {
    this.registry.stop(this)
    this.take.inbox.discard()
    this.ended(Exit.void)
  }

  override next(result: ExecutionResult): void {
    this.#hasBegun = true
    const payload: JsonObject = { ...result }
    const before = this.#whole
    // A gateway may put the pieces together itself, and send all that it has so far each time.
    if (before !== undefined) this.#merged = new IncrementalResult()
    const merged = this.#merged.merge(payload)
    if ("_tag" in merged) {
      this.registry.stop(this)
      const { reporter } = this.settings
      return this.ended(Exit.fail(reporter.violation(merged.reason, merged.detail)))
    }
    if (before !== undefined && !this.#offer({ ...before, hasNext: true })) return
    const isSilent = !merged.hasNext && payload["hasNext"] == null
    this.#whole = isSilent ? merged : undefined
    if (isSilent || !this.#offer(merged) || merged.hasNext) return
    this.registry.answered(this)
    this.ended(Exit.void)
  }

  #offer(merged: Merged): boolean {
    if (this.take.inbox.offer(merged)) return true
    this.registry.stop(this)
    const { capacity } = this.settings.limits
    this.ended(Exit.fail(new OverflowError({ capacity })))
    return false
  }

  override failed(errors: ReadonlyArray<GraphQLFormattedError>): void {
    const merged = { result: notExecuted(errors), pending: [], hasNext: false }
    this.take.inbox.mark(merged, () => undefined)
    this.ended(Exit.void)
  }

  override complete(): void {
    if (this.#whole !== undefined) {
      if (this.#offer(this.#whole)) this.ended(Exit.void)
      return
    }
    // An end before the last piece, or without any.
    const detail = "the operation completed before the last piece of its result"
    this.ended(Exit.fail(this.settings.reporter.violation("NoResult", detail)))
  }

  override lost({ end }: Ending): void {
    this.take.inbox.end(end)
  }

  ended(exit: Exit.Exit<void, SubscriptionError>): void {
    this.take.inbox.end(
      Exit.isSuccess(exit) ? Cause.fail(Option.none()) : Cause.map(exit.cause, Option.some)
    )
  }
}

class Take extends Pull<Merged, unknown, SubscriptionError> {
  constructor(readonly increments: Increments) {
    super(increments.settings.limits, increments.registry)
  }

  protected override read({ hasNext, pending, result }: Merged): Step<unknown, SubscriptionError> {
    return map(this.increments.settings.read(result), (read) => ({
      result: read,
      pending,
      hasNext
    }))
  }

  protected override failed(): void {
    this.increments.leave()
  }

  override canMiss(): boolean {
    // Each holds all of those before it.
    return true
  }
}

/** Begins when the stream does, and ends with it at the latest. */
export const stream = (calls: Calls, document: Document, options: CallOptions = {}) =>
  Stream.suspend(() => {
    const { backend } = calls
    let increments: Increments | undefined = undefined
    const timeout =
      options.timeout === undefined
        ? backend.options.operationTimeout
        : millis("timeout", options.timeout)
    const begin = Effect.map(
      Effect.suspend(() => calls.request(document, options)),
      (request) => {
        increments = new Increments(backend.openIncremental(options.transport), request, {
          limits: backend.options.buffer,
          read: calls.reader(document, options),
          reporter: backend.reporter,
          isRepeatable: options.idempotent ?? false
        })
        start(increments)
        return increments.takeWithin(timeout)
      }
    )
    return Stream.ensuring(
      streamOf(begin),
      Effect.sync(() => increments?.leave())
    )
  })
