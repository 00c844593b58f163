import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { carriers } from "../support/carriers.js"
import { networkError } from "../support/errors.js"
import { isRunning } from "../support/fibers.js"
import { scenario } from "../support/httpScenario.js"

const document = "subscription { n }"
const keepalive = { interval: "20 seconds", timeout: "10 seconds" } as const

for (const { accept, name, options } of carriers) {
  describe(`a silent stream over ${name}`, () => {
    it.effect("is dead interval + timeout after its last byte, not before", () =>
      scenario({ ...options, keepalive }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const carried = yield* accept(server)
          yield* TestClock.adjust("12 seconds")
          yield* carried.next({ data: { n: 1 } })
          yield* TestClock.adjust("29999 millis")
          assert.isTrue(yield* isRunning(fiber))
          yield* TestClock.adjust("1 millis")
          const error = networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
          assert.deepStrictEqual(
            [error.reason.interval, error.reason.timeout, error.reason.silentFor].map(
              Duration.toSeconds
            ),
            [20, 10, 30]
          )
          assert.deepStrictEqual([error.phase, error.sent], ["live", true])
          yield* carried.aborted
        })
      )
    )

    it.effect("is dead that long after its head, if there never was more", () =>
      scenario({ ...options, keepalive }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          yield* accept(server)
          yield* TestClock.adjust("29999 millis")
          assert.isTrue(yield* isRunning(fiber))
          yield* TestClock.adjust("1 millis")
          networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
        })
      )
    )

    it.effect("lives by heartbeats alone, and dies when they stay away", () =>
      scenario({ ...options, keepalive }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const carried = yield* accept(server)
          for (let i = 0; i < 20; i++) {
            yield* TestClock.adjust("12 seconds")
            yield* carried.heartbeat
          }
          assert.isTrue(yield* isRunning(fiber))
          yield* TestClock.adjust("30 seconds")
          networkError(yield* Fiber.join(fiber), "KeepaliveTimeout")
        })
      )
    )

    it.effect("lives by half a message a time", () =>
      scenario({ ...options, keepalive }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const { body } = yield* accept(server)
          for (let i = 0; i < 20; i++) {
            yield* TestClock.adjust("29 seconds")
            yield* body.send(":")
          }
          assert.isTrue(yield* isRunning(fiber))
          yield* Fiber.interrupt(fiber)
        })
      )
    )

    it.effect("is waited for without end with `keepalive: false`", () =>
      scenario({ ...options, keepalive: false }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          yield* accept(server)
          yield* TestClock.adjust("30 days")
          assert.isTrue(yield* isRunning(fiber))
          yield* Fiber.interrupt(fiber)
        })
      )
    )
  })

  describe(`a slow consumer of a stream over ${name}`, () => {
    const buffer = { capacity: 3, strategy: "suspend" } as const

    it.effect("has reading stop, loses nothing, and is not taken for a dead link", () =>
      scenario({ ...options, keepalive, buffer }, ({ client, server }) =>
        Effect.gen(function* () {
          const subscription = yield* client.subscription(document)
          const carried = yield* accept(server)
          for (let n = 0; n < 100; n++) yield* carried.next({ data: { n } })
          yield* TestClock.adjust("5 minutes")
          assert.isAtLeast(yield* carried.body.unread, 96)
          assert.strictEqual(yield* subscription.progress, "active")
          const taken: Array<unknown> = []
          while (taken.length < 100) {
            const batch = yield* subscription.take
            assert.isAtMost(Chunk.size(batch), 4)
            taken.push(...batch)
          }
          assert.deepStrictEqual(
            taken,
            Array.from({ length: 100 }, (_, n) => ({ n }))
          )
          assert.strictEqual(yield* carried.body.unread, 0)
        })
      )
    )

    it.effect("gives the server its full time from when it has caught up", () =>
      scenario({ ...options, keepalive, buffer }, ({ client, server }) =>
        Effect.gen(function* () {
          const subscription = yield* client.subscription(document)
          const carried = yield* accept(server)
          for (let n = 0; n < 3; n++) yield* carried.next({ data: { n } })
          yield* TestClock.adjust("5 minutes")
          assert.lengthOf(yield* subscription.take, 3)
          const next = yield* Effect.fork(Effect.flip(subscription.take))
          yield* TestClock.adjust("29999 millis")
          assert.isTrue(yield* isRunning(next))
          yield* TestClock.adjust("1 millis")
          const end = yield* Fiber.join(next)
          networkError(end._tag === "Some" ? end.value : undefined, "KeepaliveTimeout")
        })
      )
    )

    it.effect("can leave, and closing waits for nothing that it did not read", () =>
      scenario({ ...options, keepalive, buffer }, ({ client, server }) =>
        Effect.gen(function* () {
          const carried = yield* Effect.scoped(
            Effect.gen(function* () {
              yield* client.subscription(document)
              const carried = yield* accept(server)
              for (let n = 0; n < 10; n++) yield* carried.next({ data: { n } })
              yield* TestClock.adjust("1 second")
              assert.isAbove(yield* carried.body.unread, 0)
              return carried
            })
          )
          yield* TestClock.adjust("0 millis")
          if (options.singleConnection) assert.strictEqual(yield* carried.body.unread, 0)
          else yield* carried.aborted
        })
      )
    )
  })
}
