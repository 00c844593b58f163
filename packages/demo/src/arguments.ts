/** The command line. No complaint about it quotes what may have been meant as a secret. */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { getOperationAST, type DocumentNode, Kind, parse as parseDocument } from "graphql"
import { parseArgs } from "node:util"

export type Command =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Demo"; readonly json: boolean }
  | {
      readonly _tag: "Watch"
      readonly json: boolean
      readonly url: URL
      readonly query: DocumentNode
      readonly headers: { readonly [name: string]: Redacted.Redacted<string> }
      readonly payload: Redacted.Redacted<Payload> | undefined
      /** Whether a lost connection is made again. */
      readonly reconnect: boolean
    }

export type Watch = Extract<Command, { readonly _tag: "Watch" }>

export type Payload = { readonly [key: string]: unknown }

export class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

export const help = `Usage
  npm start                    four acts against a server of our own: what a client
                               promises when its link dies, and what was measured
  npm start -- --json          the same, as one line of JSON

  npm start -- --url <url> --query <subscription>
                               subscribe at an endpoint of yours, until Ctrl-C

Options
  --url <url>                  ws:, wss:, http: or https:
  --query <subscription>       'subscription { ... }'
  --header <name:value>        sent with the upgrade; may be repeated
  --payload <json>             the payload of connection_init, an object
  --no-reconnect               end when the connection is lost, or cannot be made
  --json                       one line of JSON for each event and each gap
  --help

Values of headers and of the payload are taken for secrets, and never printed.

Exit codes
  0    every promise was kept; or the subscription completed
  1    a promise was not kept; or the operation failed
  2    the command line was wrong
  3    a network error
  4    a protocol error
  130  interrupted`

export const parse = (args: ReadonlyArray<string>): Either.Either<Command, UsageError> =>
  Either.gen(function* () {
    const { positionals, values } = yield* split(args)
    if (values.help === true) return { _tag: "Help" }
    if (positionals.length > 0) {
      yield* wrong("there is an argument that belongs to no option; values with spaces need quotes")
    }
    for (const name of ["url", "query", "payload", "no-reconnect", "json"] as const) {
      if ((values[name]?.length ?? 0) > 1) yield* wrong(`--${name} is given more than once`)
    }

    const json = values.json !== undefined
    const [url] = values.url ?? []
    const [query] = values.query ?? []
    const [payload] = values.payload ?? []
    if (url === undefined) {
      const needsUrl = (["query", "header", "payload", "no-reconnect"] as const).find(
        (name) => values[name]
      )
      if (needsUrl) yield* wrong(`--${needsUrl} needs --url`)
      return { _tag: "Demo", json }
    }
    if (query === undefined) return yield* wrong("--url needs --query")
    return {
      _tag: "Watch",
      json,
      url: yield* parseUrl(url),
      query: yield* parseQuery(query),
      headers: yield* parseHeaders(values.header ?? []),
      payload: payload === undefined ? undefined : yield* parsePayload(payload),
      reconnect: values["no-reconnect"] === undefined
    }
  })

const wrong = (message: string): Either.Either<never, UsageError> =>
  Either.left(new UsageError({ message }))

const split = (args: ReadonlyArray<string>) =>
  Either.try({
    try: () =>
      parseArgs({
        args: Array.from(args),
        // Refused above, for Node's complaint would quote them.
        allowPositionals: true,
        options: {
          help: { type: "boolean", short: "h" },
          json: { type: "boolean", multiple: true },
          url: { type: "string", multiple: true },
          query: { type: "string", multiple: true },
          header: { type: "string", multiple: true },
          payload: { type: "string", multiple: true },
          "no-reconnect": { type: "boolean", multiple: true }
        }
      }),
    catch: (error) =>
      // Node's first sentence names the option, without its value. The others are about "--".
      new UsageError({ message: messageOf(error).split(/\.\s/)[0] ?? "" })
  })

const parseUrl = (text: string): Either.Either<URL, UsageError> =>
  Either.try(() => new URL(text)).pipe(
    Either.filterOrLeft(
      ({ protocol }) => ["ws:", "wss:", "http:", "https:"].includes(protocol),
      () => undefined
    ),
    Either.mapLeft(
      () => new UsageError({ message: "--url must be a URL with ws:, wss:, http: or https:" })
    )
  )

const parseQuery = (text: string): Either.Either<DocumentNode, UsageError> =>
  Either.gen(function* () {
    const document = yield* Either.try({
      try: () => parseDocument(text),
      catch: (error) => new UsageError({ message: `--query cannot be parsed: ${messageOf(error)}` })
    })
    const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    if (operations.length !== 1) yield* wrong("--query must hold one operation")
    if (getOperationAST(document)?.operation !== "subscription") {
      yield* wrong("--query must be a subscription")
    }
    return document
  })

const parseHeaders = (
  all: ReadonlyArray<string>
): Either.Either<{ readonly [name: string]: Redacted.Redacted<string> }, UsageError> =>
  Either.gen(function* () {
    const headers = new Map<string, Redacted.Redacted<string>>()
    for (const header of all) {
      // Names and values as RFC 9110 has them, section 5.6.2 and 5.5.
      const [, name, value] =
        /^([\w!#$%&'*+.^`|~-]+):\s*([\t\x20-\x7e\x80-\xff]*?)\s*$/.exec(header) ?? []
      if (name === undefined || value === undefined) {
        return yield* wrong("--header must be name:value")
      }
      const key = name.toLowerCase()
      if (headers.has(key)) yield* wrong(`--header gives ${key} more than once`)
      headers.set(key, Redacted.make(value))
    }
    return Object.fromEntries(headers)
  })

const parsePayload = (text: string): Either.Either<Redacted.Redacted<Payload>, UsageError> =>
  Either.try((): unknown => JSON.parse(text)).pipe(
    Either.filterOrLeft(isPayload, () => undefined),
    Either.mapBoth({
      onLeft: () => new UsageError({ message: "--payload must be a JSON object" }),
      onRight: (payload) => Redacted.make(payload)
    })
  )

const isPayload = (value: unknown): value is Payload =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : "")
