/** `pnpm bench`: measures, says how far it is on stderr, and what came of it on stdout. */
import { join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { type Command, help, parse } from "./arguments.js"
import { lineOf, moved } from "./check.js"
import { writePage } from "./page.js"
import { plan } from "./plan.js"
import { writeDrawings } from "./plots.js"
import { runTask } from "./processes.js"
import { machine, merge, readResults, type Results, versions, writeResults } from "./results.js"
import { runMeasure } from "./rounds.js"
import { sizes } from "./size.js"
import { section, sizeTable } from "./table.js"

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const resultsFile = path("../results.json")
const docs = path("../../../docs")

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const tell = (text: string): void => void process.stderr.write(`${text}\n`)

type Run = Extract<Command, { readonly _tag: "Run" }>

const measureAll = async ({ clients, measures, profiles, rounds }: Run): Promise<Results> => {
  const selected = plan.filter(({ id }) => measures.includes(id))
  const results = []
  for (const measure of selected) {
    const run = (task: Parameters<typeof runTask>[0]) => runTask(task, { profiles })
    results.push(await runMeasure(measure, { rounds, only: clients, run, tell }))
  }
  return {
    machine: machine(),
    versions: versions(),
    measures: results,
    sizes: measures.includes("P5") ? await sizes() : undefined
  }
}

const render = async (results: Results): Promise<void> => {
  writeDrawings(docs, results)
  await writePage(join(docs, "performance.md"), results)
}

/** Whether every client got through. */
const isComplete = ({ measures }: Results): boolean =>
  measures.every(({ variants }) =>
    variants.every(({ clients }) =>
      Object.values(clients).every((figures) =>
        Object.values(figures).some((series) => series.some((value) => value !== null))
      )
    )
  )

const run = async (command: Run): Promise<boolean> => {
  const kept = readResults(resultsFile)
  const results = await measureAll(command)
  const tables = results.measures.flatMap((result) => {
    const measure = plan.find(({ id }) => id === result.id)
    return measure ? [section(measure, result)] : []
  })
  if (command.json) say(JSON.stringify(results))
  else say([...tables, ...(results.sizes ? [sizeTable(results.sizes)] : [])].join("\n\n"))
  if (command.write) {
    const merged = merge(kept, results)
    writeResults(resultsFile, merged)
    await render(merged)
  }
  if (!command.check) return isComplete(results)

  const changes = results.measures.flatMap((after) => {
    const measure = plan.find(({ id }) => id === after.id)
    const before = kept?.measures.find(({ id }) => id === after.id)
    if (before === undefined) tell(`${after.id} was never kept, so there is nothing to compare`)
    return measure && before ? moved(measure, before, after) : []
  })
  for (const change of changes) tell(lineOf(change))
  if (changes.length === 0) tell("no ratio moved")
  return isComplete(results) && changes.every(({ after, before }) => after < before)
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
  case "Render": {
    const results = readResults(resultsFile)
    if (results === undefined) {
      tell("there are no results to write about: pnpm bench --write")
      process.exitCode = 1
    } else await render(results)
    break
  }
  case "Run":
    process.exitCode = (await run(command)) ? 0 : 1
}
