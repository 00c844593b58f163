import { assert, describe, it } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Metrics from "@fiberline/client/Metrics"
import * as Operation from "@fiberline/client/Operation"
import {
  DecodeError,
  EncodeError,
  OperationError,
  OverflowError
} from "@fiberline/client/OperationError"
import { Gap } from "@fiberline/client/Subscription"
import { WireConstructor } from "@fiberline/client/Wire"
import * as TestServer from "@fiberline/testing/TestServer"
import * as VirtualTime from "@fiberline/testing/VirtualTime"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { isRunning } from "./support/fibers.js"
import { document, failureOf, operation, operations, take, told, withKeys } from "./support/many.js"
import { type Key, keys, ManyModel } from "./support/manyModel.js"
import { scenario, url } from "./support/scenario.js"

/** Every second, so that a test can say when. */
const everySecond = { reconnect: Schedule.spaced("1 second") } satisfies Partial<ClientOptions>

/** A number that takes a second to decode. */
const Slow = Schema.transformOrFail(Schema.Number, Schema.Number, {
  strict: true,
  decode: (n) => Effect.as(Effect.sleep("1 second"), n * 10),
  encode: Effect.succeed
})

const SlowNumbers = Operation.subscription("subscription ($key: String!) { n }", {
  variables: Schema.Struct({ key: Schema.String }),
  data: Slow
})

const Numbers = Operation.subscription("subscription ($key: String!) { n }", {
  variables: Schema.Struct({ key: Schema.NonEmptyString }),
  data: Schema.NumberFromString
})

describe("many subscriptions", () => {
  it.effect("each key has the data of its own variables", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const connection = yield* server.acceptReady
        const first = yield* operations(connection, 2)
        yield* operation(first, "b").next(1)
        yield* operation(first, "a").next(2)
        assert.deepStrictEqual(yield* take(many), ["b: 1", "a: 2"])
        yield* many.add("c", { key: "of c" })
        const added = yield* connection.awaitSubscribe
        assert.deepStrictEqual(added.request, { query: document, variables: { key: "of c" } })
        yield* added.next(3)
        yield* operation(first, "a").next(4)
        assert.deepStrictEqual(yield* take(many), ["c: 3", "a: 4"])
        assert.strictEqual(yield* server.attempts, 1)
      })
    )
  )

  it.effect("what is read is what the document's mode gives", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a"), {
          errors: "inline",
          operationName: "Events",
          extensions: { mine: 1 }
        })
        const { request, result } = yield* (yield* server.acceptReady).awaitSubscribe
        assert.strictEqual(request.operationName, "Events")
        assert.deepStrictEqual(request.extensions, { mine: 1 })
        yield* result({ data: { x: null }, errors: [{ message: "no" }] })
        const data = { data: { x: null }, errors: [{ message: "no" }] }
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* many.take), [
          { _tag: "Data", key: "a", data }
        ])
      })
    )
  )

  it.effect("keys are told apart as a Map does", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const keys = [NaN, 0, "0", { key: 1 }, { key: 1 }]
        const many = yield* client.subscribeMany(
          document,
          keys.map((key) => [key, { key: "x" }])
        )
        const connection = yield* server.acceptReady
        assert.deepStrictEqual(yield* many.keys, keys)
        yield* many.remove(NaN)
        yield* many.remove({ key: 1 })
        assert.deepStrictEqual(yield* many.keys, keys.slice(1))
        yield* (yield* connection.awaitSubscribe).awaitComplete
      })
    )
  )

  it.effect("the keys are those that have not ended, in the order in which they began", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b", "c", "d"))
        const all = yield* operations(yield* server.acceptReady, 4)
        assert.deepStrictEqual(yield* many.keys, ["a", "b", "c", "d"])
        yield* many.add("a", { key: "a" })
        assert.deepStrictEqual(yield* many.keys, ["b", "c", "d", "a"])
        yield* many.remove("c")
        yield* operation(all, "b").complete
        // Its end is held.
        assert.deepStrictEqual(yield* many.keys, ["d", "a"])
        assert.deepStrictEqual(yield* take(many), ["b completed"])
        assert.deepStrictEqual(yield* many.keys, ["d", "a"])
        yield* many.add("b", { key: "b" })
        assert.deepStrictEqual(yield* many.keys, ["d", "a", "b"])
      })
    )
  )

  it.effect("a key keeps its order, whatever the others do", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const all = yield* operations(yield* server.acceptReady, 2)
        for (const n of [1, 2, 3]) {
          yield* operation(all, "a").next(n)
          yield* operation(all, "b").next(n)
        }
        yield* operation(all, "a").complete
        yield* operation(all, "b").next(4)
        assert.deepStrictEqual(yield* take(many), [
          ...["a: 1", "b: 1", "a: 2", "b: 2", "a: 3", "b: 3"],
          ...["a completed", "b: 4"]
        ])
      })
    )
  )

  it.effect("a stream has the same events", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(many.events, 3)))
        const all = yield* operations(yield* server.acceptReady, 2)
        yield* operation(all, "a").next(1)
        yield* TestClock.adjust("1 millis")
        yield* operation(all, "a").complete
        yield* operation(all, "b").next(2)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [
          { _tag: "Data", key: "a", data: 1 },
          { _tag: "Ended", key: "a", exit: Exit.void },
          { _tag: "Data", key: "b", data: 2 }
        ])
      })
    )
  )

  it.effect("a take waits for the next event", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a"))
        const waiting = yield* Effect.fork(take(many))
        const { next } = yield* (yield* server.acceptReady).awaitSubscribe
        yield* TestClock.adjust("1 minute")
        assert.isTrue(yield* isRunning(waiting))
        yield* next(1)
        assert.deepStrictEqual(yield* Fiber.join(waiting), ["a: 1"])
      })
    )
  )

  it.effect("a take that is interrupted loses nothing", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a"))
        const { next } = yield* (yield* server.acceptReady).awaitSubscribe
        const interrupted = yield* Effect.fork(take(many))
        yield* Effect.yieldNow()
        // It is woken and interrupted at once.
        yield* next(1)
        yield* Fiber.interrupt(interrupted)
        yield* next(2)
        assert.deepStrictEqual(yield* take(many), ["a: 1", "a: 2"])
      })
    )
  )

  it.effect("a take that is interrupted while a Schema decodes loses nothing", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(SlowNumbers, withKeys("a", "b"))
        const all = yield* operations(yield* server.acceptReady, 2)
        yield* operation(all, "a").next(1)
        yield* operation(all, "b").next(2)
        yield* operation(all, "a").complete
        const interrupted = yield* Effect.fork(take(many))
        yield* TestClock.adjust("1500 millis")
        yield* Fiber.interrupt(interrupted)
        const taken = yield* Effect.fork(take(many))
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* Fiber.join(taken), ["a: 10", "b: 20", "a completed"])
      })
    )
  )

  it.effect("a second take at once makes the first die, and gets what comes", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a"))
        const first = yield* Effect.fork(take(many))
        yield* Effect.yieldNow()
        const second = yield* Effect.fork(take(many))
        const died = yield* Fiber.await(first)
        assert.include(String(died), "two fibers at once")
        yield* (yield* (yield* server.acceptReady).awaitSubscribe).next(1)
        assert.deepStrictEqual(yield* Fiber.join(second), ["a: 1"])
      })
    )
  )
})

describe("removing a key", () => {
  it.effect("tells the server, and no other key", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const connection = yield* server.acceptReady
        const all = yield* operations(connection, 2)
        yield* many.remove("a")
        yield* many.remove("a")
        yield* many.remove("unknown")
        yield* operation(all, "a").awaitComplete
        yield* operation(all, "a").next(1)
        yield* operation(all, "b").next(2)
        assert.deepStrictEqual(yield* take(many), ["b: 2"])
        const completes = (yield* connection.received).filter(({ _tag }) => _tag === "Complete")
        assert.deepStrictEqual(completes, [{ _tag: "Complete", id: operation(all, "a").id }])
      })
    )
  )

  it.effect("takes back what is held of it, even its end", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b", "c"))
        const connection = yield* server.acceptReady
        const all = yield* operations(connection, 3)
        yield* operation(all, "a").next(1)
        yield* operation(all, "b").next(2)
        yield* operation(all, "a").complete
        yield* operation(all, "c").error([{ message: "no" }])
        yield* many.remove("a")
        yield* many.remove("c")
        assert.deepStrictEqual(yield* take(many), ["b: 2"])
        assert.notInclude(
          (yield* connection.received).map(({ _tag }) => _tag),
          "Complete",
          "they had ended"
        )
      })
    )
  )

  it.effect("leaves a take waiting that has nothing else to hand over", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const all = yield* operations(yield* server.acceptReady, 2)
        yield* operation(all, "a").next(1)
        yield* many.remove("a")
        const waiting = yield* Effect.fork(take(many))
        yield* TestClock.adjust("1 second")
        assert.isTrue(yield* isRunning(waiting))
        yield* operation(all, "b").next(2)
        assert.deepStrictEqual(yield* Fiber.join(waiting), ["b: 2"])
      })
    )
  )

  it.effect("before there is a connection never subscribes it", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        yield* many.remove("a")
        const connection = yield* server.acceptReady
        assert.deepStrictEqual((yield* connection.awaitSubscribe).request.variables, { key: "b" })
        assert.deepStrictEqual(
          (yield* connection.received).map(({ _tag }) => _tag),
          ["ConnectionInit", "Subscribe"]
        )
      })
    )
  )
})

describe("adding a key again", () => {
  it.effect("replaces it: the old one is left, and what is held of it is not handed over", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a"))
        const connection = yield* server.acceptReady
        const old = yield* connection.awaitSubscribe
        yield* old.next("old")
        yield* many.add("a", { key: "new" })
        yield* old.awaitComplete
        yield* old.next("late")
        const { next, request } = yield* connection.awaitSubscribe
        assert.deepStrictEqual(request.variables, { key: "new" })
        yield* next("new")
        assert.deepStrictEqual(yield* take(many), [`a: "new"`])
        assert.deepStrictEqual(yield* many.keys, ["a"])
      })
    )
  )

  it.effect("once its end is held takes that back", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a"))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).complete
        yield* many.add("a", { key: "new" })
        yield* (yield* connection.awaitSubscribe).next(1)
        assert.deepStrictEqual(yield* take(many), ["a: 1"])
        assert.deepStrictEqual(yield* many.keys, ["a"])
      })
    )
  )

  it.effect("once it has ended begins it anew", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a"))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).complete
        assert.deepStrictEqual(yield* take(many), ["a completed"])
        yield* many.add("a", { key: "new" })
        yield* (yield* connection.awaitSubscribe).next(1)
        assert.deepStrictEqual(yield* take(many), ["a: 1"])
      })
    )
  )

  it.effect("may be done with the keys it begins with: the last counts", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        yield* client.subscribeMany(document, [
          ["a", { key: "first" }],
          ["a", { key: "last" }]
        ])
        const connection = yield* server.acceptReady
        assert.deepStrictEqual((yield* connection.awaitSubscribe).request.variables, {
          key: "last"
        })
        assert.lengthOf(yield* connection.received, 2)
      })
    )
  )
})

describe("a key's own end", () => {
  it.effect("is the server's complete, after its data", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const connection = yield* server.acceptReady
        const all = yield* operations(connection, 2)
        yield* operation(all, "a").next(1)
        yield* operation(all, "a").complete
        assert.deepStrictEqual(yield* take(many), ["a: 1", "a completed"])
        yield* operation(all, "b").next(2)
        assert.deepStrictEqual(yield* take(many), ["b: 2"])
        assert.notInclude(
          (yield* connection.received).map(({ _tag }) => _tag),
          "Complete"
        )
      })
    )
  )

  it.effect("is the first errors in a result, if they are thrown; the server is told", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const all = yield* operations(yield* server.acceptReady, 2)
        yield* operation(all, "a").next(1)
        yield* operation(all, "a").result({ data: { x: 1 }, errors: [{ message: "no" }] })
        yield* operation(all, "a").next(2)
        yield* operation(all, "b").next(3)
        const events = yield* many.take
        assert.deepStrictEqual(told(events), ["a: 1", "a failed: OperationError", "b: 3"])
        const error = failureOf(events, "a")
        assert.instanceOf(error, OperationError)
        assert.deepStrictEqual(error.data, { x: 1 })
        yield* operation(all, "a").awaitComplete
        assert.deepStrictEqual(yield* many.keys, ["b"])
      })
    )
  )

  it.effect("is not the errors in a result, if they are inline", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const options = { errors: "inline" } as const
        const many = yield* client.subscribeMany(document, withKeys("a"), options)
        const { next, result } = yield* (yield* server.acceptReady).awaitSubscribe
        yield* result({ data: null, errors: [{ message: "no" }] })
        yield* next(1)
        assert.deepStrictEqual(yield* take(many), [
          `a: {"data":null,"errors":[{"message":"no"}]}`,
          `a: {"data":1,"errors":[]}`
        ])
        assert.deepStrictEqual(yield* many.keys, ["a"])
      })
    )
  )

  it.effect("is an error message, as an OperationError and once", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const all = yield* operations(yield* server.acceptReady, 2)
        yield* operation(all, "a").error([{ message: "no" }])
        yield* operation(all, "b").next(1)
        const events = yield* many.take
        assert.deepStrictEqual(told(events), ["a failed: OperationError", "b: 1"])
        const error = failureOf(events, "a")
        assert.instanceOf(error, OperationError)
        assert.deepStrictEqual(error.errors, [{ message: "no" }])
      })
    )
  )

  it.effect("is an error message, as a result and its end, if errors are inline", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const options = { errors: "inline" } as const
        const many = yield* client.subscribeMany(document, withKeys("a"), options)
        yield* (yield* (yield* server.acceptReady).awaitSubscribe).error([{ message: "no" }])
        assert.deepStrictEqual(yield* take(many), [
          `a: {"data":null,"errors":[{"message":"no"}]}`,
          "a completed"
        ])
      })
    )
  )

  it.effect("is data that does not fit its Schema; the server is told", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(Numbers, withKeys("a", "b"))
        const all = yield* operations(yield* server.acceptReady, 2)
        yield* operation(all, "a").next("1")
        yield* operation(all, "a").next("one")
        yield* operation(all, "b").next("2")
        const events = yield* many.take
        assert.deepStrictEqual(told(events), ["a: 1", "a failed: DecodeError", "b: 2"])
        assert.instanceOf(failureOf(events, "a"), DecodeError)
        yield* operation(all, "a").awaitComplete
      })
    )
  )

  it.effect("is data that does not fit a Schema which decodes in a fiber", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(SlowNumbers, withKeys("a", "b"))
        const all = yield* operations(yield* server.acceptReady, 2)
        yield* operation(all, "b").next(1)
        yield* operation(all, "a").next("one")
        yield* operation(all, "a").next(2)
        yield* operation(all, "b").next(3)
        const taken = yield* Effect.fork(take(many))
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(yield* Fiber.join(taken), [
          ...["b: 10", "a failed: DecodeError", "b: 30"]
        ])
        yield* operation(all, "a").awaitComplete
        assert.deepStrictEqual(yield* many.keys, ["b"])
      })
    )
  )

  it.effect("is a failure of what decodes in a fiber", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const Positive = Schema.Number.pipe(
          Schema.filterEffect((n) => Effect.as(Effect.sleep("1 second"), n > 0))
        )
        const many = yield* client.subscribeMany(
          Operation.subscription(document, {
            variables: Schema.Struct({ key: Schema.String }),
            data: Positive
          }),
          withKeys("a", "b")
        )
        const all = yield* operations(yield* server.acceptReady, 2)
        yield* operation(all, "a").next(-1)
        yield* operation(all, "b").next(1)
        const taken = yield* Effect.fork(take(many))
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(yield* Fiber.join(taken), ["a failed: DecodeError", "b: 1"])
        yield* operation(all, "a").awaitComplete
        assert.deepStrictEqual(yield* many.keys, ["b"])
      })
    )
  )

  it.effect("is variables that do not fit their Schema", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(Numbers, [["a", { key: "" }], ...withKeys("b")])
        yield* many.add("c", { key: "" })
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).next("1")
        const events = yield* many.take
        assert.deepStrictEqual(told(events), [
          "a failed: EncodeError",
          "c failed: EncodeError",
          "b: 1"
        ])
        assert.instanceOf(failureOf(events, "a"), EncodeError)
        assert.lengthOf(yield* connection.received, 2)
      })
    )
  )

  it.effect("is variables that are not JSON", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, [["a", { key: 1n }]])
        yield* many.add("b", { key: "b" })
        assert.deepStrictEqual(yield* take(many), ["a failed: EncodeError"])
        assert.deepStrictEqual(yield* many.keys, ["b"])
        const connection = yield* server.acceptReady
        assert.deepStrictEqual((yield* connection.awaitSubscribe).request.variables, { key: "b" })
      })
    )
  )

  it.effect("is in place of what it replaces, if its variables cannot be encoded", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(Numbers, withKeys("a"))
        const old = yield* (yield* server.acceptReady).awaitSubscribe
        yield* old.next("1")
        yield* many.add("a", { key: "" })
        yield* old.awaitComplete
        assert.deepStrictEqual(yield* take(many), ["a failed: EncodeError"])
        assert.deepStrictEqual(yield* many.keys, [])
      })
    )
  )

  it.effect("is a lost connection that is not made again, and says whether it was sent", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
        const refused = yield* many.take
        for (const key of ["a", "b"]) {
          assert.isFalse(networkError(failureOf(refused, key), "ConnectFailed").sent)
        }
        for (const [key, variables] of withKeys("a", "b")) yield* many.add(key, variables)
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).next(1)
        yield* connection.drop
        yield* TestClock.adjust("1 millis")
        const lost = yield* many.take
        assert.deepStrictEqual(told(lost), [
          "a: 1",
          "a failed: NetworkError",
          "b failed: NetworkError"
        ])
        for (const key of ["a", "b"]) {
          assert.isTrue(networkError(failureOf(lost, key), "ConnectionLost").sent)
        }
        assert.deepStrictEqual(yield* many.keys, [])
      })
    )
  )

  it.effect("is ClientClosed where the client is closed before its scope", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(
        Layer.provideMerge(GraphQLClient.layer({ url }), TestServer.layer),
        scope
      )
      const client = Context.get(context, GraphQLClient.GraphQLClient)
      const many = yield* client.subscribeMany(document, withKeys("a", "b"))
      const connection = yield* Context.get(context, TestServer.TestServer).acceptReady
      const all = yield* operations(connection, 2)
      const waiting = yield* Effect.fork(many.take)
      yield* Effect.yieldNow()
      yield* Scope.close(scope, Exit.void)
      const closed = yield* Fiber.join(waiting)
      for (const key of ["a", "b"]) {
        assert.isTrue(networkError(failureOf(closed, key), "ClientClosed").sent)
        yield* operation(all, key).awaitComplete
      }
      yield* many.add("c", { key: "c" })
      assert.isFalse(networkError(failureOf(yield* many.take, "c"), "ClientClosed").sent)
    }).pipe(Effect.scoped)
  )
})

describe("many subscriptions over connections", () => {
  it.effect("are all sent again, with one gap for all of them", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b", "c"))
        const first = yield* server.acceptReady
        const before = yield* operations(first, 3)
        yield* operation(before, "a").next(1)
        yield* TestClock.adjust("500 millis")
        yield* first.drop
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        const after = yield* operations(second, 3)
        yield* operation(after, "b").next(2)
        yield* operation(after, "a").next(3)
        const events = Chunk.toReadonlyArray(yield* many.take)
        assert.deepStrictEqual(told(events), ["a: 1", "gap", "b: 2", "a: 3"])
        const gap = events[1]
        assert.instanceOf(gap, Gap)
        assert.strictEqual(gap.since.epochMillis, 500)
        assert.strictEqual(Duration.toMillis(gap.duration), 1000)
        assert.isTrue(networkError(gap.cause, "ConnectionLost").sent)
      })
    )
  )

  it.effect("have one gap for two losses with nothing between them", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        yield* (yield* server.acceptReady).close(1012)
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        yield* TestClock.adjust("1 second")
        yield* second.drop
        yield* TestClock.adjust("1 second")
        yield* (yield* (yield* server.acceptReady).awaitSubscribe).next(1)
        const events = Chunk.toReadonlyArray(yield* many.take)
        assert.lengthOf(events, 2)
        const gap = events[0]
        assert.instanceOf(gap, Gap)
        assert.strictEqual(gap.since.epochMillis, 0)
        assert.strictEqual(Duration.toMillis(gap.duration), 3000)
        networkError(gap.cause, "ServerClosed")
      })
    )
  )

  it.effect("have two gaps for two losses with something between them", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        yield* (yield* server.acceptReady).drop
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        yield* (yield* second.awaitSubscribe).complete
        yield* second.drop
        yield* TestClock.adjust("1 second")
        yield* (yield* (yield* server.acceptReady).awaitSubscribe).next(1)
        assert.deepStrictEqual(yield* take(many), ["gap", "a completed", "gap", "b: 1"])
      })
    )
  )

  it.effect("have one gap also where the first is answered before the next is sent", () =>
    scenario(
      everySecond,
      ({ client, server }) =>
        Effect.gen(function* () {
          const many = yield* client.subscribeMany(document, withKeys("a", "b"))
          const first = yield* server.acceptReady
          yield* first.drop
          yield* TestClock.adjust("1 second")
          yield* server.acceptReady
          assert.deepStrictEqual(yield* take(many), ["a: 1", "b: 1", "gap", "a: 1", "b: 1"])
        }),
      Layer.map(TestServer.layer, (context) =>
        Context.add(context, WireConstructor, (request, listener) => {
          const wire = Context.get(context, WireConstructor)(request, listener)
          const send = (text: string): void => {
            wire.send(text)
            const { id, type } = JSON.parse(text) as { readonly id: string; readonly type: string }
            if (type !== "subscribe") return
            listener.onFrame(JSON.stringify({ type: "next", id, payload: { data: 1 } }))
          }
          return { ...wire, send }
        })
      )
    )
  )

  it.effect("have no gap before their first connection", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a"))
        yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
        yield* TestClock.adjust("1 second")
        yield* (yield* (yield* server.acceptReady).awaitSubscribe).next(1)
        assert.deepStrictEqual(yield* take(many), ["a: 1"])
      })
    )
  )

  it.effect("take part in a loss by what they are at its end", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const first = yield* server.acceptReady
        yield* operations(first, 2)
        yield* first.drop
        yield* TestClock.adjust("500 millis")
        yield* many.remove("a")
        yield* many.add("c", { key: "c" })
        yield* TestClock.adjust("500 millis")
        const second = yield* server.acceptReady
        const all = yield* operations(second, 2)
        assert.deepStrictEqual(Array.from(all.keys()), ["b", "c"])
        assert.lengthOf(yield* second.received, 3)
        assert.deepStrictEqual(yield* take(many), ["gap"])
      })
    )
  )

  it.effect("resume each with a cursor of its own", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(
          document,
          ["a", "b", "c"].map((key) => [key, { key, after: 0 }]),
          { resume: (last, variables) => ({ ...variables, after: Number(last) }) }
        )
        const first = yield* server.acceptReady
        const before = yield* operations(first, 3)
        for (const n of [1, 2]) yield* operation(before, "a").next(n)
        yield* operation(before, "b").next(7)
        yield* first.drop
        yield* TestClock.adjust("1 second")
        const after = yield* operations(yield* server.acceptReady, 3)
        assert.deepStrictEqual(
          ["a", "b", "c"].map((key) => operation(after, key).request.variables),
          [
            { key: "a", after: 2 },
            { key: "b", after: 7 },
            { key: "c", after: 0 }
          ]
        )
        assert.deepStrictEqual(yield* take(many), ["a: 1", "a: 2", "b: 7", "gap"])
      })
    )
  )

  it.effect("end alone where they cannot resume", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b", "c"), {
          resume: (last, variables) => {
            if (last === "broken") throw new Error("mine")
            return last === "big" ? { big: 1n } : variables
          }
        })
        const first = yield* server.acceptReady
        const before = yield* operations(first, 3)
        yield* operation(before, "a").next("broken")
        yield* operation(before, "b").next("big")
        yield* operation(before, "c").next("fine")
        yield* take(many)
        yield* first.drop
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        assert.deepStrictEqual((yield* second.awaitSubscribe).request.variables, { key: "c" })
        assert.deepStrictEqual(yield* take(many), ["gap", "a died", "b failed: EncodeError"])
        assert.deepStrictEqual(yield* many.keys, ["c"])
      })
    )
  )
})

describe("closing the scope of many subscriptions", () => {
  const opened = (client: GraphQLClient.Service) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const many = yield* Scope.extend(
        client.subscribeMany(document, withKeys("a", "b", "c")),
        scope
      )
      return { close: Scope.close(scope, Exit.void), many }
    })

  it.effect("leaves all of them, and ends who takes and the stream", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { close, many } = yield* opened(client)
        const connection = yield* server.acceptReady
        const all = yield* operations(connection, 3)
        yield* operation(all, "c").complete
        yield* take(many)
        const waiting = yield* Effect.fork(Effect.flip(many.take))
        yield* Effect.yieldNow()
        yield* close
        for (const key of ["a", "b"]) yield* operation(all, key).awaitComplete
        assert.lengthOf(yield* connection.received, 6)
        assert.isTrue(Option.isNone(yield* Fiber.join(waiting)))
        assert.isTrue(Option.isNone(yield* Effect.flip(many.take)))
        assert.lengthOf(yield* Stream.runCollect(many.events), 0)
        assert.deepStrictEqual(yield* many.keys, [])
      })
    )
  )

  it.effect("ends a stream that waits", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { close, many } = yield* opened(client)
        yield* server.acceptReady
        const stream = yield* Effect.fork(Stream.runDrain(many.events))
        yield* Effect.yieldNow()
        yield* close
        yield* Fiber.join(stream)
      })
    )
  )

  it.effect("forgets what is held", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { close, many } = yield* opened(client)
        yield* (yield* (yield* server.acceptReady).awaitSubscribe).next(1)
        yield* close
        assert.isTrue(Option.isNone(yield* Effect.flip(many.take)))
      })
    )
  )

  it.effect("makes an add do nothing", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { close, many } = yield* opened(client)
        const connection = yield* server.acceptReady
        yield* close
        const { length } = yield* connection.received
        yield* many.add("d", { key: "d" })
        yield* many.add("e", { key: 1n })
        yield* many.remove("a")
        assert.deepStrictEqual(yield* many.keys, [])
        assert.lengthOf(yield* connection.received, length)
        assert.isTrue(Option.isNone(yield* Effect.flip(many.take)))
      })
    )
  )

  it.effect("is what an interruption does that comes while the first of them is encoded", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const Encoded = Operation.subscription("subscription ($n: Int!) { n }", {
          variables: Schema.Struct({
            n: Schema.transformOrFail(Schema.Number, Schema.Number, {
              strict: true,
              decode: Effect.succeed,
              encode: (n) => Effect.as(Effect.sleep(n), n)
            })
          }),
          data: Schema.Unknown
        })
        const beginning = yield* Effect.fork(
          Effect.scoped(
            client.subscribeMany(Encoded, [
              ["a", { n: 1 }],
              ["b", { n: 1000 }]
            ])
          )
        )
        yield* TestClock.adjust("500 millis")
        const sent = yield* (yield* server.acceptReady).awaitSubscribe
        yield* Fiber.interrupt(beginning)
        yield* sent.awaitComplete
      })
    )
  )
})

describe("the buffer of many subscriptions", () => {
  /** Three results for each of two keys, in turn. */
  const sixResults = (server: TestServer.TestServer) =>
    Effect.gen(function* () {
      const connection = yield* server.acceptReady
      const all = yield* operations(connection, 2)
      for (const n of [1, 2, 3]) {
        yield* operation(all, "a").next(n)
        yield* operation(all, "b").next(n)
      }
      return { all, connection }
    })

  it.effect("suspend: holds what was read of all of them, and makes the server wait", () =>
    scenario({ buffer: { capacity: 4 } }, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const { connection } = yield* sixResults(server)
        assert.isTrue(yield* connection.isPaused)
        assert.deepStrictEqual(yield* take(many), ["a: 1", "b: 1", "a: 2", "b: 2"])
        assert.isFalse(yield* connection.isPaused)
        assert.deepStrictEqual(yield* take(many), ["a: 3", "b: 3"])
      })
    )
  )

  it.effect("suspend: what is held of a key that is removed no longer holds the others up", () =>
    scenario({ buffer: { capacity: 4 } }, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const { connection } = yield* sixResults(server)
        assert.isTrue(yield* connection.isPaused)
        yield* many.remove("a")
        assert.isFalse(yield* connection.isPaused)
        assert.deepStrictEqual(yield* take(many), ["b: 1", "b: 2", "b: 3"])
      })
    )
  )

  it.effect("suspend: closing the scope no longer holds the others up", () =>
    scenario({ buffer: { capacity: 1 } }, ({ client, server }) =>
      Effect.gen(function* () {
        const { connection } = yield* Effect.scoped(
          Effect.zipRight(client.subscribeMany(document, withKeys("a", "b")), sixResults(server))
        )
        assert.isFalse(yield* connection.isPaused)
      })
    )
  )

  it.effect("sliding: keeps the newest of all of them, and counts the others", () =>
    scenario({ buffer: { capacity: 3, strategy: "sliding" } }, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const before = yield* Metric.value(Metrics.dropped)
        const { connection } = yield* sixResults(server)
        const after = yield* Metric.value(Metrics.dropped)
        assert.strictEqual(after.count - before.count, 3)
        assert.isFalse(yield* connection.isPaused)
        assert.deepStrictEqual(yield* take(many), ["b: 2", "a: 3", "b: 3"])
      })
    )
  )

  it.effect("dropping: keeps the oldest of all of them", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const buffer = { capacity: 3, strategy: "dropping" } as const
        const many = yield* client.subscribeMany(document, withKeys("a", "b"), { buffer })
        yield* sixResults(server)
        assert.deepStrictEqual(yield* take(many), ["a: 1", "b: 1", "a: 2"])
      })
    )
  )

  it.effect("fail: ends the key that there is no room for, after what it holds", () =>
    scenario({ buffer: { capacity: 2, strategy: "fail" } }, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const connection = yield* server.acceptReady
        const all = yield* operations(connection, 2)
        yield* operation(all, "a").next(1)
        yield* operation(all, "b").next(1)
        yield* operation(all, "b").next(2)
        yield* operation(all, "b").awaitComplete
        assert.deepStrictEqual(yield* many.keys, ["a"])
        const events = yield* many.take
        assert.deepStrictEqual(told(events), ["a: 1", "b: 1", "b failed: OverflowError"])
        const error = failureOf(events, "b")
        assert.instanceOf(error, OverflowError)
        assert.strictEqual(error.capacity, 2)
        yield* operation(all, "a").next(2)
        assert.deepStrictEqual(yield* take(many), ["a: 2"])
      })
    )
  )

  it.effect("suspend on a socket that cannot pause is fail", () =>
    scenario(
      { buffer: { capacity: 1 } },
      ({ client, server }) =>
        Effect.gen(function* () {
          const many = yield* client.subscribeMany(document, withKeys("a", "b"))
          yield* sixResults(server)
          assert.deepStrictEqual(yield* take(many), [
            "a: 1",
            "b failed: OverflowError",
            "a failed: OverflowError"
          ])
        }),
      Layer.map(TestServer.layer, (context) =>
        Context.add(context, WireConstructor, (request, listener) => {
          const { flow: _, ...wire } = Context.get(context, WireConstructor)(request, listener)
          return wire
        })
      )
    )
  )

  it.effect("sliding: an error message is not made a regular end by what comes later", () =>
    scenario({ buffer: { capacity: 2, strategy: "sliding" } }, ({ client, server }) =>
      Effect.gen(function* () {
        const many = yield* client.subscribeMany(document, withKeys("a", "b"))
        const all = yield* operations(yield* server.acceptReady, 2)
        yield* operation(all, "a").error([{ message: "no" }])
        for (const n of [1, 2, 3]) yield* operation(all, "b").next(n)
        assert.deepStrictEqual(yield* take(many), ["a failed: OperationError", "b: 3"])
      })
    )
  )

  for (const [strategy, expected] of [
    ["suspend", ["a: 1", "a completed", "gap", "b failed: EncodeError", "c: 2"]],
    ["sliding", ["a completed", "gap", "b failed: EncodeError", "c: 3"]],
    ["dropping", ["a: 1", "a completed", "gap", "b failed: EncodeError"]],
    ["fail", ["a: 1", "a completed", "gap", "b failed: EncodeError", "c failed: OverflowError"]]
  ] as const) {
    it.effect(`${strategy}: loses no end and no gap`, () =>
      scenario({ ...everySecond, buffer: { capacity: 2, strategy } }, ({ client, server }) =>
        Effect.gen(function* () {
          const many = yield* client.subscribeMany(document, withKeys("a", "c"))
          const first = yield* server.acceptReady
          const before = yield* operations(first, 2)
          yield* operation(before, "a").next(1)
          yield* operation(before, "a").complete
          yield* client.reconnect
          yield* TestClock.adjust("1 second")
          const second = yield* server.acceptReady
          yield* many.add("b", { key: 1n })
          const after = yield* second.awaitSubscribe
          yield* after.next(2)
          yield* after.next(3)
          assert.deepStrictEqual(yield* take(many), expected)
        })
      )
    )
  }
})

describe("while a Schema decodes in a fiber", () => {
  /** Two keys, of which `a` has been read and `b` is being decoded for another half a second. */
  const decoding = (client: GraphQLClient.Service, server: TestServer.TestServer) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const many = yield* Scope.extend(client.subscribeMany(SlowNumbers, withKeys("a", "b")), scope)
      const connection = yield* server.acceptReady
      const all = yield* operations(connection, 2)
      yield* operation(all, "a").next(1)
      yield* operation(all, "a").complete
      yield* operation(all, "b").next(2)
      const taken = yield* Effect.fork(Effect.map(many.take, told))
      yield* TestClock.adjust("1500 millis")
      return { all, close: Scope.close(scope, Exit.void), connection, many, taken }
    })

  it.effect("a key that is removed is not handed over, though it was read before", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { many, taken } = yield* decoding(client, server)
        yield* many.remove("a")
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* Fiber.join(taken), ["b: 20"])
      })
    )
  )

  it.effect("a key that is removed is not handed over, though it is being decoded", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { all, many, taken } = yield* decoding(client, server)
        yield* many.remove("b")
        yield* operation(all, "b").awaitComplete
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* Fiber.join(taken), ["a: 10", "a completed"])
      })
    )
  )

  it.effect("a key that is added again is told of from its new beginning", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { connection, many, taken } = yield* decoding(client, server)
        for (const [key, variables] of withKeys("a", "b")) yield* many.add(key, variables)
        const again = yield* operations(connection, 2)
        yield* operation(again, "a").next(3)
        yield* operation(again, "b").next(4)
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual(yield* Fiber.join(taken), ["a: 30", "b: 40"])
        assert.deepStrictEqual(yield* many.keys, ["a", "b"])
      })
    )
  )

  it.effect("a key that is added again is not ended by what the old one is decoded to", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const Never = Schema.Number.pipe(
          Schema.filterEffect(() => Effect.as(Effect.sleep("1 second"), false))
        )
        const many = yield* client.subscribeMany(
          Operation.subscription(document, {
            variables: Schema.Struct({ key: Schema.String }),
            data: Never
          }),
          withKeys("a")
        )
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).next(1)
        const taken = yield* Effect.fork(take(many))
        yield* TestClock.adjust("500 millis")
        yield* many.add("a", { key: "a" })
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* many.keys, ["a"])
        yield* (yield* connection.awaitSubscribe).complete
        assert.deepStrictEqual(yield* Fiber.join(taken), ["a completed"])
      })
    )
  )

  it.effect("closing the scope takes back what was read", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { close, many, taken } = yield* decoding(client, server)
        yield* close
        yield* TestClock.adjust("1 second")
        assert.isTrue(Option.isNone(yield* Effect.flip(Fiber.join(taken))))
        assert.isTrue(Option.isNone(yield* Effect.flip(many.take)))
      })
    )
  )

  it.effect("closing the scope takes back what an interrupted take has left, even a gap", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const many = yield* Scope.extend(client.subscribeMany(SlowNumbers, withKeys("a")), scope)
        const first = yield* server.acceptReady
        const { next } = yield* first.awaitSubscribe
        for (const n of [1, 2]) yield* next(n)
        yield* first.drop
        yield* TestClock.adjust("1 second")
        yield* server.acceptReady
        const interrupted = yield* Effect.fork(many.take)
        yield* TestClock.adjust("1500 millis")
        yield* Fiber.interrupt(interrupted)
        yield* Scope.close(scope, Exit.void)
        assert.isTrue(Option.isNone(yield* Effect.flip(many.take)))
      })
    )
  )
})

describe("a key whose Schema has a defect", () => {
  for (const [how, decode] of [
    [
      "throws",
      () => {
        throw new Error("mine")
      }
    ],
    ["dies in a fiber", () => Effect.zipRight(Effect.yieldNow(), Effect.die("mine"))]
  ] as const) {
    it.effect(`ends alone: it ${how}`, () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const Broken = Schema.transformOrFail(Schema.Number, Schema.Number, {
            strict: true,
            decode: (n) => (n === 0 ? decode() : Effect.succeed(n)),
            encode: Effect.succeed
          })
          const many = yield* client.subscribeMany(
            Operation.subscription(document, {
              variables: Schema.Struct({ key: Schema.String }),
              data: Broken
            }),
            withKeys("a", "b")
          )
          const all = yield* operations(yield* server.acceptReady, 2)
          yield* operation(all, "b").next(1)
          yield* operation(all, "a").next(0)
          yield* operation(all, "a").next(2)
          yield* operation(all, "b").next(3)
          assert.deepStrictEqual(yield* take(many), ["b: 1", "a died", "b: 3"])
          yield* operation(all, "a").awaitComplete
          assert.deepStrictEqual(yield* many.keys, ["b"])
        })
      )
    )
  }
})

describe("many subscriptions, whatever happens to them", () => {
  const steps = FastCheck.array(
    FastCheck.tuple(
      FastCheck.constantFrom(
        ...(["add", "add", "remove", "next", "next", "next"] as const),
        ...(["throw", "complete", "refuse", "lose", "take"] as const)
      ),
      FastCheck.constantFrom(...keys)
    ),
    { maxLength: 60 }
  )

  /** Plays the steps, and compares what is told with the model after each of them. */
  const play = (begun: ReadonlyArray<Key>, steps: ReadonlyArray<readonly [string, Key]>) =>
    Effect.gen(function* () {
      const context = yield* Layer.build(
        Layer.provideMerge(GraphQLClient.layer({ url, ...everySecond }), TestServer.layer)
      )
      const client = Context.get(context, GraphQLClient.GraphQLClient)
      const server = Context.get(context, TestServer.TestServer)
      const model = new ManyModel()
      const known = new Map<unknown, TestServer.TestOperation>()

      // Keeps the connection where no key does.
      yield* client.subscription("keeper")
      let connection = yield* server.acceptReady
      yield* connection.awaitSubscribe
      const scope = yield* Scope.make()
      const many = yield* Scope.extend(client.subscribeMany(document, withKeys(...begun)), scope)
      const began = (key: Key) =>
        Effect.map(connection.awaitSubscribe, (operation) => {
          assert.deepStrictEqual(operation.request.variables, { key })
          known.set(key, operation)
          model.add(key, operation.id)
        })
      for (const key of begun) yield* began(key)

      const compareTake = Effect.gen(function* () {
        const expected = model.take()
        if (expected.length > 0) return assert.deepStrictEqual(yield* take(many), expected)
        const waiting = yield* Effect.fork(take(many))
        yield* Effect.sleep("1 millis")
        assert.isTrue(yield* isRunning(waiting), "there is nothing to take")
        yield* Fiber.interrupt(waiting)
      })

      const lose = Effect.gen(function* () {
        const open = model.keys.length
        yield* connection.drop
        connection = yield* server.acceptReady
        yield* connection.awaitSubscribe
        for (const [key, operation] of yield* operations(connection, open)) {
          known.set(key, operation)
        }
        model.lose()
      })

      const hear = (key: Key, data: number, step: string) =>
        Effect.gen(function* () {
          const operation = known.get(key)
          if (operation === undefined) return
          const { complete, error, id, next, result } = operation
          switch (step) {
            case "next":
              yield* next(data)
              return model.heard(key, id, { data }, false)
            case "throw":
              yield* result({ data, errors: [{ message: "no" }] })
              return model.heard(key, id, { end: "failed: OperationError" }, false)
            case "refuse":
              yield* error([{ message: "no" }])
              return model.heard(key, id, { end: "failed: OperationError" }, true)
            case "complete":
              yield* complete
              return model.heard(key, id, { end: "completed" }, true)
          }
        })

      for (const [index, [step, key]] of steps.entries()) {
        if (step === "add") {
          yield* many.add(key, { key })
          yield* began(key)
        } else if (step === "remove") {
          yield* many.remove(key)
          model.remove(key)
        } else if (step === "lose") yield* lose
        else if (step === "take") yield* compareTake
        else yield* hear(key, index, step)
        assert.deepStrictEqual(yield* many.keys, model.keys)
      }
      yield* compareTake
      yield* Scope.close(scope, Exit.void)
      model.close()
      const completed = (yield* connection.received).flatMap((message) =>
        message._tag === "Complete" ? [message.id] : []
      )
      assert.deepStrictEqual(completed.sort(), model.completed)
    }).pipe(Effect.scoped)

  it("tell what their model tells", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.nat(),
        FastCheck.subarray([...keys]),
        steps,
        (seed, begun, steps) => {
          const outcome = VirtualTime.make({ seed }).run(play(begun, steps))
          assert(outcome._tag === "Ended", outcome._tag)
          if (Exit.isFailure(outcome.exit)) assert.fail(Cause.pretty(outcome.exit.cause))
        }
      )
    )
  })
})
