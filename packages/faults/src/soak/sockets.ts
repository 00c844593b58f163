/** The client's sockets, as the kernel itself sees them. */
import * as Effect from "effect/Effect"
import { readFile } from "node:fs/promises"

/** What remains of a connection that both sides have ended is nobody's. */
const timeWait = "06"

/** The column of a socket's inode, which is 0 for one that no process holds. */
const inode = 9

export interface KernelSocket {
  /** The port at its own end. */
  readonly port: number
  /** As a number of `include/net/tcp_states.h` of Linux. */
  readonly state: string
  /**
   * Whether a process has a descriptor of it. One without was ended by its process with a farewell
   * that the other end has not returned, and the kernel keeps it for a minute.
   */
  readonly isHeld: boolean
}

/** This machine's sockets that lead to these ports, for each of them. */
export const socketsTo = (
  ports: ReadonlyArray<number>
): Effect.Effect<ReadonlyArray<ReadonlyArray<KernelSocket>>> =>
  Effect.map(
    Effect.promise(() => readFile("/proc/self/net/tcp", "utf8")),
    (table) => parse(table, ports)
  )

export const parse = (
  table: string,
  ports: ReadonlyArray<number>
): ReadonlyArray<ReadonlyArray<KernelSocket>> => {
  const found = ports.map((): Array<KernelSocket> => [])
  // `sl local_address rem_address st ...` below a line of headings.
  for (const row of table.trim().split("\n").slice(1)) {
    const columns = row.trim().split(/\s+/)
    const [, local = "", remote = "", state = ""] = columns
    if (state === timeWait) continue
    const port = portOf(local)
    const there = found[ports.indexOf(portOf(remote))]
    // What stands where one piece of the table ends and the next begins may be listed twice.
    if (there?.some((other) => other.port === port)) continue
    there?.push({ port, state, isHeld: columns[inode] !== "0" })
  }
  return found
}

const portOf = (address: string): number =>
  Number.parseInt(address.slice(address.indexOf(":") + 1), 16)
