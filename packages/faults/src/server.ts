/** The server's process, from outside. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Child from "./child.js"
import type { Namespace } from "./network.js"
import { Command, Event, type Manners } from "./serverMessages.js"
import type { Stuck } from "./within.js"

export type { Manners } from "./serverMessages.js"

export interface Server {
  readonly port: number
  /** Has it treat those who come from now on like this. Gives the time from which it does. */
  readonly behave: (
    manners: Manners,
    options: { readonly reset: boolean }
  ) => Effect.Effect<number, Child.ChildFailed | Stuck>
  /** Resets every connection there is. Gives the time. */
  readonly reset: Effect.Effect<number, Child.ChildFailed | Stuck>
  /** Has it reset every connection, or kill itself, when the next subscription arrives. */
  readonly breakOnSubscribe: (how: "reset" | "die") => Effect.Effect<void>
  /** When it broke down, as it was asked to. */
  readonly broken: Effect.Effect<number, Child.ChildFailed | Stuck>
  /** Waits until it has accepted somebody, or was sent such a message. */
  readonly heard: (
    type: "accepted" | "connection_init"
  ) => Effect.Effect<void, Child.ChildFailed | Stuck>
  readonly signal: (signal: "SIGSTOP" | "SIGCONT" | "SIGKILL") => Effect.Effect<void>
}

/** The server, until the scope closes. */
export const start = (
  where: Namespace
): Effect.Effect<Server, Child.ChildFailed | Stuck, Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* Child.start(where, "serverProcess", { command: Command, event: Event })

    const broken = Effect.map(Child.next(child, "Broken"), ({ at }) => at)
    const behave: Server["behave"] = (manners, { reset }) =>
      Effect.zipRight(child.send({ _tag: "Behave", manners, reset }), broken)

    const { port } = yield* Child.next(child, "Listening")
    return {
      port,
      behave,
      reset: behave("serves", { reset: true }),
      breakOnSubscribe: (how) => child.send({ _tag: "BreakOnSubscribe", how }),
      broken,
      heard: (type) =>
        type === "accepted"
          ? Child.next(child, "Accepted")
          : Child.next(child, "Received", (event) => event.type === type),
      signal: child.signal
    }
  })
