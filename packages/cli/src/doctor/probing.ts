/** The part of a diagnosis that takes long, or is no part of ordinary use: what is tried only if asked for. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Conceal } from "../conceal.js"
import type { ProbeFailure } from "./failure.js"
import * as Idle from "./idle.js"
import * as Probes from "./probes.js"
import { type HttpAnswer, Prober } from "./prober.js"
import type { Status } from "../status.js"
import type { Recorder } from "./recorder.js"
import type { Facts } from "./report.js"
import * as Session from "./session.js"
import type { Settings } from "./settings.js"
import { nowMs } from "./time.js"
import { duration } from "./words.js"

/** Tries what was asked for, all at once, on connections of their own. */
export const probe = (
  address: string,
  settings: Settings,
  recorder: Recorder,
  hide: Conceal
): Effect.Effect<void, never, Prober | Status | Scope.Scope> =>
  Effect.gen(function* () {
    const { idleLimit, probeLimit, timeout } = settings
    const start = yield* nowMs
    const open = (answersPings: boolean) => Session.open(settings, address, { answersPings })
    const unknownMessage = Effect.flatMap(open(true), (session) =>
      Probes.unknownMessage(session, timeout)
    )
    const unansweredPing = Effect.flatMap(open(false), (session) =>
      Probes.unansweredPing(session, probeLimit ?? 0)
    )

    const steps = [
      yield* begin(recorder, start, probeLimit, {
        step: "unknownMessage",
        option: "--probe",
        what: "sending a message of unknown type",
        run: unknownMessage,
        facts: (found) => ({ ...found, reason: hide(found.reason) })
      }),
      yield* begin(recorder, start, probeLimit, {
        step: "unansweredPing",
        option: "--probe",
        what: "leaving a ping unanswered",
        run: unansweredPing,
        facts: (found) => found
      }),
      yield* begin(recorder, start, idleLimit, {
        step: "idle",
        option: "--idle-probe",
        what: `being silent for up to ${duration(idleLimit ?? 0)}`,
        run: Idle.measure(settings, address, idleLimit ?? 0),
        facts: (found) => found,
        isWarning: ({ cut }) => cut !== null
      })
    ]
    for (const step of steps) yield* step
  })

interface Probing<Name extends "unknownMessage" | "unansweredPing" | "idle", A, R> {
  readonly step: Name
  /** What asks for it. */
  readonly option: string
  readonly what: string
  readonly run: Effect.Effect<A, ProbeFailure, R | Scope.Scope>
  readonly facts: (found: A) => Facts[Name]
  readonly isWarning?: (facts: Facts[Name]) => boolean
}

/** Begins at once, without a limit not at all, and gives what waits for it and records it. */
const begin = <Name extends "unknownMessage" | "unansweredPing" | "idle", A, R>(
  recorder: Recorder,
  start: number,
  limit: number | undefined,
  { facts, isWarning, option, run, step, what }: Probing<Name, A, R>
) =>
  Effect.gen(function* () {
    if (limit === undefined) return recorder.skip(step, `${option} asks for it`)
    const timed = Effect.gen(function* () {
      const found = yield* Effect.scoped(run)
      return { found, ms: (yield* nowMs) - start }
    })
    const fiber = yield* Effect.forkScoped(timed)
    return Effect.flatMap(nowMs, (now) =>
      recorder.probe({
        step,
        what,
        limitMs: Math.max(0, limit - (now - start)),
        run: Fiber.join(fiber),
        facts: ({ found }) => facts(found),
        took: ({ ms }) => ms,
        ...(isWarning !== undefined && { isWarning })
      })
    )
  })

/** A query by POST, where the URL was one for that. */
export const query = (
  { appSync, endpoint, headers, timeout, transport }: Settings,
  recorder: Recorder,
  hide: Conceal
): Effect.Effect<void, never, Prober | Status> =>
  Effect.gen(function* () {
    if (endpoint.askedFor === undefined) {
      return yield* recorder.skip("http", "for http: and https: URLs")
    }
    if (transport === "phoenix" || transport === "phoenix-v1" || transport === "actioncable") {
      return yield* recorder.skip("http", "such an address takes none")
    }
    const prober = yield* Prober
    const body = JSON.stringify({ query: "{ __typename }" })
    const asked = appSync
      ? Effect.flatMap(appSync.headers(body), (authorized) =>
          prober.post(appSync.endpoint, authorized, body)
        )
      : prober.post(endpoint, headers, body)
    yield* recorder.probe({
      step: "http",
      what: "asking a query by POST",
      limitMs: timeout,
      run: asked.pipe(Session.within(timeout)),
      facts: (answer) => ({
        status: answer.status,
        mediaType: answer.mediaType === undefined ? null : hide(answer.mediaType),
        graphql: isGraphQL(answer)
      }),
      isWarning: ({ graphql }) => !graphql
    })
  })

/** Also one with errors: that it needs credentials, for instance. */
const isGraphQL = ({ body }: HttpAnswer): boolean => {
  try {
    const answer: unknown = JSON.parse(body)
    return typeof answer === "object" && answer !== null && ("data" in answer || "errors" in answer)
  } catch {
    return false
  }
}
