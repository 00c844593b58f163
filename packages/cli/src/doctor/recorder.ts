/** Runs steps, each within its time, and keeps what each found. */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { type Circumstances, explain } from "./explain.js"
import type { ProbeFailure } from "./failure.js"
import { Status } from "../status.js"
import { type Facts, type FailureKind, type Step, stepNames, type StepName } from "./report.js"
import { nowMs } from "./time.js"

/** A step failed, which has been recorded: the ones after it are not reached. */
export class Stopped extends Data.TaggedError("Stopped")<{
  readonly kind: FailureKind
  /** What to do about it. */
  readonly advice: ReadonlyArray<string>
}> {}

export interface Running<Name extends StepName, A, R> {
  readonly step: Name
  /** What is going on, for whoever waits. */
  readonly what: string
  /** What it may take, in milliseconds; it sees to that itself. */
  readonly limitMs: number
  readonly run: Effect.Effect<A, ProbeFailure, R>
  readonly facts: (found: A) => Facts[Name]
  readonly isWarning?: (facts: Facts[Name]) => boolean
  /** What it took, if that is known better than from here. */
  readonly took?: (found: A) => number
}

export interface Recorder {
  readonly steps: () => ReadonlyArray<Step>
  /** A step that ends the diagnosis if it fails. */
  readonly step: <Name extends StepName, A, R>(
    running: Running<Name, A, R>
  ) => Effect.Effect<A, Stopped, R | Status>
  /** One that does not. */
  readonly probe: <Name extends StepName, A, R>(
    running: Running<Name, A, R>
  ) => Effect.Effect<void, never, R | Status>
  readonly skip: (step: StepName, why: string) => Effect.Effect<void>
  /** Records what is left as not reached. */
  readonly stop: Effect.Effect<void>
}

/** Each step is handed on as soon as it is over. */
export const make = (
  circumstances: Omit<Circumstances, "step" | "now">,
  onStep: (step: Step) => Effect.Effect<void>
): Recorder => {
  const steps: Array<Step> = []
  const record = (step: Step): Effect.Effect<void> => {
    steps.push(step)
    return onStep(step)
  }

  const attempt = <Name extends StepName, A, R>(
    {
      facts: toFacts,
      isWarning = () => false,
      limitMs,
      run,
      step,
      took,
      what
    }: Running<Name, A, R>,
    failed: "failed" | "inconclusive"
  ): Effect.Effect<A, Stopped, R | Status> =>
    Effect.gen(function* () {
      const { settled, waitFor } = yield* Status
      const start = yield* nowMs
      yield* waitFor(`${what}, ${Math.ceil(limitMs / 1000)} s at most`)
      const outcome = yield* Effect.ensuring(Effect.either(run), settled)
      const elapsed = (yield* nowMs) - start
      if (outcome._tag === "Left") {
        const now = yield* Clock.currentTimeMillis
        const { advice, failure } = explain(outcome.left, { ...circumstances, step, now })
        yield* record({ step, status: failed, ms: elapsed, failure })
        return yield* new Stopped({ kind: failure.kind, advice })
      }
      const facts = toFacts(outcome.right)
      const status = isWarning(facts) ? "warning" : "ok"
      const ms = took?.(outcome.right) ?? elapsed
      // Type boundary: the facts are those of the step that is named.
      yield* record({ step, status, ms, facts } as Step)
      return outcome.right
    })

  return {
    steps: () => steps,
    step: (running) => attempt(running, "failed"),
    probe: (running) => Effect.ignore(attempt(running, "inconclusive")),
    skip: (step, why) => record({ step, status: "skipped", why }),
    stop: Effect.suspend(() => {
      const done = new Set(steps.map(({ step }) => step))
      const left = stepNames.filter((name) => !done.has(name))
      return Effect.forEach(
        left,
        (step) => record({ step, status: "notReached", why: "an earlier step failed" }),
        { discard: true }
      )
    })
  }
}
