/**
 * A TCP relay that takes its time, for what this machine's kernel may not have: a delay that varies,
 * and a rate.
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Runtime from "effect/Runtime"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { now } from "./clock.js"
import { obeyToTheEnd, tell } from "./lines.js"
import { Command, Event, type Shape } from "./relayMessages.js"

const say = tell(Event)

const shapes: { up: Shape; down: Shape } = { up: {}, down: {} }

/** Bytes that wait to be passed on before no more are read. */
const most = 64 * 1024

/** What one end of a connection sent: bytes, its FIN, or that it is gone. */
interface Sent {
  readonly bytes: Uint8Array | "end" | "close"
  readonly at: number
}

const pass = (direction: "up" | "down", from: Socket, to: Socket): Effect.Effect<void> =>
  Effect.gen(function* () {
    const sent = yield* Queue.unbounded<Sent>()
    let waiting = 0
    from.on("data", (bytes) => {
      Queue.unsafeOffer(sent, { bytes, at: now() })
      waiting += bytes.length
      if (waiting > most) from.pause()
    })
    from.on("end", () => Queue.unsafeOffer(sent, { bytes: "end", at: now() }))
    from.on("close", () => Queue.unsafeOffer(sent, { bytes: "close", at: now() }))
    // 'close' follows.
    from.on("error", () => {})

    while (true) {
      const { at, bytes } = yield* Queue.take(sent)
      const { jitter = 0, rate } = shapes[direction]
      if (jitter > 0) {
        const due = at + (yield* Random.nextRange(0, jitter))
        yield* Effect.sleep(Math.max(0, due - now()))
      }
      if (bytes === "close") return void to.destroy()
      if (bytes === "end") to.end()
      else {
        for (const part of partsOf(bytes, rate)) {
          yield* write(to, part)
          if (rate !== undefined) yield* Effect.sleep((part.length / rate) * 1000)
        }
        waiting -= bytes.length
        if (waiting <= most) from.resume()
      }
    }
  })

/** At a rate, what may pass within 50 ms; else all at once. */
const partsOf = (bytes: Uint8Array, rate: number | undefined): ReadonlyArray<Uint8Array> => {
  if (rate === undefined) return [bytes]
  const length = Math.max(1, Math.ceil(rate / 20))
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length)
  )
}

/** Completes when the socket takes more, or never will. */
const write = (to: Socket, bytes: Uint8Array): Effect.Effect<void> =>
  Effect.async((resume) => {
    to.write(bytes, () => resume(Effect.void))
  })

const listen = (target: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const runFork = Runtime.runFork(yield* Effect.runtime())
    const options = { allowHalfOpen: true, noDelay: true }
    const server = createServer(options, (client) => {
      const upstream = connect({ ...options, host: "127.0.0.1", port: target })
      runFork(pass("up", client, upstream))
      runFork(pass("down", upstream, client))
    })
    server.listen(0, () => {
      // Type boundary: the address of a server that listens on a TCP port.
      say({ _tag: "Listening", port: (server.address() as AddressInfo).port })
    })
  })

const handle = (command: Command): Effect.Effect<void> => {
  if (command._tag === "Listen") return listen(command.to)
  return Effect.sync(() => {
    shapes.up = command.up
    shapes.down = command.down
    say({ _tag: "Shaped" })
  })
}

obeyToTheEnd(Command, handle)
