/** From an address to a GraphQL connection that is acknowledged: what the diagnosis and its probes share. */
import type { ClientMessage, JsonObject } from "@fiberline/core/Message"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { Conversation } from "./conversation.js"
import {
  ConnectionEnded,
  ConnectionRefused,
  InvalidMessage,
  type ProbeFailure,
  ServerDisconnected,
  SubprotocolRefused,
  TimedOut
} from "./failure.js"
import { type Connection, type Line, Prober, type SecureConnection } from "./prober.js"
import * as Protocol from "./protocol.js"
import type { Settings } from "./settings.js"
import type { Arrival } from "./transcript.js"

export interface Session {
  readonly line: Line
  readonly protocol: Protocol.Protocol
  readonly say: (message: ClientMessage) => Effect.Effect<void>
  /** What a frame says. */
  readonly read: (arrival: Arrival) => Protocol.Said | undefined
}

/** Fails with `TimedOut` after so many milliseconds. */
export const within =
  (limitMs: number) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | TimedOut, R> =>
    Effect.timeoutFail(effect, { duration: limitMs, onTimeout: () => new TimedOut({ limitMs }) })

export const upgrade = (
  connection: Connection,
  { appSync, endpoint, headers, timeout, transport }: Settings,
  answersPingFrames = true
): Effect.Effect<Line, ProbeFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const offered = Protocol.offeredBy(transport)
    const credentials = appSync ? [Redacted.value(yield* appSync.credentials)] : []
    const url = new URL(endpoint.url)
    for (const { subprotocol } of offered) {
      const parameters = Object.entries(subprotocol.parameters ?? {})
      for (const [name, value] of parameters) url.searchParams.set(name, value)
    }
    return yield* connection.upgrade({
      endpoint: { ...endpoint, url },
      headers,
      subprotocols: [...Protocol.namesOf(offered), ...credentials],
      answersPingFrames,
      closeTimeout: timeout
    })
  })

export const toSession = (
  line: Line,
  { transport }: Settings
): Effect.Effect<Session, SubprotocolRefused> => {
  const protocol = Protocol.chosenBy(line.subprotocol, Protocol.offeredBy(transport))
  if (!protocol) return Effect.fail(new SubprotocolRefused({ chosen: line.subprotocol }))
  const conversation = new Conversation(line, protocol)
  return Effect.succeed({
    line,
    protocol,
    say: (message) => conversation.say(message),
    read: (arrival) => conversation.read(arrival)
  })
}

export interface OpenOptions {
  /** Whether pings of either kind are answered; default `true`. */
  readonly answersPings?: boolean
}

/**
 * Says what a connection begins with, and waits for what the server has to say to that: the payload. From then
 * on its ping messages are answered, for as long as the scope is open.
 */
export const initialise = (
  session: Session,
  payload: Settings["payload"],
  { answersPings = true }: OpenOptions = {}
): Effect.Effect<JsonObject | undefined, ProbeFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const { line, read, say } = session
    yield* say({ _tag: "ConnectionInit", ...(payload && { payload: Redacted.value(payload) }) })
    if (answersPings) yield* Effect.forkScoped(answerPings(session, 0))
    const said = yield* line.transcript
      .find(0, (arrival) => {
        if (arrival._tag === "Binary") return { _tag: "Invalid", detail: "a binary frame" } as const
        const said = read(arrival)
        switch (said?._tag) {
          case "Ack":
          case "Disconnected":
          case "Invalid":
          case "Refused":
            return said
          default:
            return undefined
        }
      })
      .pipe(Effect.mapError(({ end }) => new ConnectionEnded({ end })))
    switch (said._tag) {
      case "Ack":
        return said.payload
      case "Refused":
        return yield* new ConnectionRefused({ payload: said.payload })
      case "Disconnected":
        return yield* new ServerDisconnected({ detail: said.detail })
      case "Invalid":
        return yield* new InvalidMessage({ detail: said.detail })
    }
  })

const answerPings = (session: Session, from: number): Effect.Effect<void> =>
  session.line.transcript
    .find(from, (arrival, index) => {
      const said = session.read(arrival)
      return said?._tag === "Ping" ? { payload: said.payload, next: index + 1 } : undefined
    })
    .pipe(
      Effect.flatMap(({ next, payload }) =>
        Effect.zipRight(
          session.say({ _tag: "Pong", ...(payload && { payload }) }),
          answerPings(session, next)
        )
      ),
      Effect.ignore
    )

/** A connection of its own, to an address that is known to be good. */
export const open = (
  settings: Settings,
  address: string,
  { answersPings = true }: OpenOptions = {}
): Effect.Effect<Session, ProbeFailure, Prober | Scope.Scope> =>
  Effect.gen(function* () {
    const prober = yield* Prober
    const { endpoint, payload } = settings
    const tcp = yield* prober.connect(address, endpoint.port)
    const connection: Connection | SecureConnection = endpoint.isSecure
      ? yield* tcp.secure(endpoint.host)
      : tcp
    const line = yield* upgrade(connection, settings, answersPings)
    const session = yield* toSession(line, settings)
    yield* initialise(session, payload, { answersPings })
    return session
  }).pipe(within(settings.timeout * connectionSteps))

/** TCP, TLS, upgrade and acknowledgement, each of which may take the step's time. */
const connectionSteps = 4
