/** Act 3: the client is closed while nothing it sends arrives, and nothing answers. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { closeTimeout, isKept, within } from "../bounds.js"
import * as Ending from "../../ending.js"
import * as Relay from "../relay.js"
import type * as Server from "../server.js"
import { hasSocket } from "../socketTable.js"
import { Timeline } from "../timeline.js"
import * as Client from "./client.js"
import { tellEvent } from "./events.js"
import { Events } from "../operations.generated.js"

export interface Findings {
  readonly ending: Ending.Ending
  /** What closing took. */
  readonly measured: number
  readonly socketGone: boolean
}

export const act = (server: Server.Server) =>
  Effect.gen(function* () {
    const timeline = yield* Timeline
    yield* timeline.headline(
      "Act 3  Closing under a black hole",
      `Whatever the network does: closing takes at most ${closeTimeout} ms, and leaves no socket behind.`
    )
    const relay = yield* Relay.make(server.port)
    const client = yield* Client.make(relay)

    const running = yield* Deferred.make<void>()
    const subscriber = yield* client.subscribe(Events).pipe(
      Stream.tap((data) => tellEvent(data)),
      Stream.tap(() => Deferred.succeed(running, undefined)),
      Stream.runDrain,
      Effect.exit,
      Effect.map(Ending.ofExit),
      Effect.tap((ending) => timeline.tell("failure", Ending.show(ending), ending.detail)),
      Effect.fork
    )
    yield* Deferred.await(running).pipe(within(5000, "the first event"))
    const relayed = yield* Queue.take(relay.clients)

    yield* relay.goSilent
    yield* timeline.tell("silence", "the relay goes silent, and the client is closed at once")
    const hasSocketBefore = yield* hasClientSocket(relay, relayed)

    const measured = yield* client.close

    // Not to have found it before would mean that we cannot see it.
    const socketGone = hasSocketBefore && !(yield* hasClientSocket(relay, relayed))
    const ending = yield* Fiber.await(subscriber).pipe(
      // Its own exit is a failure only if it was interrupted, and so told nothing.
      Effect.map(Exit.getOrElse((cause) => Ending.ofExit(Exit.failCause(cause)))),
      within(1000, "the subscriber to be told")
    )
    yield* timeline.tell(
      isKept(closeTimeout, measured) ? "good" : "bad",
      `closed in ${measured.toFixed(1)} ms; promised: ${closeTimeout} ms`
    )
    yield* timeline.tell(
      socketGone ? "good" : "bad",
      `the operating system's socket is ${socketGone ? "gone" : "still there"}`
    )
    return { ending, measured, socketGone } satisfies Findings
  }).pipe(Effect.scoped)

/**
 * Whether the operating system still has the client's socket. Where it cannot be asked, the relay can:
 * closing a socket sends a FIN or RST.
 */
const hasClientSocket = (
  relay: Relay.Relay,
  { left, port }: Relay.RelayedClient
): Effect.Effect<boolean> =>
  Effect.flatMap(
    hasSocket(port, relay.port),
    Option.match({
      onSome: Effect.succeed,
      onNone: () =>
        Deferred.await(left).pipe(Effect.timeoutOption("50 millis"), Effect.map(Option.isNone))
    })
  )
