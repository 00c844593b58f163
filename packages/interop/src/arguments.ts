/** The command line of `pnpm interop`. */
import { parseArgs } from "node:util"
import { catalogue, type Subject } from "./catalogue.js"

/** Timers are late where many share the processors. */
const usualTolerance = 1000

export type Command =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Wrong"; readonly message: string }
  | {
      readonly _tag: "Run"
      readonly subjects: ReadonlyArray<Subject>
      /** How many milliseconds over a bound count as kept. */
      readonly tolerance: number
      readonly json: boolean
      /** Whether the table goes into the documentation. */
      readonly write: boolean
    }

export type Run = Extract<Command, { readonly _tag: "Run" }>

export const help = `Usage
  pnpm interop             Fiberline's client against servers that others wrote, over every transport
                           that they offer

Options
  --only <name,...>        some of the servers: ${names().join(", ")}
  --quick                  those that npm test tries
  --tolerance <ms>         how far over a bound counts as kept; default ${usualTolerance}
  --json                   one line of JSON on stdout:
                           { servers: [{ name, version, transport, checks: [{ feature, ok, why }] }] }
  --write                  writes the table into docs/interop.md; needs all the servers
  --help

Exit codes
  0  everything that could be tried works, but for what is known to fail for the server's sake
  1  something does not
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
        tolerance: { type: "string", default: String(usualTolerance) },
        json: { type: "boolean", default: false },
        write: { type: "boolean", default: false }
      }
    }).values
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error))
  }
  const { json, only, quick, tolerance, write } = values
  if (values.help) return { _tag: "Help" }
  if (write && (quick || only !== undefined)) {
    return wrong("--write writes about all the servers, and goes with neither --only nor --quick")
  }
  if (!/^\d+$/.test(tolerance)) return wrong("--tolerance must be a whole number")
  const wanted = only?.split(",")
  const stranger = wanted?.find((name) => !names().includes(name))
  if (stranger !== undefined) return wrong(`there is no server "${stranger}"`)
  const subjects = catalogue.filter(
    ({ isQuick, name }) => (wanted?.includes(name) ?? true) && (isQuick || !quick)
  )
  if (subjects.length === 0) return wrong("none of these servers is a quick one")
  return { _tag: "Run", subjects, tolerance: Number(tolerance), json, write }
}

const wrong = (message: string): Command => ({ _tag: "Wrong", message })

function names(): ReadonlyArray<string> {
  return catalogue.map(({ name }) => name)
}
