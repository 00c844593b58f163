/** `fiberline validate` */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Documents from "../documents.js"
import { Ended, ExitCode } from "../exit.js"
import * as AppSync from "../options/appsync.js"
import * as Connection from "../options/connection.js"
import { isAddress } from "../options/endpoint.js"
import { Output } from "../output.js"
import { paint } from "../paint.js"
import { printable } from "../printable.js"
import * as Schema from "../schema.js"
import * as Status from "../status.js"
import { description } from "./description.js"

const options = {
  documents: Args.text({ name: "documents" }).pipe(
    Args.withDescription(
      "Files, directories with .graphql and .gql files, or - for standard input."
    ),
    Args.atLeast(1)
  ),
  schema: Options.text("schema").pipe(
    Options.withAlias("s"),
    Options.withPseudoName("<path|url>"),
    Options.withDescription(
      "The schema: a file (SDL, or the JSON of an introspection), or a server to ask for it."
    )
  ),
  json: Options.boolean("json").pipe(
    Options.withDescription("Prints each error as a line of JSON: file, line, column, message.")
  ),
  header: Connection.header,
  payload: Connection.payload,
  transport: Connection.transport,
  ...AppSync.config,
  timeout: Connection.timeout("How long asking a server may take. Default 30s."),
  keepalive: Connection.keepalive,
  retry: Connection.retry("How often to try again what never reached the server. Default none."),
  quiet: Connection.quiet,
  verbose: Connection.verbose
}

export const validate = Command.make("validate", options, (given) =>
  Effect.gen(function* () {
    const { colours, out } = yield* Output
    const { tell } = yield* Status.Status
    const colour = paint(colours)
    const sources = yield* Documents.find(given.documents)
    const schema = yield* isAddress(given.schema)
      ? Effect.flatMap(Connection.resolve("query", given.schema, given), (resolved) =>
          Effect.flatMap(Schema.introspect(resolved), (schema) =>
            Schema.checked(resolved.connection.endpoint.shown, schema)
          )
        )
      : Schema.read(given.schema)

    const issues = Documents.issuesOf(schema, sources)
    yield* Effect.forEach(
      issues,
      ({ column, file, line, message }) =>
        out(
          given.json
            ? printable(JSON.stringify({ file, line, column, message }))
            : `${colour("bold", `${printable(file)}:${line}:${column}:`)} ${printable(message)}`
        ),
      { discard: true }
    )
    const files = sources.length === 1 ? "1 file" : `${sources.length} files`
    if (issues.length === 0) return yield* tell("good", `${files}: every document fits the schema`)
    yield* tell(
      "failure",
      `${files}: ${issues.length === 1 ? "1 error" : `${issues.length} errors`}`
    )
    yield* new Ended({ code: ExitCode.OperationErrors })
  }).pipe(Effect.provide(Status.layer(given)))
).pipe(
  Command.withDescription(
    description(
      [
        "Judges documents by a schema.",
        "An error is printed as file:line:column: message, and makes the exit code 1. Fragments may be " +
          "in other files than what uses them."
      ],
      [
        "fiberline validate src --schema schema.graphql",
        "fiberline validate a.graphql b.graphql --schema https://example.com/graphql"
      ]
    )
  )
)
