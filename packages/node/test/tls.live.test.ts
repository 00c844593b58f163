import { assert, describe } from "@effect/vitest"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { Agent } from "node:https"
import { selfSigned } from "./support/certificate.js"
import {
  assertTook,
  causeOf,
  closing,
  connect,
  connectClosable,
  network,
  running
} from "./support/client.js"
import { graphqlServer } from "./support/graphqlServer.js"
import { eventually, live } from "./support/live.js"
import { relay } from "./support/relay.js"
import { neverUpgrades } from "./support/servers.js"
import { watchSocketTo } from "./support/sockets.js"

const certificate = selfSigned()
const connectFailed = {
  _tag: "NetworkError",
  reason: { _tag: "ConnectFailed" },
  phase: "connecting",
  sent: false
}

describe("TLS", () => {
  live(
    "connects where the certificate's authority is trusted, and closes",
    Effect.gen(function* () {
      const server = yield* graphqlServer({ tls: certificate })
      const wire = NodeWire.make({ tls: { ca: certificate.cert } })
      const { client, close } = yield* connectClosable(server.url, {}, wire)
      assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "hello world" })
      const socket = watchSocketTo(server.port)
      yield* close
      socket.assertGone()
      yield* eventually(() => assert.deepStrictEqual(server.closeCodes, [1000]))
    })
  )

  live(
    "a self-signed certificate fails the connection, with the cause",
    Effect.gen(function* () {
      const server = yield* graphqlServer({ tls: certificate })
      const error = yield* Effect.flip((yield* connect(server.url)).connect)
      assert.deepStrictEqual(network(error), connectFailed)
      assert.strictEqual(causeOf(error), "DEPTH_ZERO_SELF_SIGNED_CERT")
    })
  )

  live(
    "a certificate for another name fails the connection, with the cause",
    Effect.gen(function* () {
      const server = yield* graphqlServer({ tls: certificate })
      const tls = { ca: [certificate.cert], servername: "elsewhere.example" }
      const error = yield* Effect.flip(
        (yield* connect(server.url, {}, NodeWire.make({ tls }))).connect
      )
      assert.deepStrictEqual(network(error), connectFailed)
      assert.strictEqual(causeOf(error), "ERR_TLS_CERT_ALTNAME_INVALID")
    })
  )

  live(
    "verification can be turned off",
    Effect.gen(function* () {
      const server = yield* graphqlServer({ tls: certificate })
      const wire = NodeWire.make({ tls: { rejectUnauthorized: false } })
      yield* (yield* connect(server.url, {}, wire)).connect
    })
  )

  live(
    "a client shows its own certificate to a server that asks for one",
    Effect.gen(function* () {
      const ours = selfSigned()
      const server = yield* graphqlServer({
        tls: { ...certificate, requestCert: true, ca: ours.cert }
      })
      const { cert } = ours
      const tls = { ca: certificate.cert, cert, key: Redacted.make(ours.key) }
      yield* (yield* connect(server.url, {}, NodeWire.make({ tls }))).connect
      const error = yield* Effect.flip(
        (yield* connect(server.url, {}, NodeWire.make({ tls: { ca: certificate.cert } }))).connect
      )
      assert.deepStrictEqual(network(error), connectFailed)
    })
  )

  live(
    "a key that is none fails the connection, without showing it",
    Effect.gen(function* () {
      const tls = { cert: certificate.cert, key: Redacted.make("a secret that is no key") }
      const client = yield* connect("wss://127.0.0.1:1/", {}, NodeWire.make({ tls }))
      const error = yield* Effect.flip(client.connect)
      assert.deepStrictEqual(network(error), connectFailed)
      assert.notInclude(`${error} ${String(error.cause)} ${JSON.stringify(error)}`, "secret")
    })
  )

  live(
    "an agent makes the connection where there is one",
    Effect.gen(function* () {
      const server = yield* graphqlServer({ tls: certificate })
      const agent = new Agent({ ca: certificate.cert, keepAlive: true })
      const { client, close } = yield* connectClosable(server.url, {}, NodeWire.make({ agent }))
      yield* client.connect
      const socket = watchSocketTo(server.port)
      yield* close
      socket.assertGone()
      agent.destroy()
    })
  )

  live(
    "a server that never shakes hands: ConnectTimeout, and the socket is gone",
    Effect.gen(function* () {
      const server = yield* neverUpgrades
      const client = yield* connect(server.url.replace("ws:", "wss:"), {
        connectTimeout: "200 millis"
      })
      const connecting = yield* Effect.fork(Effect.flip(client.connect))
      yield* Effect.sleep("20 millis")
      const socket = watchSocketTo(server.port)
      assert.strictEqual(network(yield* Fiber.join(connecting)).reason._tag, "ConnectTimeout")
      yield* eventually(socket.assertGone)
    })
  )

  live(
    "a black hole: closed within closeTimeout, and the socket is gone",
    Effect.gen(function* () {
      const server = yield* graphqlServer({ tls: certificate })
      const link = yield* relay(server)
      const wire = NodeWire.make({ tls: { ca: certificate.cert } })
      const { client, close } = yield* connectClosable(link.url.replace("ws:", "wss:"), {}, wire)
      const failure = yield* running(client, "subscription { ticks }")
      link.goSilent()
      const socket = watchSocketTo(link.port)
      const [took] = yield* Effect.timed(close)
      socket.assertGone()
      assertTook(took, { atLeast: closing, atMost: closing })
      assert.strictEqual(network(yield* Fiber.join(failure)).reason._tag, "ClientClosed")
    })
  )
})
