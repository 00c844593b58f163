/** Plain TCP for tests: connections that remember what happened to them. */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import { host, listen } from "../../src/demo/loopback.js"

export type Happened = { readonly data: string } | "end" | "close"

export interface Connection {
  readonly socket: Net.Socket
  readonly happened: Queue.Dequeue<Happened>
}

const observe = (socket: Net.Socket): Connection => {
  const happened = Effect.runSync(Queue.unbounded<Happened>())
  socket.on("data", (data) => Queue.unsafeOffer(happened, { data: data.toString() }))
  socket.on("end", () => Queue.unsafeOffer(happened, "end"))
  socket.on("close", () => Queue.unsafeOffer(happened, "close"))
  socket.on("error", () => {})
  return { socket, happened }
}

/** Connects, and destroys the socket with the scope. */
export const connect = (port: number): Effect.Effect<Connection, Error, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Connection, Error>((resume) => {
      const socket = Net.connect({ port, host, allowHalfOpen: true })
      const connection = observe(socket)
      socket.once("connect", () => resume(Effect.succeed(connection)))
      socket.once("error", (error) => resume(Effect.fail(error)))
    }),
    ({ socket }) => Effect.sync(() => socket.destroy())
  )

/** A server, and the connections to it as they come. */
export const makeServer = Effect.gen(function* () {
  const connections = yield* Queue.unbounded<Connection>()
  const port = yield* listen(
    Net.createServer({ allowHalfOpen: true }, (socket) =>
      Queue.unsafeOffer(connections, observe(socket))
    )
  )
  return { port, connections }
})
