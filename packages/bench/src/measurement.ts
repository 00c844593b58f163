/** What runs inside a client's process. */
import { performance } from "node:perf_hooks"
import process from "node:process"
import type { Adapter } from "./adapter.js"
import type { Statistics } from "./server.js"

/** What came of one run, by figure; `null` for what did not happen within its bound. */
export type Sample = { readonly [figure: string]: number | null }

/** What the client's process can have done to its server. */
export interface Control {
  /** Resolves when so many subscriptions have begun, of all that ever did. */
  readonly begun: (count: number) => Promise<void>
  /** Has so many messages sent to each subscription that waits. */
  readonly spread: (each: number) => Promise<void>
  readonly statistics: () => Promise<Statistics>
  /** Stops the server's process where it is: what is sent to it is acknowledged by the kernel only. */
  readonly freeze: () => Promise<void>
  /** Kills it, and the kernel resets its connections. */
  readonly kill: () => Promise<void>
}

export interface Subject<A = Adapter> {
  readonly adapter: A
  readonly url: string
  readonly control: Control
}

export interface Parameters {
  readonly [name: string]: number
}

export type Measurement<P, A = Adapter> = (subject: Subject<A>, parameters: P) => Promise<Sample>

/** Begins to count; what is returned says how many microseconds it has been, of either kind. */
export const meter = (): (() => { readonly cpu: number; readonly wall: number }) => {
  const wall = performance.now()
  const cpu = process.cpuUsage()
  return () => {
    const { system, user } = process.cpuUsage(cpu)
    return { cpu: user + system, wall: 1000 * (performance.now() - wall) }
  }
}

export const pause = (millis: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, millis))

/** The heap in bytes, without what nobody holds. Wants `--expose-gc`. */
export const heap = async (): Promise<number> => {
  // What is held by callbacks that are still to run is let go in between.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await pause(20)
  }
  return process.memoryUsage().heapUsed
}

/** The same, or `undefined` if it takes longer. */
export const within = <A>(millis: number, promise: Promise<A>): Promise<A | undefined> => {
  let timer: NodeJS.Timeout
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), millis)
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}
