import { assert, describe, it } from "@effect/vitest"
import type { TestHttpServer, TestRequest } from "@fiberline/testing/TestHttpServer"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import { scenario } from "./support/httpScenario.js"

const batch = {}
const query = (n: number) => `{ n(is: ${n}) }`
const json = { "content-type": "application/json" }

/** The texts of a batch; of a request for one, its text alone. */
const textsOf = ({ body }: TestRequest): unknown => {
  const parsed: unknown = JSON.parse(body)
  const textOf = (request: unknown) => (request as { readonly query: string }).query
  return Array.isArray(parsed) ? parsed.map(textOf) : textOf(parsed)
}

const answers = (...ns: ReadonlyArray<number>) => ns.map((n) => ({ data: { n } }))

/** No request has come that was not accepted. */
const hasCome = (server: TestHttpServer, count: number) =>
  Effect.map(server.requests, (requests) => assert.strictEqual(requests, count))

describe("queries that begin at about the same time", () => {
  it.effect("are one request, and each has its own result", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const first = yield* Effect.fork(client.query(query(1)))
        yield* TestClock.adjust("5 millis")
        const second = yield* Effect.fork(client.query(query(2)))
        yield* TestClock.adjust("4 millis")
        yield* hasCome(server, 0)
        yield* TestClock.adjust("1 millis")
        const request = yield* server.accept
        assert.strictEqual(request.method, "POST")
        assert.deepStrictEqual(textsOf(request), [query(1), query(2)])
        yield* request.respond(answers(1, 2), { headers: json })
        assert.deepStrictEqual(yield* Fiber.join(first), { n: 1 })
        assert.deepStrictEqual(yield* Fiber.join(second), { n: 2 })
        yield* hasCome(server, 1)
      })
    )
  )

  it.effect("wait no longer than until they are enough", () =>
    scenario({ batch: { size: 2, interval: "1 hour" } }, ({ client, server }) =>
      Effect.gen(function* () {
        const fibers = yield* Effect.forEach([1, 2, 3], (n) => Effect.fork(client.query(query(n))))
        const full = yield* server.accept
        assert.deepStrictEqual(textsOf(full), [query(1), query(2)])
        yield* full.respond(answers(1, 2))
        yield* hasCome(server, 1)
        yield* Fiber.interrupt(fibers[2]!)
        yield* Fiber.joinAll(fibers.slice(0, 2))
      })
    )
  )

  it.effect("are a plain request where there is but one, with its own head", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query(1)))
        yield* TestClock.adjust("10 millis")
        const request = yield* server.accept
        assert.deepStrictEqual(textsOf(request), query(1))
        yield* request.respond({ errors: [{ message: "no" }] }, { status: 400 })
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "OperationError")
        assert.strictEqual(error.response?.status, 400)
      })
    )
  )

  it.effect("fail each on its own", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const first = yield* Effect.fork(client.query(query(1)))
        const second = yield* Effect.fork(client.query(query(2)))
        yield* TestClock.adjust("10 millis")
        const request = yield* server.accept
        yield* request.respond([{ errors: [{ message: "no" }] }, ...answers(2)])
        const error = yield* Effect.flip(Fiber.join(first))
        assert(error._tag === "OperationError")
        assert.isUndefined(error.response)
        assert.deepStrictEqual(yield* Fiber.join(second), { n: 2 })
      })
    )
  )

  it.effect("are not held up by one that cannot be encoded", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const wrong = yield* Effect.fork(client.query(query(1), { variables: { big: 1n } }))
        const right = yield* Effect.fork(client.query(query(2)))
        assert.strictEqual((yield* Effect.flip(Fiber.join(wrong)))._tag, "EncodeError")
        yield* TestClock.adjust("10 millis")
        const request = yield* server.accept
        assert.deepStrictEqual(textsOf(request), query(2))
        yield* request.respond({ data: { n: 2 } })
        yield* Fiber.join(right)
      })
    )
  )

  it.effect("have a trace each, which the headers show where there is but one", () =>
    scenario({ batch, propagateTrace: true }, ({ client, server }) =>
      Effect.gen(function* () {
        for (const ns of [[1], [2, 3]]) {
          const fibers = yield* Effect.forEach(ns, (n) => Effect.fork(client.query(query(n))))
          yield* TestClock.adjust("10 millis")
          const request = yield* server.accept
          assert.strictEqual("traceparent" in request.headers, ns.length === 1)
          assert.lengthOf(request.body.match(/"traceparent"/g) ?? [], ns.length)
          yield* request.respond(ns.length === 1 ? answers(...ns)[0] : answers(...ns))
          yield* Fiber.joinAll(fibers)
        }
      })
    )
  )

  it.effect("are not those by GET, nor mutations", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const byGet = yield* Effect.fork(client.query(query(1), { method: "GET" }))
        yield* (yield* server.accept).respond({ data: {} })
        const mutation = yield* Effect.fork(client.mutate("mutation { add }"))
        yield* (yield* server.accept).respond({ data: {} })
        yield* Fiber.joinAll([byGet, mutation])
      })
    )
  )

  it.effect("are mutations too, where that is asked for", () =>
    scenario({ batch: { mutations: true } }, ({ client, server }) =>
      Effect.gen(function* () {
        const fibers = yield* Effect.all([
          Effect.fork(client.query(query(1))),
          Effect.fork(client.mutate("mutation { add }"))
        ])
        yield* TestClock.adjust("10 millis")
        const request = yield* server.accept
        assert.deepStrictEqual(textsOf(request), [query(1), "mutation { add }"])
        yield* request.respond(answers(1, 2))
        yield* Fiber.joinAll(fibers)
      })
    )
  )
})

describe("whoever leaves a batch", () => {
  it.effect("before it is sent, is not in it", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const [first, second, third] = yield* Effect.all([
          Effect.fork(client.query(query(1))),
          Effect.fork(client.query(query(2))),
          Effect.fork(client.query(query(3)))
        ])
        yield* TestClock.adjust("5 millis")
        yield* Fiber.interrupt(second)
        yield* TestClock.adjust("5 millis")
        const request = yield* server.accept
        assert.deepStrictEqual(textsOf(request), [query(1), query(3)])
        yield* request.respond(answers(1, 3))
        assert.deepStrictEqual(yield* Fiber.join(first), { n: 1 })
        assert.deepStrictEqual(yield* Fiber.join(third), { n: 3 })
      })
    )
  )

  it.effect("as the last, before it is sent, leaves none to be sent", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query(1)))
        yield* TestClock.adjust("5 millis")
        yield* Fiber.interrupt(fiber)
        const later = yield* Effect.fork(client.query(query(2)))
        yield* TestClock.adjust("9 millis")
        yield* hasCome(server, 0)
        yield* TestClock.adjust("1 millis")
        const request = yield* server.accept
        assert.deepStrictEqual(textsOf(request), query(2))
        yield* request.respond({ data: {} })
        yield* Fiber.join(later)
      })
    )
  )

  it.effect("by its timeout, leaves the others to theirs; the last has it aborted", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const early = yield* Effect.fork(client.query(query(1), { timeout: "1 seconds" }))
        const late = yield* Effect.fork(client.query(query(2), { timeout: "2 seconds" }))
        yield* TestClock.adjust("10 millis")
        const request = yield* server.accept
        yield* TestClock.adjust("1 seconds")
        const error = yield* Effect.flip(Fiber.join(early))
        assert(error._tag === "NetworkError")
        assert.strictEqual(error.reason._tag, "OperationTimeout")
        assert.isTrue(error.sent)
        assert.strictEqual(yield* server.open, 1)
        assert.isNull(late.unsafePoll())
        yield* TestClock.adjust("1 seconds")
        yield* request.aborted
        assert.strictEqual((yield* Effect.flip(Fiber.join(late)))._tag, "NetworkError")
      })
    )
  )

  it.effect("in the moment in which it is sent, leaves nothing that is empty", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query(1), { timeout: "10 millis" }))
        yield* TestClock.adjust("10 millis")
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "NetworkError")
        const requests = yield* Effect.replicateEffect(server.accept, yield* server.requests)
        for (const request of requests) assert.deepStrictEqual(textsOf(request), query(1))
        assert.strictEqual(error.sent, requests.length > 0)
      })
    )
  )

  it.effect("by its timeout before it is sent, was not sent", () =>
    scenario({ batch: { interval: "1 minute" } }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query(1), { timeout: "1 seconds" }))
        yield* TestClock.adjust("1 seconds")
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "NetworkError")
        assert.isFalse(error.sent)
        yield* TestClock.adjust("2 minutes")
        yield* hasCome(server, 0)
      })
    )
  )
})

describe("a batch that fails", () => {
  it.effect("fails each of those in it", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const fibers = yield* Effect.forEach([1, 2], (n) => Effect.fork(client.query(query(n))))
        yield* TestClock.adjust("10 millis")
        yield* (yield* server.accept).fail(new Error("reset"))
        for (const fiber of fibers) {
          const error = yield* Effect.flip(Fiber.join(fiber))
          assert(error._tag === "NetworkError")
          assert.strictEqual(error.reason._tag, "ConnectionLost")
          assert.isTrue(error.sent)
        }
      })
    )
  )

  it.effect("because it has too few results, breaks the protocol for each", () =>
    scenario({ batch }, ({ client, server }) =>
      Effect.gen(function* () {
        const fibers = yield* Effect.forEach([1, 2], (n) => Effect.fork(client.query(query(n))))
        yield* TestClock.adjust("10 millis")
        yield* (yield* server.accept).respond(answers(1))
        for (const fiber of fibers) {
          assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "ProtocolError")
        }
      })
    )
  )

  it.effect("because nobody was there, is tried again by each, together", () =>
    scenario({ batch, reconnect: Schedule.spaced("1 seconds") }, ({ client, server }) =>
      Effect.gen(function* () {
        const fibers = yield* Effect.forEach([1, 2], (n) => Effect.fork(client.query(query(n))))
        yield* TestClock.adjust("10 millis")
        yield* (yield* server.accept).fail(
          Object.assign(new Error("connect"), { code: "ECONNREFUSED" })
        )
        yield* TestClock.adjust("1010 millis")
        const request = yield* server.accept
        // Who wakes up first, is the clock's to say.
        assert.sameMembers(textsOf(request) as Array<string>, [query(1), query(2)])
        yield* request.respond(answers(1, 2))
        yield* Fiber.joinAll(fibers)
      })
    )
  )

  it.effect("because its credentials were refused, has them renewed once for all", () => {
    let evaluated = 0
    const headers = Effect.sync(() => ({ authorization: `token-number-${++evaluated}` }))
    return scenario(
      { batch, headers, reconnect: Schedule.spaced("1 minute") },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fibers = yield* Effect.forEach([1, 2], (n) => Effect.fork(client.query(query(n))))
          yield* TestClock.adjust("10 millis")
          const refused = yield* server.accept
          assert.strictEqual(refused.headers["authorization"], "token-number-1")
          yield* refused.respond("", { status: 401 })
          yield* TestClock.adjust("10 millis")
          const request = yield* server.accept
          assert.strictEqual(request.headers["authorization"], "token-number-2")
          assert.deepStrictEqual(textsOf(request), [query(1), query(2)])
          yield* request.respond(answers(1, 2))
          yield* Fiber.joinAll(fibers)
          assert.strictEqual(evaluated, 2)
        })
    )
  })
})

it.effect("with new credentials a query is in another batch", () => {
  let evaluated = 0
  const headers = Effect.sync(() => ({ authorization: `token-number-${++evaluated}` }))
  return scenario({ batch, headers }, ({ client, server }) =>
    Effect.gen(function* () {
      const first = yield* Effect.fork(client.query(query(1)))
      yield* TestClock.adjust("5 millis")
      yield* client.reconnect
      const second = yield* Effect.fork(client.query(query(2)))
      yield* TestClock.adjust("10 millis")
      for (const n of [1, 2]) {
        const request = yield* server.accept
        assert.strictEqual(textsOf(request), query(n))
        assert.strictEqual(request.headers["authorization"], `token-number-${n}`)
        yield* request.respond(answers(n)[0])
      }
      yield* Fiber.joinAll([first, second])
    })
  )
})

it.effect("a client that closes ends its batches, sent or not", () =>
  Effect.gen(function* () {
    for (const isSent of [false, true]) {
      let fibers: ReadonlyArray<Fiber.Fiber<unknown, { readonly _tag: string }>> = []
      yield* scenario({ batch }, ({ client, server }) =>
        Effect.gen(function* () {
          fibers = yield* Effect.forEach([1, 2], (n) => Effect.forkDaemon(client.query(query(n))))
          yield* Effect.yieldNow()
          if (isSent) {
            yield* TestClock.adjust("10 millis")
            yield* server.accept
          }
        })
      )
      for (const fiber of fibers) {
        const exit = yield* Effect.exit(Fiber.join(fiber))
        assert(Exit.isFailure(exit) && exit.cause._tag === "Fail")
        assert.strictEqual(exit.cause.error._tag, "NetworkError")
      }
    }
  })
)

describe("automatic persisted queries in a batch", () => {
  it.effect("that are not found are sent in full, by themselves", () =>
    // As many as there are: nothing in a test waits for the hashing, which takes the machine's time.
    scenario({ batch: { size: 2 }, persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        const fibers = yield* Effect.forEach([1, 2], (n) => Effect.fork(client.query(query(n))))
        const hashes = yield* server.accept
        assert.deepStrictEqual(textsOf(hashes), [undefined, undefined])
        // Which is hashed first, is the machine's to say.
        const digest = yield* Effect.promise(() =>
          crypto.subtle.digest("SHA-256", new TextEncoder().encode(query(1)))
        )
        const at = hashes.body.indexOf(Buffer.from(digest).toString("hex"))
        const answer = [{ errors: [{ message: "PersistedQueryNotFound" }] }, ...answers(2)]
        yield* hashes.respond(at < hashes.body.length / 2 ? answer : answer.reverse())
        assert.deepStrictEqual(yield* Fiber.join(fibers[1]!), { n: 2 })
        yield* TestClock.adjust("10 millis")
        const full = yield* server.accept
        assert.deepStrictEqual(textsOf(full), query(1))
        yield* full.respond({ data: { n: 1 } })
        assert.deepStrictEqual(yield* Fiber.join(fibers[0]!), { n: 1 })
      })
    )
  )
})
