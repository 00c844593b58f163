import { assert, describe } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { eventually, live } from "./support/live.js"
import { scriptedServer } from "./support/scriptedServer.js"
import { open } from "./support/wire.js"

describe("settle", () => {
  // The server is in this process, so that what it sends is known to have arrived.
  const phases: { readonly [name: string]: (f: () => void) => void } = {
    "a timer": (f) => setTimeout(f, 1),
    "an immediate": (f) => setImmediate(f),
    "a callback of a socket": (f) => f(),
    "a microtask of such a callback": (f) => queueMicrotask(f)
  }

  for (const [phase, run] of Object.entries(phases)) {
    live(
      `asked for by ${phase}: what has arrived by then is heard when it completes`,
      Effect.gen(function* () {
        const heardBySettling = yield* Deferred.make<ReadonlyArray<unknown>>()
        const server = yield* scriptedServer({
          onInit: ({ send }) =>
            run(() => {
              send("arrived")
              Effect.runFork(
                Effect.zipRight(
                  wire.settle,
                  Deferred.completeWith(
                    heardBySettling,
                    Effect.sync(() => Array.from(heard))
                  )
                )
              )
            })
        })
        const { heard, wire } = open(server)
        yield* eventually(() => assert.lengthOf(heard, 1))
        wire.send('{"type":"connection_init"}')
        assert.deepStrictEqual((yield* Deferred.await(heardBySettling)).slice(1), ["arrived"])
        wire.terminate()
      })
    )
  }

  live(
    "completes once the socket is gone too, and can be interrupted",
    Effect.gen(function* () {
      const server = yield* scriptedServer()
      const { heard, wire } = open(server)
      yield* wire.settle
      yield* eventually(() => assert.lengthOf(heard, 1))
      yield* Fiber.interrupt(yield* Effect.fork(wire.settle))
      wire.terminate()
      yield* wire.settle
    })
  )
})
