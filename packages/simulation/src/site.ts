/** An endpoint that the application has a client of, and how that client is doing. */
import type { Endpoint } from "@fiberline/testing/SimulatedNetwork"
import { LinkWatch } from "./linkWatch.js"
import { draw, type Parameters } from "./parameters.js"
import { secretPrefix } from "./secrecy.js"
import type { SubscriberWatch } from "./subscriberWatch.js"
import type { World } from "./world.js"

/** How long reading may be stopped, in milliseconds, when everybody waits for something to read. */
const resumedWithin = 2000

export class Site {
  readonly parameters: Parameters
  readonly links: LinkWatch
  readonly server: Endpoint
  /** Who subscribes at present. */
  readonly subscribers = new Set<SubscriberWatch>()
  #wellSince: number | undefined = undefined
  #tokens = 0

  constructor(
    readonly world: World,
    readonly host: string,
    /** Milliseconds to the server and back, at most, when nothing is wrong. */
    roundTrip: number
  ) {
    this.parameters = draw(world.time.dice.split())
    this.links = new LinkWatch(world, this.parameters, roundTrip)
    this.server = world.network.endpoint(host)
    world.everySecond(() => this.#sample())
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
    return this.world.now() - Math.max(this.#wellSince, this.links.troubledAt)
  }

  #sample(): void {
    if (!this.server.isWell()) this.#wellSince = undefined
    else this.#wellSince ??= this.world.now()
    for (const subscriber of this.subscribers) subscriber.starve(this.wellFor)
    this.#checkReading()
  }

  /** Reading is stopped for somebody, who has more than it can hold. */
  #checkReading(): void {
    const { pausedSince } = this.links
    if (pausedSince === undefined) return
    const since = Math.max(pausedSince, ...Array.from(this.subscribers, (one) => one.idleSince))
    if (this.world.now() - since < resumedWithin) return
    this.world.violate(15, `nobody reads at ${this.host}, and everybody waits`)
  }
}
