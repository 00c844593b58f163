/**
 * Taking from an inbox: everything that has come, read and handed over as one batch.
 *
 * It is an effect itself. What made of effects would be several objects for each of ten thousand
 * subscriptions that wait is one here, and while it waits nothing else is kept of it.
 */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type End, Inbox, type InboxReader, type InboxSession } from "./inbox.js"
import type { BufferLimits } from "./options.js"
import { isEither, type Step } from "./step.js"

/** A batch, or the end as `None`. */
export type Batch<A, E, R> = Effect.Effect<Chunk.Chunk<A>, Option.Option<E>, R>

/**
 * Takes what its inbox holds, at least one element; waits where it holds none. Fails with the inbox's
 * end, after the last element, and again whenever it is run. For one fiber at a time.
 */
export abstract class Pull<In, A, E, R = unknown>
  extends Effectable.Class<Chunk.Chunk<A>, Option.Option<E>, R>
  implements InboxReader<In>
{
  readonly inbox: Inbox<In, E>
  /**
   * What was taken out of the inbox and is being read, so that a reader who is interrupted loses none:
   * first what was read of it, then what was not.
   */
  #batch: Array<unknown> = none
  #read = 0
  #kept = 0
  /** Set when an element could not be read; what came before it is handed over first. */
  #unreadable: End<E> | undefined = undefined
  #resume: ((effect: Batch<A, E, R>) => void) | undefined = undefined
  #waiting: Batch<A, E, R> | undefined = undefined

  constructor(limits: BufferLimits, session: InboxSession) {
    super()
    this.inbox = new Inbox(limits, session, this)
  }

  /** What is handed over for an element, or `skip`. */
  protected abstract read(element: In): Step<A | typeof skip, E, R>

  /** Told that it could not be read, which is the end. */
  protected abstract failed(): void

  abstract canMiss(element: In): boolean

  /** Lets the fiber take when it runs, by when the rest of a burst has come too. */
  wake(): void {
    const resume = this.#resume
    this.#resume = undefined
    resume?.(this)
  }

  /** Takes back what was read while the rest of its batch is still being read. */
  protected takeBack(isGone: (element: A) => boolean): void {
    let left = 0
    for (let index = 0; index < this.#kept; index++) {
      // Type boundary: it is what was read.
      const element = this.#batch[index] as A
      if (!isGone(element)) this.#batch[left++] = element
    }
    this.#kept = left
  }

  override commit(): Batch<A, E, R> {
    if (this.#unreadable) return Effect.failCause(this.#unreadable)
    if (this.#batch.length === 0 && !this.inbox.isEmpty) this.#batch = this.inbox.poll()
    if (this.#batch.length > 0) return this.#readOn()
    const { ended } = this.inbox
    return ended === undefined ? (this.#waiting ??= this.#wait) : Effect.failCause(ended)
  }

  /**
   * Without a canceler, for which Effect would wrap every wait in several effects: a fiber that was
   * interrupted is resumed in vain, and what it was resumed for stays. Made once, since what is waited in
   * is held while it is.
   */
  get #wait(): Batch<A, E, R> {
    return Effect.async((resume) => {
      // Between looking and waiting lies an instruction, in which there was nobody to wake.
      if (!this.inbox.isEmpty || this.inbox.ended !== undefined) return resume(this)
      // To one that has left, this says nothing. Else there are two, which was never meant.
      this.#resume?.(Effect.dieMessage("a subscription was taken from by two fibers at once"))
      this.#resume = resume
    })
  }

  #readOn(): Batch<A, E, R> {
    const batch = this.#batch
    let kept = this.#kept
    for (let next = this.#read; next < batch.length; next++) {
      // Type boundary: it is what was not read yet.
      const step = this.read(batch[next] as In)
      if (isEither(step) && Either.isRight(step)) {
        if (step.right !== skip) batch[kept++] = step.right
        continue
      }
      this.#read = next
      this.#kept = kept
      if (isEither(step)) return this.#fail(step.left)
      return Effect.matchEffect(step, {
        onFailure: (error) => this.#fail(error),
        onSuccess: (element) => {
          this.#read++
          if (element !== skip) batch[this.#kept++] = element
          return this.#readOn()
        }
      })
    }
    this.#kept = kept
    const elements = this.#handOver()
    return elements.length > 0 ? Effect.succeed(Chunk.unsafeFromArray(elements)) : this
  }

  #fail(error: E): Batch<A, E, R> {
    const end = Cause.fail(Option.some(error))
    this.#unreadable = end
    this.failed()
    const elements = this.#handOver()
    return elements.length > 0
      ? Effect.succeed(Chunk.unsafeFromArray(elements))
      : Effect.failCause(end)
  }

  /** In the array in which they came: it is theirs who take them. */
  #handOver(): Array<A> {
    const batch = this.#batch
    batch.length = this.#kept
    this.#batch = none
    this.#read = 0
    this.#kept = 0
    // Type boundary: all that is left was read.
    return batch as Array<A>
  }
}

/** Stands for an element that is not handed over. */
export const skip = Symbol("skip")

const none: Array<never> = []
