import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import {
  acceptOver,
  carriers,
  distinctCarriers,
  reserve,
  single,
  sse
} from "../support/carriers.js"
import { networkError } from "../support/errors.js"
import { isRunning } from "../support/fibers.js"
import { closable, scenario } from "../support/httpScenario.js"
import { stubborn } from "../support/stubborn.js"

const document = "subscription { n }"

for (const { accept, name, options } of distinctCarriers) {
  describe(`leaving a stream over ${name}`, () => {
    it.effect("early aborts its request, at once", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            Stream.runCollect(Stream.take(client.subscribe(document), 1))
          )
          const carried = yield* accept(server)
          yield* carried.next({ data: { n: 1 } })
          yield* Fiber.join(fiber)
          yield* carried.aborted
          assert.strictEqual(yield* server.open, 0)
        })
      )
    )

    it.effect("by an interrupt is an interruption, and aborts it", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const carried = yield* accept(server)
          assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
          yield* carried.aborted
        })
      )
    )

    it.effect("touches no sibling", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const first = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const left = yield* accept(server)
          const second = yield* Effect.fork(Stream.runCollect(client.subscribe(document)))
          const stays = yield* accept(server)
          yield* Fiber.interrupt(first)
          yield* left.aborted
          yield* stays.next({ data: { n: 1 } })
          yield* stays.complete
          assert.lengthOf(yield* Fiber.join(second), 1)
        })
      )
    )

    it.effect("before there is a head aborts it", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const request = yield* server.accept
          yield* Fiber.interrupt(fiber)
          yield* request.aborted
          assert.strictEqual(yield* server.open, 0)
        })
      )
    )

    it.effect("while the answer in place of a stream is read aborts it", () =>
      scenario(options, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const request = yield* server.accept
          yield* request.stream("application/json")
          yield* Fiber.interrupt(fiber)
          yield* request.aborted
        })
      )
    )
  })
}

for (const { accept, name, options } of carriers) {
  describe(`a subscription over ${name}`, () => {
    it.effect("that is left while its credentials are evaluated sends nothing", () =>
      scenario(
        { ...options, headers: Effect.delay(Effect.succeed({}), "2 seconds") },
        ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
            yield* TestClock.adjust("1 second")
            yield* Fiber.interrupt(fiber)
            yield* TestClock.adjust("1 second")
            assert.strictEqual(yield* server.requests, options.singleConnection ? 1 : 0)
          })
      )
    )

    it.effect("that is left while it waits to be made again is not made again", () =>
      scenario({ ...options, reconnect: Schedule.spaced("10 seconds") }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const carried = yield* accept(server)
          yield* carried.body.end
          yield* TestClock.adjust("1 second")
          const requests = yield* server.requests
          yield* Fiber.interrupt(fiber)
          yield* TestClock.adjust("1 minute")
          assert.strictEqual(yield* server.requests, requests)
        })
      )
    )

    it.effect("with no head in time fails within connectTimeout, and is aborted", () =>
      scenario({ ...options, connectTimeout: "3 seconds" }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const request = yield* server.accept
          yield* TestClock.adjust("2999 millis")
          assert.isTrue(yield* isRunning(fiber))
          yield* TestClock.adjust("1 millis")
          const error = networkError(yield* Fiber.join(fiber), "ConnectTimeout")
          assert.strictEqual(error.sent, !options.singleConnection)
          yield* request.aborted
        })
      )
    )

    it.effect("whose head came in time is not bounded any more", () =>
      scenario({ ...options, connectTimeout: "3 seconds" }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const carried = yield* accept(server)
          yield* TestClock.adjust("10 seconds")
          assert.isTrue(yield* isRunning(fiber))
          yield* carried.heartbeat
          yield* carried.complete
          yield* Fiber.join(fiber)
        })
      )
    )
  })

  describe(`closing a client with streams over ${name}`, () => {
    it.effect("aborts all, tells all, and takes no time", () =>
      Effect.gen(function* () {
        const { client, close, server } = yield* closable(options)
        const fibers = yield* Effect.replicateEffect(
          Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document)))),
          20
        )
        const count = options.singleConnection ? 1 : 20
        if (options.singleConnection) {
          const reserved = yield* reserve(server)
          yield* Effect.replicateEffect(acceptOver(reserved, server), 20)
        } else {
          yield* Effect.replicateEffect(accept(server), count)
        }
        yield* close
        for (const error of yield* Fiber.join(Fiber.all(fibers))) {
          assert.isTrue(networkError(error, "ClientClosed").sent)
        }
        assert.strictEqual(yield* server.open, 0)
        const requests = yield* server.requests
        const late = yield* Effect.flip(Stream.runDrain(client.subscribe(document)))
        assert.isFalse(networkError(late, "ClientClosed").sent)
        assert.strictEqual((yield* client.status.get)._tag, "Closed")
        assert.strictEqual(yield* server.requests, requests)
      })
    )

    it.effect("takes at most closeTimeout where bodies cannot be cancelled", () =>
      Effect.gen(function* () {
        const { client, close, server } = yield* closable(
          { ...options, closeTimeout: "2 seconds" },
          stubborn("body")
        )
        const stream = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
        const carried = yield* accept(server)
        const query = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        yield* (yield* server.accept).stream("application/json")
        const closing = yield* Effect.fork(close)
        yield* TestClock.adjust("0 millis")
        networkError(yield* Fiber.join(stream), "ClientClosed")
        networkError(yield* Fiber.join(query), "ClientClosed")
        yield* carried.aborted
        yield* TestClock.adjust("2011 millis")
        assert.isFalse(yield* isRunning(closing), "longer than closeTimeout")
        assert.strictEqual(yield* server.open, 0)
      })
    )

    for (const stage of ["its credentials", "its head"] as const) {
      it.effect(`that wait for ${stage} tells them at once`, () =>
        Effect.gen(function* () {
          const { client, close, server } = yield* closable({
            ...options,
            ...(stage === "its credentials" && { headers: Effect.never })
          })
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          if (stage === "its head") yield* server.accept
          else yield* TestClock.adjust("1 second")
          yield* close
          const error = networkError(yield* Fiber.join(fiber), "ClientClosed")
          assert.strictEqual(error.sent, stage === "its head" && !options.singleConnection)
          assert.strictEqual(yield* server.open, 0)
        })
      )
    }

    it.effect("that wait to be made again tells them at once", () =>
      Effect.gen(function* () {
        const { client, close, server } = yield* closable({
          ...options,
          reconnect: Schedule.spaced("1 hour")
        })
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
        const carried = yield* accept(server)
        yield* carried.body.end
        yield* TestClock.adjust("1 second")
        yield* close
        networkError(yield* Fiber.join(fiber), "ClientClosed")
      })
    )
  })
}

describe("a body that cannot be cancelled", () => {
  for (const { accept, name, options } of [sse, single]) {
    it.effect(`does not keep whoever leaves, nor the next attempt, over ${name}`, () =>
      Effect.gen(function* () {
        const { client, close, server } = yield* closable(
          {
            ...options,
            closeTimeout: "1 second",
            reconnect: Schedule.spaced("1 second"),
            keepalive: { interval: "1 second", timeout: "1 second" }
          },
          stubborn("body")
        )
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
        yield* accept(server)
        yield* TestClock.adjust("5 seconds")
        yield* accept(server)
        const exit = yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
        const closing = yield* Effect.fork(close)
        yield* TestClock.adjust("2 seconds")
        assert.isFalse(yield* isRunning(closing))
      })
    )
  }
})

describe("a stream that is left by its scope", () => {
  it.effect("is told so by the end of what is taken from", () =>
    scenario(sse.options, ({ client, server }) =>
      Effect.gen(function* () {
        const { carried, subscription } = yield* Effect.scoped(
          Effect.gen(function* () {
            const subscription = yield* client.subscription(document)
            return { subscription, carried: yield* sse.accept(server) }
          })
        )
        assert.deepStrictEqual(yield* Effect.flip(subscription.take), Option.none())
        yield* carried.aborted
      })
    )
  )
})
