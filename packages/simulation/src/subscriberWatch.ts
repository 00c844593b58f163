/** The invariants that show at one subscriber: 1, 5, 6, 7 and 15. */
import { NetworkError } from "@fiberline/client/NetworkError"
import { textOf } from "@fiberline/testing/SimulatedNetwork"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Judge } from "./invariants.js"
import type { Parameters } from "./parameters.js"

export interface Event {
  readonly number: number
  readonly text: string
}

export interface SubscriberSettings {
  readonly who: string
  /** The event after which it begins, if it goes on after a loss where it was. */
  readonly resumesAt: number | undefined
  /** How many it wants. */
  readonly count: number | undefined
  readonly readAhead: number
}

/** How long it may wait for what is published, in milliseconds, while all is well. */
const servedWithin = 15_000

const typed = ["NetworkError", "ProtocolError", "OperationError"]

/** The failure of an exit, by its tag; `undefined` for a success or an interruption of its own. */
export const checkExit = (
  judge: Judge,
  who: string,
  exit: Exit.Exit<unknown, unknown>,
  isInterrupted: boolean
): string | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  if (Cause.isInterruptedOnly(exit.cause)) {
    if (!isInterrupted) judge.violate(1, `${who} ended by a bare interruption`)
    return undefined
  }
  const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
  const tag = tagOf(failure)
  if (isClientClosed(failure) && !judge.isClosing)
    judge.violate(1, `${who} got ClientClosed, and it is not`)
  if (tag === undefined) judge.violate(1, `${who} ended with a defect: ${Cause.pretty(exit.cause)}`)
  return tag
}

const tagOf = (failure: unknown): string | undefined =>
  typeof failure === "object" && failure !== null && "_tag" in failure
    ? String(failure._tag)
    : undefined

const isClientClosed = (failure: unknown): boolean =>
  failure instanceof NetworkError && failure.reason._tag === "ClientClosed"

export class SubscriberWatch {
  #last: number | undefined
  #received = 0
  /** Since when it waits; `undefined` while it is busy. */
  #waitingSince: number | undefined = undefined
  /** What that was when it was last handed a batch, and when it was. */
  #waitedSince = 0
  #servedAt = 0

  constructor(
    readonly judge: Judge,
    readonly parameters: Parameters,
    readonly settings: SubscriberSettings
  ) {
    this.#last = settings.resumesAt
  }

  get #resumes(): boolean {
    return this.settings.resumesAt !== undefined
  }

  /** Since when it waits; never while it is busy. */
  get idleSince(): number {
    return this.#waitingSince ?? Infinity
  }

  /** The connection has been well for so long. */
  starve(wellFor: number): void {
    const since = Math.max(this.idleSince, this.judge.now() - wellFor)
    if (this.judge.now() - since < servedWithin) return
    this.judge.violate(15, `${this.settings.who} waits while the connection is well`)
    this.waits()
  }

  waits(): void {
    this.#waitingSince = this.judge.now()
  }

  /** It waits on: the batch had nothing of its own. The time that it took does not count. */
  waitsOn(): void {
    this.#waitingSince = this.#waitedSince + this.judge.now() - this.#servedAt
  }

  /** It, or those with whom it shares a buffer, were handed so many at once. */
  batch(size: number): void {
    this.#servedAt = this.judge.now()
    this.#waitedSince = this.#waitingSince ?? this.#servedAt
    this.#waitingSince = undefined
    const { capacity, strategy } = this.parameters.buffer
    const held = capacity + (strategy === "suspend" ? this.settings.readAhead : 0)
    if (size > held) this.judge.violate(7, `${this.settings.who} was handed ${size}, not ${held}`)
  }

  event({ number, text }: Event): void {
    const { who } = this.settings
    const { strategy } = this.parameters.buffer
    const invariant = this.#resumes ? 6 : 5
    if (text !== textOf(number)) this.judge.violate(5, `${who} got event ${number} altered`)
    const isLossless = strategy === "suspend" || strategy === "fail"
    const last = this.#last
    if (last !== undefined && (isLossless ? number !== last + 1 : number <= last)) {
      this.judge.violate(invariant, `${who} got event ${number} after ${last}`)
    }
    this.#last = number
    this.#received++
  }

  /** It was told that its connection was lost and made again. */
  gap(): void {
    // What it gets next follows what it had, or else nothing in particular.
    if (!this.#resumes) this.#last = undefined
  }

  ended(exit: Exit.Exit<unknown, unknown>, isInterrupted: boolean): void {
    const { count, who } = this.settings
    const { strategy } = this.parameters.buffer
    if (Exit.isSuccess(exit)) {
      if (count === undefined) this.judge.violate(1, `${who} ended as if its data had`)
      else if (this.#resumes && strategy === "suspend" && this.#received !== count) {
        this.judge.violate(6, `${who} got ${this.#received} events, not ${count}`)
      }
      return
    }
    const tag = checkExit(this.judge, who, exit, isInterrupted)
    if (tag === undefined || typed.includes(tag)) return
    if (tag === "OverflowError" && strategy === "fail") return
    this.judge.violate(tag === "OverflowError" ? 7 : 1, `${who} failed with ${tag}`)
  }
}
