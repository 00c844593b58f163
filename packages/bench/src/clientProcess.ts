/** The client's process: one task, told in its arguments, and what came of it. */
import process from "node:process"
import { load } from "./clients.js"
import { type Control, meter, type Sample } from "./measurement.js"
import type { Statistics } from "./server.js"
import type { Answer, FromClient, Question, Task } from "./task.js"

const [, , text = "", url = ""] = process.argv
// Type boundary: the argument was written by the process that started this one.
const task = JSON.parse(text) as Task

const send = (message: FromClient): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, () => resolve())
  })

let lastId = 0
const waiting = new Map<number, (value: unknown) => void>()
process.on("message", ({ id, value }: Answer) => {
  waiting.get(id)?.(value)
  waiting.delete(id)
})
process.on("disconnect", () => process.exit())

const ask = (method: Question["method"], argument = 0): Promise<unknown> =>
  new Promise((resolve) => {
    const id = ++lastId
    waiting.set(id, resolve)
    void send({ _tag: "Question", id, method, argument })
  })

const control: Control = {
  begun: async (count) => void (await ask("begun", count)),
  spread: async (each) => void (await ask("spread", each)),
  // Type boundary: it is the server that answers.
  statistics: async () => (await ask("statistics")) as Statistics,
  freeze: async () => void (await ask("freeze")),
  kill: async () => void (await ask("kill"))
}

const run = async (): Promise<Sample> => {
  const { client, measurement, parameters } = task
  const read = meter()
  const adapter = await load(client, measurement === "queries" ? "query" : "subscribe")
  const { cpu, wall } = read()
  if (measurement === "load") return { cpu: cpu / 1000, wall: wall / 1000 }
  const { measure } = await import("./measurements/index.js")
  return measure(measurement, { adapter, url, control }, parameters)
}

const message = await run().then(
  (sample): FromClient => ({ _tag: "Done", sample }),
  (error: unknown): FromClient => ({
    _tag: "Failed",
    message: error instanceof Error ? error.message : String(error)
  })
)
await send(message)
process.exit()
