import { assert, describe } from "@effect/vitest"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Agent } from "node:http"
import {
  assertTook,
  causeOf,
  closing,
  connect,
  connectClosable,
  failureOf,
  network
} from "./support/client.js"
import { graphqlServer } from "./support/graphqlServer.js"
import { eventually, live } from "./support/live.js"
import { relay } from "./support/relay.js"
import { scriptedServer } from "./support/scriptedServer.js"
import { closedPort, neverUpgrades, refusing, tcpServer } from "./support/servers.js"
import { watchSocketTo } from "./support/sockets.js"

const failed = (reason: object, phase = "connecting") => ({
  _tag: "NetworkError",
  reason,
  phase,
  sent: false
})
const ticks = "subscription { ticks }"

describe("a server that cannot be reached", () => {
  live(
    "refuses: ConnectFailed with the operating system's cause",
    Effect.gen(function* () {
      const { url } = yield* closedPort
      const client = yield* connect(url)
      const error = yield* failureOf(client.subscribe(ticks))
      assert.deepStrictEqual(network(error), failed({ _tag: "ConnectFailed" }))
      assert.strictEqual(causeOf(error), "ECONNREFUSED")
    })
  )

  live(
    "has a name that does not exist: ConnectFailed with the resolver's cause",
    Effect.gen(function* () {
      const cause = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" })
      const agent = new Agent({ lookup: (_host, _options, done) => done(cause, "") })
      const url = "ws://nowhere.invalid/?token=hunter2-hunter2"
      const client = yield* connect(url, {}, NodeWire.make({ agent }))
      const error = yield* Effect.flip(client.connect)
      assert.deepStrictEqual(network(error), failed({ _tag: "ConnectFailed" }))
      assert.strictEqual(causeOf(error), "ENOTFOUND")
      assert.notInclude(`${error} ${String(error.cause)} ${JSON.stringify(error)}`, "hunter2")
    })
  )

  live(
    "refuses at first and is there later",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const link = yield* relay(server)
      const client = yield* connect(link.url)
      yield* client.query("{ hello }")
      link.refuse()
      link.reset()
      const error = yield* Effect.flip(Effect.zipRight(Effect.sleep("50 millis"), client.connect))
      assert.deepStrictEqual(network(error), failed({ _tag: "ConnectFailed" }))
    })
  )

  live(
    "hangs up on the request: ConnectFailed",
    Effect.gen(function* () {
      const { url } = yield* tcpServer((socket) => socket.once("data", () => socket.end()))
      const error = yield* Effect.flip((yield* connect(url)).connect)
      assert.deepStrictEqual(network(error), failed({ _tag: "ConnectFailed" }))
      assert.strictEqual(causeOf(error), "ECONNRESET")
    })
  )

  live(
    "switches protocols and does not say to what: ConnectFailed",
    Effect.gen(function* () {
      const { url } = yield* tcpServer((socket) =>
        socket.once("data", () => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
      )
      const error = yield* Effect.flip((yield* connect(url)).connect)
      assert.deepStrictEqual(network(error), failed({ _tag: "ConnectFailed" }))
    })
  )

  live(
    "speaks something else: ConnectFailed",
    Effect.gen(function* () {
      const { url } = yield* tcpServer((socket) => socket.end("SSH-2.0-OpenSSH_9.7\r\n"))
      const error = yield* Effect.flip((yield* connect(url)).connect)
      assert.deepStrictEqual(network(error), failed({ _tag: "ConnectFailed" }))
      assert.match(String(causeOf(error)), /^HPE_/)
    })
  )
})

describe("a server that says nothing", () => {
  live(
    "never upgrades: ConnectTimeout, and the socket is gone",
    Effect.gen(function* () {
      const server = yield* neverUpgrades
      const client = yield* connect(server.url, { connectTimeout: "300 millis" })
      const connecting = yield* Effect.fork(Effect.timed(Effect.flip(client.connect)))
      yield* Effect.sleep("20 millis")
      const socket = watchSocketTo(server.port)
      const [took, error] = yield* Fiber.join(connecting)
      assert.deepStrictEqual(
        network(error),
        failed({ _tag: "ConnectTimeout", timeout: Duration.millis(300) })
      )
      assertTook(took, { atLeast: 300, atMost: 300 })
      yield* eventually(socket.assertGone)
    })
  )

  live(
    "never acknowledges: AckTimeout, and it is told why we leave",
    Effect.gen(function* () {
      const server = yield* scriptedServer({ onInit: () => {} })
      const client = yield* connect(server.url, { ackTimeout: "300 millis" })
      const [took, error] = yield* Effect.timed(failureOf(client.subscribe(ticks)))
      assert.deepStrictEqual(
        network(error),
        failed({ _tag: "AckTimeout", timeout: Duration.millis(300) }, "acknowledging")
      )
      assertTook(took, { atLeast: 300, atMost: 300 })
      yield* eventually(() => assert.deepStrictEqual(server.closeCodes, [4504]))
    })
  )

  live(
    "never upgrades, and the client is closed: at once, and the socket is gone",
    Effect.gen(function* () {
      const server = yield* neverUpgrades
      const { client, close } = yield* connectClosable(server.url)
      const connecting = yield* Effect.fork(Effect.flip(client.connect))
      yield* Effect.sleep("20 millis")
      const socket = watchSocketTo(server.port)
      const [took] = yield* Effect.timed(close)
      assertTook(took, { atMost: 0 })
      assert.deepStrictEqual(
        network(yield* Fiber.join(connecting)),
        failed({ _tag: "ClientClosed" })
      )
      yield* eventually(socket.assertGone)
    })
  )

  live(
    "never acknowledges, and the client is closed: within closeTimeout, even if silent",
    Effect.gen(function* () {
      const server = yield* scriptedServer({ onInit: () => {} })
      const link = yield* relay(server)
      const { client, close } = yield* connectClosable(link.url)
      const connecting = yield* Effect.fork(Effect.flip(client.connect))
      yield* eventually(() => assert.lengthOf(server.received, 1))
      link.goSilent()
      const socket = watchSocketTo(link.port)
      const [took] = yield* Effect.timed(close)
      socket.assertGone()
      assertTook(took, { atLeast: closing, atMost: closing })
      assert.deepStrictEqual(
        network(yield* Fiber.join(connecting)),
        failed({ _tag: "ClientClosed" }, "acknowledging")
      )
    })
  )
})

describe("a server that refuses the upgrade", () => {
  for (const status of [301, 401, 403, 404, 500, 503]) {
    live(
      `with ${status}: HandshakeRejected with the status and the headers`,
      Effect.gen(function* () {
        const server = yield* refusing(status, {
          "content-type": "text/plain",
          "retry-after": "7",
          "set-cookie": ["session=1", "theme=dark"],
          via: ["1.1 a", "1.1 b"]
        })
        const client = yield* connect(server.url)
        const error = yield* failureOf(client.subscribe(ticks))
        assert.deepStrictEqual(
          network(error),
          failed({
            _tag: "HandshakeRejected",
            status,
            headers: { "content-type": "text/plain", "retry-after": "7", via: "1.1 a, 1.1 b" }
          })
        )
      })
    )
  }

  live(
    "through an agent that keeps connections: without leaving one behind",
    Effect.gen(function* () {
      const server = yield* refusing(503)
      const agent = new Agent({ keepAlive: true })
      const client = yield* connect(server.url, {}, NodeWire.make({ agent }))
      assert.strictEqual(
        network(yield* Effect.flip(client.connect)).reason._tag,
        "HandshakeRejected"
      )
      assert.deepStrictEqual(Object.keys(agent.freeSockets), [])
    })
  )
})
