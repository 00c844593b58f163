import type { CodegenConfig } from "@graphql-codegen/cli"

const config: CodegenConfig = {
  schema: "stations.schema.graphql",
  documents: "stations.graphql",
  generates: {
    "stations.generated.ts": {
      plugins: ["@fiberline/codegen"],
      config: { scalars: { DateTime: "Schema.Date" }, strictScalars: true }
    }
  }
}

export default config
