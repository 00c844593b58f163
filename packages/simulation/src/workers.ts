/** Spreads seeds over the processors of this machine. */
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import type { Result } from "./simulate.js"

/** Runs so many seeds from the first; resolves when every one has been told of. */
export const simulateAll = (
  first: number,
  seeds: number,
  tell: (result: Result) => void
): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = first + seeds
    let next = first
    let left = seeds
    const workers = Array.from({ length: Math.min(seeds, availableParallelism()) }, () => {
      const worker = new Worker(new URL("worker.js", import.meta.url), {
        // A run leaves much behind, and soon.
        resourceLimits: { maxYoungGenerationSizeMb: 128 }
      })
      const sendNext = () => {
        if (next < end) worker.postMessage(next++)
      }
      worker.on("error", reject)
      worker.on("message", (result: Result) => {
        sendNext()
        tell(result)
        if (--left === 0) {
          for (const worker of workers) void worker.terminate()
          resolve()
        }
      })
      sendNext()
      return worker
    })
  })
