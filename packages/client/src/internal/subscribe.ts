/** A subscription of one subscriber's own: its results are taken in batches. */
import type { ExecutionResult } from "@fiberline/core/Message"
import * as Cause from "effect/Cause"
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

export class Running extends Subscribed {
  readonly take: Take

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
    this.take.inbox.end(Exit.isSuccess(exit) ? completed : Cause.map(exit.cause, Option.some))
  }

  override lost({ end }: Ending): void {
    this.take.inbox.end(end)
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
