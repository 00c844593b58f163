/** Queries and mutations: one request, one result. */
import type { ExecutionResult, OperationRequest } from "@fiberline/core/Message"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { GraphQLFormattedError } from "graphql"
import * as NetworkError from "../NetworkError.js"
import type { EncodeError } from "../OperationError.js"
import { notJson } from "./document.js"
import type { ConnectionError, Ending } from "./loss.js"
import { within } from "./race.js"
import { Entry, type Registry } from "./registry.js"
import { notExecuted } from "./result.js"

type Outcome = Effect.Effect<ExecutionResult, ConnectionError | EncodeError>

class Execution extends Entry {
  constructor(
    registry: Registry,
    request: OperationRequest,
    override readonly isRepeatable: boolean,
    readonly resume: (outcome: Outcome) => void
  ) {
    super(registry, request)
  }

  override next(result: ExecutionResult): void {
    this.registry.answered(this)
    this.resume(Effect.succeed(result))
  }

  override failed(errors: ReadonlyArray<GraphQLFormattedError>): void {
    this.resume(Effect.succeed(notExecuted(errors)))
  }

  override complete(): void {
    const detail = "the operation completed without a result"
    this.resume(Effect.fail(this.registry.violation("NoResult", detail)))
  }

  override lost({ cause }: Ending): void {
    this.resume(Effect.failCause(cause))
  }
}

/** Executes a request and waits for its result, at most so many milliseconds. */
export const execute = (
  registry: Registry,
  request: OperationRequest,
  timeout: number,
  isRepeatable: boolean
): Outcome =>
  Effect.suspend(() => {
    let execution: Execution | undefined = undefined
    const result = Effect.async<ExecutionResult, ConnectionError | EncodeError>((resume) => {
      try {
        execution = new Execution(registry, request, isRepeatable, resume)
        registry.start(execution)
      } catch (error) {
        resume(Effect.fail(notJson(error)))
      }
    }).pipe(
      // Around the registration, and not returned by it: no interrupt can come between.
      Effect.onInterrupt(() => Effect.sync(() => execution && registry.stop(execution)))
    )
    return within(timeout, result, () =>
      Effect.fail(
        new NetworkError.NetworkError({
          reason: new NetworkError.OperationTimeout({ timeout: Duration.millis(timeout) }),
          phase: registry.phase,
          endpoint: registry.endpoint,
          sent: execution?.wasSent ?? false,
          // Why there was no connection to send it over.
          ...(registry.lastFailure && { cause: registry.lastFailure })
        })
      )
    )
  })
