/** Act 4: nothing is wrong, and the client leaves as the protocol wants it. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { closeTimeout, isKept, within } from "../bounds.js"
import * as Relay from "../relay.js"
import type * as Server from "../server.js"
import { Timeline } from "../timeline.js"
import * as Client from "./client.js"
import { tellEvent } from "./events.js"
import { Events } from "../operations.generated.js"

export interface Findings {
  /** What closing took. */
  readonly measured: number
  /** What the server saw. */
  readonly completes: number
  readonly closeCode: number
}

export const act = (server: Server.Server) =>
  Effect.gen(function* () {
    const { headline, tell } = yield* Timeline
    yield* headline(
      "Act 4  A healthy close",
      "Leaving a subscription tells the server, once. Closing says 1000 and is answered."
    )
    const relay = yield* Relay.make(server.port)
    const client = yield* Client.make(relay)
    // Those of the acts before are still in it.
    yield* Queue.takeAll(server.clients)

    yield* client.subscribe(Events).pipe(
      Stream.take(2),
      Stream.runForEach((data) => tellEvent(data)),
      within(5000, "two events")
    )
    yield* tell("note", "left the subscription after two events")
    const seen = yield* Queue.take(server.clients).pipe(
      within(1000, "the server to see its client")
    )

    const measured = yield* client.close
    const closeCode = yield* Deferred.await(seen.closeCode).pipe(
      within(1000, "the server to see the end of the connection")
    )
    const completes = seen.messages.filter((type) => type === "complete").length
    yield* tell(
      isKept(closeTimeout, measured) ? "good" : "bad",
      `closed in ${measured.toFixed(1)} ms; promised: ${closeTimeout} ms`
    )
    yield* tell("note", `the server saw: ${seen.messages.join(", ")}; close code ${closeCode}`)
    return { measured, completes, closeCode } satisfies Findings
  }).pipe(Effect.scoped)
