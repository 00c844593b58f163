import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Address } from "./servers.js"

export interface ChildServer extends Address {
  readonly signal: (signal: "SIGSTOP" | "SIGKILL") => void
  /** Kills it, and waits until it is gone and everything it wrote has been read. */
  readonly kill: Effect.Effect<void>
  /** Every message received. */
  readonly received: Array<{
    readonly type: string
    readonly id?: string
    readonly payload?: { readonly variables?: { readonly [name: string]: unknown } }
  }>
  /** How many connections it had at each time it got one. */
  readonly connections: Array<number>
}

const program = fileURLToPath(new URL("childServer.mjs", import.meta.url))

/** A server in a process of its own, on this port. */
export const childServerAt = (port: number): Effect.Effect<ChildServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { child, kill } = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const child = spawn(process.execPath, [program, String(port)], {
          stdio: ["ignore", "pipe", "inherit"]
        })
        const closed = once(child, "close")
        // SIGKILL ends even a process that is stopped.
        const kill = Effect.promise(() => {
          child.kill("SIGKILL")
          return closed
        })
        return { child, kill: Effect.asVoid(kill) }
      }),
      ({ kill }) => kill
    )
    const received: ChildServer["received"] = []
    const connections: ChildServer["connections"] = []
    const listening = yield* Effect.async<number>((resume) => {
      createInterface(child.stdout).on("line", (text) => {
        const line = JSON.parse(text)
        if (line.port !== undefined) resume(Effect.succeed(line.port))
        if (line.message !== undefined) received.push(line.message)
        if (line.connections !== undefined) connections.push(line.connections)
      })
    })
    return {
      port: listening,
      url: `ws://127.0.0.1:${listening}/graphql`,
      signal: (signal) => child.kill(signal),
      kill,
      received,
      connections
    }
  })

/** The same on a free port. */
export const childServer: Effect.Effect<ChildServer, never, Scope.Scope> = childServerAt(0)
