/** `npm start -- --url … --query …`: a subscription at an endpoint of the user's. */
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Status from "@fiberline/client/Status"
import type { WireConstructor } from "@fiberline/client/Wire"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Watch } from "./arguments.js"
import type { OperationFailure } from "./ending.js"
import type { Output } from "./output.js"
import * as Report from "./watchReport.js"

/** In milliseconds. */
export const closeTimeout = 2000

/**
 * Gives the exit code once the subscription has ended. Interrupting it closes the client, which takes
 * at most `closeTimeout`.
 */
export const watch = (command: Watch): Effect.Effect<number, never, Output | WireConstructor> =>
  Effect.gen(function* () {
    const report = yield* Report.make(command)
    let interruptedAt = 0

    const watching = Effect.gen(function* () {
      const client = yield* GraphQLClient.GraphQLClient
      yield* client.status.changes.pipe(
        Stream.filter(Status.$is("Reconnecting")),
        Stream.runForEach(({ cause }) => report.lost(cause)),
        Effect.fork
      )
      yield* client.connect
      yield* report.connected
      yield* Stream.runForEach(client.subscribeEvents(command.query), (event) =>
        event._tag === "Gap" ? report.back(event) : report.event(event.data)
      )
    }).pipe(
      Effect.onInterrupt(() => Effect.sync(() => (interruptedAt = performance.now()))),
      // The client lives for as long as what it is provided to.
      Effect.provide(
        GraphQLClient.layer({
          url: command.url,
          headers: command.headers,
          connectionPayload: command.payload,
          ...(!command.reconnect && { reconnect: false }),
          // Somebody sits there and has pressed Ctrl-C.
          closeTimeout
        })
      )
    )

    return yield* watching.pipe(
      Effect.zipRight(Effect.as(report.completed, 0)),
      Effect.catchAll((error) => Effect.as(report.failed(error), exitCodeOf(error))),
      Effect.onInterrupt(() => report.interrupted(() => performance.now() - interruptedAt))
    )
  })

const exitCodeOf = (error: OperationFailure): number => {
  switch (error._tag) {
    case "NetworkError":
      return 3
    case "ProtocolError":
      return 4
    default:
      return 1
  }
}
