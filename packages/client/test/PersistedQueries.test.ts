import { assert, describe, it } from "@effect/vitest"
import type { TestHttpServer, TestRequest } from "@fiberline/testing/TestHttpServer"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import { scenario } from "./support/httpScenario.js"

const query = "{ hello }"
const mutation = "mutation { add }"

const notFound = {
  errors: [{ message: "PersistedQueryNotFound", extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }]
}
const notSupported = { errors: [{ message: "PersistedQueryNotSupported" }] }
const noQuery = { errors: [{ message: "Must provide query string." }] }
/** Of what does not come from GraphQL. */
const headers = { "content-type": "text/plain" }
const hello = { data: { hello: "world" } }

interface Body {
  readonly query?: string
  readonly documentId?: string
  readonly extensions?: { readonly persistedQuery: { version: number; sha256Hash: string } }
}

const bodyOf = (request: TestRequest): Body => JSON.parse(request.body) as Body

/** What the next request says: its text, its hash, or both. */
const next = (server: TestHttpServer) =>
  Effect.map(server.accept, (request) => {
    const { extensions, query } = bodyOf(request)
    return { request, query, hash: extensions?.persistedQuery.sha256Hash }
  })

describe("an automatic persisted query", () => {
  it.effect("is sent by the hash of its text", () =>
    scenario({ persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          client.query(query, { extensions: { mine: 1 }, variables: { a: 1 } })
        )
        const request = yield* server.accept
        const digest = yield* Effect.promise(() =>
          crypto.subtle.digest("SHA-256", new TextEncoder().encode(query))
        )
        assert.deepStrictEqual(JSON.parse(request.body), {
          variables: { a: 1 },
          extensions: {
            mine: 1,
            persistedQuery: { version: 1, sha256Hash: Buffer.from(digest).toString("hex") }
          }
        })
        yield* request.respond(hello)
        assert.deepStrictEqual(yield* Fiber.join(fiber), hello.data)
      })
    )
  )

  for (const status of [200, 400, 404, 500]) {
    it.effect(`is sent in full, with its hash, where it is not found (${status})`, () =>
      scenario({ persistedQueries: true }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(client.query(query))
          const first = yield* next(server)
          assert.isUndefined(first.query)
          yield* first.request.respond(notFound, { status })
          const second = yield* next(server)
          assert.strictEqual(second.query, query)
          assert.strictEqual(second.hash, first.hash)
          yield* second.request.respond(hello)
          assert.deepStrictEqual(yield* Fiber.join(fiber), hello.data)
          assert.strictEqual(yield* server.requests, 2)
        })
      )
    )
  }

  it.effect("is sent in full once, whatever is said then", () =>
    scenario({ persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        yield* (yield* server.accept).respond(notFound)
        yield* (yield* server.accept).respond(notFound)
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert.strictEqual(error._tag, "OperationError")
        assert.strictEqual(yield* server.requests, 2)
      })
    )
  )

  it.effect("is asked for by GET, and sent in full by POST", () =>
    scenario({ persistedQueries: true, method: "GET" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        const first = yield* server.accept
        assert.strictEqual(first.method, "GET")
        assert.isFalse(first.url.searchParams.has("query"))
        const extensions: unknown = JSON.parse(first.url.searchParams.get("extensions") ?? "")
        yield* first.respond(notFound)
        const second = yield* server.accept
        assert.strictEqual(second.method, "POST")
        assert.deepStrictEqual(JSON.parse(second.body), { query, extensions })
        yield* second.respond(hello)
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("as a mutation is a POST both times, and no second attempt", () =>
    scenario({ persistedQueries: true, method: "GET" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.mutate(mutation))
        const first = yield* next(server)
        assert.strictEqual(first.request.method, "POST")
        yield* first.request.respond(notFound)
        const second = yield* next(server)
        assert.strictEqual(second.query, mutation)
        yield* second.request.respond({ data: { add: 1 } })
        assert.deepStrictEqual(yield* Fiber.join(fiber), { add: 1 })
      })
    )
  )

  it.effect("that was not found, and then could not be sent, was not sent", () =>
    scenario({ persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.mutate(mutation))
        yield* (yield* server.accept).respond(notFound)
        yield* (yield* server.accept).fail(
          Object.assign(new Error("connect"), { code: "ECONNREFUSED" })
        )
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "NetworkError")
        assert.isFalse(error.sent)
      })
    )
  )

  it.effect("that was executed by its hash and lost, is not sent again", () =>
    scenario({ persistedQueries: true, reconnect: Schedule.recurs(3) }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.mutate(mutation))
        yield* (yield* server.accept).fail(new Error("reset"))
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "NetworkError")
        assert.isTrue(error.sent)
        assert.strictEqual(yield* server.requests, 1)
      })
    )
  )

  it.effect("has one timeout for both", () =>
    scenario({ persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query, { timeout: "5 seconds" }))
        const first = yield* server.accept
        yield* TestClock.adjust("3 seconds")
        yield* first.respond(notFound)
        const second = yield* server.accept
        yield* TestClock.adjust("2 seconds")
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "NetworkError")
        assert.strictEqual(error.reason._tag, "OperationTimeout")
        assert.isTrue(error.sent)
        yield* second.aborted
      })
    )
  )

  it.effect("is hashed once", () => {
    const digest = crypto.subtle.digest.bind(crypto.subtle)
    let count = 0
    crypto.subtle.digest = (...args) => {
      count++
      return digest(...args)
    }
    return scenario({ persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        for (let i = 0; i < 3; i++) {
          const fiber = yield* Effect.fork(client.query(query))
          yield* (yield* server.accept).respond(hello)
          yield* Fiber.join(fiber)
        }
        assert.strictEqual(count, 1)
      })
    ).pipe(Effect.ensuring(Effect.sync(() => (crypto.subtle.digest = digest))))
  })

  it.effect("goes by the name that a persisted document has", () =>
    scenario({ persistedQueries: true, documentId: () => "sha256:abc" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        const request = yield* server.accept
        assert.deepStrictEqual(JSON.parse(request.body), { documentId: "sha256:abc" })
        yield* request.respond(hello)
        yield* Fiber.join(fiber)
      })
    )
  )
})

describe("a server that has no automatic persisted queries", () => {
  /** A query that is answered thus, and then in full; and what the one after it is sent as. */
  const afterwards = (body: unknown, options: Parameters<TestRequest["respond"]>[1]) =>
    Effect.gen(function* () {
      let sent: ReadonlyArray<string | undefined> = []
      yield* scenario({ persistedQueries: true }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(client.query(query))
          const first = yield* next(server)
          yield* first.request.respond(body, options)
          const second = yield* next(server)
          yield* second.request.respond(hello)
          assert.deepStrictEqual(yield* Fiber.join(fiber), hello.data)
          const other = yield* Effect.fork(client.query(query))
          const third = yield* next(server)
          yield* third.request.respond(hello)
          yield* Fiber.join(other)
          sent = [first, second, third].map(({ hash, query }) =>
            [query && "text", hash && "hash"].filter(Boolean).join(" and ")
          )
        })
      )
      return sent
    })

  it.effect("and says so, is sent the text from then on", () =>
    Effect.gen(function* () {
      for (const status of [200, 400]) {
        const sent = yield* afterwards(notSupported, { status })
        assert.deepStrictEqual(sent, ["hash", "text", "text"])
      }
    })
  )

  it.effect("and knows of none, is sent the text from then on", () =>
    Effect.gen(function* () {
      for (const status of [400, 422]) {
        assert.deepStrictEqual(yield* afterwards(noQuery, { status }), ["hash", "text", "text"])
      }
      // Not said in GraphQL.
      const sent = yield* afterwards("Bad Request", { status: 400, headers })
      assert.deepStrictEqual(sent, ["hash", "text", "text"])
    })
  )

  it.effect("is none that refuses a request for another reason", () =>
    scenario({ persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        for (const status of [403, 429, 500]) {
          const fiber = yield* Effect.fork(client.query(query))
          const request = yield* next(server)
          assert.isDefined(request.hash)
          yield* request.request.respond("no", { status, headers })
          const error = yield* Effect.flip(Fiber.join(fiber))
          assert.strictEqual(error._tag, "NetworkError")
        }
        assert.strictEqual(yield* server.requests, 3)
      })
    )
  )

  it.effect("is none that has executed one by its hash", () =>
    scenario({ persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        const first = yield* Effect.fork(client.query(query))
        yield* (yield* server.accept).respond(hello)
        yield* Fiber.join(first)
        for (const [body, tag, options] of [
          [noQuery, "OperationError", {}],
          ["Bad Request", "NetworkError", { headers }]
        ] as const) {
          const other = yield* Effect.fork(client.query(query))
          yield* (yield* server.accept).respond(body, { status: 400, ...options })
          assert.strictEqual((yield* Effect.flip(Fiber.join(other)))._tag, tag)
        }
        assert.strictEqual(yield* server.requests, 3)
      })
    )
  )

  it.effect("is none whose resolver has failed", () =>
    scenario({ persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        const executed = [
          { data: null, errors: [{ message: "no" }] },
          { errors: [{ message: "PersistedQueryNotFound", path: ["add"] }] }
        ]
        for (const body of executed) {
          const fiber = yield* Effect.fork(client.mutate(mutation))
          yield* (yield* server.accept).respond(body, { status: 400 })
          const error = yield* Effect.flip(Fiber.join(fiber))
          assert.strictEqual(error._tag, "OperationError")
        }
        assert.strictEqual(yield* server.requests, 2)
      })
    )
  )

  it.effect("is not told by what fails in full as well", () =>
    scenario({ persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        yield* (yield* server.accept).respond(noQuery, { status: 400 })
        yield* (yield* server.accept).respond(noQuery, { status: 400 })
        yield* Effect.flip(Fiber.join(fiber))
        const other = yield* Effect.fork(client.query(query))
        const request = yield* next(server)
        assert.isDefined(request.hash)
        yield* request.request.respond(hello)
        yield* Fiber.join(other)
      })
    )
  )
})
