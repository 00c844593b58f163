/** A PostgreSQL for those servers that need one. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Child from "./child.js"
import * as Debian from "./debian.js"
import { host } from "./servers/server.js"
import { programs } from "./servers/postgres.js"

export class NoPostgres extends Data.TaggedError("NoPostgres")<{ readonly why: string }> {
  override get message(): string {
    return `there is no PostgreSQL here: ${this.why}`
  }
}

/** Gives the connection string of a database of its own. It ends with the scope. */
export const start: Effect.Effect<string, NoPostgres, Scope.Scope> = Effect.gen(function* () {
  yield* Debian.install(["postgresql"], () => programs() !== undefined)
  const { port } = yield* Child.start("postgres", { auth: false })
  return `postgres://postgres@${host}:${port}/postgres`
}).pipe(
  Effect.catchTags({
    NotInstalled: ({ why }) => new NoPostgres({ why }),
    CannotStart: ({ what }) => new NoPostgres({ why: what })
  })
)
