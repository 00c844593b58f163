/** `npm start`: runs the scenario, reports what it found, and says whether every promise was kept. */
import type { WireConstructor } from "@fiberline/client/Wire"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { closeTimeout, detection, tolerance, within } from "./bounds.js"
import { Output } from "../output.js"
import { type Verdict, verdicts } from "./promises.js"
import { type Findings, scenario } from "./scenario.js"
import * as Timeline from "./timeline.js"

/** Gives the exit code. */
export const demo = (options: {
  readonly json: boolean
}): Effect.Effect<number, never, Output | WireConstructor> =>
  Effect.gen(function* () {
    const { err, out } = yield* Output
    const findings = yield* within(25_000, "the demo to end")(scenario)
    const all = verdicts(findings)
    if (options.json) yield* out(toJson(findings))
    else yield* tellSummary(all)

    const broken = all.filter(({ kept }) => !kept)
    yield* Effect.forEach(broken, ({ measured, promise, promised }) =>
      err(`Promise not kept. ${promise}: ${promised} promised, ${measured} measured.`)
    )
    return broken.length === 0 ? 0 : 1
  }).pipe(
    Effect.catchAll((error) =>
      Effect.flatMap(Output, ({ err }) =>
        Effect.as(err(`The demo could not go on: ${error.message}`), 1)
      )
    ),
    Effect.provide(options.json ? Timeline.silent : Timeline.text)
  )

const tellSummary = (all: ReadonlyArray<Verdict>) =>
  Effect.gen(function* () {
    const { headline, table } = yield* Timeline.Timeline
    yield* headline(
      all.every(({ kept }) => kept) ? "Every promise was kept" : "Not every promise was kept",
      `Up to ${tolerance} ms over counts as kept: timers are late, and server, relay and client share`,
      "one thread."
    )
    yield* table(
      ["", "promised", "measured"],
      all.map(({ kept, measured, promise, promised }) => [kept, promise, promised, measured])
    )
  })

const toJson = ({ blackHole, deadLink, healing }: Findings): string =>
  JSON.stringify({
    detection: { boundMs: detection, measuredMs: tenths(deadLink.measured) },
    close: {
      boundMs: closeTimeout,
      measuredMs: tenths(blackHole.measured),
      socketGone: blackHole.socketGone
    },
    error: { _tag: deadLink.ending._tag, reason: deadLink.ending.reason },
    events: deadLink.events,
    reconnect: {
      lost: healing.lost,
      duplicated: healing.duplicated,
      gapMs: Duration.toMillis(healing.gap.duration),
      attempts: healing.attempts
    }
  })

const tenths = (millis: number): number => Math.round(millis * 10) / 10
