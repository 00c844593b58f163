/** `fiberline query` */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { execute } from "../execute.js"
import { config } from "../options/operation.js"
import * as Status from "../status.js"
import { description } from "./description.js"

const options = config("query", {
  timeout: "How long the whole of it may take. Default 30s.",
  retry: "How often to try again what never reached the server. Default none."
})

export const query = Command.make("query", options, (given) =>
  execute("query", given).pipe(Effect.provide(Status.layer(given)))
).pipe(
  Command.withDescription(
    description(
      ["Executes a query, and prints its result."],
      [
        "fiberline query https://example.com/graphql '{ hello }'",
        "# Variables, and a token that no other process can see:",
        "fiberline query https://example.com/graphql -f user.graphql -V id:7 \\",
        "  -H 'Authorization: Bearer ${TOKEN}'",
        "# The document from a pipe, the data into another:",
        "echo '{ hello }' | fiberline query wss://example.com/graphql --output data | jq .hello"
      ]
    )
  )
)
