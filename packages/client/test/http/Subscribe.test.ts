import { assert, describe, it } from "@effect/vitest"
import { OperationError } from "@fiberline/client/OperationError"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { carriers, distinctCarriers, multipart, single, sse } from "../support/carriers.js"
import { networkError, protocolError } from "../support/errors.js"
import { scenario } from "../support/httpScenario.js"

const document = "subscription S($a: Int) { n(a: $a) }"
const json = "application/json; charset=utf-8"

for (const carrier of carriers) {
  const { accept, encode, name, options } = carrier

  describe(`a subscription over ${name}`, () => {
    it.effect("brings results until it completes", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            Stream.runCollect(
              client.subscribe(document, {
                variables: { a: 1 },
                operationName: "S",
                extensions: { e: 1 }
              })
            )
          )
          const carried = yield* accept(server)
          const { extensions, ...request } = carried.request
          assert.deepStrictEqual(request, {
            query: document,
            variables: { a: 1 },
            operationName: "S"
          } as typeof request)
          assert.strictEqual(extensions?.["e"], 1)
          yield* carried.heartbeat
          yield* carried.next({ data: { n: 1 } })
          yield* carried.next({ data: { n: 2 } })
          yield* carried.complete
          assert.deepStrictEqual(Array.from(yield* Fiber.join(fiber)), [{ n: 1 }, { n: 2 }])
          assert.strictEqual(yield* server.requests, carrier.requests)
        })
      )
    )

    it.effect("goes on after a field's error, if that is to stand inline", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            Stream.runCollect(client.subscribe(document, { errors: "inline" }))
          )
          const carried = yield* accept(server)
          const failed = { data: { n: null }, errors: [{ message: "no", path: ["n"] }] }
          yield* carried.next(failed)
          yield* carried.next({ data: { n: 2 } })
          yield* carried.complete
          assert.deepStrictEqual(Array.from(yield* Fiber.join(fiber)), [
            failed,
            { data: { n: 2 }, errors: [] }
          ])
        })
      )
    )

    it.effect("ends with it otherwise, and tells the server", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const carried = yield* accept(server)
          yield* carried.next({ data: { n: null }, errors: [{ message: "no", path: ["n"] }] })
          const error = yield* Fiber.join(fiber)
          assert.instanceOf(error, OperationError)
          assert.deepStrictEqual(error.data, { n: null })
          if (carrier !== single) yield* carried.aborted
        })
      )
    )

    it.effect("that is refused in the stream, with errors and no data, is an OperationError", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const carried = yield* accept(server)
          yield* carried.next({ errors: [{ message: "Cannot query field" }] })
          yield* carried.complete
          const error = yield* Fiber.join(fiber)
          assert.instanceOf(error, OperationError)
          assert.strictEqual(error.message, "Cannot query field")
          assert.notProperty(error, "data")
        })
      )
    )

    it.effect("may be cut anywhere, in the middle of a character too", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runHead(client.subscribe(document)))
          const carried = yield* accept(server)
          const id = String(carried.request.extensions?.["operationId"])
          for (const byte of new TextEncoder().encode(encode(id, { data: { x: "ü€😀" } }))) {
            yield* carried.body.send(Uint8Array.of(byte))
          }
          assert.deepStrictEqual(
            yield* Effect.flatten(Fiber.join(fiber)) as Effect.Effect<unknown>,
            { x: "ü€😀" }
          )
        })
      )
    )

    it.effect("is ended by a message that is none, with what was received", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const carried = yield* accept(server)
          yield* carried.malformed
          const error = protocolError(yield* Fiber.join(fiber), "NotJson")
          assert.strictEqual(error.received, "{")
          assert.isTrue(error.sent)
          yield* carried.aborted
        })
      )
    )

    it.effect("is ended by a message that is larger than it may be", () =>
      scenario({ ...options, maxResponseSize: 1000 }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const carried = yield* accept(server)
          for (let i = 0; i < 100; i++) yield* carried.next({ data: { x: "x".repeat(500) } })
          yield* carried.next({ data: { x: "x".repeat(1001) } })
          protocolError(yield* Fiber.join(fiber), "ResponseTooLarge")
          yield* carried.aborted
        })
      )
    )

    it.effect("whose body breaks off is lost, with the cause", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const subscription = yield* client.subscription(document)
          const carried = yield* accept(server)
          yield* carried.next({ data: { n: 1 } })
          yield* carried.body.fail(new Error("terminated"))
          assert.lengthOf(yield* subscription.take, 1)
          const error = networkError(
            (yield* Effect.flip(Effect.flip(Effect.flip(subscription.take)))).pipe((option) =>
              option._tag === "Some" ? option.value : undefined
            ),
            "ConnectionLost"
          )
          assert.strictEqual((error.cause as Error).message, "terminated")
          assert.deepStrictEqual([error.phase, error.sent], ["live", true])
        })
      )
    )

    it.effect("whose body ends without a word is lost, not complete", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const carried = yield* accept(server)
          yield* carried.next({ data: { n: 1 } })
          yield* carried.body.end
          networkError(yield* Fiber.join(fiber), "ConnectionLost")
        })
      )
    )
  })

  describe(`the response to a subscription over ${name}`, () => {
    const refusedWith = (
      body: unknown,
      status: number,
      headers: { readonly [name: string]: string }
    ) =>
      Effect.gen(function* () {
        const errors: Array<unknown> = []
        yield* scenario(options, ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.flip(Stream.runDrain(client.subscribe(document)))
            )
            const request = yield* carrier.first(server)
            yield* request.respond(body, { status, headers })
            errors.push(yield* Fiber.join(fiber))
          })
        )
        return errors[0]
      })

    for (const status of [401, 403, 404, 406, 500, 502]) {
      it.effect(`with status ${status} and a page is rejected, with its beginning`, () =>
        Effect.gen(function* () {
          const error = networkError(
            yield* refusedWith("<html>no", status, {
              "content-type": "text/html",
              server: "proxy",
              "set-cookie": "a=1"
            }),
            "RequestRejected"
          )
          assert.strictEqual(error.reason.status, status)
          assert.strictEqual(error.reason.body, "<html>no")
          assert.strictEqual(error.reason.headers["server"], "proxy")
          assert.notProperty(error.reason.headers, "set-cookie")
          // What reserves a stream tells the server nothing of the operation.
          assert.deepStrictEqual(
            [error.phase, error.sent],
            carrier === single ? ["connecting", false] : ["live", true]
          )
        })
      )
    }

    it.effect("with status 200 and a page is a violation", () =>
      Effect.gen(function* () {
        const error = protocolError(
          yield* refusedWith("<html>welcome", 200, { "content-type": "text/html" }),
          "UnexpectedMediaType"
        )
        assert.strictEqual(error.received, "<html>welcome")
        assert.strictEqual(error.sent, carrier !== single)
      })
    )
  })
}

for (const { first, name, options } of distinctCarriers) {
  describe(`an answer in place of a stream, over ${name}`, () => {
    for (const [status, type] of [
      [200, json],
      [400, json],
      [400, "application/graphql-response+json"]
    ] as const) {
      it.effect(`with errors, as ${status} ${type}, is an OperationError`, () =>
        scenario(options, ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.flip(Stream.runDrain(client.subscribe(document)))
            )
            yield* (yield* first(server)).respond(
              { data: null, errors: [{ message: "Cannot return null for Subscription.n" }] },
              { status, headers: { "content-type": type } }
            )
            const error = yield* Fiber.join(fiber)
            assert.instanceOf(error, OperationError)
            assert.strictEqual(error.message, "Cannot return null for Subscription.n")
          })
        )
      )
    }

    it.effect("with data is the one result there is", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe(document)))
          yield* (yield* first(server)).respond(
            { data: { n: 1 } },
            { headers: { "content-type": json } }
          )
          assert.deepStrictEqual(Array.from(yield* Fiber.join(fiber)), [{ n: 1 }])
        })
      )
    )

    it.effect("that breaks off is a lost connection", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const body = yield* (yield* first(server)).stream(json)
          yield* body.fail(new Error("terminated"))
          const error = networkError(yield* Fiber.join(fiber), "ConnectionLost")
          assert.isTrue(error.sent)
        })
      )
    )

    it.effect("that is too large is a violation", () =>
      scenario({ ...options, maxResponseSize: 10 }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          yield* (yield* first(server)).respond("x".repeat(11), { status: 500 })
          assert.isTrue(protocolError(yield* Fiber.join(fiber), "ResponseTooLarge").sent)
        })
      )
    )
  })
}

describe("a stream's own words", () => {
  it.effect("Server-Sent Events are heard with status 500 too", () =>
    scenario(sse.options, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
        const body = yield* (yield* server.accept).stream("text/event-stream", { status: 500 })
        yield* body.send(sse.encode("", { errors: [{ message: "origin down" }] }))
        assert.strictEqual((yield* Fiber.join(fiber)).message, "origin down")
      })
    )
  )

  it.effect("asks for Server-Sent Events in the only words that every server knows", () =>
    scenario(sse.options, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
        const { headers } = yield* sse.accept(server)
        assert.strictEqual(headers["accept"], "text/event-stream")
        yield* Fiber.interrupt(fiber)
      })
    )
  )

  it.effect("errors beside a part's payload are fatal", () =>
    scenario(multipart.options, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
        const { aborted, body } = yield* multipart.accept(server)
        yield* body.send(
          '\r\n--graphql\r\ncontent-type: application/json\r\n\r\n{"payload":null,"errors":[{"message":"subgraph lost"}]}\r\n--graphql--\r\n'
        )
        const error = yield* Fiber.join(fiber)
        assert.instanceOf(error, OperationError)
        assert.strictEqual(error.message, "subgraph lost")
        yield* aborted
      })
    )
  )
})
