/** The relay's way to one endpoint: where it leads, and what is wrong with it. */
import * as Effect from "effect/Effect"
import { createServer, type Server, type Socket } from "node:net"
import { reset } from "../reset.js"
import type { Breakage } from "./relayMessages.js"

export type Direction = "up" | "down"

export interface Link {
  readonly client: Socket
  readonly upstream: Socket
  /** What it was that has vanished. */
  readonly lost: { up: boolean; down: boolean }
}

/** Ports below those that systems give away: nobody else takes one while nobody listens there. */
const ports = { from: 20_000, to: 30_000 }

const losses: { readonly [how in Breakage]?: ReadonlyArray<Direction> } = {
  lostUp: ["up"],
  lostDown: ["down"],
  lostBoth: ["up", "down"]
}

export class Gate {
  readonly links = new Set<Link>()
  /** Where the server is. */
  target: number | undefined = undefined
  /** Bytes a second. */
  rate = Infinity
  /** Open while anything passes at all. */
  readonly flowing = Effect.unsafeMakeLatch(true)
  /** Open while nothing is lost. */
  readonly whole = Effect.unsafeMakeLatch(true)
  #loses: ReadonlyArray<Direction> = []
  #server: Server | undefined = undefined
  #port = 0

  constructor(readonly accept: (gate: Gate, client: Socket) => void) {}

  /** Listens, on a port that stays the same. */
  get listen(): Effect.Effect<number> {
    return Effect.async((resume) => {
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
        this.accept(this, client)
      )
      this.#server = server
      const attempt = () =>
        server.listen(this.#port || drawnPort(), "127.0.0.1", () => {
          // Type boundary: the address of a server that listens on a TCP port.
          this.#port = (server.address() as { readonly port: number }).port
          resume(Effect.succeed(this.#port))
        })
      // Somebody else listens there.
      server.on("error", () => void setTimeout(attempt, 50))
      attempt()
    })
  }

  loses(direction: Direction): boolean {
    return this.#loses.includes(direction)
  }

  break(how: Breakage, rate: number): void {
    const lost = losses[how]
    if (lost) {
      this.#loses = lost
      this.whole.unsafeClose()
      return
    }
    if (how === "stalled") this.flowing.unsafeClose()
    if (how === "slow") this.rate = rate
    if (how === "refused") this.#server?.close()
    if (how === "reset" || how === "refused") this.resetAll(() => true)
  }

  get heal(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.resetAll(({ lost }) => lost.up || lost.down)
      this.#loses = []
      this.rate = Infinity
      this.flowing.unsafeOpen()
      this.whole.unsafeOpen()
      return this.#server?.listening === false ? Effect.asVoid(this.listen) : Effect.void
    })
  }

  resetAll(which: (link: Link) => boolean): void {
    for (const link of Array.from(this.links).filter(which)) {
      reset(link.client)
      reset(link.upstream)
    }
  }
}

const drawnPort = (): number => ports.from + Math.floor(Math.random() * (ports.to - ports.from))
