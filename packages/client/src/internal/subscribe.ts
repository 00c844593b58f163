/** Subscriptions: one request, any number of results, taken in batches. */
import type { ExecutionResult, OperationRequest } from "@fiberline/core/Message"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { DecodeError, EncodeError, OperationError } from "../OperationError.js"
import { OverflowError } from "../OperationError.js"
import { notJson } from "./document.js"
import { Inbox } from "./inbox.js"
import type { ConnectionError } from "./loss.js"
import type { BufferLimits } from "./options.js"
import type { Registry } from "./registry.js"
import { isEither, notExecuted, type Read } from "./result.js"

export type SubscriptionError =
  ConnectionError | OperationError | DecodeError | EncodeError | OverflowError

export interface Running {
  readonly take: Effect.Effect<Chunk.Chunk<unknown>, Option.Option<SubscriptionError>, unknown>
  /** Ends it from our side; without consequence where it has ended. */
  readonly stop: Effect.Effect<void>
}

/** Starts a subscription. Synchronous, so that there is never one that nobody can stop. */
export const start = (
  registry: Registry,
  request: OperationRequest,
  limits: BufferLimits,
  read: Read
): Running => {
  const id = registry.nextId()
  const inbox = new Inbox<SubscriptionError>(limits, registry)

  const endWith = (end: Option.Option<SubscriptionError>) => inbox.end(Cause.fail(end))

  try {
    registry.start(id, request, {
      next: (result) => {
        if (inbox.offer(result)) return
        registry.stop(id)
        endWith(Option.some(new OverflowError({ capacity: limits.capacity })))
      },
      failed: (errors) => {
        inbox.offer(notExecuted(errors))
        endWith(Option.none())
      },
      complete: () => endWith(Option.none()),
      lost: (cause) => inbox.end(Cause.map(cause, Option.some))
    })
  } catch (error) {
    endWith(Option.some(notJson(error)))
  }

  const leave = (): void => {
    registry.stop(id)
    inbox.discard()
    endWith(Option.none())
  }

  /** Set when a result could not be read; what came before it is delivered first. */
  let unreadable: Option.Option<SubscriptionError> | undefined = undefined

  const fail = (
    error: SubscriptionError,
    before: Array<unknown>
  ): Effect.Effect<Chunk.Chunk<unknown>, Option.Option<SubscriptionError>> => {
    leave()
    unreadable = Option.some(error)
    return before.length > 0
      ? Effect.succeed(Chunk.unsafeFromArray(before))
      : Effect.fail(unreadable)
  }

  const readAll = (results: Iterator<ExecutionResult>, done: Array<unknown>): Running["take"] => {
    for (let next = results.next(); next.done !== true; next = results.next()) {
      const element = read(next.value)
      if (!isEither(element)) {
        return Effect.matchEffect(element, {
          onFailure: (error) => fail(error, done),
          onSuccess: (value) => {
            done.push(value)
            return readAll(results, done)
          }
        })
      }
      if (Either.isLeft(element)) return fail(element.left, done)
      done.push(element.right)
    }
    return Effect.succeed(Chunk.unsafeFromArray(done))
  }

  return {
    take: Effect.suspend(() =>
      unreadable
        ? Effect.fail(unreadable)
        : Effect.flatMap(inbox.take, (results) => readAll(results.values(), []))
    ),
    stop: Effect.sync(leave)
  }
}
