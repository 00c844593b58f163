// `pnpm sim`: installs and builds what is not up to date, then runs the simulation with the arguments
// given here. stdout belongs to the simulation alone (think of `pnpm --silent sim --json | jq`).
import { spawn, spawnSync } from "node:child_process"
import { join } from "node:path"
import process from "node:process"
import { root, setup } from "./setup.mjs"
import { tool } from "./tool.mjs"

setup()

const build = spawnSync(
  process.execPath,
  [tool("typescript", "tsc"), "-b", join(root, "tsconfig.build.json")],
  { stdio: ["ignore", 2, 2] }
)
if (build.status !== 0) {
  console.error("The build failed, see above.")
  process.exit(1)
}

const simulation = spawn(
  process.execPath,
  [join(root, "packages/simulation/dist/main.js"), ...process.argv.slice(2)],
  { stdio: "inherit" }
)
// How to end is the simulation's decision. A terminal's Ctrl-C reaches it anyway; a `kill` reaches only us.
process.on("SIGINT", () => {})
process.on("SIGTERM", () => simulation.kill("SIGTERM"))
simulation.on("exit", (code) => process.exit(code ?? 1))
