/** When pages are asked for, and what becomes of those that nobody wants any more. */
import { assert, describe, it } from "@effect/vitest"
import * as Operation from "@fiberline/client/Operation"
import { DecodeError } from "@fiberline/client/OperationError"
import * as Pagination from "@fiberline/client/Pagination"
import type { TestConnection } from "@fiberline/testing/TestServer"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { scenario } from "./support/scenario.js"

const Numbers = Operation.query("query ($first: Int, $after: String) { numbers }", {
  variables: Schema.Struct({
    first: Schema.NumberFromString,
    after: Schema.optional(Schema.String)
  }),
  data: Schema.Struct({
    nodes: Schema.Array(Schema.NumberFromString),
    pageInfo: Schema.Struct({
      hasNextPage: Schema.Boolean,
      endCursor: Schema.NullOr(Schema.String)
    })
  })
})

const options = { variables: { first: 1 }, connection: <A>(data: A) => data } as const

const page = (node: unknown, endCursor: string | null) => ({
  nodes: [node],
  pageInfo: { hasNextPage: endCursor !== null, endCursor }
})

/** Answers the next query, and gives the variables that it had. */
const answer = (connection: TestConnection, data: unknown) =>
  Effect.gen(function* () {
    const operation = yield* connection.awaitSubscribe
    yield* operation.next(data)
    yield* operation.complete
    return operation.request.variables
  })

/** How many queries the server has had by now. */
const asked = (connection: TestConnection) =>
  TestClock.adjust("1 second").pipe(
    Effect.zipRight(connection.received),
    Effect.map((messages) => messages.filter(({ _tag }) => _tag === "Subscribe").length)
  )

/** A consumer that has each element, and goes on when it is told. */
const slowly = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function* () {
    const seen: Array<A> = []
    let goOn = yield* Deferred.make<void>()
    const fiber = yield* Effect.fork(
      Stream.runForEach(stream, (a) =>
        Effect.suspend(() => {
          seen.push(a)
          return Deferred.await(goOn)
        })
      )
    )
    const next = Effect.gen(function* () {
      const waiting = goOn
      goOn = yield* Deferred.make<void>()
      yield* Deferred.succeed(waiting, undefined)
    })
    return { seen, fiber, next }
  })

describe("a page", () => {
  it.effect("is decoded by its Schema, and its variables are encoded", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runCollect(Pagination.nodes(client, Numbers, options))
        )
        const connection = yield* server.acceptReady
        assert.deepStrictEqual(yield* answer(connection, page("1", "a")), { first: "1" })
        assert.deepStrictEqual(yield* answer(connection, page("2", null)), {
          first: "1",
          after: "a"
        })
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [1, 2])
      })
    )
  )

  it.effect("that does not fit its Schema is a DecodeError", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Effect.flip(Stream.runDrain(Pagination.nodes(client, Numbers, options)))
        )
        yield* answer(yield* server.acceptReady, page("one", "a"))
        assert.instanceOf(yield* Fiber.join(fiber), DecodeError)
      })
    )
  )

  it.effect("is asked for when it is wanted, and not before", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { fiber, next, seen } = yield* slowly(Pagination.nodes(client, Numbers, options))
        const connection = yield* server.acceptReady
        yield* answer(connection, page("1", "a"))
        assert.strictEqual(yield* asked(connection), 1)
        assert.deepStrictEqual(seen, [1])
        yield* next
        assert.strictEqual(yield* asked(connection), 2)
        yield* Fiber.interrupt(fiber)
      })
    )
  )

  it.effect("is not asked for by a stream that has had enough", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runCollect(Stream.take(Pagination.nodes(client, Numbers, options), 1))
        )
        const connection = yield* server.acceptReady
        yield* answer(connection, page("1", "a"))
        yield* Fiber.join(fiber)
        assert.strictEqual(yield* asked(connection), 1)
      })
    )
  )

  it.effect("that is waited for is left when the stream is", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runDrain(Pagination.nodes(client, Numbers, options))
        )
        const connection = yield* server.acceptReady
        yield* answer(connection, page("1", "a"))
        const second = yield* connection.awaitSubscribe
        yield* Fiber.interrupt(fiber)
        yield* second.awaitComplete
      })
    )
  )

  it.effect("has the bound of a query, each its own", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Effect.flip(
            Stream.runDrain(
              Pagination.nodes(client, Numbers, { ...options, timeout: "10 seconds" })
            )
          )
        )
        const connection = yield* server.acceptReady
        yield* TestClock.adjust("9 seconds")
        yield* answer(connection, page("1", "a"))
        yield* connection.awaitSubscribe
        yield* TestClock.adjust("9 seconds")
        assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
        yield* TestClock.adjust("1 second")
        networkError(yield* Fiber.join(fiber), "OperationTimeout")
      })
    )
  )
})

describe("a page that is fetched ahead", () => {
  const prefetching = { ...options, prefetch: true } as const

  it.effect("is one, and the next when that is taken", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { fiber, next, seen } = yield* slowly(Pagination.nodes(client, Numbers, prefetching))
        const connection = yield* server.acceptReady
        yield* answer(connection, page("1", "a"))
        assert.strictEqual(yield* asked(connection), 2)
        assert.deepStrictEqual(yield* answer(connection, page("2", "b")), {
          first: "1",
          after: "a"
        })
        assert.strictEqual(yield* asked(connection), 2)
        assert.deepStrictEqual(seen, [1])
        yield* next
        assert.strictEqual(yield* asked(connection), 3)
        assert.deepStrictEqual(seen, [1, 2])
        yield* answer(connection, page("3", null))
        yield* next
        yield* TestClock.adjust("1 second")
        yield* next
        yield* Fiber.join(fiber)
        assert.deepStrictEqual(seen, [1, 2, 3])
      })
    )
  )

  it.effect("fails after the page before was handed over", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { fiber, next, seen } = yield* slowly(Pagination.nodes(client, Numbers, prefetching))
        const connection = yield* server.acceptReady
        yield* answer(connection, page("1", "a"))
        yield* answer(connection, page("two", "b"))
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(seen, [1])
        assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
        yield* next
        assert.instanceOf(yield* Effect.flip(Fiber.join(fiber)), DecodeError)
      })
    )
  )

  it.effect("is left when the stream is", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const { fiber } = yield* slowly(Pagination.nodes(client, Numbers, prefetching))
        const connection = yield* server.acceptReady
        yield* answer(connection, page("1", "a"))
        const second = yield* connection.awaitSubscribe
        yield* Fiber.interrupt(fiber)
        yield* second.awaitComplete
      })
    )
  )
})
