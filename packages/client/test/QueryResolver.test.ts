import { assert, describe, it } from "@effect/vitest"
import * as Operation from "@fiberline/client/Operation"
import { OperationError } from "@fiberline/client/OperationError"
import * as QueryResolver from "@fiberline/client/QueryResolver"
import type { TestConnection, TestOperation } from "@fiberline/testing/TestServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Option from "effect/Option"
import * as Request from "effect/Request"
import * as RequestResolver from "effect/RequestResolver"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { parse, print } from "graphql"
import { networkError } from "./support/errors.js"
import { recorder } from "./support/recorder.js"
import { type Actors, scenario } from "./support/scenario.js"

const document = "query ($id: Int) { film(id: $id) }"

interface Play extends Actors {
  readonly connection: TestConnection
  readonly resolver: QueryResolver.QueryResolver
  readonly film: (id: number) => Effect.Effect<unknown, unknown>
}

/** Runs with a connection that is there, and a cache of its own, or tests would share Effect's. */
const playing = (body: (play: Play) => Effect.Effect<void, unknown>) =>
  scenario({}, ({ client, server }) =>
    Effect.gen(function* () {
      yield* Effect.fork(client.connect)
      const connection = yield* server.acceptReady
      const resolver = QueryResolver.make(client)
      const film = (id: number) => QueryResolver.query(resolver, document, { variables: { id } })
      const cache = yield* Request.makeCache({ capacity: 100, timeToLive: "1 minute" })
      yield* Effect.withRequestCache(body({ client, server, connection, resolver, film }), cache)
    })
  )

/** The queries that the server has, once nothing moves any more. */
const operations = (connection: TestConnection) =>
  Effect.gen(function* () {
    yield* TestClock.adjust("1 millis")
    const { length } = (yield* connection.received).filter(({ _tag }) => _tag === "Subscribe")
    return { connection, length }
  })

const asked = (connection: TestConnection) =>
  Effect.map(operations(connection), ({ length }) => length)

const answer = (operation: TestOperation, data: unknown = operation.request.variables ?? {}) =>
  Effect.zipRight(operation.next(data), operation.complete)

/** Answers so many queries with their variables. */
const answerAll = (connection: TestConnection, count: number) =>
  Effect.repeatN(Effect.flatMap(connection.awaitSubscribe, answer), count - 1)

const together = { batching: true } as const

describe("queries that are asked for together", () => {
  it.effect("go out together, and each has its own answer", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.forEach([1, 2, 3], film, together))
        const all = yield* Effect.replicateEffect(connection.awaitSubscribe, 3)
        for (const operation of all.reverse()) yield* answer(operation)
        assert.deepStrictEqual(yield* Fiber.join(fiber), [{ id: 1 }, { id: 2 }, { id: 3 }])
      })
    )
  )

  it.effect("go out one after the other where they are not batched", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.forEach([1, 2], film))
        assert.strictEqual(yield* asked(connection), 1)
        yield* answerAll(connection, 2)
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("are sent once where they are equal, and answered all", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.forEach([1, 2, 1, 1], film, together))
        assert.strictEqual(yield* asked(connection), 2)
        yield* answerAll(connection, 2)
        assert.deepStrictEqual(yield* Fiber.join(fiber), [
          { id: 1 },
          { id: 2 },
          { id: 1 },
          { id: 1 }
        ])
      })
    )
  )

  it.effect("are so many at a time as the resolver is told", () =>
    playing(({ client, connection }) =>
      Effect.gen(function* () {
        const resolver = QueryResolver.make(client, { concurrency: 2 })
        const fiber = yield* Effect.fork(
          Effect.forEach(
            [1, 2, 3, 4, 5],
            (id) => QueryResolver.query(resolver, document, { variables: { id } }),
            together
          )
        )
        assert.strictEqual(yield* asked(connection), 2)
        yield* answerAll(connection, 1)
        assert.strictEqual(yield* asked(connection), 3)
        yield* answerAll(connection, 4)
        assert.lengthOf(yield* Fiber.join(fiber), 5)
      })
    )
  )

  it.effect("are so many in a batch as the resolver is combined to have", () =>
    playing(({ connection, resolver }) =>
      Effect.gen(function* () {
        const sizes: Array<number> = []
        const batched = resolver.pipe(
          RequestResolver.aroundRequests(
            (requests) => Effect.sync(() => sizes.push(requests.length)),
            () => Effect.void
          ),
          RequestResolver.batchN(2)
        )
        const fiber = yield* Effect.fork(
          Effect.forEach(
            [1, 2, 3],
            (id) => QueryResolver.query(batched, document, { variables: { id } }),
            together
          )
        )
        assert.strictEqual(yield* asked(connection), 2)
        yield* answerAll(connection, 3)
        yield* Fiber.join(fiber)
        assert.deepStrictEqual(sizes, [3])
      })
    )
  )
})

describe("what becomes of one query", () => {
  it.effect("is told to whoever asked for it: an error", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Effect.forEach([1, 2, 1], (id) => Effect.either(film(id)), together)
        )
        yield* Effect.flatMap(connection.awaitSubscribe, ({ error }) => error([{ message: "no" }]))
        yield* answerAll(connection, 1)
        const [first, second, third] = yield* Fiber.join(fiber)
        assert(first && Either.isLeft(first) && third && Either.isLeft(third))
        assert.instanceOf(first.left, OperationError)
        assert.strictEqual(third.left, first.left)
        assert.deepStrictEqual(second, Either.right({ id: 2 }))
      })
    )
  )

  it.effect("is told to whoever asked for it: a timeout", () =>
    playing(({ connection, resolver }) =>
      Effect.gen(function* () {
        const film = (id: number) =>
          QueryResolver.query(resolver, document, { variables: { id }, timeout: `${id} seconds` })
        const fiber = yield* Effect.fork(
          Effect.forEach([1, 2], (id) => Effect.either(film(id)), together)
        )
        const late = yield* connection.awaitSubscribe
        const early = yield* connection.awaitSubscribe
        yield* TestClock.adjust("1 second")
        yield* late.awaitComplete
        yield* answer(early)
        const [first, second] = yield* Fiber.join(fiber)
        assert(first && Either.isLeft(first))
        networkError(first.left, "OperationTimeout")
        assert.deepStrictEqual(second, Either.right({ id: 2 }))
      })
    )
  )

  it.effect("is told to whoever asked for it: a defect", () =>
    playing(({ connection, resolver }) =>
      Effect.gen(function* () {
        const Broken = Operation.query("{ broken }", {
          data: Schema.transform(Schema.Unknown, Schema.Unknown, {
            decode: () => {
              throw new Error("mine")
            },
            encode: (value) => value
          })
        })
        const fiber = yield* Effect.fork(
          Effect.forEach(
            [Broken, document],
            (one) => Effect.exit(QueryResolver.query(resolver, one as string)),
            together
          )
        )
        yield* answerAll(connection, 1)
        yield* Effect.flatMap(connection.awaitSubscribe, (operation) => answer(operation, { x: 1 }))
        const [first, second] = yield* Fiber.join(fiber)
        assert.isTrue(first && Exit.isFailure(first))
        assert.deepStrictEqual(second, Exit.succeed({ x: 1 }))
      })
    )
  )
})

describe("what nobody waits for any more is left", () => {
  it.effect("a query that was asked for alone", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(film(1))
        const operation = yield* connection.awaitSubscribe
        yield* Fiber.interrupt(fiber)
        yield* operation.awaitComplete
      })
    )
  )

  it.effect("all of a batch that is interrupted, whatever it is asked by", () =>
    Effect.forEach(
      [
        (ids: ReadonlyArray<number>, film: Play["film"]) => Effect.forEach(ids, film, together),
        (ids: ReadonlyArray<number>, film: Play["film"]) =>
          Effect.forEach(ids, film, { ...together, concurrency: "unbounded", discard: true }),
        (ids: ReadonlyArray<number>, film: Play["film"]) =>
          Effect.forEach(ids, (id) => Effect.forEach([id], film, together), together)
      ],
      (ask) =>
        playing(({ connection, film }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(ask([1, 2, 3], film))
            const all = yield* Effect.replicateEffect(connection.awaitSubscribe, 3)
            yield* Fiber.interrupt(fiber)
            for (const { awaitComplete } of all) yield* awaitComplete
          })
        )
    )
  )

  it.effect("what of an interrupted batch was not even sent", () =>
    playing(({ client, connection }) =>
      Effect.gen(function* () {
        const resolver = QueryResolver.make(client, { concurrency: 1 })
        const film = (id: number) => QueryResolver.query(resolver, document, { variables: { id } })
        const fiber = yield* Effect.fork(Effect.forEach([1, 2, 3], film, together))
        const first = yield* connection.awaitSubscribe
        yield* Fiber.interrupt(fiber)
        yield* first.awaitComplete
        assert.strictEqual(yield* asked(connection), 1)
      })
    )
  )

  it.effect("the rest of a batch that fails", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Effect.forEach([1, 2], film, together)))
        const bad = yield* connection.awaitSubscribe
        const rest = yield* connection.awaitSubscribe
        yield* bad.error([{ message: "no" }])
        assert.instanceOf(yield* Fiber.join(fiber), OperationError)
        yield* rest.awaitComplete
      })
    )
  )

  it.effect("but not what an equal request of the batch waits for", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const batch = yield* Effect.fork(Effect.forEach([1, 1], film, together))
        const operation = yield* connection.awaitSubscribe
        yield* answer(operation)
        assert.lengthOf(yield* Fiber.join(batch), 2)
      })
    )
  )
})

describe("a cache", () => {
  const cached = Effect.withRequestCaching(true)

  it.effect("asks once for what is equal", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(cached(Effect.forEach([1, 2, 1], film)))
        yield* answerAll(connection, 2)
        assert.deepStrictEqual(yield* Fiber.join(fiber), [{ id: 1 }, { id: 2 }, { id: 1 }])
        assert.deepStrictEqual(yield* cached(film(2)), { id: 2 })
        assert.strictEqual(yield* asked(connection), 2)
      })
    )
  )

  it.effect(
    "asks once for what is being asked, and for one who stays when the first has left",
    () =>
      playing(({ connection, film }) =>
        Effect.gen(function* () {
          const first = yield* Effect.fork(cached(film(1)))
          const operation = yield* connection.awaitSubscribe
          const second = yield* Effect.fork(cached(film(1)))
          assert.strictEqual(yield* asked(connection), 1)
          // It waits for the answer, which Effect has it do: the entry in the cache is its own.
          const interrupt = yield* Effect.fork(Fiber.interrupt(first))
          yield* TestClock.adjust("1 second")
          yield* answer(operation)
          yield* Fiber.join(interrupt)
          assert.deepStrictEqual(yield* Fiber.join(second), { id: 1 })
        })
      )
  )

  it.effect("leaves what is shared when the last has left", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const batch = yield* Effect.fork(
          Effect.flip(cached(Effect.forEach([1, 2], film, together)))
        )
        const bad = yield* connection.awaitSubscribe
        const shared = yield* connection.awaitSubscribe
        const other = yield* Effect.fork(cached(film(2)))
        assert.strictEqual(yield* asked(connection), 2)
        yield* Fiber.interrupt(other)
        assert.notInclude(
          (yield* connection.received).map(({ _tag }) => _tag),
          "Complete"
        )
        yield* bad.error([{ message: "no" }])
        yield* Fiber.join(batch)
        yield* shared.awaitComplete
      })
    )
  )

  it.effect("asks again for what was left", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const left = yield* Effect.fork(cached(Effect.forEach([1, 2], film, together)))
        const all = yield* Effect.replicateEffect(connection.awaitSubscribe, 2)
        yield* Fiber.interrupt(left)
        for (const { awaitComplete } of all) yield* awaitComplete
        const fiber = yield* Effect.fork(cached(film(1)))
        yield* answerAll(connection, 1)
        assert.deepStrictEqual(yield* Fiber.join(fiber), { id: 1 })
      })
    )
  )

  it.effect("asks again for what failed", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const failing = yield* Effect.fork(Effect.flip(cached(film(1))))
        yield* Effect.flatMap(connection.awaitSubscribe, ({ error }) => error([{ message: "no" }]))
        assert.instanceOf(yield* Fiber.join(failing), OperationError)
        const fiber = yield* Effect.fork(cached(film(1)))
        yield* answerAll(connection, 1)
        assert.deepStrictEqual(yield* Fiber.join(fiber), { id: 1 })
      })
    )
  )
})

describe("queries are equal", () => {
  const node = parse(document)
  const data = Schema.Unknown
  const One = Operation.query(document, { data })
  const Other = Operation.query(document, { data })

  /** How many of these queries are sent, where equal ones are sent once. */
  const sent = (queries: (play: Play) => ReadonlyArray<Effect.Effect<unknown, unknown>>) =>
    Effect.gen(function* () {
      let count = 0
      yield* playing((play) =>
        Effect.gen(function* () {
          const cached = Effect.withRequestCaching(true)
          const fiber = yield* Effect.fork(
            cached(Effect.all(queries(play), { batching: true, concurrency: "unbounded" }))
          )
          count = yield* asked(play.connection)
          yield* answerAll(play.connection, count)
          yield* Fiber.join(fiber)
        })
      )
      return count
    })

  const { query } = QueryResolver

  it.effect("by the text of their document, and what their variables hold", () =>
    Effect.gen(function* () {
      const variables = () => ({ id: 1, by: { a: [1, null], b: new Date(0) } })
      assert.strictEqual(
        yield* sent(({ resolver }) => [
          query(resolver, node, { variables: variables() }),
          query(resolver, parse(document), { variables: variables() }),
          query(resolver, print(node), {
            variables: { by: { b: new Date(0), a: [1, null] }, id: 1 },
            errors: undefined
          })
        ]),
        1
      )
    })
  )

  it.effect("but not by another document, variable or option", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* sent(({ resolver }) => [
          query(resolver, document),
          query(resolver, `${document} `),
          query(resolver, document, { variables: {} }),
          query(resolver, document, { variables: { id: 1 } }),
          query(resolver, document, { variables: { id: "1" } }),
          query(resolver, document, { variables: { id: Redacted.make("1") } }),
          query(resolver, document, { variables: { id: Redacted.make("2") } }),
          query(resolver, document, { errors: "inline" }),
          query(resolver, document, { timeout: "1 minute" }),
          query(resolver, document, { idempotent: true }),
          query(resolver, document, { extensions: { a: 1 } }),
          query(resolver, document, { operationName: "A" })
        ]),
        12
      )
    })
  )

  it.effect("by the operation itself, for its Schemas are part of it", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* sent(({ resolver }) => [
          query(resolver, One),
          query(resolver, One),
          query(resolver, Other),
          query(resolver, document)
        ]),
        3
      )
    })
  )

  it.effect("of one resolver, so that no client answers for another", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* sent(({ client, resolver }) => [
          query(resolver, document),
          query(QueryResolver.make(client), document),
          query(RequestResolver.batchN(resolver, 5), document),
          query(RequestResolver.batchN(resolver, 5), document)
        ]),
        3
      )
    })
  )
})

describe("a query", () => {
  it.effect("has what its Schemas need of whoever asked for it", () =>
    playing(({ connection, resolver }) =>
      Effect.gen(function* () {
        const Unit = Context.GenericTag<string>("Unit")
        const Measured = Operation.query("query ($id: Int) { measured }", {
          variables: Schema.Struct({ id: Schema.Number }),
          data: Schema.transformOrFail(Schema.Unknown, Schema.String, {
            decode: () => Unit,
            encode: (value) => Effect.succeed(value)
          })
        })
        const fiber = yield* Effect.fork(
          Effect.forEach(
            ["°C", "K"],
            (unit, id) =>
              Effect.provideService(
                QueryResolver.query(resolver, Measured, { variables: { id } }),
                Unit,
                unit
              ),
            together
          )
        )
        yield* answerAll(connection, 2)
        assert.deepStrictEqual(yield* Fiber.join(fiber), ["°C", "K"])
      })
    )
  )

  it.effect("is part of the span of whoever asked for it", () =>
    playing(({ connection, film }) =>
      Effect.gen(function* () {
        const { spans, tracer } = recorder()
        const fiber = yield* Effect.fork(
          Effect.forEach([1, 2], (id) => Effect.withSpan(film(id), `asker ${id}`), together).pipe(
            Effect.withTracer(tracer)
          )
        )
        yield* answerAll(connection, 2)
        yield* Fiber.join(fiber)
        const parents = spans
          .filter(({ name }) => name.includes("query"))
          .map(({ parent }) => Option.getOrThrow(parent))
        assert.deepStrictEqual(
          parents.map((parent) => parent._tag === "Span" && parent.name),
          ["asker 1", "asker 2"]
        )
      })
    )
  )
})
