/** One connection of a server that speaks a subprotocol by core's own end of it. */
import type { Subscribe } from "@fiberline/core/Message"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { WebSocket } from "ws"
import { Ticks, ticks } from "./ticks.js"

/** How long a silence AppSync has its clients take for death, in milliseconds: longer than any here. */
const connectionTimeoutMs = 300_000

/** Serves a connection until it closes, and calls `onSubscribe` before each subscription. */
export const converse = (
  webSocket: WebSocket,
  subprotocol: Subprotocol,
  onSubscribe: () => void
): void => {
  const running = new Map<string, Fiber.RuntimeFiber<void, unknown>>()

  const run = ({ id, payload }: Subscribe): Effect.Effect<void, unknown> =>
    Effect.gen(function* () {
      const variables = yield* Schema.decodeUnknown(Ticks)(payload.variables)
      if (!subprotocol.lacks.has("Established")) conversation.send({ _tag: "Established", id })
      yield* Stream.runForEach(ticks(variables), (data) =>
        Effect.sync(() => conversation.send({ _tag: "Next", id, payload: { data: { ...data } } }))
      )
    })
  const stop = (id: string): void => {
    const fiber = running.get(id)
    running.delete(id)
    if (fiber) Effect.runFork(Fiber.interrupt(fiber))
  }

  const conversation = subprotocol.accept({
    send: (frame) => webSocket.send(frame),
    deliver: (message) => {
      // ActionCable's clients introduce themselves by their connection alone, before there is a conversation.
      queueMicrotask(() => {
        switch (message._tag) {
          case "ConnectionInit":
            return conversation.send({ _tag: "ConnectionAck", payload: { connectionTimeoutMs } })
          case "Ping":
            return conversation.send({ _tag: "Pong" })
          case "Subscribe":
            onSubscribe()
            return running.set(message.id, Effect.runFork(run(message)))
          case "Complete":
            return stop(message.id)
          case "Pong":
          case "ConnectionTerminate":
            return
          case "Rejected":
            return webSocket.close(4400, message.reason)
        }
      })
    }
  })
  webSocket.on("message", (frame) => conversation.receive(String(frame)))
  webSocket.on("error", () => {})
  webSocket.on("close", () => {
    for (const id of running.keys()) stop(id)
  })
}
