// Makes `npm start` and `npm test` work on a machine with nothing but Node and npm: installs with the
// pnpm that package.json pins, and only when the lockfile or Node's major changed since last time.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const pinned = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager
const stampFile = join(root, "node_modules", ".fiberline-setup")

/** Runs the pinned pnpm at the root, without input. `output` is where what it says goes. */
export const pnpm = (args, output) => {
  const options = { cwd: root, shell: process.platform === "win32" }
  const onPath = spawnSync("pnpm", ["--version"], { ...options, encoding: "utf8" })
  const [command, ...prefix] =
    onPath.stdout?.trim() === pinned.split("@")[1] ? ["pnpm"] : ["npx", "--yes", pinned]
  return spawnSync(command, [...prefix, ...args], { ...options, stdio: ["ignore", output, output] })
}

const wantedStamp = () => {
  const lockfile = readFileSync(join(root, "pnpm-lock.yaml"))
  const major = process.versions.node.split(".")[0]
  return `${createHash("sha256").update(lockfile).digest("hex")} node${major}\n`
}

const currentStamp = () => {
  try {
    return readFileSync(stampFile, "utf8")
  } catch {
    return undefined
  }
}

/** Installs the dependencies unless they are there. Ends the process when that fails. */
export const setup = () => {
  const stamp = wantedStamp()
  if (currentStamp() === stamp) return
  console.error(`Installing dependencies with ${pinned} (first run, or the lockfile changed)`)
  const stderr = 2
  const { status } = pnpm(["install", "--frozen-lockfile", "--loglevel=warn"], stderr)
  if (status !== 0) {
    console.error("The install failed, see above. It needs the npm registry.")
    process.exit(1)
  }
  writeFileSync(stampFile, stamp)
}
