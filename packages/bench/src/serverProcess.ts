/** The server's process: says where it listens, then does what it is asked. */
import process from "node:process"
import { listen } from "./server.js"
import type { Answer, Question } from "./task.js"

const server = await listen()

const answer = async ({ argument, method }: Question): Promise<unknown> => {
  switch (method) {
    case "begun":
      return server.begun(argument)
    case "spread":
      return server.spread(argument)
    case "statistics":
      return server.statistics
    default:
      throw new Error(`${method} is not done by the server itself`)
  }
}

process.on("message", (question: Question) => {
  void answer(question).then((value) => {
    const message: Answer = { id: question.id, value: value ?? null }
    process.send?.(message)
  })
})
process.on("disconnect", () => process.exit())
process.send?.(server.url)
