/**
 * The diagnosis: one step after the other, from the name to the end of the connection. The first that fails
 * ends it, and what there is to say about that is the advice.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Conceal } from "../conceal.js"
import { close } from "./close.js"
import { concealing, showHeaders, showPayload } from "./confidential.js"
import { SystemFailure } from "./failure.js"
import { listen } from "./listen.js"
import * as Notes from "./notes.js"
import * as Ping from "./ping.js"
import { Prober } from "./prober.js"
import { probe, query } from "./probing.js"
import * as Protocol from "./protocol.js"
import type { Status } from "../status.js"
import { make, type Recorder, type Stopped } from "./recorder.js"
import type { Report, Step, Tcp } from "./report.js"
import * as Session from "./session.js"
import type { Settings } from "./settings.js"
import { nowMs } from "./time.js"

export const diagnose = (
  settings: Settings,
  onStep: (step: Step) => Effect.Effect<void> = () => Effect.void
): Effect.Effect<Report, never, Prober | Status> =>
  Effect.gen(function* () {
    const { endpoint, headers, payload, transport } = settings
    const hide = concealing(settings)
    const recorder = make(
      {
        endpoint,
        transport,
        hasHeaders: Object.keys(headers).length > 0,
        hasPayload: payload !== undefined,
        hide
      },
      onStep
    )
    const stopped = yield* run(settings, recorder, hide).pipe(
      Effect.scoped,
      Effect.as(undefined),
      Effect.catchAll((stopped) => Effect.as(recorder.stop, stopped))
    )
    const steps = recorder.steps()
    return {
      url: endpoint.shown,
      askedFor: endpoint.askedFor ?? null,
      outcome: stopped?.kind ?? "healthy",
      steps,
      advice: Notes.toAdvice(steps, {
        problems: stopped?.advice ?? [],
        now: yield* Clock.currentTimeMillis
      })
    }
  })

const run = (
  settings: Settings,
  recorder: Recorder,
  hide: Conceal
): Effect.Effect<void, Stopped, Prober | Status | Scope.Scope> =>
  Effect.gen(function* () {
    const { address, session } = yield* connect(settings, recorder, hide)
    yield* watch(session, settings, recorder)
    yield* probe(address, settings, recorder, hide)
    yield* recorder.step({
      step: "close",
      what: "closing",
      limitMs: settings.timeout,
      run: close(session.line, settings.timeout),
      facts: (found) => found,
      isWarning: ({ closeFrameMs, tcpEndMs }) => closeFrameMs === null || tcpEndMs === null
    })
    yield* query(settings, recorder, hide)
  })

// -- connect ------------------------------------------------------------------------------------

const connect = (settings: Settings, recorder: Recorder, hide: Conceal) =>
  Effect.gen(function* () {
    const prober = yield* Prober
    const { endpoint, payload, timeout } = settings
    const { host, isSecure, port } = endpoint
    const limited = { limitMs: timeout }

    const { addresses } = yield* recorder.step({
      ...limited,
      step: "dns",
      what: `resolving ${hide(host)}`,
      run: prober.lookup(host).pipe(Session.within(timeout)),
      facts: ({ addresses }) => hide({ host, addresses }),
      took: ({ ms }) => ms
    })
    const { connection, tcp } = yield* recorder.step({
      ...limited,
      step: "tcp",
      what: `connecting to port ${port}`,
      run: connectToAny(addresses, port, timeout).pipe(Session.within(timeout)),
      facts: ({ tcp }) => hide(tcp),
      isWarning: ({ failed }) => failed.length > 0
    })
    if (!isSecure) yield* recorder.skip("tls", "ws: is without")
    const secured = !isSecure
      ? connection
      : yield* recorder.step({
          ...limited,
          step: "tls",
          what: "securing the connection",
          run: connection.secure(host).pipe(Session.within(timeout)),
          facts: ({ certificate, cipher, protocol }) => ({ protocol, cipher, certificate })
        })
    const session = yield* recorder.step({
      ...limited,
      step: "upgrade",
      what: "asking for a WebSocket",
      run: Session.upgrade(secured, settings).pipe(
        Session.within(timeout),
        Effect.flatMap((line) => Session.toSession(line, settings))
      ),
      facts: ({ line: { compression, headers, status, subprotocol }, protocol }) => ({
        status,
        protocol: protocol.name,
        subprotocol,
        compression,
        headers: showHeaders(headers, hide)
      }),
      // Whoever asks for it knows.
      isWarning: ({ protocol }) =>
        protocol === "subscriptions-transport-ws" && settings.transport === "auto"
    })
    yield* recorder.step({
      ...limited,
      step: "ack",
      what: "waiting for the acknowledgement",
      run: Session.initialise(session, payload).pipe(Session.within(timeout)),
      facts: (payload) => ({
        payload: showPayload(payload ?? null, hide),
        silenceMs: session.protocol.subprotocol.silence?.(payload ?? {}) ?? null
      })
    })
    return { session, address: tcp.address }
  })

/** One address after the other, each with its share of the time. */
const connectToAny = (addresses: ReadonlyArray<string>, port: number, timeout: number) =>
  Effect.gen(function* () {
    const prober = yield* Prober
    const failed: Array<Tcp["failed"][number]> = []
    for (const [index, address] of addresses.entries()) {
      const attempt = prober.connect(address, port).pipe(Session.within(timeout / addresses.length))
      const connection = yield* index + 1 === addresses.length
        ? attempt
        : attempt.pipe(
            Effect.catchAll((failure) => {
              failed.push({
                address,
                code: failure._tag === "SystemFailure" ? failure.code : "TIMEOUT"
              })
              return Effect.succeed(undefined)
            })
          )
      if (connection !== undefined) return { connection, tcp: { address, port, failed } }
    }
    return yield* new SystemFailure({ code: "ENOTFOUND", detail: "the name has no address" })
  })

// -- live ---------------------------------------------------------------------------------------

/** Pings, and listens meanwhile. */
const watch = (
  session: Session.Session,
  { listen: limit, timeout }: Settings,
  recorder: Recorder
) =>
  Effect.gen(function* () {
    const openedAt = yield* nowMs
    yield* Effect.forkScoped(keepBusy(session))
    const listening = yield* Effect.forkScoped(listen(session, openedAt, limit))
    yield* recorder.step({
      step: "ping",
      what: "measuring the round trip",
      limitMs: 2 * timeout,
      run: Ping.measure(session, timeout),
      facts: (found) => found,
      isWarning: ({ frames, messages }) => messages?.answered === 0 || frames.answered === 0
    })
    yield* recorder.step({
      step: "listen",
      what: "listening for the server's pings",
      limitMs: Math.max(0, limit - ((yield* nowMs) - openedAt)),
      run: Fiber.join(listening),
      facts: (found) => found,
      took: ({ listenedMs }) => listenedMs
    })
  })

/**
 * From here to its end the connection is pinged so often, lest somebody take it for idle: what becomes of
 * those that are is tried with others.
 */
const busy = 10_000

const keepBusy = ({ line, protocol, say }: Session.Session): Effect.Effect<never> =>
  line
    .ping("fiberline busy")
    .pipe(
      Effect.zipRight(Protocol.hasPings(protocol) ? say({ _tag: "Ping" }) : Effect.void),
      Effect.delay(busy),
      Effect.forever
    )
