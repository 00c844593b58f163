import { assert, describe, it } from "@effect/vitest"
import type { Event } from "@fiberline/client/Subscription"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { carriers, type Carried, single } from "../support/carriers.js"
import { networkError, protocolError } from "../support/errors.js"
import { isRunning } from "../support/fibers.js"
import { type HttpActors, scenario } from "../support/httpScenario.js"

const document = "subscription { n }"
const everySecond = Schedule.spaced("1 second")

/** What comes over a subscription, as it comes. */
const observe = ({ client }: HttpActors) =>
  Effect.gen(function* () {
    const events: Array<Event<unknown>> = []
    const fiber = yield* Effect.fork(
      Stream.runForEach(client.subscribeEvents(document), (event) =>
        Effect.sync(() => void events.push(event))
      )
    )
    return { events, fiber }
  })

const tagsOf = (events: ReadonlyArray<Event<unknown>>) => events.map(({ _tag }) => _tag)

for (const carrier of carriers) {
  const { accept, first, name, options } = carrier
  const losses: ReadonlyArray<[string, (carried: Carried) => Effect.Effect<void>, string]> = [
    ["ends without a word", ({ body }) => body.end, "ConnectionLost"],
    ["breaks off", ({ body }) => body.fail(new Error("terminated")), "ConnectionLost"],
    ["falls silent", () => TestClock.adjust("30 seconds"), "KeepaliveTimeout"]
  ]

  describe(`a subscription over ${name}`, () => {
    for (const [what, lose, reason] of losses) {
      it.effect(`whose stream ${what} is made again, with a gap that says so`, () =>
        scenario({ ...options, reconnect: everySecond }, (actors) =>
          Effect.gen(function* () {
            const { events, fiber } = yield* observe(actors)
            const lost = yield* accept(actors.server)
            yield* lost.next({ data: { n: 1 } })
            yield* lose(lost)
            const since = yield* Clock.currentTimeMillis
            yield* TestClock.adjust("1 second")
            const again = yield* accept(actors.server)
            assert.deepStrictEqual(
              { ...again.request, extensions: undefined },
              { ...lost.request, extensions: undefined }
            )
            yield* TestClock.adjust("0 millis")
            yield* again.next({ data: { n: 2 } })
            yield* again.complete
            yield* Fiber.join(fiber)
            assert.deepStrictEqual(tagsOf(events), ["Data", "Gap", "Data"])
            const gap = events[1]
            assert(gap?._tag === "Gap")
            assert.strictEqual(networkError(gap.cause, reason as "ConnectionLost").sent, true)
            assert.strictEqual(gap.since.epochMillis, since)
          })
        )
      )
    }

    it.effect("is resumed with the variables that its author makes of the last result", () =>
      scenario({ ...options, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            Stream.runCollect(
              client.subscribe(document, {
                variables: { after: 0 },
                resume: (last, variables) => ({ ...variables, after: (last as { n: number }).n })
              })
            )
          )
          const lost = yield* accept(server)
          assert.deepStrictEqual(lost.request.variables, { after: 0 })
          yield* lost.next({ data: { n: 41 } })
          yield* lost.next({ data: { n: 42 } })
          yield* lost.body.end
          yield* TestClock.adjust("1 second")
          const again = yield* accept(server)
          assert.deepStrictEqual(again.request.variables, { after: 42 })
          yield* again.next({ data: { n: 43 } })
          yield* again.complete
          assert.lengthOf(yield* Fiber.join(fiber), 3)
        })
      )
    )

    it.effect("waits as the schedule says, and when that is done tells the last failure", () =>
      scenario(
        {
          ...options,
          reconnect: Schedule.intersect(Schedule.exponential("1 second"), Schedule.recurs(2))
        },
        ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.flip(Stream.runDrain(client.subscribe(document)))
            )
            for (const [status, wait] of [
              [500, 1000],
              [502, 2000],
              [503, 0]
            ] as const) {
              yield* (yield* first(server)).respond("", { status })
              const requests = yield* server.requests
              if (wait > 0) yield* TestClock.adjust(wait - 1)
              assert.strictEqual(yield* server.requests, requests)
              if (wait > 0) yield* TestClock.adjust(1)
            }
            const error = networkError(yield* Fiber.join(fiber), "RequestRejected")
            assert.strictEqual(error.reason.status, 503)
          })
      )
    )

    it.effect("is not made again sooner than the server asks for", () =>
      scenario({ ...options, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          yield* (yield* first(server)).respond("", {
            status: 429,
            headers: { "retry-after": "10" }
          })
          yield* TestClock.adjust("9999 millis")
          assert.strictEqual(yield* server.requests, 1)
          yield* TestClock.adjust("1 millis")
          const carried = yield* accept(server)
          yield* carried.heartbeat
          yield* carried.complete
          yield* Fiber.join(fiber)
        })
      )
    )

    it.effect("is not made again after a status that trying again cannot mend", () =>
      scenario({ ...options, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          yield* (yield* first(server)).respond("", { status: 404 })
          networkError(yield* Fiber.join(fiber), "RequestRejected")
        })
      )
    )

    it.effect("is not made again after a broken protocol", () =>
      scenario({ ...options, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          yield* (yield* accept(server)).malformed
          protocolError(yield* Fiber.join(fiber), "NotJson")
        })
      )
    )

    it.effect("that is complete is not made again", () =>
      scenario({ ...options, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const carried = yield* accept(server)
          yield* carried.heartbeat
          yield* carried.complete
          yield* carried.body.end
          yield* Fiber.join(fiber)
          const requests = yield* server.requests
          yield* TestClock.adjust("1 minute")
          assert.strictEqual(yield* server.requests, requests)
        })
      )
    )

    it.effect("that was refused has its credentials evaluated anew, once, without a gap", () => {
      let evaluations = 0
      const headers = Effect.sync(() => ({ authorization: `token ${++evaluations}` }))
      return scenario({ ...options, headers, reconnect: everySecond }, (actors) =>
        Effect.gen(function* () {
          const { server } = actors
          const { events, fiber } = yield* observe(actors)
          yield* (yield* first(server)).respond("", { status: 401 })
          yield* TestClock.adjust("1 second")
          const carried = yield* accept(server)
          assert.strictEqual(carried.headers["authorization"], "token 2")
          yield* carried.next({ data: { n: 1 } })
          yield* carried.complete
          yield* Fiber.join(fiber)
          assert.deepStrictEqual(tagsOf(events), ["Data"])
        })
      )
    })

    it.effect("that is refused twice fails for it, with the second refusal as the cause", () =>
      scenario({ ...options, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          yield* (yield* first(server)).respond("", { status: 401 })
          yield* TestClock.adjust("1 second")
          yield* (yield* first(server)).respond("", { status: 403 })
          const error = networkError(yield* Fiber.join(fiber), "Unauthorized")
          assert.strictEqual(error.reason.code, 403)
          networkError(error.cause, "RequestRejected")
        })
      )
    )

    it.effect("is made anew with fresh credentials when the application asks", () => {
      let evaluations = 0
      const headers = Effect.sync(() => ({ authorization: `token ${++evaluations}` }))
      return scenario({ ...options, headers, reconnect: everySecond }, (actors) =>
        Effect.gen(function* () {
          const { client, server } = actors
          const { events, fiber } = yield* observe(actors)
          const old = yield* accept(server)
          yield* client.reconnect
          yield* old.aborted
          const carried = yield* accept(server)
          assert.strictEqual(carried.headers["authorization"], "token 2")
          yield* carried.next({ data: { n: 1 } })
          yield* carried.complete
          yield* Fiber.join(fiber)
          assert.deepStrictEqual(tagsOf(events), ["Gap", "Data"])
          const gap = events[0]
          assert(gap?._tag === "Gap")
          networkError(gap.cause, "ReconnectRequested")
        })
      )
    })

    it.effect("says in the client's status what it is doing", () =>
      scenario({ ...options, reconnect: everySecond }, ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<string> = []
          const watching = yield* Effect.fork(
            Stream.runForEach(client.status.changes, ({ _tag }) =>
              Effect.sync(() => void seen.push(_tag))
            )
          )
          yield* TestClock.adjust("0 millis")
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          yield* TestClock.adjust("0 millis")
          const lost = yield* accept(server)
          yield* lost.next({ data: { n: 1 } })
          yield* TestClock.adjust("0 millis")
          yield* lost.body.end
          yield* TestClock.adjust("1 second")
          const carried = yield* accept(server)
          yield* carried.heartbeat
          yield* TestClock.adjust("0 millis")
          yield* carried.complete
          yield* Fiber.join(fiber)
          yield* TestClock.adjust("10 seconds")
          yield* Fiber.interrupt(watching)
          assert.deepStrictEqual(seen, [
            "Idle",
            "Connecting",
            "Live",
            "Reconnecting",
            "Connecting",
            "Live",
            "Idle"
          ])
        })
      )
    )

    it.effect("that a server takes on and drops without a word hits the schedule's end", () =>
      scenario(
        { ...options, reconnect: Schedule.intersect(everySecond, Schedule.recurs(3)) },
        ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.flip(Stream.runDrain(client.subscribe(document)))
            )
            for (let i = 0; i < 4; i++) {
              assert.isTrue(yield* isRunning(fiber))
              const { body, heartbeat } = yield* accept(server)
              yield* heartbeat
              yield* body.end
              yield* TestClock.adjust("1 second")
            }
            networkError(yield* Fiber.join(fiber), "ConnectionLost")
          })
      )
    )

    it.effect("that proved itself starts the schedule afresh", () =>
      scenario(
        { ...options, reconnect: Schedule.intersect(everySecond, Schedule.recurs(1)) },
        ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
            for (let i = 0; i < 5; i++) {
              const { body, next } = yield* accept(server)
              yield* next({ data: {} })
              yield* body.end
              yield* TestClock.adjust("1 second")
            }
            assert.isTrue(yield* isRunning(fiber))
            yield* Fiber.interrupt(fiber)
          })
      )
    )
  })

  if (carrier !== single) {
    describe(`fifty subscriptions over ${name}`, () => {
      it.effect("that are lost at once are all made again", () =>
        scenario({ ...options, reconnect: everySecond }, ({ client, server }) =>
          Effect.gen(function* () {
            const fibers = yield* Effect.forEach(Array.from({ length: 50 }).keys(), (i) =>
              Effect.fork(Stream.runCollect(client.subscribe(document, { variables: { i } })))
            )
            const lost = yield* Effect.replicateEffect(accept(server), 50)
            yield* Effect.forEach(lost, ({ body }) => body.end)
            yield* TestClock.adjust("1 second")
            const again = yield* Effect.replicateEffect(accept(server), 50)
            yield* Effect.forEach(again, ({ heartbeat, next, request, complete }) =>
              Effect.all([next({ data: request.variables }), heartbeat, complete])
            )
            const results = yield* Fiber.join(Fiber.all(fibers))
            results.forEach((result, i) => assert.deepStrictEqual(Array.from(result), [{ i }]))
          })
        )
      )

      it.effect("that are refused at once have credentials evaluated once", () => {
        let evaluations = 0
        const headers = Effect.sync(() => ({ authorization: `token ${++evaluations}` }))
        return scenario({ ...options, headers, reconnect: everySecond }, ({ client, server }) =>
          Effect.gen(function* () {
            const fibers = yield* Effect.replicateEffect(
              Effect.fork(Stream.runDrain(client.subscribe(document))),
              50
            )
            const refused = yield* Effect.replicateEffect(server.accept, 50)
            yield* Effect.forEach(refused, (request) => request.respond("", { status: 401 }))
            yield* TestClock.adjust("1 second")
            const again = yield* Effect.replicateEffect(accept(server), 50)
            for (const { complete, headers, heartbeat } of again) {
              assert.strictEqual(headers["authorization"], "token 2")
              yield* heartbeat
              yield* complete
            }
            yield* Fiber.join(Fiber.all(fibers))
            assert.strictEqual(evaluations, 2)
          })
        )
      })
    })
  }
}
