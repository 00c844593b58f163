/** The invariants that show at the client's sockets: 2, 3, 9, 10 and 13. */
import type { NetworkEvent } from "@fiberline/testing/SimulatedNetwork"
import type { Judge } from "./invariants.js"
import type { Parameters } from "./parameters.js"

interface Link {
  readonly attemptedAt: number
  /** Who has asked for a connection since then may have asked for another than this. */
  readonly askedSince: number
  openedAt?: number
  acknowledgedAt?: number
  closingAt?: number
  goneAt?: number
  /** When the client last heard, or could hear again. */
  heardAt: number
  /** How often the clock jumped since: each time, the peer may be asked once more. */
  jumps: number
  isPaused: boolean
  hasDelivered: boolean
  hasJumped: boolean
}

/** Numbers are not exact where a schedule multiplies. */
const tolerance = 1

export class LinkWatch {
  readonly #links = new Map<number, Link>()
  #current: Link | undefined = undefined
  #demandedAt = -Infinity
  /** Attempts in a row that did not prove themselves, since somebody last asked for one. */
  #unproven = 0
  #troubledAt = 0

  constructor(
    readonly judge: Judge,
    readonly parameters: Parameters
  ) {}

  /** When the network last did anything but carry frames. */
  get troubledAt(): number {
    return this.#troubledAt
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
      case "Acknowledged":
        link.acknowledgedAt ??= now
        return
      case "Heard":
        link.heardAt = now
        link.jumps = 0
        if (event.frame.includes(`"type":"next"`)) link.hasDelivered = true
        return
      case "Paused":
        link.isPaused = true
        return
      case "Resumed":
        link.isPaused = false
        link.heardAt = now
        link.jumps = 0
        return
      case "Closing":
        this.#leaves(event.link, link, now)
        link.closingAt ??= now
        return
      case "Gone":
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
    if (last?.goneAt !== undefined && this.#demandedAt < last.askedSince) {
      const waited = now - last.goneAt
      if (waited < pause - tolerance) {
        this.judge.violate(10, `socket ${id} comes ${waited} ms after the one before, not ${pause}`)
      }
    }
    if (this.#unproven > attempts) {
      this.judge.violate(10, `socket ${id} comes after ${this.#unproven} failures in a row`)
    }
    this.#current = {
      attemptedAt: now,
      // What is asked for while the one before is closed is served by replacing this one.
      askedSince: last?.closingAt ?? now,
      heardAt: now,
      jumps: 0,
      isPaused: false,
      hasDelivered: false,
      hasJumped: false
    }
    this.#links.set(id, this.#current)
  }

  #jumped(): void {
    for (const link of this.#links.values()) {
      link.jumps++
      link.hasJumped = true
    }
  }

  /** The client leaves a connection, or is told that it is gone: late, perhaps? */
  #leaves(id: number, link: Link, now: number): void {
    if (link.closingAt !== undefined) return
    const { ackTimeout, connectTimeout, keepalive } = this.parameters
    const within = (invariant: 2 | 3, since: number, bound: number, what: string) => {
      if (now - since <= bound + tolerance) return
      this.judge.violate(invariant, `socket ${id}: ${what} took ${now - since} ms, not ${bound}`)
    }
    if (link.openedAt === undefined) {
      return within(3, link.attemptedAt, connectTimeout, "connecting")
    }
    within(3, link.attemptedAt, connectTimeout + now - link.openedAt, "connecting")
    if (link.acknowledgedAt === undefined) {
      return within(3, link.openedAt, ackTimeout, "acknowledging")
    }
    if (link.isPaused) return
    const bound = keepalive.interval + keepalive.timeout * (1 + link.jumps)
    within(2, link.heardAt, bound, "noticing its silence")
  }

  #gone(id: number, link: Link, now: number): void {
    this.#leaves(id, link, now)
    link.goneAt = now
    const { closeTimeout, healthyAfter } = this.parameters
    if (link.closingAt !== undefined && now - link.closingAt > closeTimeout + tolerance) {
      this.judge.violate(3, `socket ${id}: closing took ${now - link.closingAt} ms`)
    }
    const uptime = link.acknowledgedAt === undefined ? -1 : now - link.acknowledgedAt
    const isProven = link.hasDelivered || uptime >= healthyAfter || link.hasJumped
    // Whoever came while it was tried may have another.
    const isAsked = this.#demandedAt >= link.askedSince
    this.#unproven = isProven || isAsked ? 0 : this.#unproven + 1
    this.#links.delete(id)
  }
}
