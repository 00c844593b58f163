// `pnpm faults`: the client in a network that the kernel breaks.
import { run } from "./run.mjs"

run("packages/faults/dist/main.js")
