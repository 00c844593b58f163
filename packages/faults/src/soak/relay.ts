/** The relay's process, from outside. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Child from "../child.js"
import type { Stuck } from "../within.js"
import { type Breakage, Command, Event } from "./relayMessages.js"

export interface Relay {
  /** Where each endpoint is, for the clients. */
  readonly ports: ReadonlyArray<number>
  readonly aim: (endpoint: number, port: number | null) => Effect.Effect<void>
  readonly break: (endpoint: number, how: Breakage, rate: number) => Effect.Effect<void>
  readonly heal: (endpoint: number) => Effect.Effect<void>
  /** Listens to it for as long as it lives, which is until the scope closes. */
  readonly listen: (
    onLeft: (left: Extract<Event, { readonly _tag: "Left" }>) => void
  ) => Effect.Effect<never, Child.ChildFailed>
}

/** Relays to so many endpoints, until the scope closes. */
export const start = (
  endpoints: number
): Effect.Effect<Relay, Child.ChildFailed | Stuck, Scope.Scope> =>
  Effect.gen(function* () {
    const schemas = { command: Command, event: Event }
    const child = yield* Child.start(undefined, "soak/relayProcess", schemas)
    yield* child.send({ _tag: "Listen", endpoints })
    const { ports } = yield* Child.next(child, "Listening")
    return {
      ports,
      aim: (endpoint, port) => child.send({ _tag: "Aim", endpoint, port }),
      break: (endpoint, how, rate) => child.send({ _tag: "Break", endpoint, how, rate }),
      heal: (endpoint) => child.send({ _tag: "Heal", endpoint }),
      listen: (onLeft) =>
        child.events.take.pipe(
          Effect.map((event) => {
            if (event._tag === "Left") onLeft(event)
          }),
          // It fails in the end; it does not run out.
          Effect.catchTag("NoSuchElementException", () => Effect.never),
          Effect.forever
        )
    }
  })
