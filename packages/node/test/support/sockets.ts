/** The operating system's view of this process's sockets, where it has `/proc` (Linux). */
import { assert } from "@effect/vitest"
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs"

export const hasProc = existsSync("/proc/self/net/tcp")

/** The inodes of all sockets that this process has a descriptor for. */
export const sockets = (): ReadonlyArray<string> =>
  readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1] ?? []
    } catch {
      // The descriptor that read the directory is gone.
      return []
    }
  })

/** The inodes of those that are connected to this port. */
export const socketsTo = (port: number): ReadonlyArray<string> => {
  const ours = new Set(sockets())
  return rowsTo(port).flatMap(({ inode }) => (ours.has(inode) ? inode : []))
}

/**
 * The states, as the kernel numbers them, of the connections to this port that it has not seen through:
 * all but TIME_WAIT, whether or not anybody has a descriptor of them.
 */
export const connectionsTo = (port: number): ReadonlyArray<string> =>
  hasProc ? rowsTo(port).flatMap(({ state }) => (state === "06" ? [] : state)) : []

const rowsTo = (port: number) => {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0")
  return ["/proc/self/net/tcp", "/proc/self/net/tcp6"]
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, "utf8").trim().split("\n").slice(1))
    .flatMap((row) => {
      const [, , remote = "", state = "", , , , , , inode = ""] = row.trim().split(/\s+/)
      return remote.endsWith(`:${hexPort}`) ? [{ state, inode }] : []
    })
}

/**
 * Looks at the client's socket while it is there, and gives the assertion that it no longer is: not
 * its entry in a table but its very descriptor.
 */
export const watchSocketTo = (port: number): { readonly assertGone: () => void } => {
  if (!hasProc) {
    console.log(unchecked)
    return { assertGone: () => {} }
  }
  const inodes = socketsTo(port)
  assert.lengthOf(inodes, 1, "one socket is connected")
  return {
    assertGone: () =>
      assert.deepStrictEqual(
        inodes.filter((inode) => sockets().includes(inode)),
        [],
        "the descriptor is gone"
      )
  }
}

/** For a socket that may be gone too soon to be watched. */
export const assertNoSocketTo = (port: number): void => {
  if (hasProc) assert.deepStrictEqual(socketsTo(port), [], "no socket is connected")
  else console.log(unchecked)
}

const unchecked = "no /proc here: that the descriptor is gone remains unchecked"
