import { assert, describe } from "@effect/vitest"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Effect from "effect/Effect"
import { selfSigned } from "./support/certificate.js"
import { graphqlServer } from "./support/graphqlServer.js"
import { eventually, live } from "./support/live.js"
import { closeFrame, encodeFrame, type Incoming, textFrame } from "./support/rawFrames.js"
import { rawServer, toResponse, upgrade } from "./support/rawServer.js"
import { neverUpgrades } from "./support/servers.js"
import { assertNoSocketTo, connectionsTo, hasProc } from "./support/sockets.js"

const certificate = selfSigned()

const request = { subprotocols: ["graphql-transport-ws"], headers: {}, maxFrameSize: 1024 }
const listener = { onOpen: () => {}, onActivity: () => {}, onFrame: () => {}, onEnd: () => {} }

describe("a wire that is terminated", () => {
  for (const [scheme, tls] of [
    ["ws", undefined],
    ["wss", certificate]
  ] as const) {
    live(
      `in the very turn in which the server's good-bye arrives leaves nothing open (${scheme})`,
      Effect.gen(function* () {
        const server = yield* graphqlServer({ ...(tls && { tls }) })
        const open = NodeWire.make({ ...(tls && { tls: { ca: tls.cert } }) })
        const end = yield* Effect.async((resume) => {
          let isLeaving = false
          const wire = open(
            { ...request, url: server.url },
            {
              ...listener,
              onOpen: () => {
                isLeaving = true
                wire.close(1000, "")
              },
              // Below it the FIN is on its way out, and its shutdown not yet done.
              onActivity: () => {
                if (isLeaving) wire.terminate()
              },
              onEnd: (end) => resume(Effect.succeed(end))
            }
          )
        }).pipe(Effect.timeout("10 seconds"))
        assert.deepStrictEqual(end, { _tag: "Closed", code: 1000, reason: "" })
        assertNoSocketTo(server.port)
      })
    )
  }

  live(
    "when the kernel has made a connection of which Node has not heard leaves nothing with the kernel",
    Effect.gen(function* () {
      const server = yield* neverUpgrades
      const wire = NodeWire.make()({ ...request, url: server.url }, listener)
      // Node connects in the next tick. Then, for as long as we are busy, it hears of nothing.
      yield* Effect.promise(() => new Promise<void>((resolve) => process.nextTick(resolve)))
      while (hasProc && connectionsTo(server.port).length === 0);
      wire.terminate()
      assert.deepStrictEqual(connectionsTo(server.port), [])
    })
  )
})

describe("a wire whose peer says good-bye", () => {
  live(
    "delivers what was sent in the very turn in which it arrives",
    Effect.gen(function* () {
      const heard: Array<Incoming> = []
      const server = yield* rawServer(() => ({
        onRequest: (socket, accept) =>
          socket.write(
            Buffer.concat([
              toResponse(upgrade(accept)),
              encodeFrame(textFrame("ask")),
              encodeFrame(closeFrame(1000))
            ])
          ),
        onFrame: (incoming) => heard.push(incoming),
        onClose: () => {}
      }))
      const wire = NodeWire.make()(
        { ...request, url: `ws://127.0.0.1:${server.port}` },
        { ...listener, onFrame: () => wire.send("answer") }
      )
      yield* eventually(() =>
        assert.deepStrictEqual(heard, [
          { _tag: "Text", text: "answer" },
          { _tag: "Closed", code: 1000, reason: "" }
        ])
      )
    })
  )
})
