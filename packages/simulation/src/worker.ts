/** Runs the seeds that it is sent, and sends back what came of each. */
import { parentPort } from "node:worker_threads"
import { simulate } from "./simulate.js"

parentPort?.on("message", (seed: number) => {
  const { timeline: _, ...result } = simulate(seed)
  parentPort?.postMessage(result)
})
