/** `fiberline demo`: what `npm start` runs. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { demo as run } from "../demo/demo.js"
import { Ended, ExitCode } from "../exit.js"
import * as Connection from "../options/connection.js"
import * as Status from "../status.js"
import { subscribe } from "../subscribe.js"
import { UsageError } from "../usage.js"
import { description } from "./description.js"

const options = {
  json: Options.boolean("json").pipe(
    Options.withDescription("Prints what was measured as one line of JSON.")
  ),
  url: Options.text("url").pipe(
    Options.withPseudoName("<url>"),
    Options.withDescription("Subscribes there instead, as fiberline subscribe does."),
    Options.optional
  ),
  query: Options.text("query").pipe(
    Options.withPseudoName("<subscription>"),
    Options.withDescription("What to subscribe to, with --url."),
    Options.optional
  ),
  header: Connection.header,
  payload: Connection.payload,
  noReconnect: Options.boolean("no-reconnect").pipe(
    Options.withDescription("With --url: ends when the connection is lost, or cannot be made.")
  )
}

export const demo = Command.make("demo", options, (given) =>
  Effect.gen(function* () {
    const { header, noReconnect, payload, query } = given
    if (Option.isSome(given.url)) {
      if (Option.isNone(query)) return yield* new UsageError({ message: "--url needs --query" })
      return yield* subscribe({
        url: given.url.value,
        document: query,
        header,
        payload,
        retry: noReconnect ? Option.some("none") : Option.none(),
        transport: "auto",
        apiKey: Option.none(),
        jwt: Option.none(),
        output: "json",
        verbose: false,
        variable: [],
        file: Option.none(),
        variables: Option.none(),
        variablesFile: Option.none(),
        operationName: Option.none(),
        timeout: Option.none(),
        keepalive: Option.none(),
        count: Option.none()
      }).pipe(Effect.provide(Status.layer({ quiet: false })))
    }
    if (header.length > 0 || noReconnect || Option.isSome(payload) || Option.isSome(query)) {
      return yield* new UsageError({
        message: "--query, --header, --payload and --no-reconnect need --url"
      })
    }
    if ((yield* run({ json: given.json })) !== 0) {
      yield* new Ended({ code: ExitCode.OperationErrors })
    }
  })
).pipe(
  Command.withDescription(
    description(
      [
        "Shows in four acts what a subscription is promised when its network goes silent, and measures it.",
        "Servers and clients are all in this process. What is not kept makes the exit code 1."
      ],
      ["fiberline demo", "fiberline demo --json | jq .detection"]
    )
  )
)
