/**
 * A TCP relay that can go silent: both its sockets stay open, and nothing sent into one comes out of the
 * other.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { host } from "./servers/server.js"

export interface Relay {
  readonly port: number
  readonly goSilent: Effect.Effect<void>
  /** When the last byte was let through to a client, on the clock of `performance.now()`. */
  readonly lastByteAt: Effect.Effect<number>
}

/** To a port of this machine, until the scope closes. */
export const make = (target: number): Effect.Effect<Relay, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sockets = new Set<Socket>()
    let isSilent = false
    let lastByteAt = 0

    const pass = (from: Socket, to: Socket, onBytes: () => void): void => {
      sockets.add(from)
      // Read also in silence, or the kernel would hold the sender back.
      from.on("data", (bytes) => {
        if (isSilent) return
        onBytes()
        to.write(bytes)
      })
      from.on("end", () => {
        if (!isSilent) to.end()
      })
      // What follows an error is `close`.
      from.on("error", () => {})
      from.on("close", () => {
        sockets.delete(from)
        if (!isSilent) to.destroy()
      })
    }

    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const upstream = connect({ port: target, host, allowHalfOpen: true, noDelay: true })
      pass(client, upstream, () => {})
      pass(upstream, client, () => {
        lastByteAt = performance.now()
      })
    })

    const port = yield* Effect.acquireRelease(
      Effect.async<number>((resume) => {
        server.once("error", (error) => resume(Effect.die(error)))
        server.listen(0, host, () => {
          // Type boundary: the address of a server that listens on a TCP port.
          resume(Effect.succeed((server.address() as AddressInfo).port))
        })
      }),
      () =>
        Effect.sync(() => {
          server.close()
          for (const socket of sockets) socket.destroy()
        })
    )
    return {
      port,
      goSilent: Effect.sync(() => {
        isSilent = true
      }),
      lastByteAt: Effect.sync(() => lastByteAt)
    }
  })
