/** TCP on this machine only: what the demo's server and its relay listen with. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { AddressInfo, Server, Socket } from "node:net"

export const host = "127.0.0.1"

export class CannotListen extends Data.TaggedError("CannotListen")<{ readonly cause: Error }> {
  override get message(): string {
    return `cannot listen on ${host}: ${this.cause.message}`
  }
}

/** Listens on a free port until the scope closes, which destroys every connection that is left. */
export const listen = (server: Server): Effect.Effect<number, CannotListen, Scope.Scope> => {
  const sockets = new Set<Socket>()
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })

  const start = Effect.async<number, CannotListen>((resume) => {
    server.once("error", (cause) => resume(Effect.fail(new CannotListen({ cause }))))
    server.listen(0, host, () => {
      // Type boundary: the address of a server that listens on a TCP port.
      resume(Effect.succeed((server.address() as AddressInfo).port))
    })
  })

  const stop = Effect.async<void>((resume) => {
    server.close(() => resume(Effect.void))
    for (const socket of sockets) socket.destroy()
  })

  return Effect.acquireRelease(start, () =>
    // Interruptible, or the timeout would wait for what it cannot interrupt.
    stop.pipe(Effect.interruptible, Effect.timeoutOption("1 second"))
  )
}
