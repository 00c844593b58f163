/** `pnpm interop`: says how far it is on stderr, and what came of it on stdout. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import { help, parse, type Run } from "./arguments.js"
import { write } from "./document.js"
import { isClean, json, progress, text } from "./report.js"
import { run } from "./run.js"

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const tell = (line: string): void => void process.stderr.write(`${line}\n`)

/** Gives the exit code. */
const interop = (command: Run) =>
  Effect.gen(function* () {
    const report = yield* run(command, (row) => Effect.sync(() => tell(progress(row))))
    if (command.write) yield* Effect.promise(() => write(report))
    if (command.json) {
      tell(text(report))
      say(json(report))
    } else say(text(report))
    return isClean(report) ? 0 : 1
  }).pipe(Effect.provide(Layer.merge(NodeWire.layer(), FetchHttpClient.layer)))

const start = (command: Run): void => {
  const fiber = Effect.runFork(interop(command))

  /** The conventional 128 + signal. A signal interrupts it, so that the servers are ended first. */
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
      onSuccess: (exitCode) => exitCode,
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
