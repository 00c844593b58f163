/** A TCP relay that can fail as networks do. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { connect, createServer, type Socket } from "node:net"
import { type Address, listen } from "./servers.js"
import { hasProc, socketsTo } from "./sockets.js"

export interface Relay extends Address {
  /**
   * Both ends of every connection stay connected, and nothing passes between them any more: no data,
   * no FIN, no RST. New connections are well.
   */
  readonly goSilent: () => void
  /** The same, and new connections are as silent, until `heal`. */
  readonly staySilent: () => void
  /** New connections are well again; those that were silent remain so. */
  readonly heal: () => void
  /** RST to both ends. */
  readonly reset: () => void
  /** New connections are refused; those there are go on. */
  readonly refuse: () => void
  /**
   * How many sockets this process had to the relay at each time the relay got one, as the operating
   * system has it; empty where it cannot be asked. The relay's own view would lag behind.
   */
  readonly clientSockets: ReadonlyArray<number>
}

export const relay = (to: Address): Effect.Effect<Relay, never, Scope.Scope> =>
  Effect.gen(function* () {
    const ends = new Set<Socket>()
    const silent = new Set<Socket>()
    const clientSockets: Array<number> = []
    let staysSilent = false

    const forward = (from: Socket, target: Socket) => {
      ends.add(from)
      from.on("error", () => {})
      // What arrives while it is silent is read, so that the sender notices nothing either.
      from.on("data", (chunk) => {
        if (silent.has(from) || target.write(chunk)) return
        from.pause()
        target.once("drain", () => from.resume())
      })
      from.on("end", () => silent.has(from) || target.end())
      from.on("close", () => {
        ends.delete(from)
        if (!silent.has(from)) target.destroy()
      })
    }

    // Half-open, or Node would answer a FIN on its own.
    const server = createServer({ allowHalfOpen: true }, (near) => {
      const far = connect({ port: to.port, host: "127.0.0.1", allowHalfOpen: true })
      forward(near, far)
      forward(far, near)
      if (staysSilent) silent.add(near).add(far)
      if (hasProc) clientSockets.push(socketsTo(address.port).length)
    })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const end of ends) end.destroy()
      })
    )
    const address = yield* listen(server)
    const goSilent = () => {
      for (const end of ends) silent.add(end)
    }
    return {
      ...address,
      clientSockets,
      goSilent,
      staySilent: () => {
        staysSilent = true
        goSilent()
      },
      heal: () => {
        staysSilent = false
      },
      reset: () => {
        // `resetAndDestroy` is this after a FIN, and who has read that FIN never sees the RST.
        for (const end of ends) Object.assign(end, { resetAndClosing: true }).destroy()
      },
      refuse: () => void server.close()
    }
  })
