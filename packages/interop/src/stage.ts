/** What a check has to do with: the server, up and running, and what can be done to it. */
import type * as Effect from "effect/Effect"
import type { Child, CannotStart } from "./child.js"
import type { Transport } from "./transport.js"

export interface Stage {
  readonly transport: Transport
  /** How many milliseconds over a bound count as kept. */
  readonly tolerance: number
  readonly server: { readonly port: number }
  /** The same server, but it wants to see credentials. */
  readonly guardedServer: Effect.Effect<Pick<Child, "port">, CannotStart>
  /** The same server, with whatever it needs to deliver incrementally. */
  readonly incrementalServer: Effect.Effect<Pick<Child, "port">, CannotStart>
  /** Stops it, and starts it on the same port. */
  readonly restartServer: Effect.Effect<void, CannotStart>
}
