import { assert, describe, it } from "@effect/vitest"
import * as Operation from "@fiberline/client/Operation"
import { DecodeError } from "@fiberline/client/OperationError"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { protocolError } from "./support/errors.js"
import * as OverHttp from "./support/httpScenario.js"
import { scenario } from "./support/scenario.js"
import { ways } from "./support/ways.js"

const text = "subscription Film { film { year } }"
const data = Schema.Struct({ film: Schema.Struct({ year: Schema.Number }) })
const Film = Operation.subscription(text, { data, operationName: "Film" })
const Delayed = Operation.subscription(text, {
  operationName: "Film",
  data: Schema.transformOrFail(data, data, {
    strict: true,
    decode: (film) => Effect.as(Effect.yieldNow(), film),
    encode: Effect.succeed
  })
})

const film = (year: unknown) => ({ film: { year } })

/** What an element says: the data, or where it does not fit. */
const told = Either.match({
  onLeft: ({ operationName, path }: DecodeError) => `${operationName}: ${path.join(".")}`,
  onRight: (data: unknown): unknown => data
})

const expected = [film(1), "Film: film.year", film(3), "Film: film.year", film(5)]

const inline = { decodeErrors: "inline" } as const

const results = [1, "two", 3, null, 5].map(film)

describe("data that does not fit, inline, is an element, and the subscription goes on", () => {
  for (const [way, run] of Object.entries(ways)) {
    for (const [name, document] of Object.entries({ "": Film, ", decoded in a fiber": Delayed })) {
      it.effect(`${way}, over a WebSocket${name}`, () =>
        scenario({}, ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(run(client, document, inline))
            const connection = yield* server.acceptReady
            const operation = yield* connection.awaitSubscribe
            for (const data of results) yield* operation.next(data)
            yield* operation.complete
            assert.deepStrictEqual((yield* Fiber.join(fiber)).map(told), expected)
          })
        )
      )
    }

    it.effect(`${way}, over Server-Sent Events`, () =>
      OverHttp.scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(run(client, Film, inline))
          const request = yield* server.accept
          const body = yield* request.stream("text/event-stream")
          for (const data of results) {
            yield* body.send(`event: next\ndata: ${JSON.stringify({ data })}\n\n`)
          }
          yield* body.send("event: complete\n\n")
          assert.deepStrictEqual((yield* Fiber.join(fiber)).map(told), expected)
        })
      )
    )

    it.effect(`${way}, over a multipart response`, () =>
      OverHttp.scenario({ subscriptions: "multipart" }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(run(client, Film, inline))
          const request = yield* server.accept
          const body = yield* request.stream(`multipart/mixed;boundary="-";subscriptionSpec=1.0`)
          yield* body.send("\r\n---")
          for (const data of results) {
            const part = JSON.stringify({ payload: { data } })
            yield* body.send(`\r\ncontent-type: application/json\r\n\r\n${part}\r\n---`)
          }
          yield* body.send("--\r\n")
          assert.deepStrictEqual((yield* Fiber.join(fiber)).map(told), expected)
        })
      )
    )
  }

  it.effect("beside inline errors: around the whole result, and with the errors", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const options = { errors: "inline", decodeErrors: "inline" } as const
        const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe(Film, options)))
        const operation = yield* (yield* server.acceptReady).awaitSubscribe
        const errors = [{ message: "no year", path: ["film", "year"] }]
        yield* operation.next(film(1))
        yield* operation.result({ data: film(null), errors })
        yield* operation.result({ data: null, errors })
        yield* operation.complete
        const [first, second, third] = Chunk.toReadonlyArray(yield* Fiber.join(fiber))
        assert.deepStrictEqual(first && Either.getOrThrow(first).data, { film: { year: 1 } })
        assert(second && Either.isLeft(second))
        assert.deepStrictEqual(second.left.errors, errors)
        assert.deepStrictEqual(second.left.path, ["film", "year"])
        assert.deepStrictEqual(third, Either.right({ data: null, errors }))
      })
    )
  )

  it.effect("a document without a Schema gives nothing but what is right", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const elements = client.subscribe(text, { decodeErrors: "inline" })
        const fiber = yield* Effect.fork(Stream.runCollect(elements))
        const operation = yield* (yield* server.acceptReady).awaitSubscribe
        yield* operation.next(film("any"))
        yield* operation.complete
        assert.deepStrictEqual(Array.from(yield* Fiber.join(fiber)), [Either.right(film("any"))])
      })
    )
  )

  it.effect("what is no data that does not fit is thrown as ever", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const elements = client.subscribe(Film, { decodeErrors: "inline" })
        const fiber = yield* Effect.fork(Effect.flip(Stream.runCollect(elements)))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).result({})
        protocolError(yield* Fiber.join(fiber), "NoData")

        const failing = yield* Effect.fork(Effect.flip(Stream.runCollect(elements)))
        yield* (yield* connection.awaitSubscribe).result({
          data: film(null),
          errors: [{ message: "no year" }]
        })
        assert.strictEqual((yield* Fiber.join(failing))._tag, "OperationError")
      })
    )
  )

  it.effect("resumes from an element that does not fit as from any other", () =>
    scenario({ reconnect: Schedule.spaced("1 second") }, ({ client, server }) =>
      Effect.gen(function* () {
        const last: Array<unknown> = []
        const elements = client.subscribe(Film, {
          decodeErrors: "inline",
          resume: (element, variables) => {
            last.push(told(element))
            return variables
          }
        })
        const fiber = yield* Effect.fork(Stream.runDrain(elements))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).next(film("two"))
        yield* connection.close(1012)
        yield* TestClock.adjust("1 second")
        const again = yield* (yield* server.acceptReady).awaitSubscribe
        assert.deepStrictEqual(last, ["Film: film.year"])
        yield* again.complete
        yield* Fiber.join(fiber)
      })
    )
  )
})

describe("a DecodeError names where the data does not fit", () => {
  const fail = <A, I>(data: Schema.Schema<A, I>, value: unknown, operationName?: string) =>
    Effect.scoped(
      Effect.gen(function* () {
        let error: DecodeError | undefined
        yield* scenario({}, ({ client, server }) =>
          Effect.gen(function* () {
            const query = Operation.query("{ film }", { data })
            const fiber = yield* Effect.fork(Effect.flip(client.query(query, { operationName })))
            const operation = yield* (yield* server.acceptReady).awaitSubscribe
            yield* operation.next(value)
            const failure = yield* Fiber.join(fiber)
            assert.instanceOf(failure, DecodeError)
            error = failure
          })
        )
        return error!
      })
    )

  it.effect("deep inside of lists", () =>
    Effect.gen(function* () {
      const Films = Schema.Struct({ films: Schema.Array(Schema.Struct({ year: Schema.Number })) })
      const error = yield* fail(Films, { films: [{ year: 1 }, { year: "2" }] })
      assert.deepStrictEqual(error.path, ["films", 1, "year"])
      assert.include(error.message, "its Schema at films.1.year: ")
      assert.isUndefined(error.operationName)
    })
  )

  it.effect("in a Schema whose own description is longer than what is said", () =>
    Effect.gen(function* () {
      const names = Array.from({ length: 200 }, (_, index) => `field${index}`)
      const fields = Object.fromEntries(names.map((name) => [name, Schema.Number]))
      const values = Object.fromEntries(names.map((name, index) => [name, index]))
      const error = yield* fail(Schema.Struct(fields), { ...values, field150: "x" })
      assert.deepStrictEqual(error.path, ["field150"])
      assert.strictEqual(error.issue, `["field150"]: Expected number, actual "x"`)
    })
  )

  it.effect("that is the data as a whole, of the operation that the call names", () =>
    Effect.gen(function* () {
      const error = yield* fail(Schema.Number, "x", "Year")
      assert.deepStrictEqual(error.path, [])
      assert.strictEqual(
        error.message,
        `the data of Year does not fit its Schema: Expected number, actual "x"`
      )
    })
  )
})
