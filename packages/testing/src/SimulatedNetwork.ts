/**
 * A network that lies, and GraphQL servers behind it, wholly determined by a `VirtualTime`.
 *
 * There is a server at every host that a client asks for. Unless it is one of `servers`, it publishes
 * a log of numbered events, which outlives its restarts, and knows these operations, by their kind and
 * variables:
 *
 * - a subscription gets every event from now on; with the variable `after`, every event after that
 *   one, whether it is past or not; with `count`, it completes after so many. Its data is
 *   `{ event: { number, text } }`.
 * - a query or a mutation gets `{ executed: n }`, where `n` is how often its variable `key` was
 *   executed
 *
 * It tells everybody what it was told in confidence (the URL, headers, the payload), wherever a
 * server can: in close reasons, errors, headers and frames.
 *
 * @since 0.1.0
 */
import type { WireConstructor } from "@fiberline/client/Wire"
import { Faults } from "./internal/faults.js"
import { SimulatedHost } from "./internal/simulatedHost.js"
import { SimulatedLink } from "./internal/simulatedLink.js"
import type { FaultCounts, FaultRates } from "./NetworkFaults.js"
import type { VirtualTime } from "./VirtualTime.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface NetworkOptions {
  readonly time: VirtualTime
  /**
   * Servers of your own, by the host of their URL: what a `TestServer` or a `SchemaServer` provides.
   * To the faults that are a server's, of an operation, they are not subject.
   */
  readonly servers?: { readonly [host: string]: WireConstructor["Type"] } | undefined
  /** Over `NetworkFaults.defaultRates`. */
  readonly rates?: Partial<FaultRates> | undefined
  /**
   * Milliseconds that crossing takes at least and at most; default 1 and 100. Order is kept. With 0, a
   * server may answer before `send` has returned.
   */
  readonly latency?: readonly [min: number, max: number] | undefined
  /** Milliseconds from a connection's beginning in which its faults happen; default 30,000. */
  readonly faultWindow?: number | undefined
  /** Milliseconds between two events at least and at most; default 20 and 400. */
  readonly publish?: readonly [min: number, max: number] | undefined
  /** Frames that a client may still get after it stopped reading, at most; default 3. */
  readonly readAhead?: number | undefined
  /** Told everything, when it happens. */
  readonly observe?: ((event: NetworkEvent) => void) | undefined
}

/**
 * What happens in the network, as the client's socket sees it. `link` numbers the sockets from 1.
 *
 * @since 0.1.0
 * @category models
 */
export type NetworkEvent =
  | { readonly _tag: "Attempted"; readonly link: number; readonly host: string }
  | { readonly _tag: "Opened"; readonly link: number }
  /** The client has sent a frame. */
  | { readonly _tag: "Sent"; readonly link: number; readonly frame: string }
  /** A part of what comes next has reached the client. */
  | { readonly _tag: "HeardPart"; readonly link: number }
  /** The client was handed something. */
  | { readonly _tag: "Heard"; readonly link: number; readonly frame: string }
  /** The client was handed `connection_ack`. */
  | { readonly _tag: "Acknowledged"; readonly link: number }
  /** The client stopped reading, or began again. */
  | { readonly _tag: "Paused" | "Resumed"; readonly link: number }
  /** The client began to close. */
  | { readonly _tag: "Closing"; readonly link: number; readonly code: number }
  /** The socket is gone, by the client's doing or the network's. */
  | { readonly _tag: "Gone"; readonly link: number; readonly by: "client" | "network" }
  | {
      readonly _tag: "Fault"
      readonly link: number
      readonly kind: string
      readonly detail: string
    }
  /** The client has sent what the protocol forbids. */
  | { readonly _tag: "Misused"; readonly link: number; readonly detail: string }

/**
 * A server, and the sockets to it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Endpoint {
  /** Sockets that exist. */
  readonly sockets: () => number
  /** Whether there is a socket over which everything crosses, with an acknowledged connection. */
  readonly isWell: () => boolean
  /** The number of the last event that was published. */
  readonly published: () => number
  /** How often the operation of this key was executed. */
  readonly executed: (key: string) => number
  /** The variable `who` of each subscription that the server runs. */
  readonly subscribers: () => ReadonlyArray<string>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface SimulatedNetwork {
  /** What a client opens its sockets with. */
  readonly openWire: WireConstructor["Type"]
  /** The server of this host. */
  readonly endpoint: (host: string) => Endpoint
  /** Sockets that exist, to whatever host. */
  readonly sockets: () => number
  /** What went wrong so far. */
  readonly faults: () => FaultCounts
  /** What happened, a line each: milliseconds, socket, what. */
  readonly timeline: () => ReadonlyArray<string>
  /** Adds a line. */
  readonly note: (text: string) => void
}

/**
 * The text of an event, by which it is known whether it arrived as it was sent.
 *
 * @since 0.1.0
 * @category models
 */
export const textOf = (number: number): string => `event ${number} ✓ "${number % 7}"`

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: NetworkOptions): SimulatedNetwork => {
  const { faultWindow = 30_000, latency = [1, 100], readAhead = 3, time } = options
  const { publish = [20, 400] } = options
  const lines: Array<() => string> = []
  const note = (line: () => string): void => {
    const now = time.now()
    lines.push(() => `${now.toFixed(0).padStart(9)}  ${line()}`)
  }
  const observe = (event: NetworkEvent): void => {
    note(() => show(event))
    options.observe?.(event)
  }
  const faults = new Faults(time, options.rates ?? {}, observe)
  const hosts = new Map<string, SimulatedHost>()
  let attempts = 0

  const hostOf = (name: string): SimulatedHost => {
    const known = hosts.get(name)
    if (known) return known
    const host = new SimulatedHost(name, time, faults, publish, options.servers?.[name])
    hosts.set(name, host)
    return host
  }

  faults.jumpNowAndThen()
  return {
    openWire: (request, listener) => {
      const settings = { faultWindow, latency, readAhead, observe }
      const host = hostOf(new URL(request.url).host)
      return new SimulatedLink(++attempts, time, faults, host, settings, request, listener)
    },
    endpoint: (name) => {
      const { links, server } = hostOf(name)
      return {
        sockets: () => links.size,
        isWell: () => Array.from(links).some((link) => link.isWell),
        published: () => server.published,
        executed: (key) => server.executed.get(key) ?? 0,
        subscribers: () => Array.from(links).flatMap((link) => link.subscribers)
      }
    },
    sockets: () => Array.from(hosts.values()).reduce((sum, { links }) => sum + links.size, 0),
    faults: () => faults.counts,
    timeline: () => lines.map((line) => line()),
    note: (text) => note(() => text)
  }
}

const show = (event: NetworkEvent): string => {
  const socket = `socket ${event.link}`.padEnd(10)
  switch (event._tag) {
    case "Sent":
      return `${socket} → ${event.frame.slice(0, 160)}`
    case "Heard":
      return `${socket} ← ${event.frame.slice(0, 160)}`
    case "Closing":
      return `${socket} the client closes with ${event.code}`
    case "Gone":
      return `${socket} gone, by the ${event.by}`
    case "Fault":
      return `${socket} FAULT ${event.kind} ${event.detail}`
    case "Misused":
      return `${socket} the client breaks the protocol: ${event.detail}`
    case "Attempted":
      return `${socket} attempted, to ${event.host}`
    case "HeardPart":
      return `${socket} ← …`
    default:
      return `${socket} ${event._tag.toLowerCase()}`
  }
}
