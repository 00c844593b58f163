/** Act 1: the network between client and server dies without a word. */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { detection, isKept, keepalive, within } from "../bounds.js"
import * as Ending from "../../ending.js"
import * as Relay from "../relay.js"
import type * as Server from "../server.js"
import { Timeline } from "../timeline.js"
import * as Client from "./client.js"
import { tellEvent } from "./events.js"
import { Events } from "../operations.generated.js"

export interface Findings {
  /** Seen before the silence. */
  readonly events: number
  readonly ending: Ending.Ending
  /** From the last byte let through to the failure at the subscriber. */
  readonly measured: number
}

/** After so many events the relay goes silent. */
export const eventsBeforeSilence = 5

export const act = (server: Server.Server) =>
  Effect.gen(function* () {
    const timeline = yield* Timeline
    yield* timeline.headline(
      "Act 1  A dead link",
      `A ping after ${keepalive.interval} ms of silence, and ${keepalive.timeout} ms for an answer:`,
      `the subscriber hears of a dead link within ${detection} ms of the last byte.`
    )
    const relay = yield* Relay.make(server.port)
    const client = yield* Client.make(relay)

    let events = 0
    const exit = yield* client.subscribe(Events).pipe(
      Stream.runForEach((data) =>
        Effect.gen(function* () {
          events++
          yield* tellEvent(data)
          if (events < eventsBeforeSilence) return
          yield* relay.goSilent
          yield* timeline.tell(
            "silence",
            "the relay goes silent: no FIN, no RST, both its sockets open, nothing comes through"
          )
          yield* Effect.fork(tellSwallowed(relay))
        })
      ),
      Effect.exit,
      within(15_000, "the subscriber to hear that its link is dead")
    )
    const measured = performance.now() - (yield* relay.lastByteAt)

    const ending = Ending.ofExit(exit)
    yield* timeline.tell("failure", Ending.show(ending), ending.detail)
    yield* timeline.tell(
      isKept(detection, measured) ? "good" : "bad",
      `noticed ${measured.toFixed(1)} ms after the last byte that came through; promised: ${detection} ms`
    )
    return { events, ending, measured } satisfies Findings
  }).pipe(Effect.scoped)

/** Shows what is sent in vain, by a server that does not know and a client that asks. */
const tellSwallowed = ({ swallowed }: Relay.Relay) =>
  Effect.gen(function* () {
    const { tell } = yield* Timeline
    yield* Queue.take(swallowed).pipe(
      Effect.flatMap(({ bytes, from }) =>
        tell(
          "note",
          `${bytes} bytes from the ${from}, swallowed${from === "client" ? ": its ping" : ""}`
        )
      ),
      Effect.forever
    )
  })
