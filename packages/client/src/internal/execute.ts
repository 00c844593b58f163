/** Queries and mutations: one request, one result. */
import type { ExecutionResult, OperationRequest } from "@fiberline/core/Message"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as NetworkError from "../NetworkError.js"
import type { EncodeError } from "../OperationError.js"
import { notJson } from "./document.js"
import type { ConnectionError } from "./loss.js"
import { within } from "./race.js"
import type { Registry } from "./registry.js"
import { notExecuted } from "./result.js"

/** Executes a request and waits for its result, at most so many milliseconds. */
export const execute = (
  registry: Registry,
  request: OperationRequest,
  timeout: number,
  isRepeatable: boolean
): Effect.Effect<ExecutionResult, ConnectionError | EncodeError> =>
  Effect.suspend(() => {
    let wasSent = false
    const id = registry.nextId()
    const result = Effect.async<ExecutionResult, ConnectionError | EncodeError>((resume) => {
      try {
        registry.start(id, request, {
          next: (result) => {
            registry.answered(id)
            resume(Effect.succeed(result))
          },
          failed: (errors) => resume(Effect.succeed(notExecuted(errors))),
          complete: () => {
            const detail = "the operation completed without a result"
            resume(Effect.fail(registry.violation("NoResult", detail)))
          },
          lost: (cause) => resume(Effect.failCause(cause)),
          isRepeatable
        })
      } catch (error) {
        resume(Effect.fail(notJson(error)))
      }
    }).pipe(
      // Around the registration, and not returned by it: no interrupt can come between.
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          wasSent = registry.stop(id)
        })
      )
    )
    return within(timeout, result, () =>
      Effect.fail(
        new NetworkError.NetworkError({
          reason: new NetworkError.OperationTimeout({ timeout: Duration.millis(timeout) }),
          phase: registry.phase,
          endpoint: registry.endpoint,
          sent: wasSent,
          // Why there was no connection to send it over.
          ...(registry.lastFailure && { cause: registry.lastFailure })
        })
      )
    )
  })
