import { assert, describe, it } from "@effect/vitest"
import { DecodeError, EncodeError, OperationError } from "@fiberline/client/OperationError"
import * as Operation from "@fiberline/client/Operation"
import { WireConstructor } from "@fiberline/client/Wire"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { parse } from "graphql"
import { networkError, protocolError } from "./support/errors.js"
import { scenario } from "./support/scenario.js"

describe("operating", () => {
  it.effect("multiplexes: each result goes to its own operation", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const ids = Array.from({ length: 20 }, (_, i) => i)
        const fiber = yield* Effect.fork(
          Effect.forEach(ids, (i) => client.query("query ($i: Int) { x }", { variables: { i } }), {
            concurrency: "unbounded"
          })
        )
        const connection = yield* server.acceptReady
        const operations = yield* Effect.replicateEffect(connection.awaitSubscribe, ids.length)
        assert.strictEqual(new Set(operations.map(({ id }) => id)).size, ids.length)
        // Answered in reverse, so that order cannot stand in for identity.
        for (const operation of operations.reverse()) {
          yield* operation.next(operation.request.variables)
          yield* operation.complete
        }
        assert.deepStrictEqual(
          yield* Fiber.join(fiber),
          ids.map((i) => ({ i }))
        )
      })
    )
  )

  it.effect("one operation after another uses the same connection", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.forEach([1, 2, 3], () => client.query("{ x }")))
        const connection = yield* server.acceptReady
        for (const x of [1, 2, 3]) {
          const operation = yield* connection.awaitSubscribe
          yield* operation.next({ x })
          yield* operation.complete
        }
        assert.deepStrictEqual(yield* Fiber.join(fiber), [{ x: 1 }, { x: 2 }, { x: 3 }])
        assert.strictEqual(yield* server.attempts, 1)
      })
    )
  )

  it.effect("ignores messages for an unknown or an ended id", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query("{ x }"))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        for (const id of ["unknown", "__proto__", "constructor"]) {
          yield* connection.send({ _tag: "Next", id, payload: { data: { no: 1 } } })
          yield* connection.send({ _tag: "Complete", id })
          yield* connection.send({ _tag: "OperationFailed", id, payload: [{ message: "no" }] })
        }
        yield* operation.next({ x: 1 })
        yield* operation.complete
        yield* operation.next({ x: 2 })
        yield* operation.error([{ message: "late" }])
        assert.deepStrictEqual(yield* Fiber.join(fiber), { x: 1 })
      })
    )
  )

  it.effect("a query that completes without a result is a typed failure", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).complete
        protocolError(yield* Fiber.join(fiber), "NoResult")
      })
    )
  )

  it.effect("a result with neither data nor errors is a typed failure", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).result({})
        protocolError(yield* Fiber.join(fiber), "NoData")
      })
    )
  )

  it.effect("a second result of a query is told that nobody listens", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query("{ x }"))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* operation.next({ x: 1 })
        yield* operation.next({ x: 2 })
        yield* operation.next({ x: 3 })
        assert.deepStrictEqual(yield* Fiber.join(fiber), { x: 1 })
        const completes = (yield* connection.received).filter(({ _tag }) => _tag === "Complete")
        assert.lengthOf(completes, 1)
      })
    )
  )

  it.effect("sends operationName, variables and extensions; what is absent is absent", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        yield* Effect.fork(
          client.query("query A { x } query B { y }", {
            operationName: "B",
            variables: { deep: [1, null] },
            extensions: { trace: "1" }
          })
        )
        yield* Effect.fork(client.query("{ x }"))
        const connection = yield* server.acceptReady
        assert.deepStrictEqual((yield* connection.awaitSubscribe).request, {
          query: "query A { x } query B { y }",
          operationName: "B",
          variables: { deep: [1, null] },
          extensions: { trace: "1" }
        })
        assert.deepStrictEqual((yield* connection.awaitSubscribe).request, { query: "{ x }" })
      })
    )
  )

  it.effect("prints a DocumentNode", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        yield* Effect.fork(client.query(parse("{hello}")))
        const connection = yield* server.acceptReady
        assert.strictEqual((yield* connection.awaitSubscribe).request.query, "{\n  hello\n}")
      })
    )
  )

  it.effect("an error of one operation touches no sibling", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const denied = yield* Effect.fork(Effect.flip(Stream.runCollect(client.subscribe("a"))))
        const sibling = yield* Effect.fork(Stream.runCollect(client.subscribe("b")))
        const connection = yield* server.acceptReady
        const first = yield* connection.awaitSubscribe
        const second = yield* connection.awaitSubscribe
        yield* first.error([{ message: "denied", extensions: { code: "UNAUTHENTICATED" } }])
        const error = yield* Fiber.join(denied)
        assert.instanceOf(error, OperationError)
        assert.deepStrictEqual(error.errors, [
          { message: "denied", extensions: { code: "UNAUTHENTICATED" } }
        ])
        yield* second.next({ n: 1 })
        yield* second.complete
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(sibling)), [{ n: 1 }])
        assert.isFalse(yield* connection.isGone)
      })
    )
  )

  it.effect(
    "a field error inside a result does not end a subscription that keeps errors inline",
    () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            Stream.runCollect(client.subscribe("s", { errors: "inline" }))
          )
          const connection = yield* server.acceptReady
          const operation = yield* connection.awaitSubscribe
          yield* operation.result({
            data: { a: null, b: 1 },
            errors: [{ message: "a", path: ["a"] }]
          })
          yield* operation.result({ data: { a: 2, b: 2 }, extensions: { cost: 1 } })
          yield* operation.complete
          assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [
            { data: { a: null, b: 1 }, errors: [{ message: "a", path: ["a"] }] },
            { data: { a: 2, b: 2 }, errors: [], extensions: { cost: 1 } }
          ])
        })
      )
  )

  it.effect("a subscription that throws delivers what came before its first error", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const seen: Array<unknown> = []
        const fiber = yield* Effect.fork(
          Effect.flip(
            Stream.runForEach(client.subscribe("s"), (data) => Effect.sync(() => seen.push(data)))
          )
        )
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* operation.next(1)
        yield* operation.next(2)
        yield* operation.result({ data: { a: null }, errors: [{ message: "no" }] })
        yield* operation.next(3)
        const error = yield* Fiber.join(fiber)
        assert.instanceOf(error, OperationError)
        assert.deepStrictEqual(error.data, { a: null })
        assert.deepStrictEqual(seen, [1, 2])
        yield* operation.awaitComplete
      })
    )
  )

  it.effect("an operation that is not executed is a result with errors, if errors are inline", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const query = yield* Effect.fork(client.query("{ x }", { errors: "inline" }))
        const stream = yield* Effect.fork(
          Stream.runCollect(client.subscribe("s", { errors: "inline" }))
        )
        const connection = yield* server.acceptReady
        for (const _ of [1, 2]) yield* (yield* connection.awaitSubscribe).error([{ message: "no" }])
        const refused = { data: null, errors: [{ message: "no" }] }
        assert.deepStrictEqual(yield* Fiber.join(query), refused)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(stream)), [refused])
      })
    )
  )

  it.effect("what a server misshapes in an error is left out of it", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const connection = yield* server.acceptReady
        const { id } = yield* connection.awaitSubscribe
        const errors = [
          { message: "m", path: ["a", 1, null], locations: [{ line: "x" }], extensions: [] }
        ]
        yield* connection.sendFrame(JSON.stringify({ type: "error", id, payload: errors }))
        const error = yield* Fiber.join(fiber)
        assert.instanceOf(error, OperationError)
        assert.deepStrictEqual(error.errors, [{ message: "m", path: ["a", 1], locations: [] }])
      })
    )
  )

  it.effect("what is nested beyond reason in an error is left out of it too", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const connection = yield* server.acceptReady
        const { id } = yield* connection.awaitSubscribe
        const deep = `{"a":`.repeat(100_000) + "1" + "}".repeat(100_000)
        const errors = `[{"message":"m","extensions":${deep}}]`
        yield* connection.sendFrame(`{"type":"error","id":"${id}","payload":${errors}}`)
        const error = yield* Fiber.join(fiber)
        assert.instanceOf(error, OperationError)
        assert.deepStrictEqual(error.errors, [{ message: "m" }])
      })
    )
  )

  /** A server that has answered an operation before `send` returns. */
  const overtaking = Layer.map(TestServer.layer, (context) =>
    Context.add(context, WireConstructor, (request, listener) => {
      const wire = Context.get(context, WireConstructor)(request, listener)
      const send = (text: string): void => {
        wire.send(text)
        const { id, type } = JSON.parse(text) as { readonly id: string; readonly type: string }
        if (type !== "subscribe") return
        listener.onFrame(JSON.stringify({ type: "next", id, payload: { data: { x: 1 } } }))
        listener.onFrame(JSON.stringify({ type: "complete", id }))
      }
      return { ...wire, send }
    })
  )

  it.effect("an operation that is answered before its send returns loses nothing", () =>
    scenario(
      {},
      ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(client.connect)
          yield* server.acceptReady
          assert.deepStrictEqual(yield* client.query("{ x }"), { x: 1 })
          const results = yield* Stream.runCollect(client.subscribe("s"))
          assert.deepStrictEqual(Chunk.toReadonlyArray(results), [{ x: 1 }])
        }),
      overtaking
    )
  )

  it.effect("a query without a result ends at its timeout, and says whether it was sent", () =>
    scenario({ operationTimeout: "5 seconds" }, ({ client, server }) =>
      Effect.gen(function* () {
        const unsent = yield* Effect.fork(
          Effect.flip(client.query("{ x }", { timeout: "1 second" }))
        )
        yield* TestClock.adjust("1 second")
        assert.isFalse(networkError(yield* Fiber.join(unsent), "OperationTimeout").sent)

        const sent = yield* Effect.fork(Effect.flip(client.mutate("mutation { x }")))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* TestClock.adjust("5 seconds")
        const error = networkError(yield* Fiber.join(sent), "OperationTimeout")
        assert.isTrue(error.sent)
        assert.strictEqual(error.phase, "live")
        yield* operation.awaitComplete
      })
    )
  )

  it.effect("variables that are not JSON are an EncodeError, and nothing is sent", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const cycle: { self?: unknown } = {}
        cycle.self = cycle
        for (const variables of [{ big: 1n }, cycle]) {
          const query = yield* Effect.flip(client.query("{ x }", { variables: { variables } }))
          assert.instanceOf(query, EncodeError)
          const stream = yield* Effect.flip(
            Stream.runDrain(client.subscribe("s", { variables: { variables } }))
          )
          assert.instanceOf(stream, EncodeError)
        }
        assert.strictEqual(yield* server.attempts, 0)
      })
    )
  )

  const Count = Operation.subscription("subscription Count($from: String!) { n }", {
    variables: Schema.Struct({ from: Schema.Date }),
    data: Schema.Struct({ n: Schema.NumberFromString })
  })

  it.effect("an operation with Schemas encodes its variables and decodes its data", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runCollect(client.subscribe(Count, { variables: { from: new Date(0) } }))
        )
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        assert.deepStrictEqual(operation.request.variables, { from: "1970-01-01T00:00:00.000Z" })
        yield* operation.next({ n: "1" })
        yield* operation.next({ n: "2" })
        yield* operation.complete
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [
          { n: 1 },
          { n: 2 }
        ])
      })
    )
  )

  it.effect(
    "data that does not fit is a DecodeError that names the path and ends that operation",
    () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<unknown> = []
          const fiber = yield* Effect.fork(
            Effect.flip(
              Stream.runForEach(
                client.subscribe(Count, { variables: { from: new Date(0) } }),
                (data) => Effect.sync(() => seen.push(data))
              )
            )
          )
          const connection = yield* server.acceptReady
          const operation = yield* connection.awaitSubscribe
          yield* operation.next({ n: "1" })
          yield* operation.next({ n: "x".repeat(100_000) })
          const error = yield* Fiber.join(fiber)
          assert.instanceOf(error, DecodeError)
          assert.include(error.issue, `["n"]`)
          assert.isBelow(error.issue.length, 2000)
          assert.deepStrictEqual(seen, [{ n: 1 }])
          yield* operation.awaitComplete
          assert.isFalse(yield* connection.isGone)
        })
      )
  )

  it.effect("a Schema that needs a fiber is run in one, in order", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const Slow = Schema.transformOrFail(Schema.Number, Schema.Number, {
          strict: true,
          decode: (n) => Effect.as(Effect.yieldNow(), n * 10),
          encode: Effect.succeed
        })
        const Numbers = Operation.subscription("subscription { n }", { data: Slow })
        const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe(Numbers)))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        for (const n of [1, 2, 3]) yield* operation.next(n)
        yield* operation.complete
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [10, 20, 30])
      })
    )
  )

  it.effect("a take that is interrupted while a Schema decodes loses nothing", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const Slow = Schema.transformOrFail(Schema.Number, Schema.Number, {
          strict: true,
          decode: (n) => Effect.as(Effect.sleep("1 second"), n * 10),
          encode: Effect.succeed
        })
        const Numbers = Operation.subscription("subscription { n }", { data: Slow })
        const subscription = yield* client.subscription(Numbers)
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        for (const n of [1, 2, 3]) yield* operation.next(n)
        const interrupted = yield* Effect.fork(subscription.take)
        yield* TestClock.adjust("1500 millis")
        yield* Fiber.interrupt(interrupted)
        const taken = yield* Effect.fork(subscription.take)
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(taken)), [10, 20, 30])
      })
    )
  )

  it.effect("a query whose server never completes it keeps no connection alive", () =>
    scenario({ idleTimeout: "5 seconds" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query("{ x }"))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).next({ x: 1 })
        yield* Fiber.join(fiber)
        yield* TestClock.adjust("5 seconds")
        assert.isTrue(yield* connection.isGone)
        assert.notInclude(
          (yield* connection.received).map(({ _tag }) => _tag),
          "Complete"
        )
      })
    )
  )

  it.effect("variables that do not fit their Schema are an EncodeError", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const from = new Date("invalid")
        const error = yield* Effect.flip(
          Stream.runDrain(client.subscribe(Count, { variables: { from } }))
        )
        assert.instanceOf(error, EncodeError)
        assert.include(error.issue, `["from"]`)
        assert.strictEqual(yield* server.attempts, 0)
      })
    )
  )

  it.effect("an EncodeError says where and what was expected, and quotes no variable", () =>
    scenario({}, ({ client }) =>
      Effect.gen(function* () {
        const LogIn = Operation.mutation("mutation ($user: User!) { logIn(user: $user) }", {
          variables: Schema.Struct({
            user: Schema.Struct({
              password: Schema.Redacted(Schema.String.pipe(Schema.minLength(8))),
              age: Schema.Int
            })
          }),
          data: Schema.Unknown
        })
        const error = yield* Effect.flip(
          client.mutate(LogIn, {
            variables: { user: { password: Redacted.make("hunter2"), age: 1 } }
          })
        )
        assert.instanceOf(error, EncodeError)
        assert.include(error.issue, `["user"]["password"]`)
        assert.include(error.issue, "minLength(8)")
        assert.notInclude(error.issue, "hunter2")
      })
    )
  )

  it.effect("a consumer that throws ends its own stream and nothing else", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const throwing = yield* Effect.fork(
          Stream.runForEach(client.subscribe("a"), () =>
            Effect.sync(() => {
              throw new Error("mine")
            })
          )
        )
        const sibling = yield* Effect.fork(Stream.runCollect(client.subscribe("b")))
        const connection = yield* server.acceptReady
        const first = yield* connection.awaitSubscribe
        const second = yield* connection.awaitSubscribe
        yield* first.next(1)
        assert.isTrue(Exit.isFailure(yield* Fiber.await(throwing)))
        yield* first.awaitComplete
        yield* second.next(2)
        yield* second.complete
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(sibling)), [2])
      })
    )
  )

  it.effect("a subscription is taken from in batches", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("s")
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        yield* operation.next(1)
        yield* operation.next(2)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [1, 2])
        const waiting = yield* Effect.fork(subscription.take)
        yield* Effect.yieldNow()
        yield* operation.next(3)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(waiting)), [3])
        yield* operation.next(4)
        yield* operation.complete
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [4])
        assert.isTrue(Option.isNone(yield* Effect.flip(subscription.take)))
        assert.isTrue(Option.isNone(yield* Effect.flip(subscription.take)))
      })
    )
  )
})
