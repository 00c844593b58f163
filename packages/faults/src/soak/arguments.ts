/** The command line of `pnpm soak`. */
import { parseArgs } from "node:util"
import { Lie } from "./serverMessages.js"

export interface Settings {
  readonly minutes: number
  readonly seed: number
  readonly subscriptions: number
  readonly endpoints: number
  readonly json: boolean
  /** Where the plot goes. */
  readonly plot: string
  readonly lie: Lie | null
}

export type Command =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Wrong"; readonly message: string }
  | { readonly _tag: "Soak"; readonly settings: Settings }

export const help = `Usage
  pnpm soak --minutes <n>   many subscriptions for a long time, while the network fails at random

Options
  --minutes <n>         how long, fractions allowed; default 10
  --seed <s>            which faults are drawn; default one that is printed
  --subscriptions <n>   of all endpoints together; default 1000
  --endpoints <n>       each with a server, a relay and a client; default 10
  --plot <file>         where the plot goes; default reports/soak.svg
  --json                one line of JSON on stdout: { minutes, seed, events, faults, reconnects,
                        violations, heap, descriptors, flat, … }
  --lie <how>           has the servers alter, skip or repeat events, or execute mutations twice
                        (${Lie.literals.join(", ")}), to see that it is noticed
  --help

Exit codes
  0  every invariant held and nothing grew, or it could not be tried: it needs Linux
  1  one was violated, or something grew
  2  the command line was wrong`

export const parse = (args: ReadonlyArray<string>, drawnSeed: number): Command => {
  let values
  try {
    values = parseArgs({
      args: Array.from(args),
      options: {
        endpoints: { type: "string", default: "10" },
        help: { type: "boolean", short: "h" },
        json: { type: "boolean", default: false },
        lie: { type: "string" },
        minutes: { type: "string", default: "10" },
        plot: { type: "string", default: "reports/soak.svg" },
        seed: { type: "string", default: String(drawnSeed) },
        subscriptions: { type: "string", default: "1000" }
      }
    }).values
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error))
  }
  if (values.help) return { _tag: "Help" }
  const { json, plot } = values
  const minutes = Number(values.minutes)
  const seed = wholeNumber(values.seed)
  const subscriptions = wholeNumber(values.subscriptions)
  const endpoints = wholeNumber(values.endpoints)
  const lie = values.lie === undefined ? null : Lie.literals.find((lie) => lie === values.lie)
  if (!/^\d*\.?\d+$/.test(values.minutes) || minutes <= 0) {
    return wrong("--minutes must be a number above 0")
  }
  if (seed === undefined) return wrong("--seed must be a whole number")
  if (endpoints === undefined || endpoints < 1 || endpoints > mostEndpoints) {
    return wrong(`--endpoints must be a whole number from 1 to ${mostEndpoints}`)
  }
  if (subscriptions === undefined || subscriptions < endpoints) {
    return wrong("--subscriptions must be a whole number, and one for each endpoint at least")
  }
  if (lie === undefined) return wrong(`--lie must be one of ${Lie.literals.join(", ")}`)
  if (plot === "") return wrong("--plot must name a file")
  const settings = { minutes, seed, subscriptions, endpoints, json, plot, lie }
  return { _tag: "Soak", settings }
}

/** Of servers in one machine's memory. */
const mostEndpoints = 100

const wrong = (message: string): Command => ({ _tag: "Wrong", message })

const wholeNumber = (text: string): number | undefined => {
  const number = Number(text)
  return /^\d+$/.test(text) && number <= 0xffffffff ? number : undefined
}
