/** TCP servers on free ports, ended with the scope together with all of their sockets. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer as createHttpServer, type IncomingMessage, STATUS_CODES } from "node:http"
import { type AddressInfo, createServer, type Server, type Socket } from "node:net"

export interface Address {
  readonly port: number
  readonly url: string
}

/**
 * Listens with any kind of server, on a free port unless told which; how to make WebSockets of its
 * sockets is the caller's business.
 */
export const listen = (
  server: Server,
  scheme: "ws" | "wss" = "ws",
  at: number = 0
): Effect.Effect<Address, never, Scope.Scope> =>
  Effect.gen(function* () {
    const open = new Set<Socket>()
    server.on("connection", (socket) => {
      open.add(socket)
      socket.on("error", () => {})
      socket.on("close", () => open.delete(socket))
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(at, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          for (const socket of open) socket.destroy()
        })
    )
    // Type boundary: an address is a string only where the server listens on a pipe.
    const { port } = server.address() as AddressInfo
    return { port, url: `${scheme}://127.0.0.1:${port}/graphql` }
  })

/** A server that does this with each of its sockets: nothing, to begin with. */
export const tcpServer = (onSocket: (socket: Socket) => void = () => {}) =>
  Effect.suspend(() => listen(createServer(onSocket)))

/** Accepts, reads the request, and never answers. */
export const neverUpgrades = tcpServer((socket) => socket.resume())

/** Answers each upgrade with this status, and leaves hanging up to the client. */
export const refusing = (
  status: number,
  headers: { readonly [name: string]: string | ReadonlyArray<string> } = {}
) =>
  Effect.suspend(() =>
    listen(
      createHttpServer().on("upgrade", (_request: IncomingMessage, socket: Socket) => {
        const lines = Object.entries(headers).flatMap(([name, values]) =>
          [values].flat().map((value) => `${name}: ${value}`)
        )
        socket.write(
          [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", "no upgrade"].join("\r\n")
        )
      })
    )
  )

/** A port on which nobody listens. */
export const closedPort: Effect.Effect<Address> = Effect.scoped(tcpServer())
