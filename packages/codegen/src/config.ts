/** The configuration, as it is written and as it is used. */
import { getHashes } from "node:crypto"
import type { HashAlgorithm } from "./documents.js"
import type { Mapping } from "./model.js"
import { toMapping } from "./scalars.js"

/**
 * Which Schema a scalar has: `"Schema.Date"`, or any expression of `effect/Schema`; `"./scalars.js#Uri"`,
 * an export of a module, whose path is that from the generated file.
 *
 * @since 0.1.0
 * @category configuration
 */
export type ScalarMapping = string | { readonly input: string; readonly output: string }

/**
 * @since 0.1.0
 * @category configuration
 */
export interface PersistedDocuments {
  /** Of `node:crypto`, or one's own; default `sha256`, whose hashes begin with `sha256:`. */
  readonly hashAlgorithm?: HashAlgorithm
}

/**
 * `config` of the plugin and of the preset.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /** The Schemas of custom scalars, by name; `Schema.Unknown` for any other. */
  readonly scalars?: { readonly [name: string]: ScalarMapping }
  /** Whether a custom scalar without a Schema is an error; default `false`. */
  readonly strictScalars?: boolean
  /**
   * What becomes of a value that the schema does not have, an enum's or a `__typename`, because the server
   * is newer: `"fail"`, the default, or `"keep"`.
   */
  readonly unknownValues?: "fail" | "keep"
  /** Which descriptions become comments: those of what is sent, the default, also those of data, or none. */
  readonly descriptions?: "inputs" | "all" | "none"
  /** Whether enums and inputs that no document uses are left out; default `true`. */
  readonly onlyOperationTypes?: boolean
  /** What names end in; default `Variables`, `Data` and `Document`. */
  readonly suffix?: {
    readonly variables?: string
    readonly data?: string
    readonly document?: string
  }
  /** Whether operations have the hash of their document; default `false`. */
  readonly persistedDocuments?: boolean | PersistedDocuments
  /** Code Generator's: what imports of other generated files end in. */
  readonly importExtension?: string
}

/**
 * `presetConfig` of the preset.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface PresetConfig {
  /** What the files beside the documents end in; default `.generated.ts`. */
  readonly extension?: string
  /** The file of the enums, inputs and scalars, in the output directory; default `schema.ts`. */
  readonly schemaFile?: string
  /** A file of the output directory for the manifest: each hash and its text. */
  readonly manifest?: string
}

/** With its defaults. */
export interface Settings {
  readonly scalars: ReadonlyMap<string, { readonly input: Mapping; readonly output: Mapping }>
  readonly strictScalars: boolean
  readonly unknownValues: "fail" | "keep"
  readonly descriptions: "inputs" | "all" | "none"
  readonly onlyOperationTypes: boolean
  readonly suffix: { readonly variables: string; readonly data: string; readonly document: string }
  readonly hashAlgorithm: HashAlgorithm | undefined
  readonly importExtension: string
}

/** What is wrong with a configuration is a sentence in the message of an `Error`. */
export const settingsOf = (config: Config): Settings => {
  if (typeof (config.scalars ?? {}) !== "object") {
    throw new Error(
      `config.scalars is ${JSON.stringify(config.scalars)}. It should be an object, such as { DateTime: "Schema.Date" }.`
    )
  }
  const scalars = Object.entries(config.scalars ?? {}).map(([name, mapping]) => {
    const at = `scalars.${name}`
    // Type boundary: to ask more is sound, and YAML has null for a key without a value.
    return typeof mapping !== "object" || (mapping as unknown) === null
      ? ([name, { input: mappingOf(at, mapping), output: mappingOf(at, mapping) }] as const)
      : ([
          name,
          {
            input: mappingOf(`${at}.input`, mapping.input),
            output: mappingOf(`${at}.output`, mapping.output)
          }
        ] as const)
  })
  return {
    scalars: new Map(scalars),
    strictScalars: isOneOf("strictScalars", config.strictScalars ?? false, [true, false]),
    unknownValues: isOneOf("unknownValues", config.unknownValues ?? "fail", ["fail", "keep"]),
    descriptions: isOneOf("descriptions", config.descriptions ?? "inputs", [
      "inputs",
      "all",
      "none"
    ]),
    onlyOperationTypes: isOneOf("onlyOperationTypes", config.onlyOperationTypes ?? true, [
      true,
      false
    ]),
    suffix: {
      variables: suffixOf("variables", config.suffix?.variables ?? "Variables"),
      data: suffixOf("data", config.suffix?.data ?? "Data"),
      document: suffixOf("document", config.suffix?.document ?? "Document")
    },
    hashAlgorithm: hashAlgorithmOf(config.persistedDocuments ?? false),
    importExtension: config.importExtension ?? ""
  }
}

const hashAlgorithmOf = (value: boolean | PersistedDocuments): HashAlgorithm | undefined => {
  const { hashAlgorithm = "sha256" } = typeof value === "object" ? value : {}
  if (typeof hashAlgorithm === "string" && !getHashes().includes(hashAlgorithm)) {
    throw new Error(
      `config.persistedDocuments.hashAlgorithm is ${JSON.stringify(hashAlgorithm)}. It should be one that node:crypto has, such as "sha256".`
    )
  }
  if (typeof value === "object") return hashAlgorithm
  return isOneOf("persistedDocuments", value, [true, false]) ? hashAlgorithm : undefined
}

const mappingOf = (at: string, text: unknown): Mapping => {
  const mapping = typeof text === "string" ? toMapping(text) : undefined
  if (mapping === undefined) {
    throw new Error(
      `config.${at} is ${JSON.stringify(text)}. It should be "Schema.Date", or another expression that ` +
        `begins with "Schema.", or an export of a module, such as "./scalars.js#Uri".`
    )
  }
  return mapping
}

const isOneOf = <A extends string | boolean>(at: string, value: A, all: ReadonlyArray<A>): A => {
  if (all.includes(value)) return value
  const expected = all.map((one) => JSON.stringify(one)).join(" or ")
  throw new Error(`config.${at} is ${JSON.stringify(value)}. It should be ${expected}.`)
}

const suffixOf = (at: string, value: unknown): string => {
  if (typeof value === "string" && /^\w+$/.test(value)) return value
  throw new Error(
    `config.suffix.${at} is ${JSON.stringify(value)}. It should be some letters, such as "Data".`
  )
}
