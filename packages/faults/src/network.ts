/**
 * Two network namespaces with a cable between them: a machine for the client and one for the server,
 * as far as TCP can tell. Nothing in them can reach anything else.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { existsSync } from "node:fs"
import { command, type CommandFailed } from "./command.js"

export interface Namespace {
  readonly name: string
  readonly address: string
}

export interface Network {
  readonly client: Namespace
  readonly server: Namespace
}

/** The name of the cable's end in each namespace. */
export const cable = "eth0"

const prefix = "fiberline-faults"

let made = 0

/** The network, until the scope closes. Its names hold our process id, so runs do not collide. */
export const make: Effect.Effect<Network, CommandFailed, Scope.Scope> = Effect.gen(function* () {
  const name = `${prefix}-${process.pid}-${++made}`
  const client = { name: `${name}-client`, address: "10.77.0.1" }
  const server = { name: `${name}-server`, address: "10.77.0.2" }
  yield* namespace(client)
  yield* namespace(server)
  // Between them from the start: there is no moment in which two runs could meet in ours.
  yield* ip(
    `link add ${cable} netns ${client.name} type veth peer name ${cable} netns ${server.name}`
  )
  yield* Effect.forEach([client, server], ({ address, name }) =>
    ip(
      `-n ${name} link set lo up`,
      `-n ${name} addr add ${address}/30 dev ${cable}`,
      `-n ${name} link set ${cable} up`
    )
  )
  return { client, server }
})

/** The command line that runs a program inside, in place of `ip`: its process id is the program's. */
export const inside = (
  { name }: Namespace,
  ...line: ReadonlyArray<string>
): readonly [string, ...ReadonlyArray<string>] => ["ip", "netns", "exec", name, ...line]

/** Pulls the cable's end out of this machine. */
export const unplug = ({ name }: Namespace): Effect.Effect<void, CommandFailed> =>
  ip(`-n ${name} link set ${cable} down`)

/**
 * Removes what a run left behind that was killed before it could: namespaces whose owner is gone, and
 * the processes in them.
 */
export const sweep: Effect.Effect<void, CommandFailed> = Effect.gen(function* () {
  const names = yield* command(["ip", "netns", "list"])
  for (const line of names.split("\n")) {
    const [, name, owner] = new RegExp(`^(${prefix}-(\\d+)-\\S+)`).exec(line) ?? []
    if (name === undefined || existsSync(`/proc/${owner}`)) continue
    const processes = yield* command(["ip", "netns", "pids", name])
    for (const pid of processes.split("\n").filter((text) => text !== "")) {
      yield* Effect.ignore(Effect.try(() => process.kill(Number(pid), "SIGKILL")))
    }
    yield* remove(name)
  }
})

const namespace = ({ name }: Namespace) =>
  Effect.acquireRelease(ip(`netns add ${name}`), () => remove(name))

const remove = (name: string): Effect.Effect<void> =>
  Effect.catchAll(ip(`netns del ${name}`), ({ message }) => Effect.logWarning(message))

const ip = (...lines: ReadonlyArray<string>): Effect.Effect<void, CommandFailed> =>
  Effect.forEach(lines, (line) => command(["ip", ...line.split(" ")]), { discard: true })
