// Installs and builds what is not up to date, then runs a program of the workspace with the arguments
// given here. stdout belongs to that program alone (think of `npm start -- --json | jq`).
import { spawn, spawnSync } from "node:child_process"
import { join } from "node:path"
import process from "node:process"
import { root, setup } from "./setup.mjs"
import { tool } from "./tool.mjs"

/** `main` is the program's built file, from the root, and `args` come before those given. Ends with its exit code. */
export const run = (main, ...args) => {
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

  const program = spawn(process.execPath, [join(root, main), ...args, ...process.argv.slice(2)], {
    stdio: "inherit"
  })
  // How to end is the program's decision. A terminal's Ctrl-C reaches it anyway; a `kill` only us.
  process.on("SIGINT", () => {})
  process.on("SIGTERM", () => program.kill("SIGTERM"))
  program.on("exit", (code) => process.exit(code ?? 1))
}
