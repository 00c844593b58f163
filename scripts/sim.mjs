// `pnpm sim`: the simulation.
import { run } from "./run.mjs"

run("packages/simulation/dist/main.js")
