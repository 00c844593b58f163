/** `fiberline subscribe` */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { config } from "../options/operation.js"
import * as Status from "../status.js"
import { subscribe as run } from "../subscribe.js"
import { description } from "./description.js"

const options = {
  ...config("subscription", {
    timeout: "How long it may take until there is a connection. Default 10s for each attempt.",
    retry: "How often in a row a lost connection is made again. Default 9."
  }),
  count: Options.text("count").pipe(
    Options.withAlias("n"),
    Options.withPseudoName("<n>"),
    Options.withDescription("Ends after so many results."),
    Options.optional
  )
}

export const subscribe = Command.make("subscribe", options, (given) =>
  run(given).pipe(Effect.provide(Status.layer(given)))
).pipe(
  Command.withDescription(
    description(
      [
        "Subscribes, and prints each result until the subscription completes or Ctrl-C ends it.",
        "A connection that is lost is made again. What becomes of it is said on stderr."
      ],
      [
        "fiberline subscribe wss://example.com/graphql 'subscription { temperature }'",
        "# The next three, for a script:",
        "fiberline subscribe https://example.com/graphql -f news.graphql --count 3 --quiet",
        "# With a token in the payload of connection_init:",
        "fiberline subscribe wss://example.com/graphql -f news.graphql \\",
        `  --payload '{"token":"\${TOKEN}"}'`
      ]
    )
  )
)
