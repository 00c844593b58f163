/** A machine with the servers of some endpoints: a process that can be stopped, killed and started. */
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Child from "../child.js"
import { type Stuck, within } from "../within.js"
import { Command, Event } from "./serverMessages.js"

export interface Host {
  readonly endpoints: ReadonlyArray<number>
  readonly stop: Effect.Effect<void>
  readonly goOn: Effect.Effect<void>
  readonly kill: Effect.Effect<void>
  /** Starts it again after it was killed. */
  readonly start: Effect.Effect<void, Child.ChildFailed | Stuck>
}

export interface HostSettings extends Omit<Command, "_tag"> {
  /** Where its servers are from now on; `null` for nowhere. */
  readonly onPort: (endpoint: number, port: number | null) => Effect.Effect<void>
  readonly onExecuted: (endpoint: number, key: number) => void
}

interface Running {
  readonly child: Child.Child<Command, Event>
  readonly scope: Scope.CloseableScope
  readonly listener: Fiber.Fiber<unknown, unknown>
}

/** A host that runs, until the scope closes. */
export const make = (
  settings: HostSettings
): Effect.Effect<Host, Child.ChildFailed | Stuck, Scope.Scope> =>
  Effect.gen(function* () {
    const { endpoints, onExecuted, onPort } = settings
    const life = yield* Effect.scope
    let running: Running | undefined = undefined

    const start = Effect.gen(function* () {
      const scope = yield* Scope.fork(life, ExecutionStrategy.sequential)
      const schemas = { command: Command, event: Event }
      const child = yield* Scope.extend(
        Child.start(undefined, "soak/serverProcess", schemas),
        scope
      )
      yield* child.send({ ...settings, _tag: "Serve" })
      const { ports } = yield* Child.next(child, "Listening")
      const listener = yield* child.events.take.pipe(
        Effect.tap((event) =>
          Effect.sync(() => {
            if (event._tag === "Executed") onExecuted(event.endpoint, event.key)
          })
        ),
        Effect.forever,
        // Also where it is started by what cannot be interrupted, as whatever heals.
        Effect.interruptible,
        Effect.forkIn(scope)
      )
      running = { child, scope, listener }
      for (const [index, endpoint] of endpoints.entries()) {
        yield* onPort(endpoint, ports[index] ?? null)
      }
    })

    const kill = Effect.gen(function* () {
      if (running === undefined) return
      const { child, listener, scope } = running
      running = undefined
      for (const endpoint of endpoints) yield* onPort(endpoint, null)
      yield* child.signal("SIGKILL")
      // What it said before it died is heard to the end.
      yield* Effect.ignore(within("5 seconds", "the host's last words")(Fiber.await(listener)))
      yield* Scope.close(scope, Exit.void)
    })

    const signal = (name: "SIGSTOP" | "SIGCONT") =>
      Effect.suspend(() => running?.child.signal(name) ?? Effect.void)

    yield* start
    return { endpoints, kill, start, stop: signal("SIGSTOP"), goOn: signal("SIGCONT") }
  })
