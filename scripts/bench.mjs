// `pnpm bench`: Fiberline beside its peers.
import { run } from "./run.mjs"

run("packages/bench/dist/main.js")
