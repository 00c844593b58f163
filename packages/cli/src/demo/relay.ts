/**
 * A TCP relay that can go silent, as a network does when its path breaks somewhere in the middle: no
 * FIN, no RST, both sockets stay open, and nothing sent into one comes out of the other. When it heals,
 * that is for new connections.
 *
 * What it is sent while it is silent it reads and throws away. So it notices when a client destroys
 * its socket, without ever telling the other side.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import { type CannotListen, host, listen } from "./loopback.js"

export { host } from "./loopback.js"

/** Bytes that arrived after the relay had gone silent. */
export interface Swallowed {
  readonly from: "client" | "server"
  readonly bytes: number
}

export interface RelayedClient {
  /** The port at the client's end. */
  readonly port: number
  /** Done when the client has hung up: its FIN or RST came, passed on or not. */
  readonly left: Deferred.Deferred<void>
}

export interface Relay {
  readonly port: number
  /** From here on nothing passes, in either direction, on any connection. */
  readonly goSilent: Effect.Effect<void>
  /** From here on new connections are passed on again; those that were silenced remain so. */
  readonly heal: Effect.Effect<void>
  readonly swallowed: Queue.Dequeue<Swallowed>
  /** When the last byte was let through to a client, on the clock of `performance.now()`. */
  readonly lastByteAt: Effect.Effect<number>
  /** Every client, in the order in which they came. */
  readonly clients: Queue.Dequeue<RelayedClient>
}

interface Link {
  readonly client: Net.Socket
  readonly upstream: Net.Socket
  silent: boolean
}

/** A relay to a port of this machine, until the scope closes. */
export const make = (target: number): Effect.Effect<Relay, CannotListen, Scope.Scope> =>
  Effect.gen(function* () {
    const swallowed = yield* Queue.unbounded<Swallowed>()
    const clients = yield* Queue.unbounded<RelayedClient>()
    const links: Array<Link> = []
    let silent = false
    let lastByteAt = 0

    /** Passes on what one side sends, and how it ends, for as long as the link is not silent. */
    const pass = (link: Link, name: Swallowed["from"]): void => {
      const [from, to] =
        name === "client" ? [link.client, link.upstream] : [link.upstream, link.client]
      from.on("data", (bytes) => {
        if (link.silent) {
          Queue.unsafeOffer(swallowed, { from: name, bytes: bytes.length })
          return
        }
        if (name === "server") lastByteAt = performance.now()
        if (to.write(bytes)) return
        from.pause()
        to.once("drain", () => from.resume())
      })
      from.on("end", () => {
        if (!link.silent) to.end()
      })
      // What follows an error is `close`.
      from.on("error", () => {})
      from.on("close", () => {
        if (!link.silent) to.destroy()
      })
    }

    const server = Net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const upstream = Net.connect({ port: target, host, allowHalfOpen: true, noDelay: true })
      const link = { client, upstream, silent }
      links.push(link)
      pass(link, "client")
      pass(link, "server")
      const left = Deferred.unsafeMake<void>(FiberId.none)
      const leave = () => Deferred.unsafeDone(left, Effect.void)
      client.once("end", leave).once("close", leave)
      Queue.unsafeOffer(clients, { port: client.remotePort ?? 0, left })
    })
    // The connections to the target are not the server's own, so it would not destroy them.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const { upstream } of links) upstream.destroy()
      })
    )
    const port = yield* listen(server)

    return {
      port,
      swallowed,
      goSilent: Effect.sync(() => {
        silent = true
        for (const link of links) {
          link.silent = true
          // One that waits for the other side to drain would wait for ever.
          link.client.resume()
          link.upstream.resume()
        }
      }),
      heal: Effect.sync(() => {
        silent = false
      }),
      lastByteAt: Effect.sync(() => lastByteAt),
      clients
    }
  })
