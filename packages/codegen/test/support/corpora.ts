/** The schemas and documents that generated code is kept for, and how it is generated. */
import { generate } from "@graphql-codegen/cli"
import type { Types } from "@graphql-codegen/plugin-helpers"
import { buildSchema, type GraphQLSchema } from "graphql"
import { readFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import * as fiberline from "../../src/index.js"

export const root = fileURLToPath(new URL("../..", import.meta.url))

export interface Corpus {
  readonly schema: string
  readonly documents: string
  readonly generates: Types.Config["generates"]
}

const { preset } = fiberline
const plugins = ["@fiberline/codegen"]
const importExtension = ".js"

const stations: fiberline.Config = {
  scalars: {
    DateTime: "Schema.Date",
    Duration: "../scalars.js#Duration",
    Url: "Schema.URL",
    Json: { input: "Schema.Struct({ source: Schema.String })", output: "Schema.Unknown" }
  },
  strictScalars: true
}

export const corpora = {
  github: {
    schema: "node_modules/@octokit/graphql-schema/schema.graphql",
    documents: "test/schemas/github/*.graphql",
    generates: {
      [join(root, "test/schemas/github/")]: {
        preset,
        config: {
          importExtension,
          scalars: {
            DateTime: "Schema.Date",
            GitTimestamp: "Schema.Date",
            Date: "Schema.NonEmptyString",
            GitObjectID: "Schema.NonEmptyString",
            URI: "../scalars.js#Uri"
          }
        }
      }
    }
  },
  nautical: {
    schema: "node_modules/@nautical-commerce/graphql-schema/nautical/schema.graphql",
    documents: "test/schemas/nautical/shop.ts",
    generates: {
      [join(root, "test/schemas/nautical/")]: {
        preset,
        presetConfig: { manifest: "documents.json" },
        config: {
          importExtension,
          persistedDocuments: true,
          scalars: { DateTime: "Schema.Date", UUID: "Schema.UUID" }
        }
      }
    }
  },
  dialogporten: {
    schema: "node_modules/@digdir/dialogporten-schema/schema.verified.graphql",
    documents: "test/schemas/dialogporten/dialogs.graphql",
    generates: {
      "test/schemas/dialogporten/dialogs.ts": {
        plugins,
        config: { scalars: { DateTime: "Schema.Date", UUID: "Schema.UUID" } }
      }
    }
  },
  stations: {
    schema: "test/schemas/stations/schema.graphql",
    documents: "test/schemas/stations/stations.graphql",
    generates: {
      "test/schemas/stations/stations.ts": {
        plugins,
        config: { ...stations, persistedDocuments: true, descriptions: "all" }
      },
      "test/schemas/stations/open.ts": { plugins, config: { ...stations, unknownValues: "keep" } },
      "test/schemas/stations/documents.json": {
        plugins,
        config: { ...stations, persistedDocuments: true }
      }
    }
  }
} satisfies { readonly [name: string]: Corpus }

export type Name = keyof typeof corpora

// Type boundary: the keys of an object that nobody adds any to.
export const names = Object.keys(corpora) as ReadonlyArray<Name>

/** The files that Code Generator would write, by their paths. */
export const generated = async (name: Name): Promise<ReadonlyMap<string, string>> => {
  const { documents, generates, schema } = corpora[name]
  const files: Array<Types.FileOutput> = await generate(
    { cwd: root, schema, documents, generates, pluginLoader: () => fiberline, silent: true },
    false
  )
  return new Map(
    files
      .filter(({ content }) => content !== "")
      .map(({ content, filename }) => [relative(root, resolve(root, filename)), content])
  )
}

/** GitHub's says some things twice. Code Generator does not mind either. */
export const schemaOf = (name: Name): GraphQLSchema =>
  buildSchema(readFileSync(join(root, corpora[name].schema), "utf8").replace(/^\uFEFF/, ""), {
    assumeValidSDL: true
  })
