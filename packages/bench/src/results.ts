/** What was measured, as it is kept in `results.json`. */
import { readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { cpus, release, totalmem, type } from "node:os"
import process from "node:process"
import type { Sizes } from "./size.js"
import type { Series } from "./statistics.js"

/** The rounds of a client, by figure. */
export type ClientResult = { readonly [figure: string]: Series }

export interface VariantResult {
  readonly name: string
  readonly clients: { readonly [client: string]: ClientResult }
}

export interface MeasureResult {
  readonly id: string
  /** The day on which it was measured. */
  readonly date: string
  readonly rounds: number
  readonly variants: ReadonlyArray<VariantResult>
}

export interface Machine {
  readonly processor: string
  readonly processors: number
  readonly memory: number
  readonly system: string
  readonly node: string
}

export interface Results {
  readonly machine: Machine
  readonly versions: { readonly [name: string]: string }
  readonly measures: ReadonlyArray<MeasureResult>
  readonly sizes?: Sizes | undefined
}

export const machine = (): Machine => ({
  processor: cpus()[0]?.model ?? "unknown",
  processors: cpus().length,
  memory: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
  node: process.versions.node
})

const packages = [
  "effect",
  "@effect/platform",
  "ws",
  "graphql-ws",
  "graphql-request",
  "@apollo/client",
  "@urql/core",
  "relay-runtime",
  "subscriptions-transport-ws",
  "effect4"
]

/** Versions of what is measured, from where it is installed. */
export const versions = (): Results["versions"] => {
  const require = createRequire(import.meta.url)
  return Object.fromEntries(
    packages.map((name) => {
      for (const directory of require.resolve.paths(name) ?? []) {
        try {
          const manifest: unknown = JSON.parse(
            readFileSync(`${directory}/${name}/package.json`, "utf8")
          )
          // Type boundary: every package.json that npm installs has a version.
          return [name, (manifest as { readonly version: string }).version]
        } catch {
          // Installed further up.
        }
      }
      return [name, "unknown"]
    })
  )
}

export const readResults = (file: string): Results | undefined => {
  try {
    // Type boundary: the file is written here and nowhere else.
    return JSON.parse(readFileSync(file, "utf8")) as Results
  } catch {
    return undefined
  }
}

/** The newer results of each measure. */
export const merge = (older: Results | undefined, newer: Results): Results => {
  const isNew = new Set(newer.measures.map(({ id }) => id))
  return {
    ...newer,
    measures: [...(older?.measures.filter(({ id }) => !isNew.has(id)) ?? []), ...newer.measures],
    sizes: newer.sizes ?? older?.sizes
  }
}

/** Four digits are more than the rounds agree on. */
export const writeResults = (file: string, results: Results): void => {
  const text = JSON.stringify(results, (_, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value
  )
  writeFileSync(file, `${text}\n`)
}
