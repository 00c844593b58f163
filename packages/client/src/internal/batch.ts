/** A batch of queries: equal ones are executed once, and only as long as somebody waits for the answer. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"
import * as Request from "effect/Request"
import type { QueryOptions, Service } from "../GraphQLClient.js"
import type { Query } from "../QueryResolver.js"

export type Entry = Request.Entry<Query>

/**
 * Whoever asked. Effect counts those who wait for a request, but a fiber that waits for a whole batch cannot
 * be interrupted before the batch has ended, and is counted until then. A child of it is interrupted at once.
 */
export class Asker {
  #onGone = (): void => {}

  static watched<A, E>(ask: (asker: Asker) => Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      const asker = new Asker()
      return Effect.flatMap(Effect.fork(Effect.async<never>(() => {})), (child) => {
        child.addObserver(() => asker.#onGone())
        return Effect.ensuring(ask(asker), Fiber.interrupt(child))
      })
    })
  }

  onGone(run: () => void): void {
    this.#onGone = run
  }
}

export const resolveAll = (
  client: Pick<Service, "query">,
  batch: ReadonlyArray<Entry>,
  concurrency: number | "unbounded"
): Effect.Effect<void> =>
  Effect.suspend(() =>
    Effect.forEach(equalOnes(batch), (asked) => resolve(client, asked), {
      concurrency,
      discard: true
    })
  )

const equalOnes = (batch: ReadonlyArray<Entry>): ReadonlyArray<Asked> => {
  const groups = MutableHashMap.empty<Query, Array<Entry>>()
  for (const entry of batch) {
    const group = MutableHashMap.get(groups, entry.request)
    if (Option.isSome(group)) group.value.push(entry)
    else MutableHashMap.set(groups, entry.request, [entry])
  }
  return Array.from(groups, ([query, entries]) => new Asked(query, entries))
}

const resolve = (client: Pick<Service, "query">, asked: Asked): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (!asked.isWanted) return asked.complete(Exit.interrupt(FiberId.none))
    const { context, document, options } = asked.query
    // Type boundary: any document, with options that were admitted for it.
    const executed = client.query(document as string, options as QueryOptions<"throw">)
    return Effect.acquireUseRelease(
      Effect.fork(Effect.interruptible(Effect.provide(executed, context))),
      (fiber) => {
        asked.onUnwanted(() => fiber.unsafeInterruptAsFork(FiberId.none))
        return Fiber.await(fiber)
      },
      Fiber.interrupt
    ).pipe(Effect.flatMap((exit) => asked.complete(exit)))
  })

/** Requests of one batch that are equal. */
class Asked {
  readonly #wanting: Set<Entry>
  readonly #stopWatching: Array<() => void> = []
  #onUnwanted = (): void => {}

  constructor(
    readonly query: Query,
    readonly entries: ReadonlyArray<Entry>
  ) {
    this.#wanting = new Set(entries.filter(({ listeners }) => listeners.count > 0))
    for (const entry of entries) this.#watch(entry)
  }

  get isWanted(): boolean {
    return this.#wanting.size > 0
  }

  onUnwanted(run: () => void): void {
    this.#onUnwanted = run
    if (!this.isWanted) run()
  }

  complete(exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> {
    return Effect.suspend(() => {
      for (const stop of this.#stopWatching) stop()
      if (Exit.isFailure(exit)) for (const entry of this.entries) markUnresolved(entry)
      return Effect.forEach(this.entries, ({ request }) => Request.complete(request, exit), {
        discard: true
      })
    })
  }

  #watch(entry: Entry): void {
    const { listeners, request } = entry
    const leave = (): void => {
      markUnresolved(entry)
      if (this.#wanting.delete(entry) && !this.isWanted) this.#onUnwanted()
    }
    // A cache lets others wait for the same request, who remain when the first has gone.
    let isShared = listeners.count > 1
    const observer = (count: number): void => {
      if (count > 1) isShared = true
      if (count === 0) leave()
    }
    listeners.addObserver(observer)
    request.asker.onGone(() => {
      if (!isShared) leave()
    })
    this.#stopWatching.push(() => {
      listeners.removeObserver(observer)
      request.asker.onGone(() => {})
    })
  }
}

/** As Effect marks requests that were interrupted, so that a cache asks anew and does not give what became of them. */
const markUnresolved = ({ listeners }: Entry): void => {
  listeners.interrupted = true
}
