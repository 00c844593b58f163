import type { CodegenConfig } from "@graphql-codegen/cli"

/** The demo's operations: `pnpm --filter @fiberline/cli generate` writes them anew. */
const config: CodegenConfig = {
  schema: "src/demo/schema.ts",
  documents: "src/demo/operations.graphql",
  generates: {
    "src/demo/operations.generated.ts": {
      plugins: ["@fiberline/codegen"],
      config: { scalars: { Moment: "Schema.DateFromNumber" } }
    }
  }
}

export default config
