import { assert, describe, it } from "@effect/vitest"
import * as LocalSchema from "@fiberline/client/LocalSchema"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { schema } from "./support/localScenario.js"

describe("a source without an end, that never waits", () => {
  // Nothing but a macrotask can fire the timers of these, so they need the clock of the machine.
  it.live("keeps nobody else's timers from firing", () =>
    Effect.gen(function* () {
      let pulled = 0
      const client = yield* LocalSchema.make({
        schema,
        rootValue: {
          async *n() {
            while (true) yield { n: pulled++ }
          }
        },
        buffer: { capacity: 1, strategy: "sliding" }
      })
      const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("subscription { n }")))
      yield* Effect.sleep("20 millis")
      const before = pulled
      assert.isAbove(before, 0)
      yield* Effect.sleep("20 millis")
      assert.isAbove(pulled, before)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.scoped)
  )
})
