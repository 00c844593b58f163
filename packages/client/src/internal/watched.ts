import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Equal from "effect/Equal"
import * as Stream from "effect/Stream"
import * as Subscribable from "effect/Subscribable"
import type { InboxSession } from "./inbox.js"
import { Pull } from "./pull.js"
import { streamOf } from "./taking.js"

/** How many changes a watcher may fall behind; one that is slower misses the oldest of them. */
const mostBehind = 64

/**
 * A value and whoever watches it, who is told of changes only.
 *
 * Setting it is no effect, so nobody can be kept from it. With a `SubscriptionRef` everybody can: a
 * watcher that is interrupted while it begins may keep its only permit for ever.
 */
export class Watched<A extends { readonly _tag: string }> {
  readonly #watchers = new Set<Watcher<A>>()

  constructor(private current: A) {}

  set(value: A): void {
    // Comparing has a hash kept in both, in a closure and with a shape of its own.
    if (this.current._tag === value._tag && Equal.equals(this.current, value)) return
    this.current = value
    for (const watcher of this.#watchers) watcher.inbox.offer(value)
  }

  readonly subscribable: Subscribable.Subscribable<A> = Subscribable.make({
    get: Effect.sync(() => this.current),
    // Not `Stream.asyncPush`, which brings five kilobytes of Effect into every program's bundle.
    changes: Stream.suspend(() => {
      const watcher = new Watcher<A>({ capacity: mostBehind, strategy: "sliding" }, unheeded)
      const begin = Effect.sync(() => {
        this.#watchers.add(watcher)
        watcher.inbox.offer(this.current)
        return watcher
      })
      const end = Effect.sync(() => this.#watchers.delete(watcher))
      return Stream.ensuring(streamOf(begin), end)
    })
  })
}

class Watcher<A> extends Pull<A, A, never, never> {
  protected override read(value: A): Either.Either<A> {
    return Either.right(value)
  }

  protected override failed(): void {}

  override canMiss(): boolean {
    return true
  }
}

const unheeded: InboxSession = { canPause: false, press: () => {}, dropped: () => {} }
