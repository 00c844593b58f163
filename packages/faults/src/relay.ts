/** The relay's process, from outside. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Child from "./child.js"
import type { Namespace } from "./network.js"
import { Command, Event, type Shape } from "./relayMessages.js"
import type { Stuck } from "./within.js"

export interface Relay {
  readonly port: number
  /** How bytes travel from here on: up to the server, and down from it. */
  readonly shape: (shapes: {
    readonly up: Shape
    readonly down: Shape
  }) => Effect.Effect<void, Child.ChildFailed | Stuck>
}

/** A relay to a port of the same namespace, until the scope closes. It hides nothing, to begin with. */
export const start = (
  where: Namespace,
  to: number
): Effect.Effect<Relay, Child.ChildFailed | Stuck, Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* Child.start(where, "relayProcess", { command: Command, event: Event })
    yield* child.send({ _tag: "Listen", to })
    const { port } = yield* Child.next(child, "Listening")
    return {
      port,
      shape: (shapes) =>
        Effect.asVoid(
          Effect.zipRight(child.send({ _tag: "Shape", ...shapes }), Child.next(child, "Shaped"))
        )
    }
  })
