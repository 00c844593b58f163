/** The command line of `pnpm bench`. */
import { parseArgs } from "node:util"
import { type ClientName, clientNames } from "./clients.js"
import { plan } from "./plan.js"

export type Command =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Wrong"; readonly message: string }
  /** Writes the document anew, from what was stored. */
  | { readonly _tag: "Render" }
  | {
      readonly _tag: "Run"
      /** Ids of the plan's measures. */
      readonly measures: ReadonlyArray<string>
      readonly clients: ReadonlyArray<ClientName> | undefined
      readonly rounds: number
      readonly json: boolean
      readonly write: boolean
      readonly check: boolean
      readonly profiles: string | undefined
    }

export const help = `Usage
  pnpm bench                       every measure, seven rounds: about an hour
  pnpm bench --only P1 --rounds 3  some

Options
  --only <id>      a measure: ${plan.map(({ id }) => id).join(", ")};
                   may be repeated; the default is every P
  --client <name>  a client: ${clientNames.slice(0, 6).join(", ")},
                   ${clientNames.slice(6, 13).join(", ")},
                   ${clientNames.slice(13).join(", ")};
                   may be repeated; the default is all
  --rounds <n>     default 7
  --json           end with one line of JSON instead of tables
  --write          keep the results in packages/bench/results.json and docs/performance.md
  --render         write docs/performance.md from the results kept, and measure nothing
  --check          compare ratios with those kept, and say what moved
  --profile <dir>  write a CPU profile of each client's process there
  --help

Exit codes
  0  done
  1  --check found a ratio that grew, or a client failed
  2  the command line was wrong`

export const parse = (args: ReadonlyArray<string>): Command => {
  let values
  try {
    values = parseArgs({
      args: Array.from(args),
      options: {
        check: { type: "boolean", default: false },
        client: { type: "string", multiple: true },
        help: { type: "boolean", short: "h" },
        json: { type: "boolean", default: false },
        only: { type: "string", multiple: true },
        profile: { type: "string" },
        render: { type: "boolean", default: false },
        rounds: { type: "string", default: "7" },
        write: { type: "boolean", default: false }
      }
    }).values
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error))
  }
  const { check, client, json, only, profile, render, rounds, write } = values
  if (values.help) return { _tag: "Help" }
  if (render) return { _tag: "Render" }
  if (!/^[1-9]\d{0,2}$/.test(rounds)) return wrong("--rounds must be a whole number from 1 up")
  const measures = only ?? plan.filter(({ isDefault }) => isDefault ?? true).map(({ id }) => id)
  for (const id of measures) {
    if (!plan.some((measure) => measure.id === id)) return wrong(`there is no measure ${id}`)
  }
  const selected = client?.filter((name) => isClient(name))
  if (selected?.length !== client?.length) return wrong("--client must name clients")
  // Without the limit there are no ratios, and who is left out cannot be kept.
  if (selected && (write || check)) return wrong("--client goes with neither --write nor --check")
  return {
    _tag: "Run",
    measures,
    clients: selected,
    rounds: Number(rounds),
    json,
    write,
    check,
    profiles: profile
  }
}

const isClient = (name: string): name is ClientName => clientNames.some((known) => known === name)

const wrong = (message: string): Command => ({ _tag: "Wrong", message })
