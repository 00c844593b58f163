import type * as Cause from "effect/Cause"
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import type { EncodeError } from "../OperationError.js"
import type { Call, Calls } from "./calls.js"
import { map, type Step } from "./step.js"
import type { Running } from "./subscribe.js"
import { forEachBatch } from "./taking.js"
import { endSpan, isTraced, span } from "./tracing.js"

/**
 * A subscription in its span, for whoever takes from it and in the end leaves it. Not made of a scope,
 * which for each stream would cost as much again as the stream.
 */
export class Lifetime {
  #running: Running | undefined = undefined
  #span: Tracer.Span | undefined = undefined
  /** How it begins. Not kept: it may last for days, and there may be ten thousand. */
  #call: Call | undefined

  constructor(
    readonly calls: Calls,
    call: Call
  ) {
    this.#call = call
  }

  get begin(): Effect.Effect<Running["take"], EncodeError, unknown> {
    return Effect.withFiberRuntime((fiber) => {
      const call = this.#call
      if (call === undefined) return Effect.dieMessage("a subscription was begun twice")
      this.#call = undefined
      return isTraced(fiber) || this.calls.backend.options.propagateTrace
        ? this.#beginTraced(call)
        : this.#begin(call)
    })
  }

  end(exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#running?.leave()
      return this.#span ? endSpan(this.#span, exit) : Effect.void
    })
  }

  #beginTraced(call: Call): Effect.Effect<Running["take"], EncodeError, unknown> {
    const open = Effect.makeSpan(...span("subscription", call.document, call.options.operationName))
    return Effect.flatMap(
      // Or it could be made and nobody know of it.
      Effect.uninterruptible(Effect.map(open, (span) => (this.#span = span))),
      (span) =>
        Effect.withParentSpan(
          Effect.suspend(() => this.#begin(call, span)),
          span
        )
    )
  }

  /** In this very instruction, unless the variables take a fiber to encode. */
  #begin(call: Call, within?: Tracer.Span): Step<Running["take"], EncodeError> {
    return map(this.calls.prepare(call, within), (begin) => {
      this.#running = begin()
      return this.#running.take
    })
  }
}

/**
 * Runs an effect for each batch, until there are no more, and ends what began, however that went.
 *
 * As `Effect.onExit`, but for what it holds while it waits: nothing of how it began.
 */
export const consume = <A, E, R>(
  lifetime: Lifetime,
  f: (batch: Chunk.Chunk<unknown>) => Effect.Effect<A, E, R>
) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.matchCauseEffect(restore(lifetime.begin), {
      onFailure: (cause) => endWith(cause, lifetime),
      onSuccess: (take) => endAfter(restore(forEachBatch(take, f)), lifetime)
    })
  )

const endAfter = <E, R>(
  running: Effect.Effect<void, E, R>,
  lifetime: Lifetime
): Effect.Effect<void, E, R> =>
  Effect.matchCauseEffect(running, {
    onFailure: (cause) => endWith(cause, lifetime),
    onSuccess: () => lifetime.end(Exit.void)
  })

const endWith = <E>(cause: Cause.Cause<E>, lifetime: Lifetime): Effect.Effect<never, E> =>
  Effect.zipRight(lifetime.end(Exit.failCause(cause)), Effect.failCause(cause))
