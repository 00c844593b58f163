/** A scenario as data: what is done, and what has to come of it. `trial` carries it out. */
import type * as Effect from "effect/Effect"
import type { Options } from "./clientMessages.js"
import type { Stage, StageFailed } from "./stage.js"

export interface Expected {
  /** The reasons of which the failure may have any. With none, there is no failure. */
  readonly reasons: ReadonlyArray<string>
  /** Whether the connection may live instead. */
  readonly mayLive: boolean
  /** What the time to the failure counts from. */
  readonly since: "LastByte" | "Attempt" | "Open" | "Subscribe" | "Fault" | "Close"
  readonly boundMs: number
  /** Whether a failure before the bound comes too early. */
  readonly notBefore: boolean
}

export interface Scenario {
  readonly name: string
  readonly expected: Expected
  readonly options: Options
  readonly way: "direct" | "relayed"
  /**
   * Uses the client up to the fault, and puts that in. Gives the time of the fault: what the client
   * ends in before is a failure of the scenario.
   */
  readonly act: (stage: Stage) => Effect.Effect<number, StageFailed>
  /** Whether the client is closed right after. */
  readonly closes: boolean
  /** How long a connection that may live is watched then. */
  readonly watch: number
  /** Whether events have to go on arriving. */
  readonly streams: boolean
  /** Whether it takes a processor for itself. */
  readonly isBusy: boolean
  /** Whether it is one of those that `npm test` runs. */
  readonly isQuick: boolean
}
