/**
 * A timer that fires in the very moment in which what it waited for comes: the fiber that waits for the
 * timer has been resumed but has not run when the socket's callback does. A busy program gets there; a
 * TestClock does not, so scheduler and timers are in the test's hands.
 */
import { assert, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { WireConstructor, type WireListener } from "@fiberline/client/Wire"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Scheduler } from "effect/Scheduler"
import { networkError } from "./support/errors.js"

const options = {
  url: "ws://test",
  reconnect: false,
  connectTimeout: 1,
  ackTimeout: 2,
  closeTimeout: 3
} as const

interface Hands {
  readonly listener: () => WireListener
  /** Lets every fiber run that can. */
  readonly run: () => void
  /** Fires the timers of this duration, without letting anybody run. */
  readonly fire: (millis: number) => void
}

const queryFailsWith = (play: (hands: Hands) => void): unknown => {
  const tasks: Array<() => void> = []
  const timers = new Set<{ readonly millis: number; readonly wake: () => void }>()
  const sockets: Array<WireListener> = []
  const scheduler: Scheduler = {
    shouldYield: () => false,
    scheduleTask: (task) => void tasks.push(task)
  }
  const clock: Clock.Clock = Object.assign(Object.create(Clock.make()), {
    unsafeCurrentTimeMillis: () => 0,
    sleep: (duration: Duration.Duration) =>
      Effect.async<void>((resume) => {
        const timer = { millis: Duration.toMillis(duration), wake: () => resume(Effect.void) }
        timers.add(timer)
        return Effect.sync(() => timers.delete(timer))
      })
  })
  const hands: Hands = {
    listener: () => sockets[0]!,
    run: () => {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task()
    },
    fire: (millis) => {
      for (const timer of timers) if (timer.millis === millis) timer.wake()
    }
  }
  const program = GraphQLClient.make(options).pipe(
    Effect.flatMap((client) => Effect.flip(client.query("{ x }"))),
    Effect.scoped,
    Effect.provideService(WireConstructor, (_request, listener) => {
      sockets.push(listener)
      return { send: () => {}, close: () => {}, terminate: () => {}, settle: Effect.void }
    }),
    Effect.withClock(clock)
  )
  const fiber = Effect.runFork(program, { scheduler })
  hands.run()
  play(hands)
  hands.run()
  hands.fire(options.closeTimeout)
  hands.run()
  const exit = fiber.unsafePoll()
  assert(exit !== null && Exit.isSuccess(exit), "no typed failure")
  return exit.value
}

it("connectTimeout in the moment in which the socket opens is a ConnectTimeout", () => {
  const error = queryFailsWith(({ fire, listener }) => {
    fire(options.connectTimeout)
    listener().onOpen("graphql-transport-ws")
  })
  networkError(error, "ConnectTimeout")
})

it("ackTimeout in the moment in which the acknowledgement comes is an AckTimeout", () => {
  const error = queryFailsWith(({ fire, listener, run }) => {
    listener().onOpen("graphql-transport-ws")
    run()
    fire(options.ackTimeout)
    listener().onFrame(`{"type":"connection_ack"}`)
  })
  networkError(error, "AckTimeout")
})
