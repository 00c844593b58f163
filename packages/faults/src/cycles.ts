/** One client process that connects, subscribes, loses its server and closes, over and over. */
import * as Effect from "effect/Effect"
import type { Options } from "./client.js"
import { drop, heal } from "./firewall.js"
import * as Stage from "./stage.js"
import { within } from "./within.js"

export interface Leaked {
  readonly cycles: number
  /** In the client's namespace after the last cycle. */
  readonly sockets: number
  /** More than after the first cycles. */
  readonly descriptors: number
  /** The slope of the heap, garbage collected; `null` where there were too few cycles to tell. */
  readonly heapBytesPerCycle: number | null
}

/** Cycles from which a slope can be taken. */
const fewest = 50

/** A client that was closed and kept is some 25 kilobytes. Caches still grow, ever more slowly. */
const mostHeapBytesPerCycle = 8192

export const isFlat = ({ descriptors, heapBytesPerCycle, sockets }: Leaked): boolean =>
  sockets === 0 && descriptors <= 0 && (heapBytesPerCycle ?? 0) <= mostHeapBytesPerCycle

/** So that a cycle takes no longer than need be. */
const options: Options = {
  subprotocol: "usual",
  interval: 150,
  timeout: 150,
  connectTimeout: 5000,
  ackTimeout: 5000,
  closeTimeout: 150,
  reconnects: 0
}

/**
 * What is compiled and cached in the first hundreds of connections is no leak. They are quick: nothing
 * has to be waited for.
 */
const warmUp = 200

/** How many measurements the slope is taken from. */
const samples = 10

export const cycles = (count: number): Effect.Effect<Leaked, Stage.StageFailed> =>
  Effect.scoped(
    Effect.gen(function* () {
      const stage = yield* Stage.make("direct")
      const { client } = stage
      for (let time = 0; time < warmUp; time++) yield* cycle(stage, time % 2 ? "closed" : "reset")
      for (const ending of endings) yield* cycle(stage, ending)

      const first = yield* client.measure
      const heap: Array<readonly [cycles: number, bytes: number]> = [[0, first.heapBytes]]
      const every = Math.ceil(count / samples)
      for (let done = 1; done <= count; done++) {
        yield* cycle(stage, endings[done % endings.length] ?? "closed")
        if (done % every === 0) heap.push([done, (yield* client.measure).heapBytes])
      }
      const last = yield* client.measure
      return {
        cycles: count,
        sockets: last.sockets,
        descriptors: last.descriptors - first.descriptors,
        heapBytesPerCycle: count < fewest ? null : Math.round(slope(heap))
      }
    })
  )

const endings = ["noticed", "closed into a black hole", "reset", "stopped", "closed"] as const

/** Connects, subscribes, ends in this way, and closes. */
const cycle = (
  stage: Stage.Stage,
  ending: (typeof endings)[number]
): Effect.Effect<void, Stage.StageFailed> =>
  Effect.gen(function* () {
    const { client, network, origin, server } = stage
    const { events } = yield* client.seen
    yield* client.open(origin, options)
    yield* client.subscribe({ every: 10 })
    yield* Stage.untilSeen(stage, events + 3)

    const blackHole = Effect.all([drop(network.server), drop(network.client)])
    const healed = Effect.all([heal(network.server), heal(network.client)])
    const ended = within("10 seconds", "the subscriber to be told")(client.ended)
    switch (ending) {
      case "noticed":
        return yield* Effect.all([blackHole, ended, client.close, healed], { discard: true })
      case "closed into a black hole":
        return yield* Effect.all([blackHole, client.close, ended, healed], { discard: true })
      case "reset":
        return yield* Effect.all([server.reset, ended, client.close], { discard: true })
      case "stopped":
        yield* Effect.all([server.signal("SIGSTOP"), ended, client.close], { discard: true })
        return yield* server.signal("SIGCONT")
      case "closed":
        return yield* Effect.all([client.close, ended], { discard: true })
    }
  })

/** Of the straight line through the points: least squares. */
export const slope = (points: ReadonlyArray<readonly [x: number, y: number]>): number => {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const meanX = mean(([x]) => x)
  const meanY = mean(([, y]) => y)
  const spread = mean(([x]) => (x - meanX) ** 2)
  return spread === 0 ? 0 : mean(([x, y]) => (x - meanX) * (y - meanY)) / spread
}
