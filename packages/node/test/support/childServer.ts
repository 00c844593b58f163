import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { Address } from "./servers.js"

export interface ChildServer extends Address {
  readonly signal: (signal: "SIGSTOP" | "SIGKILL") => void
}

const program = fileURLToPath(new URL("childServer.mjs", import.meta.url))

/** A server in a process of its own. */
export const childServer: Effect.Effect<ChildServer, never, Scope.Scope> = Effect.gen(function* () {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] })),
    end
  )
  const [line] = yield* Effect.promise(() => once(child.stdout, "data"))
  const port = Number(line)
  return {
    port,
    url: `ws://127.0.0.1:${port}/graphql`,
    signal: (signal) => child.kill(signal)
  }
})

// SIGKILL ends even a process that is stopped.
const end = (child: ChildProcess): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })
