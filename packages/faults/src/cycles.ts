/** One client process that connects, subscribes, loses its server and closes, over and over. */
import * as Effect from "effect/Effect"
import type { Measured, Options } from "./client.js"
import { drop, heal } from "./firewall.js"
import * as Stage from "./stage.js"
import { within } from "./within.js"

export interface Leaked {
  readonly cycles: number
  /** In the client's namespace after the last cycle. */
  readonly sockets: number
  /** More than after the first cycles. */
  readonly descriptors: number
  /** The slope of the heap over the cycles, garbage collected. */
  readonly heapBytesPerCycle: number
}

/** A connection that was kept would be some tens of kilobytes. */
export const mostHeapBytesPerCycle = 2048

export const isFlat = ({ descriptors, heapBytesPerCycle, sockets }: Leaked): boolean =>
  sockets === 0 && descriptors <= 0 && heapBytesPerCycle <= mostHeapBytesPerCycle

/** So that a cycle takes no longer than need be. */
const options: Options = {
  interval: 150,
  timeout: 150,
  connectTimeout: 5000,
  ackTimeout: 5000,
  closeTimeout: 150,
  reconnects: 0
}

/** What is compiled and cached in the first cycles is no leak. */
const warmUp = 20

/** How many measurements the slope is taken from. */
const samples = 10

export const cycles = (count: number): Effect.Effect<Leaked, Stage.StageFailed> =>
  Effect.scoped(
    Effect.gen(function* () {
      const stage = yield* Stage.make("direct")
      const measured: Array<readonly [cycle: number, at: Measured]> = []
      for (let cycle = 0; cycle <= warmUp + count; cycle++) {
        const counted = cycle - warmUp
        if (counted >= 0 && counted % Math.max(1, Math.floor(count / samples)) === 0) {
          measured.push([counted, yield* stage.client.measure])
        }
        if (counted < count) yield* Effect.flatten(Effect.sync(() => one(stage, cycle)))
      }
      const [first] = measured
      const last = measured.at(-1)
      return {
        cycles: count,
        sockets: last?.[1].sockets ?? 0,
        descriptors: (last?.[1].descriptors ?? 0) - (first?.[1].descriptors ?? 0),
        heapBytesPerCycle: Math.round(
          slope(measured.map(([cycle, { heapBytes }]) => [cycle, heapBytes]))
        )
      }
    })
  )

/** Each ends in another way than the one before. */
const one = (stage: Stage.Stage, cycle: number): Effect.Effect<void, Stage.StageFailed> => {
  const { client, network, server, url } = stage
  const ended = within("10 seconds", "the subscriber to be told")(client.ended)
  const blackHole = Effect.all([drop(network.server), drop(network.client)])
  const healed = Effect.all([heal(network.server), heal(network.client)])
  const endings = [
    // A black hole that is noticed, and one that is closed into.
    blackHole.pipe(Effect.zipRight(ended), Effect.zipRight(client.close), Effect.zipRight(healed)),
    blackHole.pipe(Effect.zipRight(client.close), Effect.zipRight(ended), Effect.zipRight(healed)),
    server.reset.pipe(Effect.zipRight(ended), Effect.zipRight(client.close)),
    server
      .signal("SIGSTOP")
      .pipe(
        Effect.zipRight(ended),
        Effect.zipRight(client.close),
        Effect.zipRight(server.signal("SIGCONT"))
      ),
    // A server that is well.
    Effect.zipRight(client.close, ended)
  ]
  return Effect.gen(function* () {
    const { events } = yield* client.seen
    yield* client.open(url, options)
    yield* client.subscribe({ every: 10 })
    yield* Stage.untilSeen(stage, events + 3)
    yield* endings[cycle % endings.length] ?? Effect.void
  })
}

/** Of the straight line through the points: least squares. */
export const slope = (points: ReadonlyArray<readonly [x: number, y: number]>): number => {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const meanX = mean(([x]) => x)
  const meanY = mean(([, y]) => y)
  const spread = mean(([x]) => (x - meanX) ** 2)
  return spread === 0 ? 0 : mean(([x, y]) => (x - meanX) * (y - meanY)) / spread
}
