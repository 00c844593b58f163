/** The options and arguments of a command that executes an operation. */
import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import type { Kind } from "@fiberline/client/Operation"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { formats } from "../render.js"
import * as AppSync from "./appsync.js"
import * as Connection from "./connection.js"
import * as Document from "./document.js"
import * as Variables from "./variables.js"

export const url = Args.text({ name: "url" }).pipe(
  Args.withDescription(
    "The server: ws:, wss:, http: or https:. ${NAME} in it is taken from the environment."
  )
)

/** Of any of them; `kind` for what is said of the document. */
export const config = (
  kind: Kind,
  about: { readonly timeout: string; readonly retry: string }
) => ({
  url,
  document: Args.text({ name: "document" }).pipe(
    Args.withDescription(
      `The ${kind}. Without it, a --file or standard input has it; - is that too.`
    ),
    Args.optional
  ),
  file: Options.text("file").pipe(
    Options.withAlias("f"),
    Options.withPseudoName("<path>"),
    Options.withDescription("A file with the document."),
    Options.optional
  ),
  variable: Options.text("variable").pipe(
    Options.withAlias("V"),
    Options.withPseudoName("<name:value>"),
    Options.withDescription("A variable. What is JSON is taken as JSON, and all else as a string."),
    Options.repeated
  ),
  variables: Options.text("variables").pipe(
    Options.withPseudoName("<json>"),
    Options.withDescription("Variables, as a JSON object."),
    Options.optional
  ),
  variablesFile: Options.text("variables-file").pipe(
    Options.withPseudoName("<path>"),
    Options.withDescription("A file with the same."),
    Options.optional
  ),
  operationName: Options.text("operation-name").pipe(
    Options.withAlias("o"),
    Options.withPseudoName("<name>"),
    Options.withDescription("Which operation of the document, where it has several."),
    Options.optional
  ),
  header: Connection.header,
  payload: Connection.payload,
  transport: Connection.transport,
  ...AppSync.config,
  output: Options.choice("output", formats).pipe(
    Options.withDescription(
      "json: each result on a line; pretty: indented, in colours on a terminal; data: each result's " +
        "data on a line."
    ),
    Options.withDefault("json" as const)
  ),
  timeout: Connection.timeout(about.timeout),
  keepalive: Connection.keepalive,
  retry: Connection.retry(about.retry),
  quiet: Connection.quiet,
  verbose: Connection.verbose
})

/** As `@effect/cli` gives them. */
export interface Given extends Connection.Given {
  readonly url: string
  readonly document: Option.Option<string>
  readonly file: Option.Option<string>
  readonly variable: ReadonlyArray<string>
  readonly variables: Option.Option<string>
  readonly variablesFile: Option.Option<string>
  readonly operationName: Option.Option<string>
}

export const resolve = (kind: Kind, given: Given) =>
  Effect.gen(function* () {
    const operationName = Option.getOrUndefined(given.operationName)
    const connection = yield* Connection.resolve(kind, given.url, given)
    const variables = yield* Variables.resolve({
      file: Option.getOrUndefined(given.variablesFile),
      json: Option.getOrUndefined(given.variables),
      single: given.variable
    })
    // Last, for standard input may have to be waited for.
    const document = yield* Document.resolve(kind, {
      argument: Option.getOrUndefined(given.document),
      file: Option.getOrUndefined(given.file),
      operationName
    })
    return { ...connection, document, variables, operationName }
  })
