// `pnpm interop`: the client against servers that others wrote.
import { run } from "./run.mjs"

run("packages/interop/dist/main.js")
