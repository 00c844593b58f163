/** Runs what the command line asks for. */
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import type { Run } from "./arguments.js"
import { cycles } from "./cycles.js"
import { progress, type Report } from "./report.js"
import { obstacle } from "./requirements.js"
import type { Scenario } from "./scenario.js"
import { scenarios } from "./scenarios.js"
import { trial } from "./trial.js"

/** Most of a scenario is waiting. */
const atOnce = 4

export const run = (
  { cycles: count, only, quick, tolerance }: Run,
  tell: (line: string) => Effect.Effect<void>
): Effect.Effect<Report> =>
  Effect.gen(function* () {
    const nothing = { scenarios: [], leaked: null, toleranceMs: tolerance }
    const skipped = yield* obstacle
    if (skipped !== undefined) return { ...nothing, skipped }

    const one = (scenario: Scenario) =>
      Effect.tap(trial(scenario, tolerance), (result) => tell(progress(result)))
    const [waiting, busy] = Array.partition(
      scenarios().filter(({ isQuick, name }) => name.includes(only) && (isQuick || !quick)),
      ({ isBusy }) => isBusy
    )
    const results = [
      ...(yield* Effect.forEach(waiting, one, { concurrency: atOnce })),
      // These would make others late.
      ...(yield* Effect.forEach(busy, one))
    ]
    const report = { ...nothing, scenarios: results }
    if (count === 0) return report
    yield* tell(`${count} cycles`)
    return yield* Effect.match(cycles(count), {
      onFailure: ({ message }) => ({ ...report, problem: `the cycles: ${message}` }),
      onSuccess: (leaked) => ({ ...report, leaked })
    })
  })
