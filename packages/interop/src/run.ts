/** Tries every server of a selection over every transport. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Run } from "./arguments.js"
import { type Subject, waysTo, whyNot } from "./catalogue.js"
import { checks } from "./checks.js"
import * as Child from "./child.js"
import type * as Client from "./client.js"
import { type Feature, features } from "./features.js"
import { knownCause } from "./known.js"
import { tell } from "./outcome.js"
import * as Postgres from "./postgres.js"
import * as Rails from "./rails.js"
import type { Check, Report, Row } from "./report.js"
import type { Stage } from "./stage.js"
import type { Transport } from "./transport.js"
import { installed, packaged } from "./versions.js"

/** How many servers are on trial at a time: most of what is waited for is not the processor. */
const concurrency = 2

export const run = (
  { subjects, tolerance }: Pick<Run, "subjects" | "tolerance">,
  onRow: (row: Row) => Effect.Effect<void>
): Effect.Effect<Report, never, Exclude<Client.Needs, Scope.Scope>> =>
  Effect.forEach(subjects, (subject) => Effect.scoped(trySubject(subject, tolerance, onRow)), {
    concurrency
  }).pipe(Effect.map((rows) => ({ servers: rows.flat() })))

const trySubject = (
  subject: Subject,
  tolerance: number,
  onRow: (row: Row) => Effect.Effect<void>
) =>
  Effect.gen(function* () {
    const foundation = yield* Effect.either(needs[subject.needs ?? "nothing"])
    const theatre = {
      tolerance,
      ...(yield* open(subject, Either.getOrUndefined(foundation)))
    }
    return yield* Effect.forEach(waysTo(subject), (transport) =>
      Effect.gen(function* () {
        const why =
          subject.lacks[transport] ??
          (Either.isLeft(foundation) ? `not run: ${foundation.left.message}` : undefined)
        const row: Row = {
          name: subject.name,
          version:
            subject.needs === "Rails" ? packaged(subject.package) : installed(subject.package),
          transport,
          checks:
            why === undefined
              ? yield* Effect.forEach(features, (feature) =>
                  tryFeature(subject, transport, feature, theatre)
                )
              : features.map((feature) => ({ feature, ok: null, why }))
        }
        yield* onRow(row)
        return row
      })
    )
  })

/** Sees to it, and gives the address of a database where that is what it is. */
const needs: {
  readonly [What in NonNullable<Subject["needs"]> | "nothing"]: Effect.Effect<
    string | undefined,
    Postgres.NoPostgres | Rails.NoRails,
    Scope.Scope
  >
} = {
  PostgreSQL: Postgres.start,
  Rails: Effect.as(Rails.install, undefined),
  nothing: Effect.succeed(undefined)
}

type Theatre = Omit<Stage, "transport" | "server"> & {
  readonly server: Effect.Effect<{ readonly port: number }, Child.CannotStart>
}

/** The servers of one subject. Neither is started before it is needed. */
const open = (
  subject: Subject,
  database: string | undefined
): Effect.Effect<Omit<Theatre, "tolerance">, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const start = (module: string, auth: boolean, port?: number) => {
      const options = { auth, ...(database === undefined ? {} : { database }) }
      return Scope.extend(Child.start(module, options, port), scope)
    }

    let running: Child.Child | undefined
    const server = Effect.gen(function* () {
      running ??= yield* start(subject.module, false)
      return { port: running.port }
    })
    return {
      server,
      guardedServer: yield* Effect.cached(start(subject.module, true)),
      incrementalServer:
        subject.incrementalModule === undefined
          ? server
          : yield* Effect.cached(start(subject.incrementalModule, false)),
      restartServer: Effect.gen(function* () {
        if (running === undefined) return
        const { port, stop } = running
        yield* stop
        running = yield* start(subject.module, false, port)
      })
    }
  })

const tryFeature = (
  subject: Subject,
  transport: Transport,
  feature: Feature,
  theatre: Theatre
): Effect.Effect<Check, never, Exclude<Client.Needs, Scope.Scope>> => {
  const why = whyNot(subject, transport, feature)
  if (why !== undefined) return Effect.succeed({ feature, ok: null, why })
  return theatre.server.pipe(
    Effect.flatMap((server) => checks[feature]({ ...theatre, transport, server })),
    Effect.scoped,
    Effect.exit,
    Effect.map((exit): Check => {
      const known = knownCause(subject.name, transport, feature)
      return {
        feature,
        ok: Exit.isSuccess(exit),
        why: Exit.isSuccess(exit) ? exit.value : tell(exit),
        ...(known === undefined ? {} : { known })
      }
    })
  )
}
