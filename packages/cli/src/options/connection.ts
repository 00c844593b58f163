/** The options that all commands have which talk to a server. */
import * as Options from "@effect/cli/Options"
import type * as FileSystem from "@effect/platform/FileSystem"
import type { Kind } from "@fiberline/client/Operation"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Connection, Reconnect } from "../client.js"
import { conceal, concealMade, type Conceal } from "../conceal.js"
import { printable } from "../printable.js"
import { Status } from "../status.js"
import { UsageError } from "../usage.js"
import * as AppSync from "./appsync.js"
import * as Credentials from "./credentials.js"
import * as Duration from "./duration.js"
import * as Endpoint from "./endpoint.js"
import * as Keepalive from "./keepalive.js"
import * as Retry from "./retry.js"
import * as Transport from "./transport.js"

export const header = Options.text("header").pipe(
  Options.withAlias("H"),
  Options.withPseudoName("<Name: value>"),
  Options.withDescription(
    "A header of the request, or of the upgrade to a WebSocket. ${NAME} in it is taken from the " +
      "environment; @file has a header on each line."
  ),
  Options.repeated
)

export const payload = Options.text("payload").pipe(
  Options.withPseudoName("<json>"),
  Options.withDescription(
    "The payload of connection_init, which WebSockets begin with; phoenix: of the join; actioncable: " +
      "params of the channel. ${NAME} in its strings is taken from the environment; @file is read."
  ),
  Options.optional
)

/** What those mean that need a word. */
const meanings =
  "legacy: the protocol of subscriptions-transport-ws; phoenix: Absinthe's, at an address with all of its " +
  "path, /socket/websocket; phoenix-v1: the same for Phoenix before 1.3; actioncable: graphql-ruby's"

export const transport = Options.choice("transport", Transport.choices).pipe(
  Options.withDescription(
    "What carries it. auto: a WebSocket for ws:; for http: a request, and for subscriptions a " +
      "WebSocket, or Server-Sent Events where there is none. ws: graphql-transport-ws; " +
      `${meanings}; appsync: AWS AppSync, queries by HTTP, at the address for these.`
  ),
  Options.withDefault("auto" as const)
)

export const webSocketTransport = Options.choice("transport", Transport.webSocketChoices).pipe(
  Options.withDescription(
    "What to speak over the WebSocket. auto: graphql-transport-ws, or else the legacy protocol; ws: the " +
      `first alone; ${meanings}; appsync: AWS AppSync, at its address for queries.`
  ),
  Options.withDefault("auto" as const)
)

export const timeout = (about: string) =>
  Options.text("timeout").pipe(
    Options.withPseudoName("<duration>"),
    Options.withDescription(about),
    Options.optional
  )

export const keepalive = Options.text("keepalive").pipe(
  Options.withPseudoName("<interval/timeout>"),
  Options.withDescription(
    "After how much silence a link is asked for a sign of life, and for how long. Default 20s/10s; " +
      "off never asks."
  ),
  Options.optional
)

export const retry = (about: string) =>
  Options.text("retry").pipe(
    Options.withPseudoName("<n|forever|none>"),
    Options.withDescription(about),
    Options.optional
  )

export const quiet = Options.boolean("quiet").pipe(
  Options.withAlias("q"),
  Options.withDescription("Says nothing on stderr but what went wrong.")
)

export const verbose = Options.boolean("verbose").pipe(
  Options.withAlias("v"),
  Options.withDescription("Says on stderr what is sent and received, without what is secret.")
)

/** Of a message, which is to be read: the beginning of a larger one will do. */
const longestLine = 2000

/** As `@effect/cli` gives them. */
export interface Given extends AppSync.Given {
  readonly header: ReadonlyArray<string>
  readonly payload: Option.Option<string>
  readonly timeout: Option.Option<string>
  readonly keepalive: Option.Option<string>
  readonly retry: Option.Option<string>
  readonly verbose: boolean
}

export interface Resolved {
  readonly connection: Connection
  /** To be tried in this order. */
  readonly transports: ReturnType<typeof Transport.resolve>
  /** `undefined` where it was not said. */
  readonly reconnect: Reconnect
  readonly hide: Conceal
  /** What every process of the machine can see. */
  readonly exposed: ReadonlyArray<string>
}

export const resolve = (
  kind: Kind,
  url: string,
  given: Given
): Effect.Effect<Resolved, UsageError, FileSystem.FileSystem | Status> =>
  Effect.gen(function* () {
    const { tell } = yield* Status
    const endpoint = yield* Endpoint.resolve(url)
    const appSync = yield* AppSync.resolve(given, endpoint)
    const { exposed, headers, payload, secrets } = yield* Credentials.resolve(
      given.header,
      Option.getOrUndefined(given.payload)
    )
    const transports = Transport.resolve(kind, given.transport, endpoint.isWebSocket)
    if (appSync) yield* AppSync.check({ headers, payload }, transports[0])
    if (payload && !transports.includes("websocket")) {
      return yield* new UsageError({
        message: "--payload is what WebSockets begin with, and this goes over HTTP"
      })
    }
    const known = conceal(...secrets, ...endpoint.secrets, ...(appSync?.secrets ?? []))
    const hide = appSync ? concealMade(known) : known
    return {
      connection: {
        endpoint,
        headers,
        payload,
        authorization: appSync?.authorization,
        subprotocols: Transport.subprotocolsOf(given.transport),
        timeout: yield* optionally(given.timeout, (text) => Duration.parse("--timeout", text)),
        keepalive: yield* optionally(given.keepalive, Keepalive.parse),
        trace: given.verbose
          ? // Cut last, or a piece of a secret would be left.
            (line) => tell("note", printable(hide(line)).slice(0, longestLine))
          : undefined
      },
      transports,
      reconnect: yield* optionally(given.retry, Retry.parse),
      hide,
      exposed: [...exposed, ...(appSync?.exposed ?? [])]
    }
  })

const optionally = <A, B, E>(
  option: Option.Option<A>,
  f: (value: A) => Effect.Effect<B, E>
): Effect.Effect<B | undefined, E> =>
  Option.match(option, { onNone: () => Effect.succeed(undefined), onSome: f })
