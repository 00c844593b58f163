/** Subscriptions: one request, any number of results, taken in batches. */
import type { ExecutionResult, OperationRequest } from "@fiberline/core/Message"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import {
  type DecodeError,
  EncodeError,
  type OperationError,
  OverflowError
} from "../OperationError.js"
import { Gap, type Progress } from "../Subscription.js"
import { notJson } from "./document.js"
import { Inbox } from "./inbox.js"
import type { ConnectionError } from "./loss.js"
import type { BufferLimits } from "./options.js"
import { within } from "./race.js"
import { type Registry, type Sink, subscribeFrame } from "./registry.js"
import { isEither, notExecuted, type Read } from "./result.js"

export type SubscriptionError =
  ConnectionError | OperationError | DecodeError | EncodeError | OverflowError

export interface Running {
  readonly take: Effect.Effect<Chunk.Chunk<unknown>, Option.Option<SubscriptionError>, unknown>
  readonly progress: Effect.Effect<Progress>
  /** Ends it from our side; without consequence where it has ended. */
  readonly stop: Effect.Effect<void>
}

export interface SubscriptionSettings {
  readonly limits: BufferLimits
  readonly read: Read
  /** Whether gaps stand between the elements. */
  readonly showsGaps: boolean
  /** The request that goes on after a result; `undefined` to send the first request again. */
  readonly resume:
    ((last: ExecutionResult) => Effect.Effect<OperationRequest, SubscriptionError>) | undefined
  /** Milliseconds that `resume` may take. */
  readonly resumeTimeout: number
  readonly now: () => number
}

const gap = (since: number, until: number, cause: Gap["cause"]): Gap =>
  new Gap({ since: DateTime.unsafeMake(since), duration: Duration.millis(until - since), cause })

/** Starts a subscription. Synchronous, so that there is never one that nobody can stop. */
export const start = (
  registry: Registry,
  request: OperationRequest,
  settings: SubscriptionSettings
): Running => {
  const { limits, read, resume } = settings
  const id = registry.nextId()
  const inbox = new Inbox<ExecutionResult | Gap, SubscriptionError>(limits, registry)
  let last: ExecutionResult | undefined = undefined

  const endWith = (end: Option.Option<SubscriptionError>) => inbox.end(Cause.fail(end))

  const offer = (result: ExecutionResult): void => {
    if (inbox.offer(result)) return
    registry.stop(id)
    endWith(Option.some(new OverflowError({ capacity: limits.capacity })))
  }

  /** The frame that goes on after the last result that came in, which nobody need have taken yet. */
  const renew = (go: NonNullable<typeof resume>): NonNullable<Sink["renew"]> =>
    Effect.suspend(() => (last === undefined ? Effect.succeed(request) : go(last))).pipe(
      Effect.flatMap((next) => Effect.try({ try: () => subscribeFrame(id, next), catch: notJson })),
      // Or one that cannot be interrupted would outlast its timeout.
      Effect.disconnect,
      (frame) =>
        within(settings.resumeTimeout, frame, () =>
          Effect.fail(new EncodeError({ issue: "resuming took longer than ackTimeout" }))
        ),
      Effect.catchAllCause((cause) =>
        Effect.sync(() => {
          registry.stop(id)
          inbox.end(Cause.map(cause, Option.some))
          return undefined
        })
      )
    )

  try {
    registry.start(id, request, {
      isRepeatable: true,
      next: (result) => {
        if (resume) last = result
        offer(result)
      },
      failed: (errors) => {
        // The last of all, and not to be dropped because those before it fill the buffer.
        inbox.mark(notExecuted(errors), () => undefined)
        endWith(Option.none())
      },
      complete: () => endWith(Option.none()),
      lost: (cause) => inbox.end(Cause.map(cause, Option.some)),
      ...(settings.showsGaps && {
        resumed: ({ cause, since }) =>
          inbox.mark(gap(since, settings.now(), cause), (last) =>
            // Nothing came between two losses: they are one gap, for the first of its causes.
            last instanceof Gap
              ? gap(last.since.epochMillis, settings.now(), last.cause)
              : undefined
          )
      }),
      ...(resume && { renew: renew(resume) })
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

  /** What was taken out of the inbox and is being read, so that an interrupted `take` loses none. */
  let batch: { readonly elements: ReadonlyArray<ExecutionResult | Gap>; done: Array<unknown> } = {
    elements: [],
    done: []
  }

  const readAll: Running["take"] = Effect.suspend(() => {
    const { done, elements } = batch
    for (const next of elements.slice(done.length)) {
      if (next instanceof Gap) {
        done.push(next)
        continue
      }
      const element = read(next)
      if (!isEither(element)) {
        return Effect.matchEffect(element, {
          onFailure: (error) => fail(error, done),
          onSuccess: (value) => {
            done.push(value)
            return readAll
          }
        })
      }
      if (Either.isLeft(element)) return fail(element.left, done)
      done.push(element.right)
    }
    batch = { elements: [], done: [] }
    return Effect.succeed(Chunk.unsafeFromArray(done))
  })

  return {
    take: Effect.suspend(() =>
      unreadable
        ? Effect.fail(unreadable)
        : batch.elements.length > 0
          ? readAll
          : Effect.flatMap(inbox.take, (elements) => {
              batch = { elements, done: [] }
              return readAll
            })
    ),
    progress: Effect.sync(() => registry.progress(id)),
    stop: Effect.sync(leave)
  }
}
