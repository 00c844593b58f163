/**
 * The invariants that show at the sockets of one client: 2, 3 and 9. It stands between the client and
 * the real wire, and only looks. What the network let through, the relay tells it.
 */
import type { Wire, WireConstructor } from "@fiberline/client/Wire"
import { bounds, detection } from "./bounds.js"
import type { Judge } from "./invariants.js"
import type { Lag } from "./lag.js"
import { linkHeader } from "./relayMessages.js"

interface Link {
  readonly id: number
  readonly attemptedAt: number
  openedAt?: number
  acknowledgedAt?: number
  /** When the client had decided that it is over, or was told. */
  leftAt?: number
  closingAt?: number
  goneAt?: number
  heardAt: number
  isPaused: boolean
  /** When reading began again, where it had stopped. */
  resumedAt?: number
  isReported: boolean
}

export class LinkWatch {
  readonly #links = new Map<number, Link>()
  #made = 0
  #hasConnected = false
  #reconnects = 0

  constructor(
    readonly judge: Judge,
    readonly endpoint: number,
    readonly lag: Lag
  ) {}

  /** How many live connections there were after another of the same client. */
  get reconnects(): number {
    return this.#reconnects
  }

  /** Since when there is a live connection, of which something is read. */
  get wellSince(): number | undefined {
    for (const { acknowledgedAt, isPaused, leftAt, resumedAt } of this.#links.values()) {
      if (acknowledgedAt !== undefined && leftAt === undefined && !isPaused) {
        return Math.max(acknowledgedAt, resumedAt ?? 0)
      }
    }
    return undefined
  }

  /** Opens wires for another client as `open` does, and watches them. */
  watched(open: WireConstructor["Type"]): WireConstructor["Type"] {
    this.#hasConnected = false
    return (request, listener) => {
      const link = this.attempted()
      const headers = { ...request.headers, [linkHeader]: String(link.id) }
      const wire = open(
        { ...request, headers },
        {
          onOpen: (subprotocol) => {
            link.openedAt = this.judge.now()
            listener.onOpen(subprotocol)
          },
          onActivity: () => {
            link.heardAt = this.judge.now()
            listener.onActivity()
          },
          onFrame: (frame) => {
            this.heard(link, frame)
            listener.onFrame(frame)
          },
          onEnd: (end) => {
            this.gone(link)
            listener.onEnd(end)
          }
        }
      )
      return this.#watch(link, wire)
    }
  }

  #watch(link: Link, wire: Wire): Wire {
    const { flow } = wire
    return {
      send: wire.send,
      close: (code, reason) => {
        this.leaves(link)
        link.closingAt ??= this.judge.now()
        wire.close(code, reason)
      },
      terminate: () => {
        this.leaves(link)
        wire.terminate()
        this.gone(link)
      },
      ...(flow && {
        flow: {
          pause: () => {
            link.isPaused = true
            flow.pause()
          },
          resume: () => {
            link.isPaused = false
            link.resumedAt = this.judge.now()
            flow.resume()
          }
        }
      }),
      settle: wire.settle
    }
  }

  /** What there is, for a person. */
  describe(): string {
    const ago = (at: number | undefined) =>
      at === undefined ? "never" : `${((this.judge.now() - at) / 1000).toFixed(1)} s ago`
    return Array.from(this.#links.values(), (link) => {
      const { acknowledgedAt, goneAt, heardAt, id, isPaused, leftAt } = link
      const state = isPaused ? "paused" : "read"
      return `socket ${id} ${state}, acknowledged ${ago(acknowledgedAt)}, heard ${ago(heardAt)}, left ${ago(leftAt)}, gone ${ago(goneAt)}`
    }).join("; ")
  }

  attempted(): Link {
    const now = this.judge.now()
    const id = ++this.#made
    for (const other of this.#links.values()) {
      if (other.goneAt === undefined) this.#violate(9, `opens socket ${id} beside ${other.id}`)
    }
    const link = { id, attemptedAt: now, heardAt: now, isPaused: false, isReported: false }
    this.#links.set(id, link)
    return link
  }

  heard(link: Link, frame: string | ArrayBuffer): void {
    link.heardAt = this.judge.now()
    if (link.acknowledgedAt !== undefined || typeof frame !== "string") return
    if (!frame.includes('"connection_ack"')) return
    link.acknowledgedAt = link.heardAt
    if (this.#hasConnected) this.#reconnects++
    this.#hasConnected = true
  }

  /** The client leaves a connection, or is told that it is gone: late, perhaps? */
  leaves(link: Link): void {
    if (link.leftAt !== undefined) return
    link.leftAt = this.judge.now()
    this.#measure(link, link.leftAt, link.heardAt)
  }

  gone(link: Link): void {
    this.leaves(link)
    if (link.goneAt !== undefined) return
    link.goneAt = this.judge.now()
    this.#measureClosing(link, link.goneAt)
  }

  /** The relay says when it last let a byte through to the client, on a link that is over. */
  lastByte(id: number, at: number): void {
    const link = this.#links.get(id)
    if (link?.leftAt === undefined) return
    const { acknowledgedAt = at, heardAt, leftAt, resumedAt } = link
    // What had waited for reading to begin again was let through when it did.
    const heard = resumedAt === undefined ? at : Math.max(at, resumedAt, heardAt)
    this.#measure(link, leftAt, Math.max(heard, acknowledgedAt))
    if (link.goneAt !== undefined) this.#links.delete(id)
  }

  /** Looks for what is overdue, and forgets what is long over. */
  check(): void {
    const now = this.judge.now()
    for (const link of this.#links.values()) {
      if (link.leftAt === undefined) this.#measure(link, now, link.heardAt)
      else if (link.goneAt === undefined) this.#measureClosing(link, now)
      else if (now - link.goneAt > 30_000) this.#links.delete(link.id)
    }
  }

  /** Whether a link that is left, or still there, at this time is so within its bound. */
  #measure(link: Link, now: number, heardAt: number): void {
    const { acknowledgedAt, attemptedAt, id, isPaused, openedAt, resumedAt = 0 } = link
    const within = (invariant: 2 | 3, since: number, bound: number, what: string): void => {
      if (link.isReported || now - since <= this.lag.allowed(since, now, bound)) return
      link.isReported = true
      const late = `${(now - since).toFixed(0)} ms, not ${bound}`
      this.#violate(invariant, `socket ${id}: ${what} took ${late}`)
    }
    if (openedAt === undefined) {
      return within(3, attemptedAt, bounds.connectTimeout, "connecting")
    }
    if (acknowledgedAt === undefined) {
      return within(3, openedAt, bounds.ackTimeout, "acknowledging")
    }
    // The keepalive rests while nothing is read.
    if (isPaused) return
    within(2, Math.max(heardAt, resumedAt), detection, "noticing its silence")
  }

  #measureClosing(link: Link, now: number): void {
    const { closingAt, id, isReported } = link
    if (closingAt === undefined || isReported) return
    if (now - closingAt <= this.lag.allowed(closingAt, now, bounds.closeTimeout)) return
    link.isReported = true
    this.#violate(3, `socket ${id}: closing took ${(now - closingAt).toFixed(0)} ms`)
  }

  #violate(invariant: 2 | 3 | 9, what: string): void {
    this.judge.violate(invariant, `endpoint ${this.endpoint} ${what}`)
  }
}
