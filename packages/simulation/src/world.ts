/** What a run consists of, and what of it everybody in it needs. */
import type { WireConstructor } from "@fiberline/client/Wire"
import * as Network from "@fiberline/testing/SimulatedNetwork"
import type { Dice, VirtualTime } from "@fiberline/testing/VirtualTime"
import type * as Fiber from "effect/Fiber"
import type { Invariant, Judge, Violation } from "./invariants.js"
import { LinkWatch } from "./linkWatch.js"
import { draw, type Limits, type Parameters } from "./parameters.js"
import { Secrecy, secretPrefix } from "./secrecy.js"

/** Puts something between the client and the network: how a test shows that a bug would be found. */
export type Meddle = (openWire: WireConstructor["Type"]) => WireConstructor["Type"]

/** More of them are of no use, and a broken run may have millions. */
const mostViolations = 20

export class World implements Judge {
  readonly violations: Array<Violation> = []
  readonly dice: Dice
  readonly parameters: Parameters
  readonly links: LinkWatch
  readonly network: Network.SimulatedNetwork
  readonly openWire: WireConstructor["Type"]
  readonly secrecy = new Secrecy(this)
  /** Who was interrupted by the application. */
  readonly interrupted = new Set<string>()
  /** The fibers that live. */
  readonly fibers = new Set<Fiber.RuntimeFiber<unknown, unknown>>()
  readonly #expectations: Array<() => void> = []
  readonly #sampled = new Set<() => void>()
  #wellSince: number | undefined = undefined
  #tokens = 0

  constructor(
    readonly time: VirtualTime,
    readonly limits: Limits,
    meddle: Meddle
  ) {
    this.dice = time.dice.split()
    this.parameters = draw(time.dice.split(), limits)
    const { faultWindow, latency, publish, rates } = this.parameters
    this.links = new LinkWatch(this, this.parameters)
    const observe = (event: Network.NetworkEvent) => this.links.observe(event)
    this.network = Network.make({ time, rates, faultWindow, latency, publish, observe })
    this.openWire = meddle(this.network.openWire)
    this.#sample()
  }

  now(): number {
    return this.time.now()
  }

  violate(invariant: Invariant, what: string): void {
    if (this.violations.length >= mostViolations) return
    this.violations.push({ invariant, at: this.now(), what })
    this.network.note(`VIOLATION of ${invariant}: ${what}`)
  }

  get token(): string {
    return `${secretPrefix}-token-${this.#tokens}`
  }

  rotateToken(): void {
    this.#tokens++
  }

  /** How long the connection has been well, in milliseconds. */
  get wellFor(): number {
    if (this.#wellSince === undefined) return 0
    return this.now() - Math.max(this.#wellSince, this.links.troubledAt)
  }

  readonly after = (millis: number, task: () => void): void => {
    this.time.after(millis, task)
  }

  /** Returns how to end it. */
  everySecond(task: () => void): () => void {
    this.#sampled.add(task)
    return () => void this.#sampled.delete(task)
  }

  /** What can only be judged when the run is over. */
  expect(task: () => void): void {
    this.#expectations.push(task)
  }

  end(): void {
    for (const expectation of this.#expectations) expectation()
  }

  #sample(): void {
    this.after(1000, () => {
      if (!this.network.isWell()) this.#wellSince = undefined
      else this.#wellSince ??= this.now()
      for (const task of this.#sampled) task()
      this.#sample()
    })
  }
}
