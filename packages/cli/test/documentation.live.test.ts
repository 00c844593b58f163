/** What the documentation shows of the command is what the command does. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fiberline } from "../src/fiberline.js"
import { subcommandsOf } from "../src/spec.js"
import { assertGenerated, table } from "./support/documentation.js"
import { build, terminalShell } from "./support/process.js"
import { yoga } from "./support/yoga.js"

beforeAll(build, 60_000)

const commands = Array.from(subcommandsOf(fiberline).values())

/** Lines as they are typed. */
const session: ReadonlyArray<string> = [
  "fiberline query $URL '{ hello }'",
  "fiberline query $URL 'query ($n: [Int!]!) { sum(numbers: $n) }' -V 'n:[1,2,3]' --output pretty",
  "echo 'mutation { add(a: 1, b: 2) }' | fiberline mutate $URL --output data",
  "fiberline subscribe $URL 'subscription { count(to: 100) }' --count 2",
  "fiberline query $URL '{ fail }' -H 'Authorization: Bearer ${TOKEN}'; echo $?",
  "fiberline query http://127.0.0.1:1/graphql '{ hello }'; echo $?"
]

describe("docs/command-line.md", () => {
  it.scopedLive(
    "shows a session as it was",
    () =>
      Effect.gen(function* () {
        const { url } = yield* yoga
        const shown = yield* Effect.forEach(
          session,
          (line) =>
            Effect.gen(function* () {
              const env = { URL: url, TOKEN: "hunter22", NO_COLOR: "1" }
              const { exitCode, out } = yield* terminalShell(line, env)
              yield* exitCode
              const text = out()
                .replaceAll("\r\n", "\n")
                // What the spinner draws and clears again is there or not, as the machine is slow or not.
                // eslint-disable-next-line no-control-regex -- its own sequences
                .replaceAll(/\r\u001b\[K([⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏][^\r\n]*)?/g, "")
              return `$ ${line}\n${text}`
                .replaceAll(url, "http://localhost:4000/graphql")
                .replaceAll("$URL", "http://localhost:4000/graphql")
            }),
          { concurrency: 2 }
        )
        assertGenerated("session", `\`\`\`console\n${shown.join("")}\`\`\``)
      }),
    90_000
  )

  it("has every option", () => {
    const rows = new Map<string, { readonly cells: [string, string]; readonly of: Array<string> }>()
    for (const { name, options } of commands) {
      for (const { description, names, value } of options) {
        const placeholder =
          value === undefined ? "" : value.startsWith("<") ? ` ${value}` : ` <${value}>`
        const cells: [string, string] = [`\`${names.join(", ")}${placeholder}\``, description]
        const row = rows.get(cells.join())
        if (row) row.of.push(name)
        else rows.set(cells.join(), { cells, of: [name] })
      }
    }
    const order = ["query", "mutate", "subscribe", "introspect", "validate", "doctor", "demo"]
    const sorted = Array.from(rows.values(), ({ cells: [option, description], of }) => [
      option,
      // As text: what is in angles or a reference is no markup.
      description.replaceAll(/(\$\{NAME\}|@file|@oneOf|\.graphql|\.gql)/g, "`$1`"),
      of.length === commands.length
        ? "all"
        : of.sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(", ")
    ]).sort(([a = "", , x = ""], [b = "", , y = ""]) => {
      const long = (option: string) => /--([a-z-]+)/.exec(option)?.[1] ?? ""
      return long(a).localeCompare(long(b)) || x.localeCompare(y)
    })
    assert.isAtLeast(sorted.length, 25)
    assertGenerated("options", table([["Option", "What it does", "Commands"], ...sorted]))
  })
})
