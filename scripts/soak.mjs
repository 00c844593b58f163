// `pnpm soak`: many subscriptions, for a long time, over a network that fails.
import { run } from "./run.mjs"

run("packages/faults/dist/soak/main.js")
