/** What the kernel itself says about TCP sockets and descriptors. */
import * as Effect from "effect/Effect"
import { readdir, readFile } from "node:fs/promises"

/**
 * The states of the TCP sockets in the namespace that a process is in, whoever holds them: also those
 * that no process has a descriptor of any more, such as one that waits for the peer's farewell.
 *
 * What is left out are those to which the peer has said good-bye too. They are the kernel's alone, which
 * has our last packet acknowledged, or keeps the ports from being used again for a minute (RFC 9293,
 * section 3.3.2). One that we left without a word of the peer's would be in FIN_WAIT.
 */
export const socketsIn = (pid: number | "self"): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    const tables = await Promise.all(
      ["tcp", "tcp6"].map((table) => readFile(`/proc/${pid}/net/${table}`, "utf8").catch(() => ""))
    )
    const all = tables.flatMap((table) =>
      // `sl local_address rem_address st ...` below a line of headings.
      table
        .trim()
        .split("\n")
        .slice(1)
        .map((row) => stateOf(row.trim().split(/\s+/)[3] ?? ""))
    )
    return all.filter((state) => !["CLOSING", "LAST_ACK", "TIME_WAIT"].includes(state))
  })

/** How many descriptors this process has. */
export const descriptors: Effect.Effect<number> = Effect.promise(
  async () => (await readdir("/proc/self/fd")).length
)

// include/net/tcp_states.h of Linux
const states = [
  ...["ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE"],
  ...["CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV"]
]

const stateOf = (hexadecimal: string): string =>
  states[Number.parseInt(hexadecimal, 16) - 1] ?? hexadecimal
