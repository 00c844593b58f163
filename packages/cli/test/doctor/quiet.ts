import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Output, Screen } from "../../src/output.js"
import * as Status from "../../src/status.js"

/** Nobody looks. */
export const quiet: Layer.Layer<Status.Status> = Status.layer({ quiet: true }).pipe(
  Layer.provide([
    Layer.succeed(Screen, Option.none()),
    Layer.succeed(Output, { out: () => Effect.void, err: () => Effect.void, colours: false })
  ])
)
