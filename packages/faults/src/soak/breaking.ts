/** What is broken, when, and for how long: drawn from the seed. */
import * as Effect from "effect/Effect"
import type * as Random from "effect/Random"
import type * as Child from "../child.js"
import type { Stuck } from "../within.js"
import type { Endpoint } from "./endpoint.js"
import type { Host } from "./host.js"
import { every, textLength } from "./log.js"
import type { Relay } from "./relay.js"
import type { Breakage } from "./relayMessages.js"

export type Fault = Breakage | "frozen" | "killed"

export interface FaultRecord {
  readonly fault: Fault
  readonly endpoints: ReadonlyArray<number>
  /** Seconds since the run began. */
  readonly from: number
  to: number
}

/** How often each is drawn, and for how many milliseconds it lasts. */
const faults: { readonly [fault in Fault]: readonly [weight: number, from: number, to: number] } = {
  lostUp: [2, 1000, 10_000],
  lostDown: [3, 1000, 10_000],
  lostBoth: [4, 1000, 10_000],
  stalled: [3, 500, 8000],
  slow: [2, 3000, 12_000],
  reset: [4, 0, 0],
  refused: [3, 1000, 8000],
  frozen: [2, 500, 8000],
  killed: [2, 500, 4000]
}

// Type boundary: the keys of an object literal of this very type.
export const kinds = Object.keys(faults) as ReadonlyArray<Fault>

export interface Scene {
  readonly endpoints: ReadonlyArray<Endpoint>
  readonly hosts: ReadonlyArray<Host>
  readonly relay: Relay
  readonly random: Random.Random
  /** Seconds since the run began. */
  readonly elapsed: () => number
  /** How much of the usual time a fault lasts, in a run that is short. */
  readonly scale: number
  readonly subscribersEach: number
}

export interface Breaking {
  readonly records: ReadonlyArray<FaultRecord>
  /** Breaks something, and heals it after a while. Whatever is interrupted is healed. */
  readonly breakOne: Effect.Effect<void, Child.ChildFailed | Stuck>
}

export const make = (scene: Scene): Breaking => {
  const { elapsed, endpoints, hosts, random, relay, scale, subscribersEach } = scene
  const records: Array<FaultRecord> = []
  /** How many things are wrong with the way to each endpoint. */
  const wrong = endpoints.map(() => 0)
  const relayed = new Set<number>()
  const stricken = new Set<Host>()

  const mark = (affected: ReadonlyArray<number>, change: 1 | -1) => {
    for (const index of affected) {
      const left = (wrong[index] ?? 0) + change
      const endpoint = endpoints[index]
      wrong[index] = left
      if (endpoint) endpoint.unbrokenSince = left === 0 ? endpoint.run.judge.now() : undefined
    }
  }

  const during = <E>(
    fault: Fault,
    affected: ReadonlyArray<number>,
    millis: number,
    begin: Effect.Effect<void, E>,
    heal: Effect.Effect<void, E>
  ): Effect.Effect<void, E> =>
    Effect.suspend(() => {
      const record = { fault, endpoints: affected, from: elapsed(), to: elapsed() }
      records.push(record)
      mark(affected, 1)
      return Effect.acquireUseRelease(
        begin,
        () => Effect.sleep(millis),
        () =>
          // Without it there is no going on.
          Effect.orDie(heal).pipe(
            Effect.zipRight(
              Effect.sync(() => {
                record.to = elapsed()
                mark(affected, -1)
              })
            )
          )
      )
    })

  const total = kinds.reduce((sum, fault) => sum + faults[fault][0], 0)
  const drawFault = Effect.map(random.nextRange(0, total), (drawn) => {
    let left = drawn
    return kinds.find((fault) => (left -= faults[fault][0]) < 0) ?? "reset"
  })

  const breakOne = Effect.gen(function* () {
    const fault = yield* drawFault
    const [, shortest, longest] = faults[fault]
    const millis = (yield* random.nextRange(shortest, longest)) * scale
    if (fault === "frozen" || fault === "killed") {
      const host = hosts[yield* random.nextIntBetween(0, hosts.length)]
      if (host === undefined || stricken.has(host)) return
      stricken.add(host)
      const [begin, heal] = fault === "frozen" ? [host.stop, host.goOn] : [host.kill, host.start]
      return yield* Effect.ensuring(
        during(fault, host.endpoints, millis, begin, heal),
        Effect.sync(() => stricken.delete(host))
      )
    }
    const index = yield* random.nextIntBetween(0, endpoints.length)
    // A share of what is published, so that it does not get through.
    const usual = (subscribersEach * textLength * 1000) / every
    const rate = usual * (yield* random.nextRange(0.4, 1.2))
    if (relayed.has(index)) return
    relayed.add(index)
    yield* Effect.ensuring(
      during(fault, [index], millis, relay.break(index, fault, rate), relay.heal(index)),
      Effect.sync(() => relayed.delete(index))
    )
  })

  return { records, breakOne }
}
