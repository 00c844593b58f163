/** The command line of `pnpm faults`. */
import { parseArgs } from "node:util"
import { tolerance as usualTolerance } from "./bounds.js"
import { scenarios } from "./scenarios.js"

export type Command =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Wrong"; readonly message: string }
  | {
      readonly _tag: "Run"
      /** Only scenarios whose names hold this. */
      readonly only: string
      readonly quick: boolean
      /** How often the client connects, loses its server and closes, for what leaks. */
      readonly cycles: number
      /** How many milliseconds over a bound count as kept. */
      readonly tolerance: number
      readonly json: boolean
    }

export type Run = Extract<Command, { readonly _tag: "Run" }>

export const help = `Usage
  pnpm faults                     every fault in every phase of a connection, and what leaks

The client and its server are processes in network namespaces of their own. That needs Linux and
root; where it cannot be had, everything is skipped.

Options
  --only <text>      the scenarios whose name holds this, and no cycles unless --cycles is given
  --quick            a handful of scenarios, and 10 cycles
  --cycles <n>       how often one client connects, loses its server and closes; default 100
  --tolerance <ms>   how far over a bound counts as kept; default ${usualTolerance}
  --json             one line of JSON on stdout: { scenarios, leaked }
  --help

Exit codes
  0  every bound was kept, or nothing could be tried
  1  one was not
  2  the command line was wrong`

export const parse = (args: ReadonlyArray<string>): Command => {
  let values
  try {
    values = parseArgs({
      args: Array.from(args),
      options: {
        help: { type: "boolean", short: "h" },
        only: { type: "string" },
        quick: { type: "boolean", default: false },
        cycles: { type: "string" },
        tolerance: { type: "string", default: String(usualTolerance) },
        json: { type: "boolean", default: false }
      }
    }).values
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error))
  }
  const { json, only, quick } = values
  if (values.help) return { _tag: "Help" }
  const cycles = wholeNumber(values.cycles ?? (only !== undefined ? "0" : quick ? "10" : "100"))
  const tolerance = wholeNumber(values.tolerance)
  if (cycles === undefined) return wrong("--cycles must be a whole number")
  if (only !== undefined && !scenarios().some(({ name }) => name.includes(only))) {
    return wrong(`no scenario's name holds "${only}"`)
  }
  if (tolerance === undefined) return wrong("--tolerance must be a whole number")
  return { _tag: "Run", only: only ?? "", quick, cycles, tolerance, json }
}

const wrong = (message: string): Command => ({ _tag: "Wrong", message })

const wholeNumber = (text: string): number | undefined => {
  const number = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined
}
