/** A server's process, as who started it sees it. */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type ChildProcess, fork } from "node:child_process"
import { type AddressInfo, createServer } from "node:net"
import { fileURLToPath } from "node:url"
import { host, type Options } from "./servers/server.js"

export class CannotStart extends Data.TaggedError("CannotStart")<{
  readonly module: string
  readonly what: string
}> {
  override get message(): string {
    return `the server ${this.module} could not be started: ${this.what}`
  }
}

export interface Child {
  readonly port: number
  /** As a deployment does: asked first, and killed after a while. */
  readonly stop: Effect.Effect<void>
}

const file = fileURLToPath(new URL("serverProcess.js", import.meta.url))

/** Starts it, on a free port unless told otherwise. It ends with the scope. */
export const start = (
  module: string,
  options: Options,
  port?: number
): Effect.Effect<Child, CannotStart, Scope.Scope> =>
  port === undefined
    ? // Somebody else may take the port that was free.
      Effect.retry(
        Effect.flatMap(freePort, (port) => startOn(module, options, port)),
        { times: 2 }
      )
    : startOn(module, options, port)

const startOn = (
  module: string,
  options: Options,
  port: number
): Effect.Effect<Child, CannotStart, Scope.Scope> =>
  Effect.gen(function* () {
    const ready = yield* Deferred.make<void, CannotStart>()
    const ended = yield* Deferred.make<void>()
    const fail = (what: string) =>
      Deferred.unsafeDone(ready, Exit.fail(new CannotStart({ module, what })))

    const child = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const child = fork(file, [module, String(port), JSON.stringify(options)], {
          // What it says is nobody's business, unless it fails.
          stdio: ["ignore", "ignore", "pipe", "ipc"]
        })
        let lastWords = ""
        child.stderr?.on("data", (bytes) => {
          lastWords = `${lastWords}${bytes}`.slice(-2000)
        })
        child.once("message", () => Deferred.unsafeDone(ready, Exit.void))
        child.once("error", ({ message }) => {
          fail(message)
          Deferred.unsafeDone(ended, Exit.void)
        })
        child.once("exit", (code) => {
          fail(`it ended with ${code}: ${lastWords.trim()}`)
          Deferred.unsafeDone(ended, Exit.void)
        })
        return child
      }),
      (child) => killedUnless(ended, child, () => child.connected && child.disconnect())
    )
    yield* Deferred.await(ready).pipe(
      Effect.timeoutFail({
        duration: "30 seconds",
        onTimeout: () => new CannotStart({ module, what: "it was not ready within 30 s" })
      })
    )
    return { port, stop: killedUnless(ended, child, () => child.kill("SIGTERM")) }
  })

/** Asks it to end, and kills it if it does not. */
const killedUnless = (
  ended: Deferred.Deferred<void>,
  child: ChildProcess,
  ask: () => unknown
): Effect.Effect<void> => {
  const hasEnded = Effect.timeoutOption(Effect.interruptible(Deferred.await(ended)), "2 seconds")
  return Effect.gen(function* () {
    ask()
    if (Option.isSome(yield* hasEnded)) return
    child.kill("SIGKILL")
    yield* hasEnded
  })
}

const freePort: Effect.Effect<number> = Effect.async((resume) => {
  const server = createServer()
  server.listen(0, host, () => {
    // Type boundary: the address of a server that listens on a TCP port.
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})
