/** `fiberline introspect` */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Introspection from "@fiberline/client/Introspection"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { lexicographicSortSchema } from "graphql"
import * as Files from "../files.js"
import * as AppSync from "../options/appsync.js"
import * as Connection from "../options/connection.js"
import { url } from "../options/operation.js"
import * as Wanted from "../options/schema.js"
import { Output } from "../output.js"
import { printable } from "../printable.js"
import * as Schema from "../schema.js"
import * as Status from "../status.js"
import { description } from "./description.js"

const options = {
  url,
  format: Options.choice("format", ["sdl", "json"]).pipe(
    Options.withDescription(
      "sdl: the schema definition language; json: what an introspection query gives."
    ),
    Options.withDefault("sdl" as const)
  ),
  output: Options.text("output").pipe(
    Options.withPseudoName("<path>"),
    Options.withDescription("A file to write the schema to, in place of stdout."),
    Options.optional
  ),
  sort: Options.boolean("sort").pipe(
    Options.withDescription("Sorts everything by name, so that the server's order changes nothing.")
  ),
  ...Wanted.config,
  header: Connection.header,
  payload: Connection.payload,
  transport: Connection.transport,
  ...AppSync.config,
  timeout: Connection.timeout("How long the whole of it may take. Default 30s."),
  keepalive: Connection.keepalive,
  retry: Connection.retry("How often to try again what never reached the server. Default none."),
  quiet: Connection.quiet,
  verbose: Connection.verbose
}

export const introspect = Command.make("introspect", options, (given) =>
  Effect.gen(function* () {
    const { out } = yield* Output
    const wanted = yield* Wanted.resolve(given)
    const resolved = yield* Connection.resolve("query", given.url, given)
    const schema = yield* Schema.introspect(resolved, wanted)
    const text =
      given.format === "sdl"
        ? Introspection.print(schema, { sorted: given.sort })
        : Schema.toJson(given.sort ? lexicographicSortSchema(schema) : schema, given)
    // Line by line, for a description may have what a terminal obeys.
    const shown = resolved.hide(text).split("\n").map(printable).join("\n")
    yield* Option.match(given.output, {
      onNone: () => out(shown),
      onSome: (path) =>
        Effect.zipRight(
          Files.write(path, `${shown}\n`),
          Effect.flatMap(Status.Status, ({ tell }) => tell("good", `written to ${printable(path)}`))
        )
    })
  }).pipe(Effect.provide(Status.layer(given)))
).pipe(
  Command.withDescription(
    description(
      ["Asks a server for its schema, and prints it."],
      [
        "fiberline introspect https://example.com/graphql > schema.graphql",
        "fiberline introspect https://example.com/graphql --sort --output schema.graphql",
        "# As JSON, with what newer servers know:",
        "fiberline introspect https://example.com/graphql --format json \\",
        "  --specified-by-url --input-value-deprecation --one-of"
      ]
    )
  )
)
