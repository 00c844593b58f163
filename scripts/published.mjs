// Looks at what npm would receive rather than at the working tree: packs every public package (pnpm
// puts versions where package.json says `workspace:` and `catalog:`) and has publint and Are The Types
// Wrong judge the tarballs. Wants a build in dist/.
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { pnpm, root } from "./setup.mjs"
import { tool } from "./tool.mjs"

const publint = [tool("publint"), "run", "--strict"]
// esm-only: what `require` under Node 16 and a resolver without `exports` see is no concern of ours.
const attw = [tool("@arethetypeswrong/cli", "attw"), "--profile", "esm-only", "--format", "ascii"]

const directory = mkdtempSync(join(tmpdir(), "fiberline-published-"))
try {
  const everyPublicPackage = [
    "--recursive",
    "--filter",
    "./packages/*",
    "--filter",
    "!*/simulation",
    "--filter",
    "!*/faults",
    "--filter",
    "!*/interop",
    "--filter",
    "!*/bench"
  ]
  const pack = ["pack", "--pack-destination", directory]
  const packed = pnpm([...everyPublicPackage, ...pack], "pipe")
  if (packed.status !== 0) throw new Error(`pnpm pack failed\n${packed.stdout}${packed.stderr}`)

  const tarballs = readdirSync(directory)
  if (tarballs.length === 0) throw new Error("pnpm found no package to pack")

  for (const tarball of tarballs) {
    for (const [script, ...args] of [publint, attw]) {
      const run = spawnSync(process.execPath, [script, ...args, join(directory, tarball)], {
        cwd: root,
        encoding: "utf8"
      })
      if (run.status === 0) continue
      console.error(`${tarball}\n${run.stdout}${run.stderr}`)
      process.exitCode = 1
    }
  }
  if (process.exitCode === undefined) console.log(`${tarballs.length} packages are fit to publish`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
