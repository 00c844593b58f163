/** The invariants that show at the client's sockets: 2, 3, 9, 10, 13 and 17. */
import type { NetworkEvent } from "@fiberline/testing/SimulatedNetwork"
import { exceeds, type Judge } from "./invariants.js"
import type { Parameters } from "./parameters.js"

interface Link {
  readonly attemptedAt: number
  openedAt?: number
  acknowledgedAt?: number
  closingAt?: number
  goneAt?: number
  /** When the client last heard, or could hear again. */
  heardAt: number
  /** How often the clock jumped since: each time, the peer may be asked later, or once more. */
  jumps: number
  pausedAt: number | undefined
  hasDelivered: boolean
  /** Something happened to it, of which its silence may come. */
  isTroubled: boolean
  hasJumped: boolean
}

export class LinkWatch {
  readonly #links = new Map<number, Link>()
  #current: Link | undefined = undefined
  #demandedAt = -Infinity
  /** Attempts in a row that did not prove themselves, since somebody last asked for one. */
  #unproven = 0
  #troubledAt = 0

  constructor(
    readonly judge: Judge,
    readonly parameters: Parameters,
    /** Milliseconds that an answer may take, when nothing is wrong. */
    readonly roundTrip: number
  ) {}

  /** When the network last did anything but carry frames. */
  get troubledAt(): number {
    return this.#troubledAt
  }

  /** Since when the client does not read, if that is so. */
  get pausedSince(): number | undefined {
    return this.#current?.goneAt === undefined ? this.#current?.pausedAt : undefined
  }

  /** The application asks for a connection, as it may at any time. */
  demanded(): void {
    this.#demandedAt = this.judge.now()
    this.#unproven = 0
  }

  /** Another client begins. */
  reopened(): void {
    this.#current = undefined
    this.demanded()
  }

  observe(event: NetworkEvent): void {
    const now = this.judge.now()
    if (event._tag !== "Heard" && event._tag !== "Sent") this.#troubledAt = now
    if (event._tag === "Attempted") return this.#attempted(event.link, now)
    if (event._tag === "Fault" && event.kind === "clockJump") return this.#jumped()
    const link = this.#links.get(event.link)
    if (link === undefined) return
    switch (event._tag) {
      case "Opened":
        link.openedAt = now
        link.heardAt = now
        return
      case "HeardPart":
        link.heardAt = now
        link.jumps = 0
        // The rest may take longer than a peer may be silent.
        link.isTroubled = true
        return
      case "Fault":
        link.isTroubled = true
        return
      case "Acknowledged":
        link.acknowledgedAt ??= now
        return
      case "Heard":
        link.heardAt = now
        link.jumps = 0
        if (event.frame.includes(`"data":{"`)) link.hasDelivered = true
        return
      case "Paused":
        link.pausedAt = now
        return
      case "Resumed":
        link.pausedAt = undefined
        link.heardAt = now
        link.jumps = 0
        return
      case "Closing":
        this.#leaves(event.link, link, now)
        link.closingAt ??= now
        return
      case "Gone":
        if (event.by === "client") this.#givenUp(event.link, link)
        return this.#gone(event.link, link, now)
      case "Misused":
        return this.judge.violate(13, `socket ${event.link}: ${event.detail}`)
      default:
        return
    }
  }

  #attempted(id: number, now: number): void {
    for (const [other, { goneAt }] of this.#links) {
      if (goneAt === undefined) this.judge.violate(9, `sockets ${other} and ${id}`)
    }
    const last = this.#current
    const { attempts, pause } = this.parameters.recovery
    if (last?.goneAt !== undefined && this.#demandedAt < last.attemptedAt) {
      const waited = now - last.goneAt
      if (exceeds(pause, waited)) {
        this.judge.violate(10, `socket ${id} comes ${waited} ms after the one before, not ${pause}`)
      }
    }
    if (this.#unproven > attempts) {
      this.judge.violate(10, `socket ${id} comes after ${this.#unproven} failures in a row`)
    }
    this.#current = {
      attemptedAt: now,
      heardAt: now,
      jumps: 0,
      pausedAt: undefined,
      hasDelivered: false,
      isTroubled: false,
      hasJumped: false
    }
    this.#links.set(id, this.#current)
  }

  #jumped(): void {
    for (const link of this.#links.values()) {
      link.jumps++
      link.hasJumped = true
      link.isTroubled = true
    }
  }

  /** The client leaves a connection, or is told that it is gone: late, perhaps? */
  #leaves(id: number, link: Link, now: number): void {
    if (link.closingAt !== undefined) return
    const { ackTimeout, connectTimeout, keepalive } = this.parameters
    const within = (invariant: 2 | 3, since: number, bound: number, what: string) => {
      if (!exceeds(now - since, bound)) return
      this.judge.violate(invariant, `socket ${id}: ${what} took ${now - since} ms, not ${bound}`)
    }
    if (link.openedAt === undefined) {
      return within(3, link.attemptedAt, connectTimeout, "connecting")
    }
    within(3, link.attemptedAt, connectTimeout + now - link.openedAt, "connecting")
    if (link.acknowledgedAt === undefined) {
      return within(3, link.openedAt, ackTimeout, "acknowledging")
    }
    if (link.pausedAt !== undefined) return
    const bound = (keepalive.interval + keepalive.timeout) * (1 + link.jumps)
    within(2, link.heardAt, bound, "noticing its silence")
  }

  /** Destroyed by the client, which does not part so from a peer that it takes for alive. */
  #givenUp(id: number, { acknowledgedAt, closingAt, isTroubled }: Link): void {
    if (acknowledgedAt === undefined || closingAt !== undefined || isTroubled) return
    const { keepalive } = this.parameters
    if (exceeds(this.roundTrip, keepalive.timeout)) return
    this.judge.violate(17, `socket ${id} is given up, and nothing is wrong with it`)
  }

  #gone(id: number, link: Link, now: number): void {
    this.#leaves(id, link, now)
    link.goneAt = now
    const { closeTimeout, healthyAfter } = this.parameters
    if (link.closingAt !== undefined && exceeds(now - link.closingAt, closeTimeout)) {
      this.judge.violate(3, `socket ${id}: closing took ${now - link.closingAt} ms`)
    }
    const uptime = link.acknowledgedAt === undefined ? -1 : now - link.acknowledgedAt
    const isProven = link.hasDelivered || uptime >= healthyAfter || link.hasJumped
    // Whoever came while it was tried may have another.
    const isAsked = this.#demandedAt >= link.attemptedAt
    this.#unproven = isProven || isAsked ? 0 : this.#unproven + 1
    this.#links.delete(id)
  }
}
