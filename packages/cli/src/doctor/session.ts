/** From an address to a GraphQL connection that is acknowledged: what the diagnosis and its probes share. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import {
  ConnectionEnded,
  InvalidMessage,
  type ProbeFailure,
  SubprotocolRefused,
  TimedOut
} from "./failure.js"
import { type Connection, type Line, Prober, type SecureConnection } from "./prober.js"
import * as Protocol from "./protocol.js"
import type { Settings } from "./settings.js"
import type { Arrival } from "./transcript.js"

export interface Session {
  readonly line: Line
  readonly subprotocol: Protocol.Subprotocol
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
  { endpoint, headers, timeout }: Settings,
  answersPingFrames = true
): Effect.Effect<Line, ProbeFailure, Scope.Scope> =>
  connection.upgrade({
    endpoint,
    headers,
    subprotocols: Protocol.subprotocols,
    answersPingFrames,
    closeTimeout: timeout
  })

/** Both protocols begin alike. */
export const toSession = (line: Line): Effect.Effect<Session, SubprotocolRefused> => {
  const { subprotocol } = line
  if (!Protocol.isSubprotocol(subprotocol)) {
    return Effect.fail(new SubprotocolRefused({ chosen: subprotocol }))
  }
  return Effect.succeed({
    line,
    subprotocol,
    read: (arrival) =>
      arrival._tag === "Text" ? Protocol.read(subprotocol, arrival.text) : undefined
  })
}

/** Says `connection_init`, and waits for what the server has to say to that: the payload. */
export const initialise = (
  { line, read }: Session,
  payload: Settings["payload"]
): Effect.Effect<unknown, ProbeFailure> =>
  Effect.gen(function* () {
    yield* line.send(Protocol.init(payload && Redacted.value(payload)))
    const said = yield* line.transcript
      .find(0, (arrival) => {
        if (arrival._tag === "Binary") return { _tag: "Invalid", detail: "a binary frame" } as const
        const said = read(arrival)
        return said?._tag === "Ack" || said?._tag === "Invalid" || said?._tag === "Refused"
          ? said
          : undefined
      })
      .pipe(Effect.mapError(({ end }) => new ConnectionEnded({ end })))
    switch (said._tag) {
      case "Ack":
        return said.payload
      case "Refused":
        return yield* new InvalidMessage({ detail: "connection_error" })
      case "Invalid":
        return yield* new InvalidMessage({ detail: said.detail })
    }
  })

/** Answers the server's ping messages, for as long as the scope is open. */
export const answerPings = ({
  line,
  read,
  subprotocol
}: Session): Effect.Effect<void, never, Scope.Scope> => {
  if (subprotocol === "graphql-ws") return Effect.void
  const answerFrom = (index: number): Effect.Effect<void> =>
    line.transcript
      .find(index, (arrival, index) => {
        const said = read(arrival)
        return said?._tag === "Ping" ? { payload: said.payload, next: index + 1 } : undefined
      })
      .pipe(
        Effect.flatMap(({ next, payload }) =>
          Effect.zipRight(line.send(Protocol.pong(payload)), answerFrom(next))
        ),
        Effect.ignore
      )
  return Effect.asVoid(Effect.forkScoped(answerFrom(0)))
}

export interface OpenOptions {
  /** Whether pings of either kind are answered; default `true`. */
  readonly answersPings?: boolean
}

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
    const session = yield* toSession(yield* upgrade(connection, settings, answersPings))
    if (answersPings) yield* answerPings(session)
    yield* initialise(session, payload)
    return session
  }).pipe(within(settings.timeout * connectionSteps))

/** TCP, TLS, upgrade and acknowledgement, each of which may take the step's time. */
const connectionSteps = 4
