/** `pnpm faults`: says how far it is on stderr, and what came of it on stdout. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { help, parse, type Run } from "./arguments.js"
import { isClean, json, text } from "./report.js"
import { run } from "./run.js"

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const tell = (text: string): void => void process.stderr.write(`${text}\n`)

/** Whatever ends it, the namespaces are removed first. */
const start = (command: Run): void => {
  const fiber = Effect.runFork(run(command, (line) => Effect.sync(() => tell(line))))

  /** The conventional 128 + signal. */
  let interruptedWith: number | undefined = undefined
  const interrupt = (exitCode: number): void => {
    if (interruptedWith !== undefined) return
    interruptedWith = exitCode
    fiber.unsafeInterruptAsFork(FiberId.none)
  }
  process.on("SIGINT", () => interrupt(130))
  process.on("SIGTERM", () => interrupt(143))

  fiber.addObserver((exit) => {
    process.exitCode = Exit.match(exit, {
      onSuccess: (report) => {
        if (command.json) {
          tell(text(report))
          say(json(report))
        } else say(text(report))
        return isClean(report) ? 0 : 1
      },
      onFailure: (cause) => {
        if (interruptedWith !== undefined) return interruptedWith
        tell(Cause.pretty(cause))
        return 70
      }
    })
  })
}

const command = parse(process.argv.slice(2))
switch (command._tag) {
  case "Help":
    say(help)
    break
  case "Wrong":
    tell(`${command.message}\n\n${help}`)
    process.exitCode = 2
    break
  case "Run":
    start(command)
}
