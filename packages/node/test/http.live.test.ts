import { assert, describe } from "@effect/vitest"
import type { Service } from "@fiberline/client/GraphQLClient"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { ServerResponse } from "node:http"
import { bounded, mebi } from "./support/bounded.js"
import { selfSigned } from "./support/certificate.js"
import { assertTook, closing, detection, failureOf, network, protocol } from "./support/client.js"
import {
  childHttpServer,
  connectHttp,
  connectHttpClosable,
  type Handler,
  httpServer
} from "./support/httpServer.js"
import { eventually, live } from "./support/live.js"
import { relay } from "./support/relay.js"
import { hasProc, socketsTo } from "./support/sockets.js"

/** Megabytes: what has passed both ends, which share this process, is there until it is collected. */
const roomForGarbage = 250

/** The response to a subscription is there, however busy the machine is. */
const untilLive = ({ status }: Service) =>
  Stream.runHead(Stream.filter(status.changes, ({ _tag }) => _tag === "Live"))

const document = "subscription { n }"

interface Format {
  readonly name: "sse" | "multipart"
  readonly contentType: string
  readonly opening: string
  readonly next: (payload: unknown) => string
  readonly complete: string
}

const formats: ReadonlyArray<Format> = [
  {
    name: "sse",
    contentType: "text/event-stream",
    opening: ":\n\n",
    next: (payload) => `event: next\ndata: ${JSON.stringify(payload)}\n\n`,
    complete: "event: complete\ndata:\n\n"
  },
  {
    name: "multipart",
    contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    opening: "\r\n--graphql\r\ncontent-type: application/json\r\n\r\n{}\r\n--graphql",
    next: (payload) =>
      `\r\ncontent-type: application/json\r\n\r\n${JSON.stringify({ payload })}\r\n--graphql`,
    complete: "--\r\n"
  }
]

/** Takes every subscription on, and gives its response. */
const takesOn =
  ({ contentType, opening }: Format, use: (response: ServerResponse) => void): Handler =>
  (request, response) => {
    request.resume()
    response.on("error", () => {})
    response.writeHead(200, { "content-type": contentType })
    response.write(opening)
    use(response)
  }

for (const format of formats) {
  const { complete, name, next } = format
  const subscriptions = name

  describe(`a subscription over ${name}`, () => {
    live(
      "brings its results, wherever the chunks are cut, and gives its socket back",
      Effect.gen(function* () {
        const text = next({ data: { n: "ü€😀" } }) + next({ data: { n: 2 } }) + complete
        const server = yield* httpServer(
          takesOn(format, (response) => {
            const bytes = Buffer.from(text)
            const send = (at: number): void => {
              if (at >= bytes.length) return
              response.write(bytes.subarray(at, at + 3))
              setImmediate(() => send(at + 3))
            }
            send(0)
          })
        )
        const { client, close } = yield* connectHttpClosable(server.http, { subscriptions })
        const results = yield* Stream.runCollect(client.subscribe(document))
        assert.deepStrictEqual(Array.from(results), [{ n: "ü€😀" }, { n: 2 }])
        yield* close
        if (hasProc) {
          yield* eventually(() => assert.deepStrictEqual(socketsTo(server.port), []))
        }
      })
    )

    live(
      "that is left, or whose client is closed, has its server's socket closed",
      Effect.gen(function* () {
        let opened = 0
        let closed = 0
        const server = yield* httpServer(
          takesOn(format, (response) => {
            opened++
            response.write(next({ data: { n: 1 } }))
            response.on("close", () => closed++)
          })
        )
        const { client, close } = yield* connectHttpClosable(server.http, { subscriptions })
        yield* Stream.runHead(client.subscribe(document))
        yield* eventually(() => assert.strictEqual(closed, 1))
        const fibers = yield* Effect.replicateEffect(
          Effect.fork(failureOf(client.subscribe(document))),
          20
        )
        yield* eventually(() => assert.strictEqual(opened, 21))
        const [took] = yield* Effect.timed(close)
        assertTook(took, { atMost: closing })
        for (const error of yield* Fiber.join(Fiber.all(fibers))) {
          assert.strictEqual(network(error).reason._tag, "ClientClosed")
        }
        yield* eventually(() => assert.strictEqual(closed, 21))
      })
    )

    live(
      "that falls into a black hole is lost in interval + timeout, and its socket gone",
      Effect.gen(function* () {
        const server = yield* httpServer(takesOn(format, () => {}))
        const hole = yield* relay(server)
        const client = yield* connectHttp(`http://127.0.0.1:${hole.port}/graphql`, {
          subscriptions
        })
        const failure = yield* Effect.fork(failureOf(client.subscribe(document)))
        yield* untilLive(client)
        hole.goSilent()
        const [took, error] = yield* Effect.timed(Fiber.join(failure))
        assertTook(took, { atMost: detection })
        assert.deepStrictEqual(
          [network(error).reason._tag, network(error).sent],
          ["KeepaliveTimeout", true]
        )
        if (hasProc) {
          yield* eventually(() => assert.deepStrictEqual(socketsTo(hole.port), []))
        }
      })
    )

    live(
      "that is reset is lost, with the cause",
      Effect.gen(function* () {
        const server = yield* httpServer(takesOn(format, () => {}))
        const broken = yield* relay(server)
        const client = yield* connectHttp(`http://127.0.0.1:${broken.port}/graphql`, {
          subscriptions
        })
        const failure = yield* Effect.fork(failureOf(client.subscribe(document)))
        yield* untilLive(client)
        broken.reset()
        const error = network(yield* Fiber.join(failure))
        assert.deepStrictEqual([error.reason._tag, error.sent], ["ConnectionLost", true])
      })
    )

    live(
      "with a slow consumer holds its server back, loses nothing, and is not taken for dead",
      bounded(
        Effect.gen(function* () {
          const filler = "x".repeat(10_000)
          const count = 10_000
          let sent = 0
          const server = yield* httpServer(
            takesOn(format, (response) => {
              const pour = (): void => {
                while (sent < count) {
                  if (!response.write(next({ data: { n: sent++, filler } }))) {
                    response.once("drain", pour)
                    return
                  }
                }
                response.write(complete)
              }
              pour()
            })
          )
          const client = yield* connectHttp(server.http, {
            subscriptions,
            buffer: { capacity: 10 }
          })
          const subscription = yield* client.subscription(document)
          yield* Effect.sleep("1500 millis")
          assert.isBelow(sent, count / 2, "what TCP and the runtime hold, and no more")
          assert.strictEqual(yield* subscription.progress, "active")
          let taken = 0
          yield* Effect.repeat(
            Effect.tap(subscription.take, (batch) => {
              for (const element of Chunk.toReadonlyArray(batch)) {
                assert.strictEqual((element as { readonly n: number }).n, taken++)
              }
            }),
            { until: () => taken === count }
          )
        }),
        roomForGarbage
      )
    )

    live(
      "whose event never ends is a violation, at a bounded cost",
      bounded(
        Effect.gen(function* () {
          const piece = Buffer.alloc(mebi / 4, "x")
          const server = yield* httpServer(
            takesOn(format, (response) => {
              response.write(name === "sse" ? "data: " : "\r\ncontent-type: text/json\r\n\r\n")
              const pour = (): void => {
                while (!response.destroyed) {
                  if (!response.write(piece)) {
                    response.once("drain", pour)
                    return
                  }
                }
              }
              pour()
            })
          )
          const client = yield* connectHttp(server.http, {
            subscriptions,
            maxResponseSize: 8 * mebi
          })
          const error = yield* failureOf(client.subscribe(document))
          assert.strictEqual(protocol(error).violation, "ResponseTooLarge")
        })
      )
    )
  })
}

describe("a query", () => {
  live(
    "over keep-alive sockets gives its result, and these do not keep the process alive",
    Effect.gen(function* () {
      const server = yield* childHttpServer
      // Those that would keep it alive, and no others.
      const alive = () => process.getActiveResourcesInfo().filter((kind) => kind.startsWith("TCP"))
      yield* Effect.scoped(
        Effect.gen(function* () {
          const client = yield* connectHttp(server.http)
          for (let i = 0; i < 10; i++) {
            assert.deepStrictEqual(yield* client.query("{ x }"), { x: 1 })
          }
        })
      )
      // Not one for each; the next may be asked before the last has its socket put back.
      if (hasProc) assert.isAtMost(socketsTo(server.port).length, 3)
      yield* eventually(() => assert.deepStrictEqual(alive(), []))
    })
  )

  live(
    "that is interrupted, or takes too long, has its server's socket closed",
    Effect.gen(function* () {
      let closed = 0
      const server = yield* httpServer((request, response) => {
        request.resume()
        response.on("close", () => closed++)
      })
      const client = yield* connectHttp(server.http)
      const fiber = yield* Effect.fork(client.query("{ x }"))
      yield* Effect.sleep("100 millis")
      yield* Fiber.interrupt(fiber)
      yield* eventually(() => assert.strictEqual(closed, 1))
      const error = yield* Effect.flip(client.query("{ x }", { timeout: "100 millis" }))
      assert.strictEqual(network(error).reason._tag, "OperationTimeout")
      yield* eventually(() => assert.strictEqual(closed, 2))
    })
  )

  live(
    "whose port is refused was not sent",
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(httpServer(() => {}))
      const client = yield* connectHttp(`http://127.0.0.1:${port}/graphql`)
      for (const error of [
        yield* Effect.flip(client.mutate("mutation { m }")),
        yield* failureOf(client.subscribe(document))
      ]) {
        assert.deepStrictEqual(network(error), unsent)
      }
    })
  )

  live(
    "over a TLS connection that nobody trusts was not sent",
    Effect.gen(function* () {
      let requests = 0
      const server = yield* httpServer(() => requests++, selfSigned())
      const client = yield* connectHttp(server.http)
      for (const error of [
        yield* Effect.flip(client.mutate("mutation { m }")),
        yield* failureOf(client.subscribe(document))
      ]) {
        assert.deepStrictEqual(network(error), unsent)
      }
      assert.strictEqual(requests, 0)
    })
  )

  live(
    "whose host does not exist was not sent",
    Effect.gen(function* () {
      const client = yield* connectHttp("http://does-not-exist.invalid/graphql")
      const error = yield* Effect.flip(client.mutate("mutation { m }"))
      assert.deepStrictEqual(network(error), unsent)
    })
  )

  live(
    "whose body drips is read, one that stops dripping is not waited for",
    Effect.gen(function* () {
      const text = JSON.stringify({ data: { x: "ü".repeat(50) } })
      const server = yield* httpServer((request, response) => {
        request.resume()
        response.writeHead(200, { "content-type": "application/json" })
        const bytes = Buffer.from(text)
        const end = request.url?.includes("stops") ? bytes.length / 2 : bytes.length
        let at = 0
        const drip = setInterval(() => {
          if (at < end) response.write(bytes.subarray(at, ++at))
          else {
            clearInterval(drip)
            if (end === bytes.length) response.end()
          }
        }, 1)
        response.on("close", () => clearInterval(drip))
      })
      const well = yield* connectHttp(server.http)
      assert.deepStrictEqual(yield* well.query("{ x }"), { x: "ü".repeat(50) })
      const ill = yield* connectHttp(`${server.http}?stops`)
      const error = yield* Effect.flip(ill.query("{ x }", { timeout: "500 millis" }))
      const { phase, reason } = network(error)
      assert.deepStrictEqual([phase, reason._tag], ["live", "OperationTimeout"])
    })
  )

  live(
    "whose body never ends is a violation, at a bounded cost",
    bounded(
      Effect.gen(function* () {
        const piece = Buffer.alloc(mebi / 4, " ")
        const server = yield* httpServer((request, response) => {
          request.resume()
          response.on("error", () => {})
          response.writeHead(200, { "content-type": "application/json" })
          const pour = (): void => {
            while (!response.destroyed) {
              if (!response.write(piece)) {
                response.once("drain", pour)
                return
              }
            }
          }
          pour()
        })
        const client = yield* connectHttp(server.http, { maxResponseSize: 8 * mebi })
        const error = yield* Effect.flip(client.query("{ x }"))
        assert.strictEqual(protocol(error).violation, "ResponseTooLarge")
      })
    )
  )

  live(
    "whose body is shorter than it said is a lost connection",
    Effect.gen(function* () {
      const server = yield* httpServer((request, response) => {
        request.resume()
        response.writeHead(200, { "content-type": "application/json", "content-length": "100" })
        response.write('{"data":{}}', () => response.destroy())
      })
      const client = yield* connectHttp(server.http)
      const { phase, reason, sent } = network(yield* Effect.flip(client.query("{ x }")))
      assert.deepStrictEqual([phase, reason._tag, sent], ["live", "ConnectionLost", true])
    })
  )
})

const unsent = {
  _tag: "NetworkError",
  reason: { _tag: "ConnectFailed" },
  phase: "connecting",
  sent: false
}
