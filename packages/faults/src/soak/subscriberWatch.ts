/** The invariants that show at one subscriber: 1, 5, 6 and 7. */
import type { Strategy } from "@fiberline/client/ClientOptions"
import { NetworkError } from "@fiberline/client/NetworkError"
import { OverflowError } from "@fiberline/client/OperationError"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Judge } from "./invariants.js"
import { type Event, textLength, textOf } from "./log.js"

export interface Buffer {
  readonly capacity: number
  readonly strategy: Strategy
}

export interface Terms {
  readonly who: string
  readonly endpoint: number
  /** Whether it goes on after a loss where it was. */
  readonly resumes: boolean
  readonly buffer: Buffer
  /** Whether its client gives up in the end, rather than trying for ever. */
  readonly mayBeGivenUp: boolean
}

/** What had been read when reading stopped: one read's worth, were it all for one subscription. */
const readAhead = Math.ceil((64 * 1024) / textLength)

export class SubscriberWatch {
  #last: number | undefined = undefined
  /** Since when it waits; `undefined` while it is busy, or not subscribed. */
  waitingSince: number | undefined = undefined

  constructor(
    readonly judge: Judge,
    readonly terms: Terms
  ) {}

  /** The last event it had. */
  get last(): number | undefined {
    return this.#last
  }

  /** It subscribes, once more perhaps. Who resumes does so from what it had last. */
  subscribes(): void {
    if (!this.terms.resumes) this.#last = undefined
    this.waits()
  }

  waits(): void {
    this.waitingSince = this.judge.now()
  }

  /** It was handed so many at once. */
  batch(size: number): void {
    this.waitingSince = undefined
    const { capacity, strategy } = this.terms.buffer
    const most = capacity + (strategy === "suspend" ? readAhead : 0)
    if (size > most) this.judge.violate(7, `${this.terms.who} was handed ${size}, not ${most}`)
  }

  event({ number, text }: Event): void {
    const { buffer, endpoint, resumes, who } = this.terms
    if (text !== textOf(endpoint, number)) {
      this.judge.violate(5, `${who} got event ${number} altered: ${text.slice(0, 40)}`)
    }
    const isLossless = buffer.strategy === "suspend" || buffer.strategy === "fail"
    const last = this.#last
    if (last !== undefined && (isLossless ? number !== last + 1 : number <= last)) {
      this.judge.violate(resumes ? 6 : 5, `${who} got event ${number} after ${last}`)
    }
    this.#last = number
  }

  /** It was told that its connection was lost and made again. */
  gap(): void {
    // What was published meanwhile is missing, and is not published again.
    if (!this.terms.resumes) this.#last = undefined
  }

  /** It has ended: of itself, or because somebody wanted it to. */
  ended(exit: Exit.Exit<unknown, unknown>, isInterrupted: boolean, isClosed: boolean): void {
    this.waitingSince = undefined
    const { buffer, mayBeGivenUp, who } = this.terms
    if (Exit.isSuccess(exit)) return this.judge.violate(1, `${who} ended as if its data had`)
    const error = typedFailure(this.judge, who, exit, isInterrupted)
    if (error === undefined) return
    if (error instanceof OverflowError && buffer.strategy === "fail") return
    if (error instanceof NetworkError && (isClosed || mayBeGivenUp)) return
    this.judge.violate(1, `${who} failed, and nothing explains it: ${String(error)}`)
  }
}

/** The failure of an exit; `undefined` for a success, an interruption of its own, or a violation. */
export const typedFailure = (
  judge: Judge,
  who: string,
  exit: Exit.Exit<unknown, unknown>,
  isInterrupted: boolean
): unknown => {
  if (Exit.isSuccess(exit)) return undefined
  if (Cause.isInterruptedOnly(exit.cause)) {
    if (!isInterrupted) judge.violate(1, `${who} ended by a bare interruption`)
    return undefined
  }
  const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
  if (failure instanceof Error && "_tag" in failure) return failure
  judge.violate(1, `${who} ended with a defect: ${Cause.pretty(exit.cause)}`)
  return undefined
}
