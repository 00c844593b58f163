import { assert, describe, it } from "@effect/vitest"
import { EncodeError, OperationError } from "@fiberline/client/OperationError"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { networkError, protocolError } from "../support/errors.js"
import { scenario } from "../support/httpScenario.js"

const query = "query Q { hello }"
const validation = { errors: [{ message: "Cannot query field" }] }
const json = "application/json; charset=utf-8"

describe("a query", () => {
  it.effect("is a POST, and its result the response", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        const request = yield* server.accept
        assert.strictEqual(request.method, "POST")
        assert.strictEqual(request.headers["content-type"], "application/json")
        assert.strictEqual(
          request.headers["accept"],
          "application/graphql-response+json, application/json;q=0.9"
        )
        assert.deepStrictEqual(JSON.parse(request.body), { query })
        yield* request.respond({ data: { hello: "world" } })
        assert.deepStrictEqual(yield* Fiber.join(fiber), { hello: "world" })
        assert.strictEqual(yield* server.requests, 1)
      })
    )
  )

  it.effect(
    "has its name, variables and extensions reach the wire, and headers of the client",
    () =>
      scenario({ headers: { "X-Tenant": "7" } }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            client.query(query, {
              operationName: "Q",
              variables: { a: [1, null, "ü"] },
              extensions: { e: 1 }
            })
          )
          const request = yield* server.accept
          assert.strictEqual(request.headers["x-tenant"], "7")
          assert.deepStrictEqual(JSON.parse(request.body), {
            query,
            operationName: "Q",
            variables: { a: [1, null, "ü"] },
            extensions: { e: 1 }
          })
          yield* request.respond({ data: {} })
          yield* Fiber.join(fiber)
        })
      )
  )

  it.effect("by GET has all of that in its URL, behind what the URL has", () =>
    scenario({ url: "https://test/graphql?key=1", method: "GET" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query, { variables: { a: "ü&=" } }))
        const request = yield* server.accept
        assert.strictEqual(request.method, "GET")
        assert.strictEqual(request.body, "")
        assert.deepStrictEqual(Object.fromEntries(request.url.searchParams), {
          key: "1",
          query,
          variables: '{"a":"ü&="}'
        })
        assert.notProperty(request.headers, "content-type")
        yield* request.respond({ data: {} })
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("may say itself how it is sent", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query, { method: "GET" }))
        const request = yield* server.accept
        assert.strictEqual(request.method, "GET")
        yield* request.respond({ data: {} })
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("with variables that are no JSON is not sent", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        for (const method of ["GET", "POST"] as const) {
          const error = yield* Effect.flip(client.query(query, { method, variables: { n: 1n } }))
          assert.instanceOf(error, EncodeError)
        }
        assert.strictEqual(yield* server.requests, 0)
      })
    )
  )

  it.effect("a hundred at once are a hundred requests, whose results are not confused", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fibers = yield* Effect.forEach(Array.from({ length: 100 }).keys(), (i) =>
          Effect.fork(client.query(query, { variables: { i } }))
        )
        const requests = yield* Effect.replicateEffect(server.accept, 100)
        for (const request of requests.reverse()) {
          // Type boundary: what was sent above.
          const { variables } = JSON.parse(request.body) as { variables: { i: number } }
          yield* request.respond({ data: variables })
        }
        const results = yield* Fiber.join(Fiber.all(fibers))
        assert.deepStrictEqual(
          results,
          Array.from({ length: 100 }, (_, i) => ({ i }))
        )
      })
    )
  )
})

describe("a mutation", () => {
  it.effect("is a POST, whatever anybody says", () =>
    scenario({ method: "GET" }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.mutate("mutation { m }", { method: "GET" }))
        const request = yield* server.accept
        assert.strictEqual(request.method, "POST")
        yield* request.respond({ data: { m: 1 } })
        assert.deepStrictEqual(yield* Fiber.join(fiber), { m: 1 })
      })
    )
  )
})

/** The error of a query that is answered so. */
const errorOf = (
  body: unknown,
  status: number,
  headers: { readonly [name: string]: string } = {}
) =>
  Effect.gen(function* () {
    const errors: Array<unknown> = []
    yield* scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* (yield* server.accept).respond(body, { status, headers })
        errors.push(yield* Fiber.join(fiber))
        assert.strictEqual(yield* server.requests, 1)
      })
    )
    return errors[0]
  })

describe("a response with GraphQL errors", () => {
  for (const [status, type] of [
    [200, undefined],
    [200, json],
    [400, undefined],
    [400, json],
    [403, json],
    [403, undefined],
    [422, json],
    [500, json],
    [500, undefined]
  ] as const) {
    it.effect(
      `and status ${status} as ${type ?? "what the draft names"} is an OperationError`,
      () =>
        Effect.gen(function* () {
          const error = yield* errorOf(validation, status, {
            ...(type && { "content-type": type }),
            "x-request-id": "r1",
            "set-cookie": "session=1"
          })
          assert.instanceOf(error, OperationError)
          assert.strictEqual(error.message, "Cannot query field")
          assert.notProperty(error, "data")
          assert.strictEqual(error.response?.status, status)
          assert.strictEqual(error.response?.headers["x-request-id"], "r1")
          assert.notProperty(error.response?.headers, "set-cookie")
        })
    )
  }

  it.effect("beside data is either an error that has it, or a result", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const answer = { data: { hello: null }, errors: [{ message: "no", path: ["hello"] }] }
        const thrown = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* (yield* server.accept).respond(answer)
        const error = yield* Fiber.join(thrown)
        assert.instanceOf(error, OperationError)
        assert.deepStrictEqual(error.data, answer.data)
        const inline = yield* Effect.fork(client.query(query, { errors: "inline" }))
        yield* (yield* server.accept).respond(answer)
        assert.deepStrictEqual(yield* Fiber.join(inline), answer)
      })
    )
  )
})

describe("a response that is none of GraphQL's", () => {
  for (const status of [404, 400, 500, 502, 301]) {
    it.effect(`and status ${status} is rejected, with its beginning`, () =>
      Effect.gen(function* () {
        const error = networkError(
          yield* errorOf("<html>" + "x".repeat(5000), status, {
            "content-type": "text/html",
            "set-cookie": "a=1",
            server: "proxy"
          }),
          "RequestRejected"
        )
        assert.strictEqual(error.reason.status, status)
        assert.strictEqual(error.reason.headers["server"], "proxy")
        assert.notProperty(error.reason.headers, "set-cookie")
        assert.isTrue(error.reason.body.startsWith("<html>xx"))
        assert.lengthOf(error.reason.body, 2000)
        assert.isTrue(error.sent)
        assert.strictEqual(error.phase, "live")
      })
    )
  }

  it.effect("and a JSON of somebody else's with a 4xx is rejected", () =>
    Effect.gen(function* () {
      const error = yield* errorOf({ error: "rate limit" }, 429, { "content-type": json })
      assert.strictEqual(networkError(error, "RequestRejected").reason.status, 429)
    })
  )

  for (const [what, body, type, violation] of [
    ["a page with status 200", "<html>", "text/html", "UnexpectedMediaType"],
    ["an empty one", "", json, "NotJson"],
    ["no JSON", "{", json, "NotJson"],
    ["an array", [], json, "NotAnObject"],
    ["neither data nor errors", {}, json, "InvalidField"],
    ["data that is a string", { data: "x" }, json, "InvalidField"],
    ["errors that are none", { errors: "x" }, json, "InvalidField"]
  ] as const) {
    it.effect(`${what} is a violation, and shown`, () =>
      Effect.gen(function* () {
        const error = protocolError(yield* errorOf(body, 200, { "content-type": type }), violation)
        assert.isTrue(error.sent)
        assert.isString(error.received)
      })
    )
  }
})
