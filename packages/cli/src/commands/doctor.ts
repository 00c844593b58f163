/** `fiberline doctor` */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { doctor as run } from "../doctor/doctor.js"
import * as DoctorAppSync from "../doctor/appsync.js"
import * as Endpoint from "../doctor/endpoint.js"
import * as NodeProber from "../doctor/nodeProber.js"
import { interpolate } from "../interpolation.js"
import * as AppSync from "../options/appsync.js"
import * as Connection from "../options/connection.js"
import * as Credentials from "../options/credentials.js"
import { parse } from "../options/duration.js"
import { url } from "../options/operation.js"
import * as Status from "../status.js"
import { UsageError } from "../usage.js"
import { description } from "./description.js"

const duration = (name: string, about: string) =>
  Options.text(name).pipe(
    Options.withPseudoName("<duration>"),
    Options.withDescription(about),
    Options.optional
  )

const options = {
  url,
  header: Connection.header,
  payload: Connection.payload,
  transport: Connection.webSocketTransport,
  ...AppSync.config,
  timeout: Connection.timeout("How long each step may take. Default 10s."),
  listen: duration("listen", "How long to listen for the server's pings. Default 15s."),
  probe: Options.boolean("probe").pipe(
    Options.withDescription(
      "Also tries how the server treats an unknown message and an unanswered ping."
    )
  ),
  probeLimit: duration("probe-limit", "How long to leave a ping unanswered. Default 1m."),
  idleProbe: Options.boolean("idle-probe").pipe(
    Options.withDescription(
      "Also tries after how long a silent connection is cut: 15 s, 30 s, 1 min and so on."
    )
  ),
  idleLimit: duration("idle-limit", "The longest silence to try. Default 5m."),
  json: Options.boolean("json").pipe(
    Options.withDescription("Prints the report as one line of JSON.")
  ),
  quiet: Connection.quiet
}

/** In milliseconds. */
const defaults = { timeout: 10_000, listen: 15_000, probeLimit: 60_000, idleLimit: 300_000 }

/** The shortest silence that is tried, in milliseconds: each is twice the one before. */
const shortestIdle = 15_000

export const doctor = Command.make("doctor", options, (given) =>
  Effect.gen(function* () {
    const { secrets, text } = yield* interpolate("the URL", given.url)
    const endpoint = Endpoint.parse(text, secrets)
    if (endpoint === undefined) {
      return yield* new UsageError({
        message: "the URL must begin with ws:, wss:, http: or https:"
      })
    }
    const credentials = yield* Credentials.resolve(
      given.header,
      Option.getOrUndefined(given.payload)
    )
    const asked = new URL(text)
    const authorized = yield* AppSync.resolve(given, {
      url: secrets.length > 0 ? Redacted.make(text) : asked,
      isWebSocket: endpoint.askedFor === undefined
    })
    if (authorized) yield* AppSync.check(credentials, "websocket")
    if (given.transport === "actioncable" && credentials.payload) {
      return yield* new UsageError({
        message:
          "with actioncable --payload is what operations subscribe by, and here there are none"
      })
    }
    const where = authorized
      ? DoctorAppSync.make(endpoint, asked, authorized.authorization)
      : { endpoint }
    yield* Status.warnOf([...credentials.exposed, ...(authorized?.exposed ?? [])])
    const millis = (option: string, length: Option.Option<string>, otherwise: number) =>
      Option.match(length, {
        onNone: () => Effect.succeed(otherwise),
        onSome: (text) => Effect.map(parse(option, text), Duration.toMillis)
      })
    const idleLimit = yield* millis("--idle-limit", given.idleLimit, defaults.idleLimit)
    const probeLimit = yield* millis("--probe-limit", given.probeLimit, defaults.probeLimit)
    yield* run(
      {
        ...credentials,
        ...where,
        secrets: [...credentials.secrets, ...(authorized?.secrets ?? [])],
        transport: given.transport,
        timeout: yield* millis("--timeout", given.timeout, defaults.timeout),
        listen: yield* millis("--listen", given.listen, defaults.listen),
        probeLimit: given.probe ? probeLimit : undefined,
        idleLimit: given.idleProbe ? idleLimit : undefined,
        idleFirst: Math.min(shortestIdle, idleLimit)
      },
      given.json
    )
  }).pipe(Effect.provide(Status.layer(given)), Effect.provide(NodeProber.layer()))
).pipe(
  Command.withDescription(
    description(
      [
        "Connects to an endpoint of subscriptions step by step, says what it finds, and which keepalive fits.",
        "Healthy is 0, a network that fails 3, and a server that breaks the protocol 4."
      ],
      [
        "fiberline doctor wss://example.com/graphql",
        "# Also after how long somebody in the middle cuts a silent connection, which takes minutes:",
        "fiberline doctor wss://example.com/graphql --probe --idle-probe",
        "# For a script, with a token in the payload of connection_init:",
        `fiberline doctor wss://example.com/graphql --payload '{"token":"\${TOKEN}"}' --json`
      ]
    )
  )
)
