/** Many subscriptions that share one inbox. */
import type { ExecutionResult } from "@fiberline/core/Message"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { Gap } from "../Subscription.js"
import type { Event } from "../Subscriptions.js"
import type { Ending } from "./loss.js"
import type { Outgoing } from "./middleware.js"
import { Sources } from "./sources.js"
import { Pull, skip } from "./pull.js"
import type { Interruption, Registry } from "./registry.js"
import { isEither, type Step } from "./step.js"
import {
  holdGap,
  start,
  Subscribed,
  type SubscriptionError,
  type SubscriptionSettings
} from "./subscribed.js"

/** What the inbox holds. */
type Element = Received | Over | Gap

class Received {
  constructor(
    readonly member: Member,
    readonly result: ExecutionResult
  ) {}
}

/** The last of its subscription, which is not lost to those of others that come after it. */
class ReceivedLast extends Received {}

class Over {
  constructor(
    readonly member: Member,
    readonly exit: Exit.Exit<void, SubscriptionError>
  ) {}
}

type AnyEvent = Event<unknown, unknown, SubscriptionError>

export class Many extends Pull<Element, AnyEvent, never> {
  readonly #members = new Map<unknown, Member>()
  /** The interruption that was told last: all of them are told of it. */
  #told: Interruption | undefined = undefined
  #isClosed = false

  readonly sources: Sources

  /** @param open where one is registered, which may be another place for each */
  constructor(
    readonly open: () => Registry,
    readonly settings: SubscriptionSettings
  ) {
    const sources = new Sources()
    super(settings.limits, sources)
    this.sources = sources
  }

  get keys(): ReadonlyArray<unknown> {
    return Array.from(this.#members.values())
      .filter(({ isOver }) => !isOver)
      .map(({ key }) => key)
  }

  add(key: unknown, outgoing: Outgoing, variables: unknown): void {
    const member = this.#join(key, outgoing, this.settings.resume && variables)
    if (member) start(member)
  }

  /** One that ends before it has begun. */
  addEnded(key: unknown, exit: Exit.Exit<never, SubscriptionError>): void {
    this.#join(key, nothing)?.ended(exit)
  }

  /** Leaves one, and takes back what was not handed over of it. */
  remove(key: unknown): void {
    const member = this.#members.get(key)
    if (member) {
      member.leave()
      this.#members.delete(key)
      this.inbox.forget((element) => !(element instanceof Gap) && element.member === member)
    }
    this.takeBack((event) => event._tag !== "Gap" && isSame(event.key, key))
  }

  /** Leaves all of them; nobody takes any more. */
  close(): void {
    this.#isClosed = true
    for (const member of this.#members.values()) member.leave()
    this.#members.clear()
    this.takeBack(() => true)
    this.inbox.discard()
    this.inbox.end(closed)
  }

  ended(member: Member, exit: Exit.Exit<void, SubscriptionError>): void {
    if (!member.hasLeft) this.inbox.mark(new Over(member, exit), () => undefined)
  }

  resumed(interruption: Interruption, now: number): void {
    if (this.#told === interruption) return
    this.#told = interruption
    holdGap(this.inbox, interruption, now)
  }

  override canMiss(element: Element): boolean {
    return element instanceof Received && !(element instanceof ReceivedLast)
  }

  protected override read(element: Element): Step<AnyEvent | typeof skip, never> {
    if (element instanceof Gap) return Either.right(this.#isClosed ? skip : element)
    const { member } = element
    if (member.hasLeft) return Either.right(skip)
    if (element instanceof Over) return Either.right(this.#over(member, element.exit))
    try {
      return this.#read(member, element.result)
    } catch (defect) {
      return Either.right(this.#over(member, Exit.die(defect)))
    }
  }

  /** Whatever it fails with, a defect of its Schema too, is the end of its subscription alone. */
  #read(member: Member, result: ExecutionResult): Step<AnyEvent | typeof skip, never> {
    const step = this.settings.read(result)
    if (isEither(step)) {
      return Either.right(
        Either.isRight(step)
          ? { _tag: "Data", key: member.key, data: step.right }
          : this.#over(member, Exit.fail(step.left))
      )
    }
    // By the time it is read, it may have been left.
    const failed = (exit: Exit.Exit<never, SubscriptionError>): AnyEvent | typeof skip =>
      member.hasLeft ? skip : this.#over(member, exit)
    return Effect.match(step, {
      onFailure: (error) => failed(Exit.fail(error)),
      onSuccess: (data): AnyEvent | typeof skip =>
        member.hasLeft ? skip : { _tag: "Data", key: member.key, data }
    }).pipe(Effect.catchAllDefect((defect) => Effect.sync(() => failed(Exit.die(defect)))))
  }

  /** Its elements are read by themselves, each for its own subscription. */
  protected override failed(): void {}

  #join(key: unknown, outgoing: Outgoing, variables?: unknown): Member | undefined {
    if (this.#isClosed) return undefined
    // Last in the order of keys.
    this.remove(key)
    const member = new Member(this, key, outgoing, variables)
    this.#members.set(key, member)
    return member
  }

  /** Its last event. */
  #over(member: Member, exit: Exit.Exit<void, SubscriptionError>): AnyEvent {
    member.leave()
    this.#members.delete(member.key)
    return { _tag: "Ended", key: member.key, exit }
  }
}

class Member extends Subscribed {
  /** Nothing more of it is handed over. */
  hasLeft = false
  /** Its end is held, behind what came before. */
  isOver = false

  constructor(
    readonly many: Many,
    readonly key: unknown,
    outgoing: Outgoing,
    variables: unknown
  ) {
    super(many.open(), outgoing, variables)
    many.sources.join(this.registry)
  }

  override get settings(): SubscriptionSettings {
    return this.many.settings
  }

  leave(): void {
    this.registry.stop(this)
    if (!this.hasLeft) this.many.sources.leave(this.registry)
    this.hasLeft = true
  }

  protected override offer(result: ExecutionResult): boolean {
    return this.many.inbox.offer(new Received(this, result))
  }

  protected override offerLast(result: ExecutionResult): void {
    this.many.inbox.mark(new ReceivedLast(this, result), () => undefined)
  }

  override ended(exit: Exit.Exit<void, SubscriptionError>): void {
    this.isOver = true
    this.many.ended(this, exit)
  }

  override lost({ cause }: Ending): void {
    this.ended(Exit.failCause(cause))
  }

  override resumed(interruption: Interruption): void {
    this.many.resumed(interruption, this.registry.hooks.now())
  }
}

/** As a `Map` compares its keys. */
const isSame = (a: unknown, b: unknown): boolean => a === b || Object.is(a, b)

/** What is sent of one that never begins. */
const nothing: Outgoing = { request: { query: "" }, headers: undefined }

const closed = Cause.fail(Option.none())
