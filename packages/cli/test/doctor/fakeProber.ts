/** A network and a server that are made of rules, for virtual time. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type ProbeFailure, SystemFailure } from "../../src/doctor/failure.js"
import { type Connection, type Line, Prober } from "../../src/doctor/prober.js"
import { type Happening, Transcript } from "../../src/doctor/transcript.js"

/** All durations are in milliseconds. */
export interface Rules {
  readonly addresses?: ReadonlyArray<string> | "never"
  /** The addresses that refuse. */
  readonly refusing?: ReadonlyArray<string>
  readonly upgrade?: Effect.Effect<never, ProbeFailure>
  readonly headers?: { readonly [name: string]: string }
  readonly subprotocol?: string
  readonly ack?: "never" | { readonly payload?: unknown }
  /** What it closes with instead of acknowledging. */
  readonly refusal?: { readonly code: number; readonly reason: string }
  /** There and back; default 40. */
  readonly roundTrip?: number
  readonly ignores?: ReadonlyArray<"messages" | "frames" | "close">
  /** What the server sends by itself: how often. */
  readonly pingFrames?: number
  readonly pingMessages?: number
  readonly keepAlives?: number
  /** Cuts, so long after a ping of its own that is not answered. */
  readonly patience?: number
  readonly unknown?: "close" | "answer" | "ignore"
  /** Cuts what is silent for so long: with a FIN, or without a word. */
  readonly idle?: { readonly after: number; readonly how: "FIN" | "silence" }
  /** Cuts so long after the acknowledgement, whatever happens. */
  readonly age?: number
}

export interface Fake {
  readonly layer: Layer.Layer<Prober>
  /** Text that clients sent. */
  readonly received: ReadonlyArray<string>
  /** Connections that are open. */
  readonly open: () => number
}

export const make = (rules: Rules = {}): Fake => {
  const received: Array<string> = []
  const lines = new Set<object>()
  const { addresses = ["10.0.0.1"], refusing = [] } = rules

  const connection: Connection = {
    secure: () => Effect.die("no TLS here"),
    upgrade: ({ answersPingFrames }) =>
      Effect.gen(function* () {
        if (rules.upgrade !== undefined) return yield* rules.upgrade
        const key = {}
        yield* Effect.acquireRelease(
          Effect.sync(() => lines.add(key)),
          () => Effect.sync(() => lines.delete(key))
        )
        return yield* openLine(rules, received, answersPingFrames)
      })
  }
  const layer = Layer.succeed(Prober, {
    lookup: () => (addresses === "never" ? Effect.never : Effect.succeed({ addresses, ms: 5 })),
    connect: (address) =>
      refusing.includes(address)
        ? Effect.fail(new SystemFailure({ code: "ECONNREFUSED", detail: "connect" }))
        : Effect.as(Effect.sleep(20), connection),
    post: () =>
      Effect.succeed({
        status: 200,
        mediaType: "application/json",
        body: '{"data":{"__typename":"Query"}}'
      })
  })
  return { layer, received, open: () => lines.size }
}

const openLine = (
  rules: Rules,
  received: Array<string>,
  answersPingFrames: boolean
): Effect.Effect<Line, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { idle, ignores = [], roundTrip = 40 } = rules
    const scope = yield* Effect.scope
    const transcript = new Transcript(yield* Effect.clock)
    let isDead = false
    let lastTraffic = transcript.now()
    let unansweredSince: number | undefined = undefined

    const traffic = () => (lastTraffic = transcript.now())
    const say = (happening: Happening) =>
      Effect.sync(() => {
        if (isDead) return
        traffic()
        transcript.add(happening)
      })
    const text = (message: object) => say({ _tag: "Text", text: JSON.stringify(message) })
    const later = (ms: number, effect: Effect.Effect<void>) =>
      Effect.asVoid(Effect.forkIn(Effect.delay(effect, ms), scope))
    const answer = (effect: Effect.Effect<void>) => later(roundTrip, effect)
    const end = (code: number, reason = "") =>
      Effect.suspend(() =>
        say({
          _tag: "End",
          code,
          reason,
          closeFrameAt: code === 1006 ? undefined : transcript.now(),
          how: "FIN"
        })
      )
    const cut = end(1006)

    const every = (period: number | undefined, what: Effect.Effect<void>) =>
      period === undefined
        ? Effect.void
        : Effect.asVoid(Effect.forkIn(Effect.forever(Effect.delay(what, period)), scope))
    const losePatience = Effect.suspend(() => (unansweredSince === undefined ? Effect.void : cut))
    const isPinged = Effect.suspend(() => {
      if (unansweredSince !== undefined || rules.patience === undefined) return Effect.void
      unansweredSince = transcript.now()
      return later(rules.patience, losePatience)
    })
    const isAnswered = Effect.sync(() => {
      unansweredSince = undefined
    })
    const pingFrame = Effect.zipRight(
      say({ _tag: "PingFrame" }),
      answersPingFrames ? Effect.void : isPinged
    )
    const pingMessage = Effect.zipRight(isPinged, text({ type: "ping", payload: { n: 1 } }))
    const watchIdle: Effect.Effect<void> = Effect.suspend(() => {
      if (idle === undefined) return Effect.void
      const left = lastTraffic + idle.after - transcript.now()
      if (left > 0) return Effect.delay(watchIdle, left)
      if (idle.how === "FIN") return cut
      isDead = true
      return Effect.void
    })
    yield* Effect.forkIn(watchIdle, scope)

    const acknowledge = Effect.gen(function* () {
      if (rules.refusal) return yield* end(rules.refusal.code, rules.refusal.reason)
      if (rules.ack === "never") return
      yield* text({ type: "connection_ack", ...rules.ack })
      yield* every(rules.pingFrames, pingFrame)
      yield* every(rules.pingMessages, pingMessage)
      yield* every(rules.keepAlives, text({ type: "ka" }))
      if (rules.age !== undefined) yield* later(rules.age, cut)
    })
    const unknown = {
      close: end(4400, "Invalid message"),
      answer: text({ type: "error", id: "1", payload: [{ message: "what?" }] }),
      ignore: Effect.void
    }[rules.unknown ?? "close"]

    return {
      status: 101,
      headers: rules.headers ?? {},
      subprotocol: rules.subprotocol ?? "graphql-transport-ws",
      compression: false,
      transcript,
      send: (sent) =>
        Effect.suspend(() => {
          if (isDead || transcript.end !== undefined) return Effect.void
          traffic()
          received.push(sent)
          const { type } = JSON.parse(sent)
          if (type === "connection_init") return answer(acknowledge)
          if (type === "pong") return isAnswered
          if (type !== "ping") return answer(unknown)
          return ignores.includes("messages") ? Effect.void : answer(text({ type: "pong" }))
        }),
      ping: (data) =>
        Effect.suspend(() => {
          if (isDead || transcript.end !== undefined) return Effect.void
          traffic()
          return ignores.includes("frames") ? Effect.void : answer(say({ _tag: "PongFrame", data }))
        }),
      close: (code) => (ignores.includes("close") ? Effect.void : answer(end(code))),
      closeFrameAt: () => undefined
    }
  })
