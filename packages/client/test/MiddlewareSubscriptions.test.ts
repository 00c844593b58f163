import { assert, describe, it } from "@effect/vitest"
import * as Middleware from "@fiberline/client/Middleware"
import * as Operation from "@fiberline/client/Operation"
import { EncodeError } from "@fiberline/client/OperationError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { isRunning } from "./support/fibers.js"
import * as OverHttp from "./support/httpScenario.js"
import { scenario } from "./support/scenario.js"
import { ways } from "./support/ways.js"

const text = "subscription N { n }"
const Numbers = Operation.subscription(text, {
  operationName: "N",
  data: Schema.Struct({ n: Schema.Number })
})

const everySecond = { reconnect: Schedule.spaced("1 second") }

/** Says how often it was asked, and of what. */
const counting = () => {
  let times = 0
  return Middleware.mapRequestEffect((request) =>
    Effect.sync(() => ({ ...request, extensions: { ...request.extensions, times: ++times } }))
  )
}

/** Ten times as much. */
const tenfold = Middleware.mapResult(({ data }) => ({
  data: JSON.parse(JSON.stringify(data), (_, value: unknown) =>
    typeof value === "number" ? value * 10 : value
  ) as unknown
}))

for (const [way, run] of Object.entries(ways)) {
  describe(`of a subscription by ${way}, middleware`, () => {
    const middleware = Middleware.compose(counting(), tenfold)

    it.effect("maps the request and each result, over a WebSocket", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(run(Middleware.apply(client, middleware), Numbers))
          const operation = yield* (yield* server.acceptReady).awaitSubscribe
          assert.deepInclude(operation.request, { query: text, operationName: "N" })
          assert.property(operation.request.extensions, "times")
          for (const n of [1, 2]) yield* operation.next({ n })
          yield* operation.complete
          assert.deepStrictEqual(yield* Fiber.join(fiber), [{ n: 10 }, { n: 20 }])
        })
      )
    )

    it.effect("maps the request, its headers and each result, over Server-Sent Events", () =>
      OverHttp.scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const named = Middleware.compose(
            middleware,
            Middleware.mapRequest((request) => ({
              ...request,
              headers: { "X-Is": request.transport }
            }))
          )
          const fiber = yield* Effect.fork(run(Middleware.apply(client, named), Numbers))
          const request = yield* server.accept
          assert.strictEqual(request.headers["x-is"], "sse")
          const sent: unknown = JSON.parse(request.body)
          assert.nestedProperty(sent, "extensions.times")
          assert.doesNotHaveAnyKeys(sent, ["kind", "transport", "headers"])
          const body = yield* request.stream("text/event-stream")
          for (const n of [1, 2]) yield* body.send(`event: next\ndata: {"data":{"n":${n}}}\n\n`)
          yield* body.send("event: complete\n\n")
          assert.deepStrictEqual(yield* Fiber.join(fiber), [{ n: 10 }, { n: 20 }])
        })
      )
    )

    it.effect("fails it before anything is sent", () =>
      scenario({}, ({ client }) =>
        Effect.gen(function* () {
          const failing = Middleware.mapRequestEffect(() => Effect.fail("expired" as const))
          const error = yield* Effect.flip(run(Middleware.apply(client, failing), Numbers))
          assert.strictEqual(error, "expired")
        })
      )
    )

    it.effect("dies, and of that the subscription", () =>
      scenario({}, ({ client }) =>
        Effect.gen(function* () {
          const broken = Middleware.mapRequest(() => {
            throw new Error("a bug")
          })
          const exit = yield* Effect.exit(run(Middleware.apply(client, broken), Numbers))
          assert(Exit.isFailure(exit) && Cause.isDie(exit.cause))
        })
      )
    )

    it.effect("dies of a result, and of that the subscription, which is left", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const broken = Middleware.mapResult(() => {
            throw new Error("a bug")
          })
          const fiber = yield* Effect.fork(run(Middleware.apply(client, broken), Numbers))
          const operation = yield* (yield* server.acceptReady).awaitSubscribe
          yield* operation.next({ n: 1 })
          const exit = yield* Fiber.await(fiber)
          assert(Exit.isFailure(exit) && Cause.isDie(exit.cause))
          yield* operation.awaitComplete
        })
      )
    )

    for (const [how, hang] of Object.entries({
      "": Effect.never,
      uninterruptibly: Effect.uninterruptible(Effect.sleep("1 hour"))
    })) {
      it.effect(`hangs ${how} for no longer than ackTimeout`, () =>
        scenario({ ackTimeout: "3 seconds" }, ({ client }) =>
          Effect.gen(function* () {
            const hanging = Middleware.mapRequestEffect((request) => Effect.as(hang, request))
            const fiber = yield* Effect.fork(
              Effect.flip(run(Middleware.apply(client, hanging), Numbers))
            )
            yield* TestClock.adjust("2999 millis")
            assert.isTrue(yield* isRunning(fiber))
            yield* TestClock.adjust("1 millis")
            const error = yield* Fiber.join(fiber)
            assert.instanceOf(error, EncodeError)
            assert.include(error.issue, "ackTimeout")
          })
        )
      )
    }

    it.effect("is interrupted with it", () =>
      scenario({}, ({ client }) =>
        Effect.gen(function* () {
          let wasInterrupted = false
          const hanging = Middleware.mapRequestEffect(() =>
            Effect.onInterrupt(Effect.never, () => Effect.sync(() => (wasInterrupted = true)))
          )
          const fiber = yield* Effect.fork(run(Middleware.apply(client, hanging), Numbers))
          yield* TestClock.adjust("1 millis")
          yield* Fiber.interrupt(fiber)
          yield* TestClock.adjust("1 millis")
          assert.isTrue(wasInterrupted)
        })
      )
    )

    it.effect("maps the first request anew when it is sent again over another connection", () =>
      scenario(everySecond, ({ client, server }) =>
        Effect.gen(function* () {
          const around = Middleware.apply(client, counting())
          const fiber = yield* Effect.fork(run(around, Numbers, { extensions: { own: true } }))
          for (const times of [1, 2, 3]) {
            const connection = yield* server.acceptReady
            const operation = yield* connection.awaitSubscribe
            assert.deepStrictEqual(operation.request.extensions, { own: true, times })
            yield* operation.next({ n: times })
            if (times === 3) yield* operation.complete
            else yield* connection.drop
            yield* TestClock.adjust("1 second")
          }
          assert.deepStrictEqual(yield* Fiber.join(fiber), [{ n: 1 }, { n: 2 }, { n: 3 }])
        })
      )
    )

    it.effect("fails it when it is to be sent again, after what came before", () =>
      scenario(everySecond, ({ client, server }) =>
        Effect.gen(function* () {
          let times = 0
          const failing = Middleware.mapRequestEffect((request) =>
            ++times > 1 ? Effect.fail("expired" as const) : Effect.succeed(request)
          )
          const fiber = yield* Effect.fork(
            Effect.flip(run(Middleware.apply(client, failing), Numbers))
          )
          const connection = yield* server.acceptReady
          yield* (yield* connection.awaitSubscribe).next({ n: 1 })
          yield* connection.drop
          yield* TestClock.adjust("1 second")
          yield* server.acceptReady
          assert.strictEqual(yield* Fiber.join(fiber), "expired")
        })
      )
    )
  })
}

describe("middleware of subscriptions", () => {
  it.effect("maps the request to go on with, made of results that it has mapped", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const around = Middleware.apply(client, Middleware.compose(counting(), tenfold))
        const Since = Operation.subscription(text, {
          data: Schema.Struct({ n: Schema.Number }),
          variables: Schema.Struct({ since: Schema.NumberFromString })
        })
        const fiber = yield* Effect.fork(
          Stream.runDrain(
            around.subscribe(Since, {
              variables: { since: 0 },
              resume: ({ n }) => ({ since: n })
            })
          )
        )
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* operation.next({ n: 7 })
        yield* connection.drop
        yield* TestClock.adjust("1 second")
        const again = yield* (yield* server.acceptReady).awaitSubscribe
        assert.deepStrictEqual(again.request, {
          query: text,
          variables: { since: "70" },
          extensions: { times: 2 }
        })
        yield* again.complete
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("that hangs for a connection that is lost does not end what goes over the next", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        let times = 0
        const hangingOnce = Middleware.mapRequestEffect((request) =>
          Effect.suspend(() => (++times === 2 ? Effect.never : Effect.succeed(request)))
        )
        const around = Middleware.apply(client, hangingOnce)
        const subscription = yield* around.subscription(text)
        const first = yield* server.acceptReady
        yield* first.awaitSubscribe
        yield* first.drop
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        yield* TestClock.adjust("1 second")
        yield* second.drop
        yield* TestClock.adjust("1 second")
        const third = yield* server.acceptReady
        const operation = yield* third.awaitSubscribe
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* subscription.progress, "active")
        yield* operation.next({ n: 1 })
        assert.deepStrictEqual(Array.from(yield* subscription.take), [{ n: 1 }])
      })
    )
  )

  it.effect("maps requests from the outside in, and results from the inside out", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const marking = (mark: string) =>
          Middleware.compose(
            Middleware.mapRequest(({ query, ...rest }) => ({ ...rest, query: query + mark })),
            Middleware.mapResult(({ data }) => ({ data: [data, mark] }))
          )
        const marked = Middleware.apply(client, Middleware.compose(marking("a"), marking("b")))
        const around = Middleware.apply(marked, marking("c"))
        const fiber = yield* Effect.fork(Stream.runCollect(around.subscribe("q")))
        const operation = yield* (yield* server.acceptReady).awaitSubscribe
        assert.strictEqual(operation.request.query, "qcab")
        yield* operation.next(null)
        yield* operation.complete
        const expected = [[[[null, "b"], "a"], "c"]]
        assert.deepStrictEqual(Array.from(yield* Fiber.join(fiber)), expected)
      })
    )
  )

  it.effect("has headers made anew with every response", () =>
    OverHttp.scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        let times = 0
        const around = Middleware.apply(
          client,
          Middleware.mapRequest((request) => ({ ...request, headers: { times: String(++times) } }))
        )
        const fiber = yield* Effect.fork(Stream.runDrain(around.subscribe(text)))
        for (const times of ["1", "2"]) {
          const request = yield* server.accept
          assert.strictEqual(request.headers["times"], times)
          const body = yield* request.stream("text/event-stream")
          if (times === "2") yield* body.send("event: complete\n\n")
          else yield* body.fail(new Error("lost"))
          yield* TestClock.adjust("1 second")
        }
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("ends one of many alone", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const choosy = Middleware.mapRequestEffect((request) =>
          request.variables?.["key"] === "b"
            ? Effect.fail("expired" as const)
            : Effect.succeed(request)
        )
        const many = yield* Middleware.apply(client, choosy).subscribeMany(text, [
          ["a", { key: "a" }],
          ["b", { key: "b" }]
        ])
        const operation = yield* (yield* server.acceptReady).awaitSubscribe
        yield* operation.next({ n: 1 })
        const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(many.events, 2)))
        const events = Array.from(yield* Fiber.join(fiber))
        assert.deepStrictEqual(events, [
          { _tag: "Ended", key: "b", exit: Exit.fail("expired" as const) },
          { _tag: "Data", key: "a", data: { n: 1 } }
        ])
        assert.deepStrictEqual(yield* many.keys, ["a"])
      })
    )
  )
})
