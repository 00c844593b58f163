/** What the operating system itself says about a TCP socket. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readFile } from "node:fs/promises"

/**
 * Whether there is a TCP socket with these ports at its two ends, in whatever state; none where the
 * system has no table to look it up in (anything but Linux).
 */
export const hasSocket = (
  localPort: number,
  remotePort: number
): Effect.Effect<Option.Option<boolean>> =>
  Effect.forEach(["/proc/self/net/tcp", "/proc/self/net/tcp6"], read).pipe(
    Effect.map((tables) => {
      const [tcp, tcp6 = ""] = tables.map(Option.getOrUndefined)
      if (tcp === undefined) return Option.none()
      const lines = [...tcp.split("\n"), ...tcp6.split("\n")]
      return Option.some(
        lines.some((line) => {
          // `sl local_address rem_address st ...`, addresses and ports in hexadecimal.
          const [, local, remote] = line.trim().split(/\s+/)
          return portOf(local) === localPort && portOf(remote) === remotePort
        })
      )
    })
  )

/** A file's text; none where there is no such file. */
const read = (path: string): Effect.Effect<Option.Option<string>> =>
  Effect.option(Effect.tryPromise(() => readFile(path, "utf8")))

const portOf = (address: string | undefined): number =>
  Number.parseInt(address?.split(":")[1] ?? "", 16)
