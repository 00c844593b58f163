import { assert, describe } from "@effect/vitest"
import type { ClientMessage } from "@fiberline/core/Message"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import {
  assertTook,
  closing,
  connect,
  connectClosable,
  detection,
  failureOf,
  network,
  protocol,
  running
} from "./support/client.js"
import { conversationServer, type Speaker } from "./support/conversationServer.js"
import { eventually, live } from "./support/live.js"
import { relay } from "./support/relay.js"
import { watchSocketTo } from "./support/sockets.js"
import { others } from "./support/subprotocols.js"

for (const { disconnect, name, subprotocol } of others) {
  const options = { subprotocols: [subprotocol] }
  const confirms = !subprotocol.lacks.has("Established")

  /** Answers a query, and runs a subscription that counts to three. */
  const serve = (message: ClientMessage, { send }: Speaker): void => {
    if (message._tag !== "Subscribe") return
    const { id, payload } = message
    if (payload.query.startsWith("subscription")) {
      if (confirms) send({ _tag: "Established", id })
      for (const n of [1, 2, 3]) send({ _tag: "Next", id, payload: { data: { n } } })
    } else {
      send({ _tag: "Next", id, payload: { data: { hello: "there" } } })
      send({ _tag: "Complete", id })
    }
  }
  const tags = (received: ReadonlyArray<{ readonly _tag: string }>) =>
    received.map(({ _tag }) => _tag)

  describe(`over ${name}`, () => {
    live(
      "a query and a subscription share one connection, which is closed in order",
      Effect.gen(function* () {
        const server = yield* conversationServer(subprotocol, serve)
        const { client, close } = yield* connectClosable(server.url, options)
        assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "there" })
        const taken = yield* client
          .subscribe("subscription { n }")
          .pipe(Stream.take(3), Stream.runCollect)
        assert.deepStrictEqual(Chunk.toReadonlyArray(taken), [{ n: 1 }, { n: 2 }, { n: 3 }])
        // Whatever was sent before this has arrived when it is answered.
        yield* client.query("{ hello }")
        const socket = watchSocketTo(server.port)
        const [took] = yield* Effect.timed(close)
        socket.assertGone()
        assertTook(took, { atMost: 0 })
        yield* eventually(() => assert.deepStrictEqual(server.closeCodes, [1000]))
        assert.notInclude(tags(server.received), "Rejected")
        assert.lengthOf(server.speakers, 1)
      })
    )

    live(
      "leaving a subscription tells the server once",
      Effect.gen(function* () {
        const server = yield* conversationServer(subprotocol, serve)
        const client = yield* connect(server.url, options)
        yield* client.subscribe("subscription { n }").pipe(Stream.take(1), Stream.runDrain)
        const completed = () => server.received.filter(({ _tag }) => _tag === "Complete").length
        yield* eventually(() => assert.strictEqual(completed(), 1))
        yield* client.query("{ hello }")
        // ActionCable has a query leave its channel too.
        const left = name === "ActionCable" ? 2 : 1
        yield* eventually(() => assert.strictEqual(completed(), left))
      })
    )

    live(
      "is kept by what is answered, and a server that falls silent is noticed within the bound",
      Effect.gen(function* () {
        const server = yield* conversationServer(subprotocol, (message, { send }) => {
          if (message._tag === "Subscribe" && confirms) {
            send({ _tag: "Established", id: message.id })
          }
        })
        const link = yield* relay(server)
        const { client, close } = yield* connectClosable(link.url, options)
        const failure = yield* running(client, "subscription { n }")
        yield* Effect.sleep(2.5 * detection)
        const heartbeats = server.received.filter(({ _tag }) => _tag === "Ping").length
        assert.isAtLeast(subprotocol.expectsPings ? heartbeats : server.pings(), 3)
        assert.lengthOf(server.speakers, 1)

        const socket = watchSocketTo(link.port)
        link.goSilent()
        const [took, error] = yield* Effect.timed(Fiber.join(failure))
        const { phase, reason, sent } = network(error)
        assert.deepStrictEqual([reason._tag, phase, sent], ["KeepaliveTimeout", "live", true])
        assertTook(took, { atMost: detection })
        const [closed] = yield* Effect.timed(close)
        socket.assertGone()
        assertTook(closed, { atMost: closing })
      })
    )

    live(
      "closing takes no longer than closeTimeout where the server is silent",
      Effect.gen(function* () {
        const server = yield* conversationServer(subprotocol, serve)
        const link = yield* relay(server)
        const { client, close } = yield* connectClosable(link.url, options)
        const failure = yield* running(client, "subscription { n }")
        const socket = watchSocketTo(link.port)
        link.goSilent()
        const [took] = yield* Effect.timed(close)
        socket.assertGone()
        assertTook(took, { atLeast: closing, atMost: closing })
        const { reason } = network(yield* Fiber.join(failure))
        assert.strictEqual(reason._tag, "ClientClosed")
      })
    )

    live(
      "a frame that is no message ends the connection with 4400",
      Effect.gen(function* () {
        const server = yield* conversationServer(subprotocol, serve)
        const client = yield* connect(server.url, options)
        const failure = yield* running(client, "subscription { n }")
        server.speakers[0]!.sendText("{")
        assert.deepStrictEqual(protocol(yield* Fiber.join(failure)), {
          _tag: "ProtocolError",
          violation: "NotJson",
          phase: "live",
          sent: true
        })
        yield* eventually(() => assert.deepStrictEqual(server.closeCodes, [4400]))
      })
    )

    if (disconnect !== undefined) {
      live(
        "a server that serves no longer says so, and the next operation has another connection",
        Effect.gen(function* () {
          const server = yield* conversationServer(subprotocol, serve)
          const client = yield* connect(server.url, options)
          const failure = yield* running(client, "subscription { n }")
          const socket = watchSocketTo(server.port)
          server.speakers[0]!.sendText(disconnect)
          const { reason } = network(yield* Fiber.join(failure))
          assert.strictEqual(reason._tag, "ServerDisconnected")
          yield* eventually(socket.assertGone)
          assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "there" })
          assert.lengthOf(server.speakers, 2)
        })
      )
    }

    if (confirms) {
      live(
        "a subscription is established when the server says so, and no sooner",
        Effect.gen(function* () {
          let establish = () => {}
          const server = yield* conversationServer(subprotocol, (message, { send }) => {
            if (message._tag === "Subscribe") {
              establish = () => send({ _tag: "Established", id: message.id })
            }
          })
          const client = yield* connect(server.url, options)
          const subscription = yield* client.subscription("subscription { n }")
          const waiting = yield* Effect.fork(Effect.timed(subscription.established))
          yield* Effect.sleep("200 millis")
          establish()
          const [took] = yield* Fiber.join(waiting)
          assertTook(took, { atLeast: 195, atMost: 200 })
        })
      )

      live(
        "a subscription that is left before it is established is left once it is",
        Effect.gen(function* () {
          let establish = () => {}
          const server = yield* conversationServer(subprotocol, (message, speaker) => {
            if (message._tag !== "Subscribe") return
            if (!message.payload.query.startsWith("subscription")) return serve(message, speaker)
            establish = () => speaker.send({ _tag: "Established", id: message.id })
          })
          const client = yield* connect(server.url, options)
          const failure = yield* running(client, "subscription { n }")
          yield* eventually(() => assert.include(tags(server.received), "Subscribe"))
          yield* Fiber.interrupt(failure)
          // Absinthe's server can be told by what name only once it has given one.
          establish()
          yield* eventually(() => assert.include(tags(server.received), "Complete"))
          assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "there" })
          assert.lengthOf(server.speakers, 1)
        })
      )

      live(
        "a subscription that is not confirmed within ackTimeout fails alone",
        Effect.gen(function* () {
          const server = yield* conversationServer(subprotocol, (message, speaker) => {
            if (message._tag === "Subscribe" && message.payload.query.startsWith("{")) {
              serve(message, speaker)
            }
          })
          const client = yield* connect(server.url, { ...options, ackTimeout: "400 millis" })
          const [took, error] = yield* Effect.timed(
            failureOf(client.subscribe("subscription { n }"))
          )
          assert.strictEqual(network(error).reason._tag, "EstablishTimeout")
          assertTook(took, { atLeast: 400, atMost: 400 })
          assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "there" })
          assert.lengthOf(server.speakers, 1)
        })
      )
    }
  })
}
