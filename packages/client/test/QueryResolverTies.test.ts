/** Batches that are interrupted between any two instructions, in virtual time. */
import { assert, describe, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as QueryResolver from "@fiberline/client/QueryResolver"
import * as TestServer from "@fiberline/testing/TestServer"
import * as VirtualTime from "@fiberline/testing/VirtualTime"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Request from "effect/Request"
import { url } from "./support/scenario.js"

const layer = Layer.provideMerge(GraphQLClient.layer({ url }), TestServer.layer)

/** What one who asks does. */
interface Asking {
  readonly ids: ReadonlyArray<number>
  readonly isCached: boolean
}

const play = (
  { dice, now }: VirtualTime.VirtualTime,
  askings: ReadonlyArray<Asking>,
  concurrency: number
) =>
  Effect.gen(function* () {
    const server = yield* TestServer.TestServer
    const client = yield* GraphQLClient.GraphQLClient
    yield* Effect.fork(client.connect)
    const connection = yield* server.acceptReady
    const answered = new Set<string>()
    yield* Effect.forkScoped(
      Effect.forever(
        Effect.flatMap(connection.awaitSubscribe, (operation) => {
          const id = Number(operation.request.variables?.id)
          // Some have no answer, ever.
          if (id > 2) return Effect.void
          const answer = Effect.sync(() => answered.add(operation.id)).pipe(
            Effect.zipRight(
              id === 0 ? operation.error([{ message: "no" }]) : operation.next({ id })
            ),
            Effect.zipRight(operation.complete)
          )
          return Effect.forkScoped(Effect.delay(answer, dice.between(0, 3)))
        })
      )
    )
    const resolver = QueryResolver.make(client, { concurrency })
    const cache = yield* Request.makeCache({ capacity: 100, timeToLive: "1 minute" })
    const film = (id: number) => QueryResolver.query(resolver, "{ film }", { variables: { id } })
    const ask = ({ ids, isCached }: Asking) =>
      Effect.forEach(ids, film, { batching: true }).pipe(
        Effect.withRequestCaching(isCached),
        Effect.withRequestCache(cache),
        Effect.delay(dice.between(0, 2))
      )

    const fibers = yield* Effect.forEach(askings, (asking) => Effect.fork(ask(asking)))
    const staying = yield* Effect.fork(
      Effect.delay(ask({ ids: [1], isCached: true }), dice.between(0, 4))
    )
    yield* Effect.sleep(dice.between(0, 4))
    const before = now()
    const exits = yield* Effect.forEach(fibers, Fiber.interrupt, { concurrency: "unbounded" })
    const cached = [1, ...askings.flatMap(({ ids, isCached }) => (isCached ? ids : []))]
    // Effect holds up who waits for what others wait for too.
    const isShared = new Set(cached).size < cached.length
    if (!isShared) assert.strictEqual(now(), before, "the interrupt waits")
    for (const [i, exit] of exits.entries()) {
      if (Exit.isSuccess(exit))
        assert.deepStrictEqual(
          exit.value,
          askings[i]?.ids.map((id) => ({ id }))
        )
      else assert.isFalse(Cause.isDie(exit.cause), Cause.pretty(exit.cause))
    }

    assert.deepStrictEqual(yield* Fiber.join(staying), [{ id: 1 }])
    yield* Effect.sleep(10)
    const open = new Set<string>()
    for (const message of yield* connection.received) {
      if (message._tag === "Subscribe") open.add(message.id)
      if (message._tag === "Complete") open.delete(message.id)
    }
    for (const id of answered) open.delete(id)
    assert.strictEqual(open.size, 0, "a query was not left")
  }).pipe(Effect.provide(layer), Effect.scoped)

const asking = FastCheck.record({
  ids: FastCheck.array(FastCheck.nat({ max: 5 }), { minLength: 1, maxLength: 4 }),
  isCached: FastCheck.boolean()
})

describe("batches that are interrupted at any moment", () => {
  it("leave every query that has no answer yet, at once, and nobody who stays without one", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.nat(),
        FastCheck.array(asking, { minLength: 1, maxLength: 3 }),
        FastCheck.constantFrom(1, 2, Infinity),
        (seed, askings, concurrency) => {
          const time = VirtualTime.make({ seed })
          const outcome = time.run(play(time, askings, concurrency))
          assert(outcome._tag === "Ended", outcome._tag)
          if (Exit.isFailure(outcome.exit)) assert.fail(Cause.pretty(outcome.exit.cause))
        }
      ),
      { numRuns: 150 }
    )
  })
})
