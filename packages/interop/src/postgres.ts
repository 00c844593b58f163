/** A PostgreSQL for those servers that need one. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import * as Child from "./child.js"
import { host } from "./servers/server.js"
import { programs } from "./servers/postgres.js"

export class NoPostgres extends Data.TaggedError("NoPostgres")<{ readonly why: string }> {
  override get message(): string {
    return `there is no PostgreSQL here: ${this.why}`
  }
}

/** Gives the connection string of a database of its own. It ends with the scope. */
export const start: Effect.Effect<string, NoPostgres, Scope.Scope> = Effect.gen(function* () {
  yield* install
  const { port } = yield* Child.start("postgres", { auth: false })
  return `postgres://postgres@${host}:${port}/postgres`
}).pipe(Effect.catchTag("CannotStart", ({ what }) => new NoPostgres({ why: what })))

/** Debian's package, where it is missing and may be installed. */
const install: Effect.Effect<void, NoPostgres> = Effect.suspend(() => {
  if (programs() !== undefined) return Effect.void
  if (process.getuid?.() !== 0) {
    return new NoPostgres({ why: "it is not installed, and only root could do that" })
  }
  return Effect.async((resume) => {
    const child = spawn("apt-get", ["install", "-y", "--no-install-recommends", "postgresql"], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "ignore", "ignore"]
    })
    const fail = (why: string) => resume(new NoPostgres({ why }))
    child.once("error", () => fail("it is not installed, and there is no apt-get to do that"))
    child.once("exit", (code) => {
      if (code === 0 && programs() !== undefined) resume(Effect.void)
      else fail("it is not installed, and apt-get install postgresql did not help")
    })
  })
})
