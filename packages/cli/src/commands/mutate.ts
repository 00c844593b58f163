/** `fiberline mutate` */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { execute } from "../execute.js"
import { config } from "../options/operation.js"
import * as Status from "../status.js"
import { description } from "./description.js"

const options = config("mutation", {
  timeout: "How long the whole of it may take. Default 30s.",
  retry: "How often to try again what never reached the server. Default none."
})

export const mutate = Command.make("mutate", options, (given) =>
  execute("mutation", given).pipe(Effect.provide(Status.layer(given)))
).pipe(
  Command.withDescription(
    description(
      [
        "Executes a mutation, and prints its result.",
        "It is sent once: a failure says whether the server may have executed it."
      ],
      [
        "fiberline mutate https://example.com/graphql 'mutation { restart { at } }'",
        "fiberline mutate https://example.com/graphql -f add.graphql --variables-file station.json"
      ]
    )
  )
)
