import { assert } from "@effect/vitest"
import type * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as LocalSchema from "@fiberline/client/LocalSchema"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Supervisor from "effect/Supervisor"
import * as TestClock from "effect/TestClock"
import { buildSchema } from "graphql"

/** What the scenarios execute against, by a `rootValue` each. */
export const schema = buildSchema(`
  type Query { hello(name: String): String, later: String, strict: String! }
  type Mutation { add(n: Int!): Int! }
  type Subscription { n(from: Int): Int }
`)

/**
 * Runs a scenario with a client of a schema, closes the client, and checks that nothing is left: no
 * timer, no fiber. Virtual time goes on while the client closes.
 */
export const scenario = <C, E>(
  options: Partial<LocalSchema.LocalOptions<C>>,
  body: (client: GraphQLClient.Service) => Effect.Effect<void, E, Scope.Scope>
): Effect.Effect<void, E> =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor.track
    const bodyEnded = yield* Deferred.make<void>()
    // Type boundary: no context of these scenarios needs anything.
    const make = LocalSchema.make({ schema, reconnect: false, ...options }) as Effect.Effect<
      GraphQLClient.Service,
      never,
      Scope.Scope
    >
    const program = Effect.flatMap(make, (client) =>
      Effect.ensuring(Effect.scoped(body(client)), Deferred.succeed(bodyEnded, undefined))
    )
    const fiber = yield* Effect.fork(Effect.supervised(Effect.scoped(program), supervisor))
    yield* Deferred.await(bodyEnded)
    yield* settled
    yield* TestClock.adjust("1 day")
    yield* Fiber.join(fiber)

    const timers = Chunk.filter(yield* TestClock.sleeps(), Number.isFinite)
    assert.deepStrictEqual(Chunk.toReadonlyArray(timers), [], "a timer is left")
    assert.lengthOf(yield* supervisor.value, 0, "a fiber is left")
  })

/** Waits until all promises that can be kept have been: what a `TestClock` does not wait for. */
export const settled: Effect.Effect<void> = Effect.promise(
  () => new Promise((resume) => setImmediate(resume))
)

/** A source of numbers that records what is asked of it. */
export class Source implements AsyncIterableIterator<{ readonly n: number }> {
  pulled = 0
  returned = 0
  #waiting: ((result: IteratorResult<{ readonly n: number }>) => void) | undefined = undefined

  /**
   * @param last after which it waits, until it is returned
   * @param cleaned what its `return` waits for
   */
  constructor(
    readonly last: number,
    readonly from = 0,
    readonly cleaned: Promise<void> = Promise.resolve()
  ) {}

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<{ readonly n: number }>> {
    const n = this.from + this.pulled++
    if (n < this.last) return Promise.resolve({ done: false, value: { n } })
    return new Promise((resume) => {
      this.#waiting = resume
    })
  }

  return(): Promise<IteratorResult<{ readonly n: number }>> {
    this.returned++
    return this.cleaned.then(() => {
      const done = { done: true, value: undefined } as const
      this.#waiting?.(done)
      return done
    })
  }
}
