/** The command line of `pnpm sim`. */
import { parseArgs } from "node:util"

export type Command =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Wrong"; readonly message: string }
  | { readonly _tag: "Trace"; readonly seed: number; readonly json: boolean }
  | {
      readonly _tag: "Run"
      /** The first seed. */
      readonly from: number
      readonly seeds: number
      readonly json: boolean
    }

export const help = `Usage
  pnpm sim --seeds <n>            so many runs, each from a seed of its own
  pnpm sim --seed <s> --trace     one run, told as a timeline

Options
  --seeds <n>   how many runs; default 100
  --seed <s>    the seed, or the first of several; default 0
  --trace       print what happens in the run
  --json        end with one line of JSON: { seeds, virtualHours, faults, violations }
  --help

Exit codes
  0  every invariant held
  1  one was violated
  2  the command line was wrong`

export const parse = (args: ReadonlyArray<string>): Command => {
  let values
  try {
    values = parseArgs({
      args: Array.from(args),
      options: {
        help: { type: "boolean", short: "h" },
        json: { type: "boolean", default: false },
        seed: { type: "string" },
        seeds: { type: "string" },
        trace: { type: "boolean", default: false }
      }
    }).values
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error))
  }
  const { json, trace } = values
  if (values.help) return { _tag: "Help" }
  const seed = wholeNumber(values.seed ?? "0")
  const seeds = wholeNumber(values.seeds ?? (values.seed === undefined ? "100" : "1"))
  if (seed === undefined) return wrong("--seed must be a whole number")
  if (seeds === undefined || seeds < 1) return wrong("--seeds must be a whole number from 1 up")
  if (!trace) return { _tag: "Run", from: seed, seeds, json }
  if (values.seed === undefined || seeds !== 1) return wrong("--trace needs --seed, of one run")
  return { _tag: "Trace", seed, json }
}

const wrong = (message: string): Command => ({ _tag: "Wrong", message })

const wholeNumber = (text: string): number | undefined => {
  const number = Number(text)
  return /^\d+$/.test(text) && number <= 0xffffffff ? number : undefined
}
