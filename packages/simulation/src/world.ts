/** What a run consists of, and what of it everybody in it needs. */
import * as Network from "@fiberline/testing/SimulatedNetwork"
import * as VirtualTime from "@fiberline/testing/VirtualTime"
import type * as Fiber from "effect/Fiber"
import type { Invariant, Judge, Violation } from "./invariants.js"
import { type Limits, temper } from "./parameters.js"
import { Secrecy } from "./secrecy.js"
import { Site } from "./site.js"

/** More of them are of no use, and a broken run may have millions. */
const mostViolations = 20

export class World implements Judge {
  readonly violations: Array<Violation> = []
  readonly dice: VirtualTime.Dice
  /** How subscribers consume. From elsewhere, so that drawing it changes nothing else that is drawn. */
  readonly ways: VirtualTime.Dice
  readonly network: Network.SimulatedNetwork
  readonly sites: ReadonlyArray<Site>
  readonly secrecy = new Secrecy(this)
  /** Who was interrupted by the application. */
  readonly interrupted = new Set<string>()
  /** The fibers that live. */
  readonly fibers = new Set<Fiber.RuntimeFiber<unknown, unknown>>()
  isClosing = false
  readonly #siteOfLink = new Map<number, Site>()
  readonly #expectations: Array<() => void> = []
  readonly #sampled: Array<() => void> = []

  constructor(
    readonly time: VirtualTime.VirtualTime,
    readonly limits: Limits
  ) {
    this.dice = time.dice.split()
    this.ways = VirtualTime.make({ seed: ~time.seed }).dice
    const dice = time.dice.split()
    const observe = (event: Network.NetworkEvent) => this.#observe(event)
    const network = temper(dice, limits)
    this.network = Network.make({ time, observe, ...network })
    const hosts = dice.chance(0.1) ? ["one", "two", "three"] : ["one"]
    this.sites = hosts
      .slice(0, limits.sites)
      .map((host) => new Site(this, host, 2 * network.latency[1]))
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

  readonly after = (millis: number, task: () => void): void => {
    this.time.after(millis, task)
  }

  everySecond(task: () => void): void {
    this.#sampled.push(task)
  }

  /** What can only be judged when the run is over. */
  expect(task: () => void): void {
    this.#expectations.push(task)
  }

  end(): void {
    for (const expectation of this.#expectations) expectation()
  }

  #observe(event: Network.NetworkEvent): void {
    if (event._tag === "Attempted") {
      const site = this.sites.find(({ host }) => host === event.host)
      if (site) this.#siteOfLink.set(event.link, site)
    }
    const site = this.#siteOfLink.get(event.link)
    if (site) site.links.observe(event)
    // What happens to no link happens to all of them.
    else for (const { links } of this.sites) links.observe(event)
  }

  #sample(): void {
    this.after(1000, () => {
      for (const task of this.#sampled) task()
      this.#sample()
    })
  }
}
