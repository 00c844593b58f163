/** The whole demo: four acts against one server. */
import type { WireConstructor } from "@fiberline/client/Wire"
import * as Effect from "effect/Effect"
import * as BlackHole from "./acts/blackHole.js"
import * as DeadLink from "./acts/deadLink.js"
import * as Healing from "./acts/healing.js"
import * as HealthyClose from "./acts/healthyClose.js"
import type { Stuck } from "./bounds.js"
import type { OperationFailure } from "../ending.js"
import type { CannotListen } from "./loopback.js"
import * as Server from "./server.js"
import { Timeline } from "./timeline.js"

export interface Findings {
  readonly deadLink: DeadLink.Findings
  readonly healing: Healing.Findings
  readonly blackHole: BlackHole.Findings
  readonly healthyClose: HealthyClose.Findings
}

export const scenario: Effect.Effect<
  Findings,
  CannotListen | Stuck | OperationFailure,
  Timeline | WireConstructor
> = Effect.gen(function* () {
  const { headline } = yield* Timeline
  const server = yield* Server.make
  yield* headline(
    "Fiberline: a GraphQL client whose heart is subscriptions",
    `A GraphQL server (graphql-ws) listens on port ${server.port} of this machine. Between it and the`,
    "client stands a TCP relay that can go silent like a broken network."
  )
  return {
    deadLink: yield* DeadLink.act(server),
    healing: yield* Healing.act(server),
    blackHole: yield* BlackHole.act(server),
    healthyClose: yield* HealthyClose.act(server)
  }
}).pipe(Effect.scoped)
