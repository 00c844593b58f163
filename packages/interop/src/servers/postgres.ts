/**
 * PostgreSQL itself: a cluster in a temporary folder, on this machine only, which nobody needs a password
 * for and which goes with its process. It does not run as root, so neither does the cluster.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { host, type Start } from "./server.js"

/** Where Debian has the programs of each version. */
const debian = "/usr/lib/postgresql"

export const programs = (): string | undefined => {
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : []
  return versions
    .sort((a, b) => b - a)
    .map((version) => join(debian, String(version), "bin"))
    .find((directory) => existsSync(join(directory, "initdb")))
}

/** Who it runs as: whoever we are, or the user that Debian's package makes. */
const owner = (): { readonly uid: number; readonly gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }))
  return { uid: id("-u"), gid: id("-g") }
}

export const start: Start = async (port) => {
  const bin = programs()
  if (bin === undefined) throw new Error("there is no PostgreSQL")
  const folder = mkdtempSync(join(tmpdir(), "fiberline-interop-"))
  const as = { ...owner(), cwd: folder }
  if (as.uid !== undefined && as.gid !== undefined) chownSync(folder, as.uid, as.gid)

  let end: () => unknown = () => {}
  process.on("exit", () => {
    end()
    // What has just been told to end may still have a file to write.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
  })
  /** A group of its own, for who does not end those that it has started. */
  const run = (program: string, args: ReadonlyArray<string>) =>
    spawn(join(bin, program), args, {
      ...as,
      detached: true,
      stdio: ["ignore", "ignore", "inherit"]
    })

  const data = join(folder, "data")
  const initdb = run("initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"])
  end = () => initdb.pid !== undefined && process.kill(-initdb.pid, "SIGKILL")
  await once(initdb, "exit")
  const settings = [`listen_addresses=${host}`, `unix_socket_directories=${folder}`, "fsync=off"]
  const flags = settings.flatMap((setting) => ["-c", setting])
  const postgres = run("postgres", ["-D", data, "-p", String(port), ...flags])
  // Immediate shutdown: there is nothing to keep.
  end = () => postgres.kill("SIGQUIT")
  postgres.once("exit", () => process.exit(1))

  const isReady = () =>
    spawnSync(join(bin, "pg_isready"), ["-h", host, "-p", String(port)]).status === 0
  while (!isReady()) await delay(50)
}
