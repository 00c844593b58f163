/** What the seed makes of a run before it begins: the clients' options, the network's temper. */
import type { Strategy } from "@fiberline/client/ClientOptions"
import type { NetworkError } from "@fiberline/client/NetworkError"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import * as Reconnect from "@fiberline/client/Reconnect"
import * as Absinthe from "@fiberline/core/Absinthe"
import * as ActionCable from "@fiberline/core/ActionCable"
import { appSync } from "@fiberline/core/AppSync"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"
import { defaultRates, type Fault, type FaultRates, faults } from "@fiberline/testing/NetworkFaults"
import type { Dice } from "@fiberline/testing/VirtualTime"
import * as Schedule from "effect/Schedule"

/** A schedule, and what it allows. */
export interface Recovery {
  readonly schedule: Schedule.Schedule<unknown, NetworkError | ProtocolError> | false
  /** Milliseconds between a loss and the next attempt, at least. */
  readonly pause: number
  /** Attempts in a row that may follow a first one, none of which proves itself. */
  readonly attempts: number
}

/** What a client is made with. */
export interface Parameters {
  readonly keepalive: { readonly interval: number; readonly timeout: number }
  readonly connectTimeout: number
  readonly ackTimeout: number
  readonly closeTimeout: number
  readonly operationTimeout: number
  readonly idleTimeout: number
  readonly healthyAfter: number
  readonly eager: boolean
  readonly buffer: { readonly capacity: number; readonly strategy: Strategy }
  readonly recovery: Recovery
  /** What it speaks, by preference. */
  readonly subprotocols: ReadonlyArray<Subprotocol>
}

/** What the network of a run is like. */
export interface Temper {
  readonly rates: FaultRates
  readonly faultWindow: number
  readonly latency: readonly [min: number, max: number]
  readonly publish: readonly [min: number, max: number]
}

/** How a run is made smaller than its seed would have it. */
export interface Limits {
  readonly lives: number
  readonly sites: number
  readonly actors: number
  readonly steps: number
  readonly without: ReadonlySet<Fault>
}

export const unlimited: Limits = {
  lives: Infinity,
  sites: Infinity,
  actors: Infinity,
  steps: Infinity,
  without: new Set()
}

const recoveries: readonly [Recovery, ...ReadonlyArray<Recovery>] = [
  { schedule: false, pause: Infinity, attempts: 0 },
  {
    schedule: Schedule.spaced("300 millis").pipe(Schedule.jittered),
    pause: 240,
    attempts: Infinity
  },
  {
    schedule: Schedule.intersect(Schedule.exponential("100 millis"), Schedule.recurs(5)),
    pause: 100,
    attempts: 5
  },
  { schedule: Reconnect.schedule, pause: 0, attempts: 9 },
  { schedule: Reconnect.growth, pause: 0, attempts: Infinity }
]

export const draw = (dice: Dice): Parameters => ({
  keepalive: { interval: dice.between(500, 5000), timeout: dice.between(200, 3000) },
  connectTimeout: dice.between(1000, 5000),
  ackTimeout: dice.between(1000, 5000),
  closeTimeout: dice.pick([0, 500, 2000, 5000]),
  operationTimeout: dice.between(2000, 15_000),
  idleTimeout: dice.between(0, 3000),
  healthyAfter: dice.between(100, 10_000),
  eager: dice.chance(0.2),
  buffer: {
    capacity: dice.between(1, 20),
    strategy: dice.pick(["suspend", "suspend", "sliding", "dropping", "fail"])
  },
  recovery: dice.pick(recoveries),
  subprotocols: dice.pick(spoken)
})

const spoken: readonly [ReadonlyArray<Subprotocol>, ...ReadonlyArray<ReadonlyArray<Subprotocol>>] =
  [
    [graphqlTransportWs],
    [graphqlTransportWs],
    [subscriptionsTransportWs],
    [graphqlTransportWs, subscriptionsTransportWs],
    [Absinthe.make()],
    [Absinthe.make({ serializer: "1.0.0" })],
    [ActionCable.make()],
    [appSync]
  ]

export const temper = (dice: Dice, { without }: Limits): Temper => ({
  rates: rates(dice, without),
  faultWindow: dice.pick([500, 5000, 30_000, 120_000]),
  latency: dice.pick([
    [0, 0],
    [1, 1],
    [1, 20],
    [1, 100],
    [50, 300]
  ]),
  publish: dice.pick([
    [20, 400],
    [100, 3000]
  ])
})

/**
 * Runs differ in what they suffer from. A network in which everything goes wrong at once is less apt
 * to show what one fault alone would, and one in which a fault is the rule shows what a rare one cannot.
 */
const rates = (dice: Dice, without: ReadonlySet<Fault>): FaultRates => {
  const factors = faults.map((kind) => [kind, dice.pick([0, 0, 1, 1, 1, 1, 4, 16])] as const)
  return Object.fromEntries(
    factors.map(([kind, factor]) => [
      kind,
      without.has(kind) ? 0 : Math.min(0.9, defaultRates[kind] * factor)
    ])
    // Type boundary: made of every kind, one by one.
  ) as unknown as FaultRates
}
