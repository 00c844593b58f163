// `npm start`: the demo.
import { run } from "./run.mjs"

run("packages/demo/dist/main.js")
