/** Where a scenario takes place: two namespaces, a server in one of them and the client in the other. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ChildFailed } from "./child.js"
import * as Client from "./client.js"
import type { CommandFailed } from "./command.js"
import * as Network from "./network.js"
import * as Relay from "./relay.js"
import * as Server from "./server.js"
import { Stuck } from "./within.js"

export interface Stage {
  readonly network: Network.Network
  readonly server: Server.Server
  readonly client: Client.Client
  /** How bytes travel from here on, where the client's way to the server leads through the relay. */
  readonly shape: Relay.Relay["shape"]
  /** Where the client finds the server: a URL without a path. */
  readonly origin: string
}

/** What can go wrong with the stage itself. */
export type StageFailed = ChildFailed | CommandFailed | Stuck

export const make = (way: "direct" | "relayed"): Effect.Effect<Stage, StageFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const network = yield* Network.make
    // The client's process loads meanwhile.
    const client = yield* Client.start(network.client)
    const server = yield* Server.start(network.server)
    const { port, shape } =
      way === "relayed"
        ? yield* Relay.start(network.server, server.port)
        : { port: server.port, shape: () => Effect.dieMessage("there is no relay") }
    return { network, server, client, shape, origin: `ws://${network.server.address}:${port}` }
  })

/** Waits until the client has seen so many events. */
export const untilSeen = (
  { client }: Stage,
  events: number
): Effect.Effect<void, ChildFailed | Stuck> =>
  client.seen.pipe(
    Effect.delay("20 millis"),
    Effect.repeat({ until: (seen) => seen.events >= events }),
    Effect.timeoutFail({
      duration: "20 seconds",
      onTimeout: () => new Stuck({ waitedFor: `${events} events at the client` })
    })
  )
