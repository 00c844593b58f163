/** A host of a `SimulatedNetwork`: its server, the sockets to it, and how a connection is served. */
import type { WireConstructor, WireRequest } from "@fiberline/client/Wire"
import type { VirtualTime } from "../VirtualTime.js"
import type { Faults } from "./faults.js"
import { ForeignSession } from "./foreignSession.js"
import { SimulatedServer } from "./simulatedServer.js"
import { type SessionLink, SimulatedSession } from "./simulatedSession.js"

/** What there is of a socket at the server's end. */
export interface ServedLink {
  readonly isWell: boolean
  readonly subscribers: ReadonlyArray<string>
}

/** What a link needs of whoever serves it. */
export interface Session {
  /** Whether it does its work. */
  readonly isWell: boolean
  /** Everything that the client told it in confidence. */
  readonly overheard: string
  /** The variable `who` of each subscription that it runs. */
  readonly subscribers: ReadonlyArray<string>
  /** The client's upgrade has arrived. It answers by `link.accept`, or by closing. */
  readonly begin: () => void
  readonly receive: (frame: string) => void
  /** A ping frame has arrived. It answers by `link.pongDown`. */
  readonly pinged: () => void
  /** Sends what is well formed, and not to be sent when the client is, or is not, acknowledged. */
  readonly sendUnexpected: (isAcknowledged: boolean) => void
  /** The client has closed. */
  readonly closed: (code: number, reason: string) => void
  /** Does nothing for so long, and then all that was left undone. */
  readonly freeze: (millis: number) => void
  /** The link is gone. */
  readonly end: () => void
}

export class SimulatedHost {
  readonly links = new Set<ServedLink>()
  readonly server: SimulatedServer

  constructor(
    readonly name: string,
    time: VirtualTime,
    readonly faults: Faults,
    publish: readonly [min: number, max: number],
    /** Serves in place of our own. */
    readonly foreign: WireConstructor["Type"] | undefined
  ) {
    this.server = new SimulatedServer(time, faults, publish)
    if (foreign === undefined) this.server.publish()
  }

  serve(request: WireRequest, link: SessionLink): Session {
    const { headers, subprotocols, url } = request
    const confidences = [url, ...Object.values(headers), ...subprotocols].join(" ")
    return this.foreign
      ? new ForeignSession(this.server, this.foreign, request, link, confidences)
      : new SimulatedSession(this.server, this.faults, link, request, confidences)
  }
}
