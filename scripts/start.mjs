// `npm start`: the demo, `fiberline demo`.
import { run } from "./run.mjs"

run("packages/cli/dist/main.js", "demo")
