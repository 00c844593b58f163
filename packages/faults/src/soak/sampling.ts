/** What the process uses, as time goes on. */
import * as Effect from "effect/Effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { descriptors } from "../socketTable.js"
import type { Point } from "./flatness.js"

export interface Samples {
  /** Bytes that are in use right after everything unused was collected, buffers included. */
  readonly heap: Array<Point>
  /** Bytes of memory that the operating system has given to the process. */
  readonly resident: Array<Point>
  readonly descriptors: Array<Point>
  /** Events a second. */
  readonly events: Array<Point>
}

/** Collects the garbage, all of it, as without `--expose-gc` only V8 itself may. */
const collect: () => void = (() => {
  setFlagsFromString("--expose-gc")
  const gc: unknown = runInNewContext("gc")
  return typeof gc === "function" ? () => void gc() : () => {}
})()

export class Sampler {
  readonly samples: Samples = { heap: [], resident: [], descriptors: [], events: [] }
  #eventsBefore = 0
  #taken = 0

  constructor(
    /** Seconds since the run began. */
    readonly elapsed: () => number,
    readonly events: () => number,
    /** With every so many samples: collecting stops everything else. */
    readonly collectEvery: number
  ) {}

  /** Samples once. To be run every second. */
  get take(): Effect.Effect<void> {
    return Effect.map(descriptors, (count) => {
      const at = this.elapsed()
      const events = this.events()
      const before = this.samples.events.at(-1)?.at ?? 0
      const { samples } = this
      samples.descriptors.push({ at, value: count })
      samples.events.push({ at, value: (events - this.#eventsBefore) / Math.max(0.1, at - before) })
      this.#eventsBefore = events
      samples.resident.push({ at, value: process.memoryUsage.rss() })
      if (this.#taken++ % this.collectEvery > 0) return
      collect()
      const { external, heapUsed } = process.memoryUsage()
      samples.heap.push({ at, value: heapUsed + external })
    })
  }
}
