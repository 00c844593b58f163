/** A subscription of one subscriber's own: its results are taken in batches. */
import type { ExecutionResult } from "@fiberline/core/Message"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { Gap } from "../Subscription.js"
import type { Ending } from "./loss.js"
import type { Outgoing } from "./middleware.js"
import { Pull } from "./pull.js"
import type { Interruption, Registry } from "./registry.js"
import type { Step } from "./step.js"
import {
  holdGap,
  start,
  Subscribed,
  type SubscriptionError,
  type SubscriptionSettings
} from "./subscribed.js"

/** Starts a subscription, of which a caller must know in the same instruction. */
export const subscribe = (
  registry: Registry,
  outgoing: Outgoing,
  variables: unknown,
  settings: SubscriptionSettings,
  showsGaps: boolean
): Running => {
  const running = new Running(registry, outgoing, variables, settings, showsGaps)
  start(running)
  return running
}

type Established = Effect.Effect<void, Option.Option<SubscriptionError>>

export class Running extends Subscribed {
  readonly take: Take
  /** Whoever waits until it is established. */
  #waiting: Set<(established: Established) => void> | undefined = undefined

  constructor(
    registry: Registry,
    outgoing: Outgoing,
    variables: unknown,
    override readonly settings: SubscriptionSettings,
    /** Whether gaps stand between the elements. */
    readonly showsGaps: boolean
  ) {
    super(registry, outgoing, settings.resume && variables)
    this.take = new Take(this)
  }

  /**
   * Completes when the server runs it, at once where it does; fails with its end, as `take` does, but without
   * waiting for anybody to take what came before.
   */
  get untilEstablished(): Established {
    return Effect.async((resume) => {
      const { ended } = this.take.inbox
      if (ended !== undefined) return resume(Effect.failCause(ended))
      if (this.isEstablished) return resume(Effect.void)
      const waiting = (this.#waiting ??= new Set())
      waiting.add(resume)
      return Effect.sync(() => waiting.delete(resume))
    })
  }

  override established(): void {
    this.#tell(Effect.void)
  }

  #tell(established: Established): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) for (const resume of waiting) resume(established)
  }

  /** Ends it from our side; without consequence where it has ended. */
  leave(): void {
    this.registry.stop(this)
    this.take.inbox.discard()
    this.ended(Exit.void)
  }

  protected override offer(result: ExecutionResult): boolean {
    return this.take.inbox.offer(result)
  }

  protected override offerLast(result: ExecutionResult): void {
    this.take.inbox.mark(result, () => undefined)
  }

  override ended(exit: Exit.Exit<void, SubscriptionError>): void {
    this.#end(Exit.isSuccess(exit) ? completed : Cause.map(exit.cause, Option.some))
  }

  override lost({ end }: Ending): void {
    this.#end(end)
  }

  #end(end: Cause.Cause<Option.Option<SubscriptionError>>): void {
    this.take.inbox.end(end)
    this.#tell(Effect.failCause(end))
  }

  override resumed(interruption: Interruption): void {
    if (this.showsGaps) holdGap(this.take.inbox, interruption, this.registry.hooks.now())
  }
}

class Take extends Pull<ExecutionResult | Gap, unknown, SubscriptionError> {
  constructor(readonly running: Running) {
    super(running.settings.limits, running.registry)
  }

  protected override read(element: ExecutionResult | Gap): Step<unknown, SubscriptionError> {
    return element instanceof Gap ? Either.right(element) : this.running.settings.read(element)
  }

  protected override failed(): void {
    this.running.leave()
  }

  override canMiss(): boolean {
    return true
  }
}

const completed = Cause.fail(Option.none())
