/**
 * Every fault in every phase of a connection, and the links that are well; in the other subprotocols those
 * faults that each has to notice by its own means.
 */
import * as Effect from "effect/Effect"
import { detection, options as usual } from "./bounds.js"
import type { Subscription } from "./clientMessages.js"
import { type Fault, faults } from "./faults.js"
import { healthy } from "./healthy.js"
import type { Expected, Scenario } from "./scenario.js"
import { type Stage, type StageFailed, untilSeen } from "./stage.js"
import { confirms, type Name, others, subprotocols } from "./subprotocols.js"

export const phases = ["idle", "mid-stream", "subscribing", "closing"] as const
export type Phase = (typeof phases)[number]

const quick: ReadonlySet<string> = new Set([
  "black hole, mid-stream",
  "black hole up, idle",
  "link down, subscribing",
  "500 ms jitter, mid-stream",
  "SIGSTOP, closing",
  "SIGKILL, mid-stream",
  "RST, subscribing",
  "never acknowledges, mid-stream",
  "legacy, RST, subscribing",
  "Absinthe, black hole, closing",
  "Absinthe, black hole down, idle",
  "ActionCable, black hole, subscribing",
  "AppSync, black hole up, mid-stream",
  "AppSync, SIGKILL, mid-stream"
])

/** The faults that are tried with every subprotocol. */
export const tried: ReadonlyArray<Fault> = faults.filter(
  ({ kind, name }) => name.startsWith("black hole") || kind._tag === "Cut"
)

export const scenarios: () => ReadonlyArray<Scenario> = () => [
  ...faults.flatMap((fault) => phases.map((phase) => ofFault(fault, phase))),
  ...others.flatMap((subprotocol) =>
    tried.flatMap((fault) => phases.map((phase) => ofFault(fault, phase, subprotocol)))
  ),
  ...healthy
]

const ofFault = (fault: Fault, phase: Phase, subprotocol: Name = "usual"): Scenario => {
  const name = `${subprotocol === "usual" ? "" : `${subprotocol}, `}${fault.name}, ${phase}`
  const isReplaced = fault.kind._tag === "Replaced" && (phase === "idle" || phase === "mid-stream")
  return {
    name,
    expected: awaitsInVain(fault, phase, subprotocol)
      ? unconfirmed
      : expected(fault, phase, subprotocol),
    options: {
      ...usual,
      subprotocol,
      ackTimeout: awaitsInVain(fault, phase, subprotocol) ? confirmation : usual.ackTimeout,
      reconnects: isReplaced ? 1 : 0
    },
    way: fault.isRelayed === true ? "relayed" : "direct",
    act: act(fault, phase),
    closes: phase === "closing",
    watch: 3 * detection,
    streams: fault.kind._tag === "Worse" && !fault.kind.orDies && phase !== "idle",
    isBusy: false,
    isQuick: quick.has(name)
  }
}

// -- what is done -----------------------------------------------------------------------------------

const steady: Subscription = { every: 50 }

const act =
  (fault: Fault, phase: Phase) =>
  (stage: Stage): Effect.Effect<number, StageFailed> => {
    const { kind, put, stream = steady } = fault
    const { client, server } = stage
    return Effect.gen(function* () {
      if (kind._tag === "Replaced" && (phase === "subscribing" || phase === "closing")) {
        // There need not be a connection before.
        const at = yield* server.behave(kind.manners, { reset: false })
        yield* client.subscribe(stream)
        const isUnderWay = kind.manners === "never upgrades" ? "accepted" : "connection_init"
        if (phase === "closing") yield* server.heard(isUnderWay)
        return at
      }
      switch (phase) {
        case "idle":
          yield* client.subscribe({ ...steady, last: 1 })
          yield* untilSeen(stage, 1)
          // Past a first ping and its answer.
          yield* Effect.sleep(usual.interval + 200)
          return yield* put(stage)
        case "mid-stream":
        case "closing":
          yield* client.subscribe(stream)
          yield* untilSeen(stage, 5)
          return yield* put(stage)
        case "subscribing":
          yield* client.connect
          if (kind._tag === "Cut") {
            // Before, the client would notice, and subscribe over another connection.
            yield* server.breakOnSubscribe(kind.onSubscribe)
            yield* client.subscribe(stream)
            return yield* server.broken
          }
          return yield* Effect.zipLeft(put(stage), client.subscribe(stream))
      }
    })
  }

// -- what has to come of it -------------------------------------------------------------------------

const expected = ({ kind }: Fault, phase: Phase, subprotocol: Name): Expected => {
  if (phase === "closing") {
    return {
      // What cuts the connection may be noticed before we close.
      reasons: kind._tag === "Cut" ? ["ClientClosed", "ConnectionLost"] : ["ClientClosed"],
      mayLive: false,
      since: "Close",
      boundMs: usual.closeTimeout,
      notBefore: false
    }
  }
  switch (kind._tag) {
    case "Silent":
      // A heartbeat that goes out in any case may have been on its way already.
      return { ...noticed, mayLive: false, notBefore: !subprotocols[subprotocol].expectsPings }
    case "Worse":
      return { ...noticed, reasons: kind.orDies ? noticed.reasons : [], mayLive: true }
    case "Cut":
      return {
        reasons: ["ConnectionLost"],
        mayLive: false,
        since: "Fault",
        boundMs: detection,
        notBefore: false
      }
    case "Replaced":
      return kind.manners === "never upgrades"
        ? attempt("ConnectTimeout", "Attempt", usual.connectTimeout)
        : attempt("AckTimeout", "Open", usual.ackTimeout)
  }
}

const noticed = {
  reasons: ["KeepaliveTimeout"],
  since: "LastByte",
  boundMs: detection,
  notBefore: true
} as const

/** Whether it is a subscription's own timeout that ends it. */
const awaitsInVain = ({ kind }: Fault, phase: Phase, subprotocol: Name): boolean =>
  kind._tag === "Silent" && phase === "subscribing" && confirms(subprotocol)

/** In milliseconds: so short that it is over long before the silence is noticed, however late we are. */
const confirmation = 750

const unconfirmed: Expected = {
  reasons: ["EstablishTimeout"],
  mayLive: false,
  since: "Subscribe",
  boundMs: confirmation,
  notBefore: true
}

const attempt = (reason: string, since: "Attempt" | "Open", boundMs: number): Expected => ({
  reasons: [reason],
  mayLive: false,
  since,
  boundMs,
  // An attempt has begun a little before its wire is asked for, which is what we see of it.
  notBefore: since === "Open"
})
