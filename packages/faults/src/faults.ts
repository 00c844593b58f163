/** The faults: how each is put in, and what a client has to make of it. */
import * as Effect from "effect/Effect"
import type { Subscription } from "./clientMessages.js"
import { now } from "./clock.js"
import { drop, limit } from "./firewall.js"
import { unplug } from "./network.js"
import type { Manners } from "./server.js"
import type { Stage, StageFailed } from "./stage.js"

/**
 * What becomes of a connection.
 *
 * - `Silent`: it is dead, and nothing says so. The keepalive has to notice.
 * - `Cut`: it is dead, and the kernel says so.
 * - `Worse`: it lives on, or ends as a silent one does where that is `orDies`.
 * - `Replaced`: it is cut, and the next one meets a server that does not do its part.
 */
export type Kind =
  | { readonly _tag: "Silent" }
  | { readonly _tag: "Cut"; readonly onSubscribe: "reset" | "die" }
  | { readonly _tag: "Worse"; readonly orDies: boolean }
  | { readonly _tag: "Replaced"; readonly manners: Exclude<Manners, "serves"> }

export interface Fault {
  readonly name: string
  readonly kind: Kind
  /** Puts it in, and gives the time before which it was not. */
  readonly put: (stage: Stage) => Effect.Effect<number, StageFailed>
  /** Only a relay can do it. */
  readonly isRelayed?: boolean
  /** What streams, if it matters. */
  readonly stream?: Subscription
}

const silent = { _tag: "Silent" } as const

const at = <E>(put: Effect.Effect<unknown, E>): Effect.Effect<number, E> =>
  Effect.suspend(() => Effect.as(put, now()))

export const faults: ReadonlyArray<Fault> = [
  {
    name: "black hole",
    kind: silent,
    put: ({ network }) => at(Effect.all([drop(network.server), drop(network.client)]))
  },
  {
    name: "black hole up",
    kind: silent,
    put: ({ network }) => at(drop(network.server))
  },
  {
    name: "black hole down",
    kind: silent,
    put: ({ network }) => at(drop(network.client))
  },
  {
    name: "link down",
    kind: silent,
    put: ({ network }) => at(unplug(network.client))
  },
  {
    name: "30 % loss",
    // TCP tries again after longer and longer waits, and some of them are longer than the keepalive's.
    kind: { _tag: "Worse", orDies: true },
    put: ({ network }) => at(Effect.all([drop(network.server, 30), drop(network.client, 30)]))
  },
  {
    name: "500 ms jitter",
    // Both ways together stay below the keepalive's timeout.
    kind: { _tag: "Worse", orDies: false },
    isRelayed: true,
    put: ({ shape }) => at(shape({ up: { jitter: 250 }, down: { jitter: 500 } }))
  },
  {
    name: "10 kB/s",
    // Ten times as much is on its way as gets through. A pong lies far behind it, but data is life too.
    kind: { _tag: "Worse", orDies: false },
    stream: { every: 10, ballast: 1000 },
    put: ({ network }) =>
      at(Effect.all([limit(network.server, 10_000), limit(network.client, 10_000)]))
  },
  {
    name: "SIGSTOP",
    kind: silent,
    put: ({ server }) => at(server.signal("SIGSTOP"))
  },
  {
    name: "SIGKILL",
    kind: { _tag: "Cut", onSubscribe: "die" },
    put: ({ server }) => at(server.signal("SIGKILL"))
  },
  {
    name: "RST",
    kind: { _tag: "Cut", onSubscribe: "reset" },
    put: ({ server }) => server.reset
  },
  {
    name: "never upgrades",
    kind: { _tag: "Replaced", manners: "never upgrades" },
    put: ({ server }) => server.behave("never upgrades", { reset: true })
  },
  {
    name: "never acknowledges",
    kind: { _tag: "Replaced", manners: "never acknowledges" },
    put: ({ server }) => server.behave("never acknowledges", { reset: true })
  }
]
