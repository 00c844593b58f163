/** One seed, one run, one report. */
import type { FaultCounts } from "@fiberline/testing/NetworkFaults"
import * as VirtualTime from "@fiberline/testing/VirtualTime"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Supervisor from "effect/Supervisor"
import { live } from "./application.js"
import type { Violation } from "./invariants.js"
import { type Limits, unlimited } from "./parameters.js"
import { World } from "./world.js"

/** What came of a run. */
export interface Result {
  readonly seed: number
  readonly virtualMillis: number
  readonly steps: number
  readonly faults: FaultCounts
  readonly violations: ReadonlyArray<Violation>
}

export interface Report extends Result {
  /** What happened, a line each. */
  readonly timeline: () => ReadonlyArray<string>
}

export const simulate = (seed: number, limits: Limits = unlimited): Report => {
  const time = VirtualTime.make({ seed, maxSteps: 400_000 })
  const world = new World(time, limits)
  const program = Effect.gen(function* () {
    const lives = Math.min(world.dice.pick([1, 1, 2]), limits.lives)
    for (let life = 1; life <= lives; life++) yield* live(world, life)
  })
  const outcome = time.run(
    world.secrecy.watch(Effect.supervised(program, new Census(world.fibers)))
  )
  if (outcome._tag !== "Ended") world.violate(12, `the run is ${outcome._tag.toLowerCase()}`)
  else if (Exit.isFailure(outcome.exit)) {
    world.violate(1, `the application failed: ${Cause.pretty(outcome.exit.cause)}`)
  }
  world.end()
  return {
    seed,
    virtualMillis: time.now(),
    steps: time.steps(),
    faults: world.network.faults(),
    violations: world.violations,
    timeline: world.network.timeline
  }
}

/** Knows every fiber that was born and has not died. */
class Census extends Supervisor.AbstractSupervisor<void> {
  readonly value = Effect.void

  constructor(readonly fibers: Set<Fiber.RuntimeFiber<unknown, unknown>>) {
    super()
  }

  override onStart<A, E, R>(
    _context: Context.Context<R>,
    _effect: Effect.Effect<A, E, R>,
    _parent: unknown,
    fiber: Fiber.RuntimeFiber<A, E>
  ): void {
    this.fibers.add(fiber)
  }

  override onEnd<A, E>(_exit: Exit.Exit<A, E>, fiber: Fiber.RuntimeFiber<A, E>): void {
    this.fibers.delete(fiber)
  }
}
