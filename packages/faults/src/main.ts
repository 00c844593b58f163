/** `pnpm faults`: says how far it is on stderr, and what came of it on stdout. */
import * as Effect from "effect/Effect"
import { help, parse, type Run } from "./arguments.js"
import { say, start, tell } from "./program.js"
import { isClean, json, text } from "./report.js"
import { run } from "./run.js"

const measure = (command: Run): void =>
  start(
    run(command, (line) => Effect.sync(() => tell(line))),
    (report) => {
      if (command.json) {
        tell(text(report))
        say(json(report))
      } else say(text(report))
      return isClean(report)
    }
  )

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
    measure(command)
}
