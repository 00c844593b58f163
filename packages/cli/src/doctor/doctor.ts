/** Diagnoses, tells about it, and says by the exit code how it went. */
import * as Effect from "effect/Effect"
import { Ended, ExitCode } from "../exit.js"
import { Output } from "../output.js"
import { diagnose } from "./diagnose.js"
import type { Prober } from "./prober.js"
import { printable } from "../printable.js"
import type { Status } from "../status.js"
import * as Render from "./render.js"
import type { Outcome } from "./report.js"
import type { Settings } from "./settings.js"

export const doctor = (
  settings: Settings,
  json: boolean
): Effect.Effect<void, Ended, Output | Prober | Status> =>
  Effect.gen(function* () {
    const outcome = yield* json ? inJson(settings) : inText(settings)
    if (outcome !== "healthy") return yield* new Ended({ code: exitCodes[outcome] })
  })

const exitCodes = {
  network: ExitCode.Network,
  protocol: ExitCode.Protocol
} as const satisfies { readonly [Kind in Exclude<Outcome, "healthy">]: ExitCode }

const inJson = (settings: Settings) =>
  Effect.gen(function* () {
    const { out } = yield* Output
    const report = yield* diagnose(settings)
    yield* out(printable(JSON.stringify(report, rounded)))
    return report.outcome
  })

/** To a thousandth of a millisecond: what is below that is noise. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" ? Math.round(value * 1000) / 1000 : value

const inText = (settings: Settings) =>
  Effect.gen(function* () {
    const { colours, out } = yield* Output
    const render = Render.make(colours)
    const lines = (all: ReadonlyArray<string>) => Effect.forEach(all, out, { discard: true })
    yield* lines(render.headline(settings.endpoint))
    const { advice, outcome } = yield* diagnose(settings, (step) => lines(render.step(step)))
    yield* lines(render.conclusion(outcome, advice))
    return outcome
  })
