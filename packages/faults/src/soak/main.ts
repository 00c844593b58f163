/**
 * `pnpm soak`: says how far it is on stderr, and what came of it on stdout.
 *
 * It is not ended by `process.exit`: that it ends by itself shows that nothing was left open.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"
import { say, start, tell } from "../program.js"
import { help, parse, type Settings } from "./arguments.js"
import { plot } from "./plot.js"
import { isClean, json, plotted, text } from "./report.js"
import { run } from "./run.js"

/** Of the client, whose package exports its own description. */
const version = (): string => {
  const file = createRequire(import.meta.url).resolve("@fiberline/client/package.json")
  const { version }: { readonly version: string } = JSON.parse(readFileSync(file, "utf8"))
  return version
}

/** How long a process that nothing keeps may take to end. */
const endsWithin = 2000

const soak = (settings: Settings): void => {
  tell(`seed ${settings.seed}`)
  start(
    run(settings, tell),
    (report) => {
      mkdirSync(dirname(settings.plot), { recursive: true })
      writeFileSync(settings.plot, plot(plotted(report, version())))
      if (settings.json) {
        tell(text(report))
        say(json(report))
      } else say(text(report))
      tell(`plot: ${settings.plot}`)
      return isClean(report)
    },
    () => {
      // Unreferenced, so it fires only if something else keeps the process alive.
      setTimeout(() => {
        tell(`invariant 4: left open: ${process.getActiveResourcesInfo().join(", ")}`)
        process.exit(1)
      }, endsWithin).unref()
    }
  )
}

const command = parse(process.argv.slice(2), Math.floor(Math.random() * 1_000_000))
switch (command._tag) {
  case "Help":
    say(help)
    break
  case "Wrong":
    tell(`${command.message}\n\n${help}`)
    process.exitCode = 2
    break
  case "Soak":
    if (existsSync("/proc/self/net/tcp")) soak(command.settings)
    else {
      const skipped = "this needs Linux, whose /proc it reads"
      tell(`Skipped: ${skipped}`)
      if (command.settings.json) say(JSON.stringify({ skipped }))
    }
}
