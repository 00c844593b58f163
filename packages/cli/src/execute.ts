/** A query or a mutation: sent once, answered once. */
import * as Effect from "effect/Effect"
import * as Client from "./client.js"
import { Ended, ExitCode } from "./exit.js"
import { failed } from "./failure.js"
import * as Operation from "./options/operation.js"
import * as Printer from "./printer.js"
import type { Format } from "./render.js"
import { Status, warnOf } from "./status.js"

export const execute = (
  kind: "query" | "mutation",
  given: Operation.Given & { readonly output: Format }
) =>
  Effect.gen(function* () {
    const operation = yield* Operation.resolve(kind, given)
    const { connection, document, hide, operationName, reconnect, transports, variables } =
      operation
    const status = yield* Status
    const print = yield* Printer.make(given.output, hide)
    yield* warnOf(operation.exposed)

    yield* status.waitFor(`waiting for ${connection.endpoint.shown}`)
    // Somebody waits for the answer: nothing is tried again unless they want it.
    const client = yield* Client.make(connection, transports[0], reconnect ?? false)
    const options = { errors: "inline", operationName, variables } as const
    const result = yield* (
      kind === "query" ? client.query(document, options) : client.mutate(document, options)
    ).pipe(
      Effect.ensuring(status.settled),
      Effect.catchAll((error) => failed(error, hide))
    )
    yield* print.result(result)
    if (print.hadErrors()) yield* new Ended({ code: ExitCode.OperationErrors })
  }).pipe(Effect.scoped)
