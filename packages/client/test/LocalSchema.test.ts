import { assert, describe, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as LocalSchema from "@fiberline/client/LocalSchema"
import * as SchemaServer from "@fiberline/testing/SchemaServer"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import {
  buildSchema,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString
} from "graphql"
import { networkError } from "./support/errors.js"
import { scenario, schema, settled, Source } from "./support/localScenario.js"

const hello = "query ($name: String) { hello(name: $name) }"
const numbers = "subscription ($from: Int) { n(from: $from) }"

const never = () => new Promise<never>(() => {})

describe("a query of a local schema", () => {
  const rootValue = {
    hello: ({ name }: { readonly name?: string }) => `hello ${name}`,
    later: () => Promise.reject(new Error("not now")),
    strict: () => {
      throw new Error("never")
    },
    add: ({ n }: { readonly n: number }) => Promise.resolve(n + 1)
  }

  it.effect("is executed, and so is a mutation", () =>
    scenario({ rootValue }, (client) =>
      Effect.gen(function* () {
        const data = yield* client.query(hello, { variables: { name: "world" } })
        assert.deepStrictEqual(data, { hello: "hello world" })
        assert.deepStrictEqual(yield* client.mutate("mutation { add(n: 1) }"), { add: 2 })
      })
    )
  )

  it.effect("that throws in a resolver has its error, and the data beside it", () =>
    scenario({ rootValue }, (client) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(client.query("{ hello later }"))
        assert(error._tag === "OperationError")
        assert.deepStrictEqual(error.errors[0]?.path, ["later"])
        assert.strictEqual(error.errors[0]?.message, "not now")
        const inline = yield* client.query("{ hello later }", { errors: "inline" })
        assert.deepStrictEqual(inline.data, { hello: "hello undefined", later: null })
        // Synchronously, in a field that cannot be null.
        const none = yield* Effect.flip(client.query("{ strict }"))
        assert(none._tag === "OperationError")
        assert.strictEqual(none.errors[0]?.message, "never")
      })
    )
  )

  it.effect("that does not parse, or fit the schema, is not executed", () =>
    scenario({ rootValue }, (client) =>
      Effect.gen(function* () {
        for (const query of ["{", "{ absent }", "query A { hello } query B { hello }", hello]) {
          const error = yield* Effect.flip(client.query(query, { variables: { name: {} } }))
          assert(error._tag === "OperationError", query)
          assert.isUndefined(error.data)
          assert.isNotEmpty(error.errors)
        }
      })
    )
  )

  it.effect("gives and is given JSON, as over a network", () =>
    Effect.suspend(() => {
      const given: Array<unknown> = []
      const Time = new GraphQLScalarType({
        name: "Time",
        parseValue: (value) => (given.push(value), value),
        serialize: (value) => value
      })
      const timed = new GraphQLSchema({
        query: new GraphQLObjectType({
          name: "Query",
          fields: {
            at: {
              type: Time,
              args: { time: { type: Time } },
              resolve: (_source, { time }) => new Date(String(time))
            },
            big: { type: Time, resolve: () => 1n },
            text: { type: GraphQLString, resolve: () => "text" }
          }
        })
      })
      return scenario({ schema: timed }, (client) =>
        Effect.gen(function* () {
          const at = "query ($time: Time) { at(time: $time) }"
          const data = yield* client.query(at, { variables: { time: new Date(0) } })
          assert.deepStrictEqual(data, { at: "1970-01-01T00:00:00.000Z" })
          assert.deepStrictEqual(given, ["1970-01-01T00:00:00.000Z"])
          const error = yield* Effect.flip(client.query("{ big }"))
          assert(error._tag === "OperationError")
          assert.match(error.errors[0]?.message ?? "", /BigInt/)
        })
      )
    })
  )

  it.effect(
    "whose resolver never ends times out, and closing waits for it no longer than it may",
    () =>
      scenario({ rootValue: { later: never } }, (client) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query("{ later }")))
          yield* settled
          yield* TestClock.adjust("29 seconds")
          assert.isNull(fiber.unsafePoll())
          yield* TestClock.adjust("1 second")
          const { sent } = networkError(yield* Fiber.join(fiber), "OperationTimeout")
          assert.isTrue(sent)
        })
      )
  )
})

describe("a subscription to a local schema", () => {
  it.effect("brings results until its source completes", () =>
    scenario(
      {
        rootValue: {
          async *n({ from = 0 }: { readonly from?: number }) {
            for (let n = from; n < 3; n++) yield { n }
          }
        }
      },
      (client) =>
        Effect.gen(function* () {
          const all = yield* Stream.runCollect(client.subscribe(numbers))
          assert.deepStrictEqual(Array.from(all), [{ n: 0 }, { n: 1 }, { n: 2 }])
          const seen: Array<unknown> = []
          yield* client.runForEach(numbers, (data) => Effect.sync(() => seen.push(data)), {
            variables: { from: 2 }
          })
          assert.deepStrictEqual(seen, [{ n: 2 }])
        })
    )
  )

  it.effect("is not executed where there is no source", () =>
    Effect.forEach(
      [
        () => Promise.reject(new Error("no source")),
        () => {
          throw new Error("no source")
        },
        () => "no source"
      ],
      (n) =>
        scenario({ rootValue: { n } }, (client) =>
          Effect.gen(function* () {
            const error = yield* Effect.flip(Stream.runDrain(client.subscribe(numbers)))
            assert(error._tag === "OperationError")
            assert.match(error.errors[0]?.message ?? "", /no source/)
          })
        ),
      { discard: true }
    )
  )

  it.effect("ends with what its source throws, after what came before", () =>
    scenario(
      {
        rootValue: {
          async *n() {
            yield { n: 0 }
            throw new Error("dry")
          }
        }
      },
      (client) =>
        Effect.gen(function* () {
          const seen: Array<unknown> = []
          const run = client.runForEach(numbers, (data) => Effect.sync(() => seen.push(data)))
          const error = yield* Effect.flip(run)
          assert(error._tag === "OperationError")
          assert.strictEqual(error.errors[0]?.message, "dry")
          assert.deepStrictEqual(seen, [{ n: 0 }])
          const inline = yield* Stream.runCollect(client.subscribe(numbers, { errors: "inline" }))
          assert.lengthOf(inline, 2)
        })
    )
  )

  it.effect("goes on after an error inside a result", () =>
    scenario(
      {
        rootValue: {
          async *n() {
            yield { n: () => Promise.reject(new Error("missing")) }
            yield { n: 1 }
          }
        }
      },
      (client) =>
        Effect.gen(function* () {
          const all = yield* Stream.runCollect(client.subscribe(numbers, { errors: "inline" }))
          const data = Array.from(all, ({ data }) => data)
          assert.deepStrictEqual(data, [{ n: null }, { n: 1 }])
        })
    )
  )

  it.effect("asks its source for no more than its buffer holds", () =>
    Effect.suspend(() => {
      const source = new Source(100)
      return scenario({ rootValue: { n: () => source }, buffer: { capacity: 2 } }, (client) =>
        Effect.gen(function* () {
          const { take } = yield* client.subscription(numbers)
          yield* settled
          assert.strictEqual(source.pulled, 2)
          yield* settled
          assert.strictEqual(source.pulled, 2)
          assert.lengthOf(yield* take, 2)
          yield* settled
          assert.strictEqual(source.pulled, 4)
        })
      )
    })
  )

  it.effect("has its source closed, once, when it is left", () =>
    Effect.suspend(() => {
      const source = new Source(1)
      return scenario({ rootValue: { n: () => source } }, (client) =>
        Effect.gen(function* () {
          yield* Stream.runDrain(Stream.take(client.subscribe(numbers), 1))
          yield* settled
          assert.strictEqual(source.returned, 1)
        })
      ).pipe(Effect.tap(() => assert.strictEqual(source.returned, 1)))
    })
  )

  it.effect("has its source closed when that is there only after it was left", () =>
    Effect.gen(function* () {
      const source = new Source(1)
      const found = yield* Deferred.make<Source>()
      const n = () => Effect.runPromise(Deferred.await(found))
      yield* scenario({ rootValue: { n } }, (client) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(numbers)))
          yield* settled
          yield* Fiber.interrupt(fiber)
          yield* Deferred.succeed(found, source)
          yield* settled
          assert.strictEqual(source.pulled, 0)
          assert.strictEqual(source.returned, 1)
        })
      )
    })
  )

  it.effect("is closed where a result is no JSON", () =>
    Effect.suspend(() => {
      const source = new Source(1)
      const Big = new GraphQLScalarType({
        name: "Big",
        serialize: (value) => BigInt(Number(value))
      })
      const big = new GraphQLSchema({
        query: schema.getQueryType()!,
        subscription: new GraphQLObjectType({
          name: "Subscription",
          fields: { n: { type: Big, subscribe: () => source } }
        })
      })
      return scenario({ schema: big }, (client) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(Stream.runDrain(client.subscribe("subscription { n }")))
          assert(error._tag === "OperationError")
          yield* settled
          // `graphql` 17 returns it twice.
          assert.isAtLeast(source.returned, 1)
        })
      )
    })
  )

  it.effect("is one of many", () =>
    scenario(
      { rootValue: { n: ({ from }: { readonly from: number }) => new Source(from + 1, from) } },
      (client) =>
        Effect.gen(function* () {
          const many = yield* client.subscribeMany(numbers, [
            ["a", { from: 1 }],
            ["b", { from: 2 }]
          ])
          const events = yield* Stream.runCollect(Stream.take(many.events, 2))
          const seen = Array.from(events, (event) => event._tag === "Data" && event.data)
          assert.deepStrictEqual(seen, [{ n: 1 }, { n: 2 }])
        })
    )
  )
})

describe("the context of a local schema", () => {
  const rootValue = {
    hello: (_arguments: unknown, context: unknown) => String(context),
    later: never,
    n: () => new Source(1)
  }

  it.effect("is a value", () =>
    scenario({ rootValue, context: "a value" }, (client) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "a value" })
      })
    )
  )

  it.effect("or an effect, evaluated once until a reconnect", () =>
    Effect.suspend(() => {
      let evaluated = 0
      const context = Effect.sync(() => ++evaluated)
      return scenario({ rootValue, context }, (client) =>
        Effect.gen(function* () {
          assert.strictEqual(evaluated, 0)
          for (let time = 0; time < 2; time++) {
            assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "1" })
            yield* TestClock.adjust("1 day")
          }
          yield* client.reconnect
          assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "2" })
          assert.strictEqual(evaluated, 2)
        })
      )
    })
  )

  it.effect("may need what the client was made with", () =>
    Effect.gen(function* () {
      class User extends Context.Tag("User")<User, string>() {}
      const client = yield* LocalSchema.make({ schema, rootValue, context: User }).pipe(
        Effect.provideService(User, "somebody")
      )
      assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "somebody" })
    }).pipe(Effect.scoped)
  )

  it.effect("that fails, dies or hangs fails the operations that wait for it", () =>
    Effect.gen(function* () {
      for (const context of [Effect.fail("no"), Effect.die("no")]) {
        yield* scenario({ context }, (client) =>
          Effect.gen(function* () {
            const error = yield* Effect.flip(client.query("{ hello }"))
            const { cause, message, reason, sent } = networkError(error, "OptionFailed")
            assert.deepStrictEqual([cause, reason.option, sent], ["no", "context", false])
            assert.match(message, /^\(in process\): the option "context"/)
          })
        )
      }
      for (const context of [Effect.never, Effect.uninterruptible(Effect.never)]) {
        const client = yield* LocalSchema.make({ schema, context, reconnect: false })
        const fiber = yield* Effect.fork(Effect.flip(client.connect))
        yield* TestClock.adjust("10 seconds")
        const { message } = networkError(yield* Fiber.join(fiber), "ConnectTimeout")
        assert.match(message, /no connection within 10s/)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("that fails is evaluated again, as the schedule says", () =>
    Effect.suspend(() => {
      let evaluated = 0
      const context = Effect.suspend(() =>
        ++evaluated < 3 ? Effect.fail("not yet") : Effect.succeed(evaluated)
      )
      return scenario({ rootValue, context, reconnect: Schedule.spaced("1 second") }, (client) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(client.query("{ hello }"))
          yield* TestClock.adjust("2 seconds")
          assert.deepStrictEqual(yield* Fiber.join(fiber), { hello: "3" })
        })
      )
    })
  )

  it.effect("is made anew by a reconnect, for which subscriptions have a gap", () =>
    scenario({ rootValue, closeTimeout: "1 second" }, (client) =>
      Effect.gen(function* () {
        const query = yield* Effect.fork(Effect.flip(client.query("{ later }")))
        const events = yield* Effect.fork(
          Stream.runCollect(Stream.take(client.subscribeEvents(numbers), 3))
        )
        yield* settled
        yield* client.reconnect
        yield* settled
        const { sent } = networkError(yield* Fiber.join(query), "ReconnectRequested")
        assert.isTrue(sent)
        // A resolver still runs, for which the old connection waits.
        assert.isNull(events.unsafePoll())
        yield* TestClock.adjust("1 second")
        const tags = Chunk.map(yield* Fiber.join(events), ({ _tag }) => _tag)
        assert.deepStrictEqual(Array.from(tags), ["Data", "Gap", "Data"])
        assert.strictEqual((yield* client.status.get)._tag, "Live")
      })
    )
  )

  it.effect("that was left behind by a reconnect says nothing to the next", () =>
    Effect.gen(function* () {
      const late = yield* Deferred.make<void>()
      let begun = 0
      const n = async function* () {
        const n = ++begun
        if (n === 1) await Effect.runPromise(Deferred.await(late))
        yield { n }
        if (n > 1) await never()
      }
      yield* scenario({ rootValue: { n }, closeTimeout: "1 second" }, (client) =>
        Effect.gen(function* () {
          const seen: Array<unknown> = []
          yield* Effect.fork(
            client.runForEach(numbers, (data) => Effect.sync(() => seen.push(data)))
          )
          yield* settled
          yield* client.reconnect
          yield* TestClock.adjust("1 second")
          yield* settled
          yield* Deferred.succeed(late, undefined)
          yield* settled
          assert.deepStrictEqual(seen, [{ n: 2 }])
        })
      )
    })
  )
})

describe("a client of a local schema", () => {
  it.effect("is idle until somebody needs it, and live from then on", () =>
    scenario({}, (client) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* client.status.get)._tag, "Idle")
        assert.deepStrictEqual(yield* client.connect, {})
        yield* settled
        assert.strictEqual((yield* client.status.get)._tag, "Live")
        yield* TestClock.adjust("1 day")
        assert.strictEqual((yield* client.status.get)._tag, "Live")
      })
    )
  )

  it.effect("dies of a schema that is not valid", () =>
    Effect.gen(function* () {
      const invalid = buildSchema("type Subscription { n: Int }", { assumeValidSDL: true })
      const exit = yield* Effect.exit(Effect.scoped(LocalSchema.make({ schema: invalid })))
      assert(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      assert.match(String(Cause.squash(exit.cause)), /Query root type/)
    })
  )

  const closing = (rootValue: unknown) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const client = yield* Scope.extend(LocalSchema.make({ schema, rootValue }), scope)
      const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(numbers))))
      yield* settled
      const closed = yield* Effect.fork(Scope.close(scope, Exit.void))
      networkError(yield* Fiber.join(fiber), "ClientClosed")
      yield* settled
      return { client, closed }
    })

  it.effect("that is closed has closed the sources", () =>
    Effect.gen(function* () {
      const source = new Source(0)
      const { client, closed } = yield* closing({ n: () => source })
      yield* Fiber.join(closed)
      assert.strictEqual(source.returned, 1)
      networkError(yield* Effect.flip(client.query("{ hello }")), "ClientClosed")
    })
  )

  it.effect("waits until they are, where that takes a while", () =>
    Effect.gen(function* () {
      const cleaned = yield* Deferred.make<void>()
      const source = new Source(0, 0, Effect.runPromise(Deferred.await(cleaned)))
      const { closed } = yield* closing({ n: () => source })
      yield* TestClock.adjust("4 seconds")
      assert.isNull(closed.unsafePoll())
      yield* Deferred.succeed(cleaned, undefined)
      yield* Fiber.join(closed)
    })
  )

  it.effect("waits for their last words, whatever they still had to say", () =>
    Effect.gen(function* () {
      const measured = yield* Deferred.make<void>()
      const cleaned = yield* Deferred.make<void>()
      const { closed } = yield* closing({
        async *n() {
          try {
            await Effect.runPromise(Deferred.await(measured))
            yield { n: 1 }
          } finally {
            await Effect.runPromise(Deferred.await(cleaned))
          }
        }
      })
      yield* Deferred.succeed(measured, undefined)
      yield* settled
      assert.isNull(closed.unsafePoll())
      yield* Deferred.succeed(cleaned, undefined)
      yield* Fiber.join(closed)
    })
  )

  it.effect("waits for `closeTimeout` at most", () =>
    Effect.gen(function* () {
      // A generator is not returned before what it awaits.
      const { closed } = yield* closing({
        async *n() {
          yield await never()
        }
      })
      yield* TestClock.adjust("4999 millis")
      assert.isNull(closed.unsafePoll())
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(closed)
    })
  )
})

describe("what a local schema answers", () => {
  const rootValue = {
    hello: ({ name }: { readonly name?: string }) => name ?? null,
    later: () => Promise.reject(new Error("not now")),
    strict: () => null,
    async *n({ from = 0 }: { readonly from?: number }) {
      if (from < 0) yield { n: new Error("below zero") }
      for (let n = from; n < 3; n++) yield { n }
    }
  }

  const queries = [
    ["{ hello later }"],
    ["{ strict }"],
    ["{"],
    ["{ absent }"],
    [hello, { name: "x" }],
    [hello, { name: 1 }],
    ["query A { hello } query B { hello }"]
  ] as const

  const subscriptions = [
    ["subscription { n }"],
    [numbers, { from: -1 }],
    [numbers, { from: "x" }],
    ["subscription { absent }"]
  ] as const

  const told = (result: Either.Either<unknown, { readonly _tag: string }>) =>
    Either.match(result, {
      onLeft: (error) =>
        error._tag === "OperationError" && "errors" in error
          ? { errors: error.errors, data: "data" in error ? error.data : "none" }
          : error._tag,
      onRight: (data) => ({ data })
    })

  /** All that a client is told, each way of being told of errors. */
  const outcomes = Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    const all: Array<unknown> = []
    for (const errors of ["throw", "inline"] as const) {
      for (const [query, variables] of queries) {
        all.push(told(yield* Effect.either(client.query(query, { variables, errors }))))
      }
      for (const [subscription, variables] of subscriptions) {
        const results = Stream.either(client.subscribe(subscription, { variables, errors }))
        all.push(Array.from(yield* Stream.runCollect(results), told))
      }
    }
    return all
  })

  it.effect("is what a server of the same schema does", () =>
    Effect.gen(function* () {
      const local = LocalSchema.layer({ schema, rootValue })
      const remote = Layer.provide(
        GraphQLClient.layer({ url: "ws://test/graphql" }),
        SchemaServer.layer({ schema, rootValue })
      )
      const expected = yield* Effect.provide(outcomes, remote)
      assert.deepStrictEqual(yield* Effect.provide(outcomes, local), expected)
      assert.lengthOf(expected, 22)
    })
  )
})
