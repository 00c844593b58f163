/** Runs a task in two fresh processes, a server's and a client's. */
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Sample } from "./measurement.js"
import type { FromClient, Task } from "./task.js"

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const longest = 120_000

/** Where CPU profiles of the client's process are to be written, if they are. */
export interface ProcessOptions {
  readonly profiles?: string | undefined
}

const startServer = (): Promise<{ readonly process: ChildProcess; readonly url: string }> =>
  new Promise((resolve, reject) => {
    const server = fork(script("serverProcess.js"), { stdio: ["ignore", 2, 2, "ipc"] })
    server.once("message", (url) => resolve({ process: server, url: String(url) }))
    server.once("error", reject)
    server.once("exit", () => reject(new Error("the server did not start")))
  })

/** Rejects when the client failed, or took more than two minutes. */
export const runTask = async (task: Task, { profiles }: ProcessOptions = {}): Promise<Sample> => {
  const { process: server, url } = await startServer()
  const client = fork(script("clientProcess.js"), [JSON.stringify(task), url], {
    // stdout belongs to the results.
    stdio: ["ignore", 2, 2, "ipc"],
    execArgv: [
      "--expose-gc",
      ...(profiles === undefined
        ? []
        : ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${nameOf(task)}`])
    ]
  })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<Sample>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("it took more than two minutes")), longest)
      client.once("error", reject)
      client.once("exit", (code, signal) =>
        reject(new Error(`the client's process ended with ${code ?? signal}`))
      )
      server.on("message", (answer) => client.connected && client.send(answer))
      client.on("message", (message: FromClient) => {
        switch (message._tag) {
          case "Done":
            return resolve(message.sample)
          case "Failed":
            return reject(new Error(message.message))
          case "Question": {
            const { _tag, ...question } = message
            const { id, method } = question
            if (method === "freeze" || method === "kill") {
              server.kill(method === "freeze" ? "SIGSTOP" : "SIGKILL")
              return client.send({ id, value: null })
            }
            return server.send(question)
          }
        }
      })
    })
  } finally {
    clearTimeout(timer)
    // A profile is written at the process's own end.
    if (profiles !== undefined) await ended(client, 5000)
    client.kill("SIGKILL")
    server.kill("SIGKILL")
    await Promise.all([ended(client, 5000), ended(server, 5000)])
  }
}

const nameOf = ({ client, measurement, parameters }: Task): string =>
  `${[measurement, client, ...Object.values(parameters)].join("-")}.cpuprofile`

const ended = (child: ChildProcess, millis: number): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    const timer = setTimeout(resolve, millis)
    child.once("exit", () => {
      clearTimeout(timer)
      resolve()
    })
  })
