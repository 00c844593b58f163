import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as TestHttpServer from "@fiberline/testing/TestHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { carriers } from "../support/carriers.js"
import { networkError, protocolError } from "../support/errors.js"
import { isRunning } from "../support/fibers.js"
import { closable, type Network, type Options, scenario } from "../support/httpScenario.js"
import { stubborn } from "../support/stubborn.js"

const query = "{ x }"
const json = "application/json"
type Server = TestHttpServer.TestHttpServer

/** How far a query has come when something happens to it. */
interface Stage {
  readonly name: string
  readonly options: Options
  /** Brings it there. Afterwards `aborted` ends once its request is. */
  readonly reach: (server: Server) => Effect.Effect<{ readonly aborted: Effect.Effect<void> }>
  readonly phase: "connecting" | "live"
  readonly sent: boolean
}

const stages: ReadonlyArray<Stage> = [
  {
    name: "its credentials",
    options: { headers: Effect.never, connectTimeout: "1 minute" },
    reach: () => Effect.as(Effect.yieldNow(), { aborted: Effect.void }),
    phase: "connecting",
    sent: false
  },
  {
    name: "the head of the response",
    options: {},
    reach: (server) => server.accept,
    phase: "connecting",
    sent: true
  },
  {
    name: "the body",
    options: {},
    reach: (server) =>
      Effect.gen(function* () {
        const request = yield* server.accept
        yield* (yield* request.stream(json)).send('{"data"')
        return request
      }),
    phase: "live",
    sent: true
  }
]

for (const { name, options, phase, reach, sent } of stages) {
  describe(`a query that waits for ${name}`, () => {
    it.effect("ends at its timeout, and its request with it", () =>
      scenario({ ...options, operationTimeout: "2 seconds" }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
          const { aborted } = yield* reach(server)
          yield* TestClock.adjust("1999 millis")
          assert.isTrue(yield* isRunning(fiber))
          yield* TestClock.adjust("1 millis")
          const error = networkError(yield* Fiber.join(fiber), "OperationTimeout")
          assert.deepStrictEqual([error.phase, error.sent], [phase, sent])
          yield* aborted
          assert.strictEqual(yield* server.open, 0)
        })
      )
    )

    it.effect("can be interrupted, and its request is aborted", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(client.query(query))
          const { aborted } = yield* reach(server)
          assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
          yield* aborted
          assert.strictEqual(yield* server.open, 0)
        })
      )
    )

    it.effect("is told when the client is closed, and so is who comes later", () =>
      Effect.gen(function* () {
        const { client, close, server } = yield* closable(options)
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* reach(server)
        yield* close
        const error = networkError(yield* Fiber.join(fiber), "ClientClosed")
        assert.strictEqual(error.sent, sent)
        assert.strictEqual(yield* server.open, 0)
        const requests = yield* server.requests
        networkError(yield* Effect.flip(client.query(query)), "ClientClosed")
        networkError(yield* Effect.flip(client.mutate("mutation { m }")), "ClientClosed")
        networkError(yield* Effect.flip(client.connect), "ClientClosed")
        assert.strictEqual(yield* server.requests, requests)
      })
    )
  })
}

describe("a query whose request cannot be ended", () => {
  for (const [name, network, answer] of [
    ["before its head", stubborn("head"), () => Effect.void],
    [
      "in its body",
      stubborn("body"),
      (request: TestHttpServer.TestRequest) => Effect.asVoid(request.stream(json))
    ]
  ] as const) {
    it.effect(`${name} ends at its timeout all the same`, () =>
      Effect.gen(function* () {
        const { client, close, server } = yield* closable({}, network)
        const fiber = yield* Effect.fork(Effect.flip(client.query(query, { timeout: "1 second" })))
        yield* answer(yield* server.accept)
        yield* TestClock.adjust("1 second")
        networkError(yield* Fiber.join(fiber), "OperationTimeout")
        yield* close
      })
    )

    it.effect(`${name} is told at once that the client is closed`, () =>
      Effect.gen(function* () {
        const { client, close, server } = yield* closable({}, network)
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* answer(yield* server.accept)
        const closing = yield* Effect.fork(close)
        yield* TestClock.adjust("0 millis")
        networkError(yield* Fiber.join(fiber), "ClientClosed")
        yield* TestClock.adjust("5 seconds")
        yield* Fiber.join(closing)
      })
    )
  }
})

describe("a subscription whose request cannot be ended", () => {
  for (const { name, options } of carriers) {
    it.effect(`over ${name} is told that there is no head in time, and can be left`, () =>
      Effect.gen(function* () {
        const { client, close, server } = yield* closable(
          { ...options, connectTimeout: "1 second" },
          stubborn("head")
        )
        const subscription = client.subscribe("subscription { n }")
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(subscription)))
        yield* server.accept
        yield* TestClock.adjust("1 second")
        networkError(yield* Fiber.join(fiber), "ConnectTimeout")
        const left = yield* Effect.fork(Stream.runDrain(subscription))
        const request = yield* server.accept
        yield* Fiber.interrupt(left)
        yield* close
        yield* request.aborted
      })
    )
  }
})

describe("a body", () => {
  it.effect("that says it is too large is not read", () =>
    scenario({ maxResponseSize: 100 }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        yield* (yield* server.accept).respond({ data: { x: "x".repeat(100) } })
        const error = protocolError(yield* Fiber.join(fiber), "ResponseTooLarge")
        assert.isTrue(error.sent)
      })
    )
  )

  it.effect("that turns out to be too large is read no further, and aborted", () =>
    scenario({ maxResponseSize: 100 }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        const request = yield* server.accept
        const body = yield* request.stream(json)
        yield* body.send("x".repeat(100))
        yield* TestClock.adjust("1 second")
        assert.isTrue(yield* isRunning(fiber))
        yield* body.send("x")
        protocolError(yield* Fiber.join(fiber), "ResponseTooLarge")
        yield* request.aborted
      })
    )
  )

  it.effect("of just the size is read", () =>
    scenario({ maxResponseSize: 17 }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        yield* (yield* server.accept).respond('{"data":{"x":""}}')
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("may be cut anywhere, in the middle of a character too", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query(query))
        const body = yield* (yield* server.accept).stream(json)
        for (const byte of new TextEncoder().encode('{"data":{"x":"ü€😀"}}')) {
          yield* body.send(Uint8Array.of(byte))
        }
        yield* body.end
        assert.deepStrictEqual(yield* Fiber.join(fiber), { x: "ü€😀" })
      })
    )
  )

  it.effect("that breaks off is a lost connection, with its cause", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
        const body = yield* (yield* server.accept).stream(json)
        yield* body.send('{"data":{}}')
        yield* body.fail(new Error("terminated"))
        const error = networkError(yield* Fiber.join(fiber), "ConnectionLost")
        assert.strictEqual((error.cause as Error).message, "terminated")
        assert.deepStrictEqual([error.phase, error.sent], ["live", true])
      })
    )
  )
})

/** The network of a program whose own `HttpClient` does something more. */
const through = (change: (client: HttpClient.HttpClient) => HttpClient.HttpClient): Network =>
  Layer.map(TestHttpServer.layer, (context) =>
    Context.add(context, HttpClient.HttpClient, change(Context.get(context, HttpClient.HttpClient)))
  )

describe("a program's own HttpClient", () => {
  it.effect("may take every status but 2xx for an error; its response is read all the same", () =>
    scenario(
      {},
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query(query)))
          yield* (yield* server.accept).respond({ errors: [{ message: "no" }] }, { status: 400 })
          assert.strictEqual((yield* Fiber.join(fiber)).message, "no")
          const stream = yield* Effect.fork(
            Effect.flip(Stream.runDrain(client.subscribe("subscription { s }")))
          )
          yield* (yield* server.accept).respond("gone", {
            status: 404,
            headers: { "content-type": "text/plain" }
          })
          const error = networkError(yield* Fiber.join(stream), "RequestRejected")
          assert.strictEqual(error.reason.body, "gone")
        }),
      through(HttpClient.filterStatusOk)
    )
  )

  it.effect("that dies is a defect of whoever asks", () =>
    scenario(
      {},
      ({ client }) =>
        Effect.gen(function* () {
          for (const call of [
            client.query(query),
            Stream.runDrain(client.subscribe("subscription { s }"))
          ]) {
            const exit = yield* Effect.exit(call)
            assert.include(String(exit), "bug")
          }
        }),
      through(HttpClient.mapRequestEffect(() => Effect.dieMessage("bug")))
    )
  )
})

// A response of fetch has no stream where it has no body.
describe("a response without a body", () => {
  it.effect("is an empty one", () =>
    scenario(
      {},
      ({ client }) =>
        Effect.gen(function* () {
          const error = networkError(yield* Effect.flip(client.query(query)), "RequestRejected")
          assert.deepStrictEqual([error.reason.status, error.reason.body], [404, ""])
        }),
      through(() =>
        HttpClient.make((request) =>
          Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { status: 404 })))
        )
      )
    )
  )
})
