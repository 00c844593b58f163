/**
 * TCP relays that break, one before each endpoint. They are a process of their own, so that what they
 * measure is not late whenever the client is busy.
 */
import * as Effect from "effect/Effect"
import { connect, type Socket } from "node:net"
import { now } from "../clock.js"
import { obeyToTheEnd, tell } from "../lines.js"
import { reset } from "../reset.js"
import { type Direction, Gate, type Link } from "./relayGate.js"
import { Command, Event, linkHeader } from "./relayMessages.js"

const say = tell(Event)

/** What it sent next, or how that ended. */
const read = (socket: Socket): Effect.Effect<Buffer | "end" | "reset"> =>
  Effect.async((resume) => {
    const settle = (what: Buffer | "end" | "reset") => {
      forget()
      resume(Effect.succeed(what))
    }
    const attempt = () => {
      // Type boundary: without an encoding or object mode, what is read is bytes.
      const bytes = socket.read() as Buffer | null
      if (bytes !== null) settle(bytes)
      else if (socket.readableEnded) settle("end")
      else if (socket.destroyed) settle("reset")
    }
    const events = ["readable", "end", "close"] as const
    const forget = () => {
      for (const event of events) socket.off(event, attempt)
    }
    for (const event of events) socket.on(event, attempt)
    attempt()
    return Effect.sync(forget)
  })

/** Completes when the socket takes more, or never will. */
const write = (socket: Socket, bytes: Uint8Array): Effect.Effect<void> =>
  Effect.async((resume) => {
    socket.write(bytes, () => resume(Effect.void))
  })

/** How often a slow link lets something pass, in milliseconds. */
const slice = 50

const partsOf = (bytes: Buffer, rate: number): ReadonlyArray<Buffer> => {
  if (rate === Infinity) return [bytes]
  const length = Math.max(1, Math.ceil((rate * slice) / 1000))
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length)
  )
}

interface Watcher {
  readonly onSent?: (bytes: Buffer) => void
  readonly onPart?: () => void
}

const pass = (
  gate: Gate,
  link: Link,
  direction: Direction,
  /** It came, and part of it, or all, is let through. */
  { onPart = () => {}, onSent = () => {} }: Watcher
): Effect.Effect<void> => {
  const [from, to] =
    direction === "up" ? [link.client, link.upstream] : [link.upstream, link.client]
  return Effect.gen(function* () {
    while (true) {
      const sent = yield* read(from)
      if (typeof sent !== "string") onSent(sent)
      yield* gate.flowing.await
      if (gate.loses(direction)) link.lost[direction] = true
      // Of what comes after bytes that were lost nothing arrives either, a farewell included.
      if (link.lost[direction]) {
        if (typeof sent !== "string") continue
        yield* gate.whole.await
        return reset(to)
      }
      if (sent === "end") return void to.end()
      if (sent === "reset") return reset(to)
      for (const part of partsOf(sent, gate.rate)) {
        onPart()
        yield* write(to, part)
        if (gate.rate < Infinity) yield* Effect.sleep(slice)
      }
    }
  })
}

const accept = (endpoint: number) => (gate: Gate, client: Socket) => {
  // Nobody listens on port 1: then this is refused, as by a machine without a server.
  const upstream = connect({
    ...{ host: "127.0.0.1", port: gate.target ?? 1 },
    ...{ allowHalfOpen: true, noDelay: true }
  })
  const link = { client, upstream, lost: { up: false, down: false } }
  gate.links.add(link)
  let name: number | undefined = undefined
  let lastByteAt = now()
  // 'close' follows.
  client.on("error", () => {})
  upstream.on("error", () => {})
  client.on("close", () => {
    if (name !== undefined) say({ _tag: "Left", endpoint, link: name, lastByteAt })
  })
  const up = pass(gate, link, "up", { onSent: (bytes) => void (name ??= nameOf(bytes)) })
  const down = pass(gate, link, "down", { onPart: () => void (lastByteAt = now()) })
  Effect.runFork(
    Effect.ensuring(
      Effect.all([up, down], { concurrency: 2, discard: true }),
      Effect.sync(() => {
        gate.links.delete(link)
        client.destroy()
        upstream.destroy()
      })
    )
  )
}

/** From the head of the upgrade's request. */
const nameOf = (bytes: Buffer): number | undefined => {
  const [, name] = new RegExp(`^${linkHeader}: (\\d+)`, "im").exec(bytes.toString("latin1")) ?? []
  return name === undefined ? undefined : Number(name)
}

let gates: ReadonlyArray<Gate> = []

const handle = (command: Command): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (command._tag === "Listen") {
      gates = Array.from({ length: command.endpoints }, (_, index) => new Gate(accept(index)))
      const ports = yield* Effect.forEach(gates, (gate) => gate.listen)
      return say({ _tag: "Listening", ports })
    }
    const gate = gates[command.endpoint]
    if (gate === undefined) return
    if (command._tag === "Aim") gate.target = command.port ?? undefined
    else if (command._tag === "Break") gate.break(command.how, command.rate)
    else yield* gate.heal
  })

obeyToTheEnd(Command, handle)
