import type { ExecutionResult } from "@fiberline/core/Message"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { GraphQLFormattedError } from "graphql"
import {
  type DecodeError,
  EncodeError,
  type OperationError,
  OverflowError
} from "../OperationError.js"
import { Gap } from "../Subscription.js"
import { notJson } from "./document.js"
import type { Inbox } from "./inbox.js"
import type { ConnectionError } from "./loss.js"
import type { Outgoing } from "./middleware.js"
import type { BufferLimits } from "./options.js"
import { within } from "./race.js"
import { Entry, type Interruption, type Registry, type Renew } from "./registry.js"
import { notExecuted, type Read } from "./result.js"

export type SubscriptionError =
  ConnectionError | OperationError | DecodeError | EncodeError | OverflowError

export interface SubscriptionSettings {
  readonly limits: BufferLimits
  readonly read: Read
  /** How it goes on after a lost connection; `undefined` to send the first request again. */
  readonly resume: Resume | undefined
}

export interface Resume {
  /** The request that goes on after a result, made of that and the variables of the call. */
  readonly after:
    | ((last: ExecutionResult, variables: unknown) => Effect.Effect<Outgoing, SubscriptionError>)
    | undefined
  /** The first request made again, where nothing goes on after a result. */
  readonly again: ((variables: unknown) => Effect.Effect<Outgoing, SubscriptionError>) | undefined
  /** Milliseconds that it may take to know. */
  readonly timeout: number
}

/** A subscription as its session knows it, wherever its results go. */
export abstract class Subscribed extends Entry {
  abstract readonly settings: SubscriptionSettings
  /** What came in last, which nobody need have taken yet. */
  #last: ExecutionResult | undefined = undefined

  /** @param variables as the caller has them */
  constructor(
    registry: Registry,
    { headers, request }: Outgoing,
    readonly variables: unknown
  ) {
    super(registry, request)
    if (headers) this.headers = headers
  }

  override get isRepeatable(): boolean {
    return true
  }

  override get isSubscription(): boolean {
    return true
  }

  /** A result has come. `false` if it cannot be held, and must not be lost. */
  protected abstract offer(result: ExecutionResult): boolean

  /** The last result of all, which is held whatever there is room for. */
  protected abstract offerLast(result: ExecutionResult): void

  /** There will be no more. */
  abstract ended(exit: Exit.Exit<void, SubscriptionError>): void

  override next(result: ExecutionResult): void {
    if (this.settings.resume?.after) this.#last = result
    if (this.offer(result)) return
    this.registry.stop(this)
    this.ended(Exit.fail(new OverflowError({ capacity: this.settings.limits.capacity })))
  }

  override failed(errors: ReadonlyArray<GraphQLFormattedError>): void {
    // Not to be dropped because those before it fill the buffer.
    this.offerLast(notExecuted(errors))
    this.ended(Exit.void)
  }

  override complete(): void {
    this.ended(Exit.void)
  }

  override get renew(): Renew | undefined {
    const { resume } = this.settings
    return resume && ((isWanted) => this.#renew(resume, isWanted))
  }

  #renew(
    { after, again, timeout }: Resume,
    isWanted: () => boolean
  ): Effect.Effect<string | undefined> {
    return Effect.suspend(() => {
      if (this.#last !== undefined && after) return after(this.#last, this.variables)
      if (again) return again(this.variables)
      return Effect.succeed({ request: this.request, headers: this.headers })
    }).pipe(
      Effect.flatMap(({ headers, request }) =>
        Effect.try({
          try: () => {
            if (headers !== this.headers && isWanted()) this.headers = headers
            return this.registry.encode(this.id, request)
          },
          catch: notJson
        })
      ),
      // Or one that cannot be interrupted would outlast its timeout.
      Effect.disconnect,
      (frame) =>
        within(timeout, frame, () =>
          Effect.fail(new EncodeError({ issue: "resuming took longer than ackTimeout" }))
        ),
      Effect.catchAllCause((cause) =>
        Effect.sync(() => {
          if (!isWanted()) return undefined
          this.registry.stop(this)
          this.ended(Exit.failCause(cause))
          return undefined
        })
      )
    )
  }
}

/** Starts it. Synchronous, so that there is never one that nobody can stop. */
export const start = (
  entry: Entry & { readonly ended: (exit: Exit.Exit<void, EncodeError>) => void }
): void => {
  try {
    entry.registry.start(entry)
  } catch (error) {
    entry.ended(Exit.fail(notJson(error)))
  }
}

/**
 * Holds the gap that an interruption has left. Where nothing came between two losses, they are one gap,
 * for the first of its causes.
 */
export const holdGap = <A, E>(
  inbox: Inbox<A | Gap, E>,
  { cause, since }: Interruption,
  now: number
): void =>
  inbox.mark(gap(since, now, cause), (last) =>
    last instanceof Gap ? gap(last.since.epochMillis, now, last.cause) : undefined
  )

const gap = (since: number, until: number, cause: Gap["cause"]): Gap =>
  new Gap({ since: DateTime.unsafeMake(since), duration: Duration.millis(until - since), cause })
