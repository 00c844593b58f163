/** Carries a scenario out, and writes down what came of it. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { now } from "./clock.js"
import { judge, type Observed, type Result, undecided } from "./judgement.js"
import type { Scenario } from "./scenario.js"
import { socketsIn } from "./socketTable.js"
import * as Stage from "./stage.js"

/** `tolerance` is how many milliseconds over a bound count as kept. */
export const trial = (scenario: Scenario, tolerance: number): Effect.Effect<Result> =>
  observe(scenario, tolerance).pipe(
    Effect.scoped,
    Effect.match({
      onFailure: ({ message }) => undecided(scenario, message),
      onSuccess: (observed) => judge(scenario, observed, tolerance)
    })
  )

const observe = (scenario: Scenario, tolerance: number) =>
  Effect.gen(function* () {
    const { expected } = scenario
    const stage = yield* Stage.make(scenario.way)
    const { client } = stage
    yield* client.open(stage.origin, scenario.options)
    const faultAt = yield* scenario.act(stage)

    const before = scenario.closes ? undefined : yield* client.seen
    // Longer than the bound, or we could not tell how much too late it is.
    const patience = expected.mayLive ? scenario.watch : expected.boundMs + tolerance + 2000
    const noticed = scenario.closes
      ? Option.none()
      : yield* Effect.timeoutOption(client.ended, patience)
    const watchedMs = now() - faultAt

    const closed = yield* client.close
    // While the process is there, for it would take its sockets with it.
    const sockets = yield* socketsIn(client.pid)
    const told = Option.isSome(noticed)
      ? noticed
      : // A slow subscriber is told after all that it holds.
        yield* Effect.timeoutOption(client.ended, "10 seconds")
    const seen = yield* client.seen
    const left = yield* client.leave
    const observed: Observed = {
      faultAt,
      watchedMs,
      noticed: Option.isSome(noticed),
      told: Option.getOrUndefined(told),
      closed,
      sockets,
      eventsBefore: before?.events,
      seen,
      left
    }
    return observed
  })
