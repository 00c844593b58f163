/** Queries and mutations: one request, one result. */
import type { ExecutionResult, OperationRequest } from "@fiberline/core/Message"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { GraphQLFormattedError } from "graphql"
import * as NetworkError from "../NetworkError.js"
import type { Executed } from "../Middleware.js"
import type { EncodeError } from "../OperationError.js"
import type * as Backend from "./backend.js"
import { notJson } from "./document.js"
import type { ConnectionError, Ending } from "./loss.js"
import type { Send } from "./middleware.js"
import { raceFirst, within } from "./race.js"
import { Entry, type Registry } from "./registry.js"
import { notExecuted } from "./result.js"

type Outcome = Effect.Effect<Executed, ConnectionError | EncodeError>

class Execution extends Entry {
  constructor(
    registry: Registry,
    request: OperationRequest,
    override readonly isRepeatable: boolean,
    readonly resume: (outcome: Outcome) => void
  ) {
    super(registry, request)
  }

  override get isSubscription(): boolean {
    return false
  }

  override next(result: ExecutionResult): void {
    this.registry.answered(this)
    this.resume(Effect.succeed({ result }))
  }

  override failed(errors: ReadonlyArray<GraphQLFormattedError>): void {
    this.resume(Effect.succeed({ result: notExecuted(errors) }))
  }

  override complete(): void {
    const detail = "the operation completed without a result"
    this.resume(Effect.fail(this.registry.violation("NoResult", detail)))
  }

  override lost({ cause }: Ending): void {
    this.resume(Effect.failCause(cause))
  }
}

/** Executes a request and waits for its result, both within its timeout. */
export const execute = (
  registry: Registry,
  { around, headers, isRepeatable, request, timeout }: Backend.Execution
): Outcome =>
  Effect.suspend(() => {
    // Several where there is middleware, which may send it again.
    const executions: Array<Execution> = []
    const send: Send = (outgoing) =>
      Effect.suspend(() => {
        let execution: Execution | undefined = undefined
        return Effect.async<Executed, ConnectionError | EncodeError>((resume) => {
          try {
            execution = new Execution(registry, outgoing.request, isRepeatable, resume)
            executions.push(execution)
            registry.start(execution)
          } catch (error) {
            resume(Effect.fail(notJson(error)))
          }
        }).pipe(
          // Around the registration, and not returned by it: no interrupt can come between.
          Effect.onInterrupt(() => Effect.sync(() => execution && registry.stop(execution)))
        )
      })
    const wasSent = () => executions.some(({ wasSent }) => wasSent)
    // Middleware may be at anything when the client is closed, and is then told by nobody else.
    const outcome = around
      ? raceFirst(around(send), closed(registry, wasSent))
      : send({ request, headers })
    return within(timeout, outcome, () =>
      Effect.fail(
        new NetworkError.NetworkError({
          reason: new NetworkError.OperationTimeout({ timeout: Duration.millis(timeout) }),
          phase: registry.phase,
          endpoint: registry.endpoint,
          sent: wasSent(),
          // Why there was no connection to send it over.
          ...(registry.lastFailure && { cause: registry.lastFailure })
        })
      )
    )
  })

/** Fails when the client is closed. */
const closed = (
  registry: Registry,
  wasSent: () => boolean
): Effect.Effect<never, ConnectionError> =>
  Effect.suspend(() => {
    let stopWatching = (): void => {}
    return Effect.async<never, ConnectionError>((resume) => {
      stopWatching = registry.watchRefusal(({ sent, unsent }) =>
        resume(Effect.failCause((wasSent() ? sent : unsent).cause))
      )
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => stopWatching())))
  })
