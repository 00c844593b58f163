/** A server that is restarted, and a network that swallows everything, in the middle of a stream. */
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { Check } from "./checks.js"
import * as Client from "./client.js"
import { isNetworkError } from "./errors.js"
import * as Operations from "./operations.js"
import { tell, unexpected, within } from "./outcome.js"
import * as Relay from "./relay.js"

/** So many elements before something happens. */
const before = 3

/** It goes on after the server has come back: a gap, and then new data. */
export const restart: Check = ({ restartServer, server, transport }) =>
  Effect.gen(function* () {
    const client = yield* Client.make(transport, server.port, {
      reconnect: Schedule.spaced("100 millis")
    })
    let seen = 0
    const isRunning = yield* Deferred.make<void>()
    const subscriber = yield* client.subscribeEvents(Operations.Ticks).pipe(
      Stream.tap(() => (++seen === before ? Deferred.succeed(isRunning, undefined) : Effect.void)),
      Stream.dropUntil(({ _tag }) => _tag === "Gap"),
      Stream.filter(({ _tag }) => _tag === "Data"),
      Stream.take(2),
      Stream.runCollect,
      Effect.exit,
      Effect.fork
    )
    yield* Effect.race(Deferred.await(isRunning), Effect.asVoid(Fiber.await(subscriber))).pipe(
      within("10 seconds", "ticks before the restart")
    )
    yield* restartServer
    const exit = yield* Fiber.join(subscriber).pipe(within("15 seconds", "ticks after the restart"))
    if (exit._tag === "Failure" || Chunk.size(exit.value) < 2) {
      return yield* unexpected("a gap and then ticks", tell(exit))
    }
    return "a gap, and then ticks"
  })

export const keepalive = { interval: 1000, timeout: 500 }

/** The subscriber is told `KeepaliveTimeout`, `interval + timeout` after the last byte. */
export const blackHole: Check = ({ server, tolerance, transport }) =>
  Effect.gen(function* () {
    const bound = keepalive.interval + keepalive.timeout
    const relay = yield* Relay.make(server.port)
    const client = yield* Client.make(transport, relay.port, { keepalive, reconnect: false })
    let seen = 0
    const exit = yield* client.subscribe(Operations.Ticks).pipe(
      Stream.runForEach(() => (++seen === before ? relay.goSilent : Effect.void)),
      Effect.exit,
      within("15 seconds", "a NetworkError for KeepaliveTimeout")
    )
    const measured = Math.round(performance.now() - (yield* relay.lastByteAt))
    if (!isNetworkError(exit, "KeepaliveTimeout")) {
      return yield* unexpected("a NetworkError for KeepaliveTimeout", tell(exit))
    }
    if (measured > bound + tolerance) {
      return yield* unexpected(`it within ${bound} ms`, `it after ${measured} ms`)
    }
    return `KeepaliveTimeout after ${measured} ms`
  })
