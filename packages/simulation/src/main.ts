/** `pnpm sim`: runs seeds, says how far it is on stderr, and what came of it on stdout. */
import process from "node:process"
import { type Command, help, parse } from "./arguments.js"
import { shrink } from "./shrink.js"
import { simulate } from "./simulate.js"
import { lineOf, Summary } from "./summary.js"
import { simulateAll } from "./workers.js"

/** More failing seeds are not worth making smaller. */
const mostShrunk = 3

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const tell = (text: string): void => void process.stderr.write(`${text}\n`)

type Run = Extract<Command, { readonly _tag: "Run" }>

const run = async ({ from, json, seeds }: Run): Promise<boolean> => {
  const summary = new Summary()
  const every = Math.max(1, Math.min(1000, Math.floor(seeds / 20)))
  let failed = 0
  await simulateAll(from, seeds, (result) => {
    const { seed, violations } = result
    summary.add(result)
    const [first] = violations
    if (first) {
      tell(`seed ${seed}: ${lineOf(first)}`)
      if (failed++ < mostShrunk) tell(`  ${shrink(simulate(seed))}`)
    }
    if (summary.seeds % every === 0 && summary.seeds < seeds) {
      const hours = `${summary.virtualHours} virtual hours`
      tell(`${summary.seeds} of ${seeds} seeds, ${hours}, ${summary.violations.length} violations`)
    }
  })
  tell(summary.text)
  if (!summary.isClean) tell("pnpm sim --seed <seed> --trace shows what happens in one of them")
  if (json) say(summary.json)
  return summary.isClean
}

const trace = (seed: number, json: boolean): boolean => {
  const summary = new Summary()
  const report = simulate(seed)
  summary.add(report)
  const print = json ? tell : say
  print(report.timeline().join("\n"))
  for (const violation of report.violations) print(lineOf(violation))
  if (json) say(summary.json)
  return summary.isClean
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
  case "Trace":
    process.exitCode = trace(command.seed, command.json) ? 0 : 1
    break
  case "Run":
    process.exitCode = (await run(command)) ? 0 : 1
}
