/** A network and a server that are made of rules, for virtual time. */
import type { ClientMessage, JsonObject, Rejected, ServerMessage } from "@fiberline/core/Message"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
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
  /** Speaks this instead, by core's other end. It greets at once who says nothing to begin with. */
  readonly speaks?: Subprotocol
  /** What it says by a message, so long after the client's first or the acknowledgement. */
  readonly says?: { readonly message: ServerMessage; readonly after: number }
  readonly ack?: "never" | { readonly payload?: JsonObject }
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
  /** What upgrades asked for. */
  readonly upgrades: ReadonlyArray<{
    readonly url: string
    readonly subprotocols: ReadonlyArray<string>
  }>
  /** What queries were sent with. */
  readonly posts: ReadonlyArray<{
    readonly url: string
    readonly headers: ReadonlyArray<readonly [name: string, value: string]>
    readonly body: string
  }>
  /** Connections that are open. */
  readonly open: () => number
}

const certificate = {
  ...{ subject: "example.com", issuer: "nobody", names: [] },
  ...{ validFrom: "1970-01-01T00:00:00.000Z", validTo: "2100-01-01T00:00:00.000Z" }
}

export const make = (rules: Rules = {}): Fake => {
  const received: Array<string> = []
  const upgrades: Array<Fake["upgrades"][number]> = []
  const posts: Array<Fake["posts"][number]> = []
  const lines = new Set<object>()
  const { addresses = ["10.0.0.1"], refusing = [] } = rules

  const connection: Connection = {
    secure: () =>
      Effect.succeed({
        ...connection,
        ...{ protocol: "TLSv1.3", cipher: "none", certificate }
      }),
    upgrade: ({ answersPingFrames, endpoint, subprotocols }) =>
      Effect.gen(function* () {
        upgrades.push({ url: endpoint.url.href, subprotocols })
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
    post: ({ url }, headers, body) =>
      Effect.sync(() => {
        posts.push({
          url: url.href,
          headers: Object.entries(headers).map(([name, value]) => [name, Redacted.value(value)]),
          body
        })
        return {
          status: 200,
          mediaType: "application/json",
          body: '{"data":{"__typename":"Query"}}'
        }
      })
  })
  return { layer, received, upgrades, posts, open: () => lines.size }
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
    const heard: Array<ClientMessage | Rejected> = []
    const sent: Array<string> = []
    const conversation = rules.speaks?.accept({
      send: (frame) => sent.push(frame),
      deliver: (message) => heard.push(message)
    })
    const speak = (message: ServerMessage) =>
      Effect.suspend(() => {
        conversation?.send(message)
        return flush
      })
    const flush = Effect.suspend(() =>
      Effect.forEach(sent.splice(0), (text) => say({ _tag: "Text", text }), { discard: true })
    )
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
      if (rules.says !== undefined) yield* later(rules.says.after, speak(rules.says.message))
      if (rules.ack === "never") return
      if (conversation) yield* speak({ _tag: "ConnectionAck", ...rules.ack })
      else yield* text({ type: "connection_ack", ...rules.ack })
      yield* every(rules.pingFrames, pingFrame)
      yield* every(rules.pingMessages, pingMessage)
      yield* every(
        rules.keepAlives,
        conversation ? speak({ _tag: "KeepAlive" }) : text({ type: "ka" })
      )
      if (rules.age !== undefined) yield* later(rules.age, cut)
    })
    const unknown = {
      close: end(4400, "Invalid message"),
      answer: text({ type: "error", id: "1", payload: [{ message: "what?" }] }),
      ignore: Effect.void
    }[rules.unknown ?? "close"]

    /** What the other end of the conversation makes of what was sent. */
    const respond = Effect.suspend(() => {
      const effects = heard.splice(0).map(({ _tag }) => {
        if (_tag === "ConnectionInit") return answer(acknowledge)
        if (_tag === "Rejected") return answer(unknown)
        const isIgnored = _tag !== "Ping" || ignores.includes("messages")
        return isIgnored ? Effect.void : answer(speak({ _tag: "Pong" }))
      })
      return Effect.zipRight(Effect.all(effects, { discard: true }), flush)
    })
    if (heard.splice(0).length > 0) yield* acknowledge

    return {
      status: 101,
      headers: rules.headers ?? {},
      subprotocol: rules.speaks?.name ?? rules.subprotocol ?? "graphql-transport-ws",
      compression: false,
      transcript,
      send: (sent) =>
        Effect.suspend(() => {
          if (isDead || transcript.end !== undefined) return Effect.void
          traffic()
          received.push(sent)
          if (conversation) {
            conversation.receive(sent)
            return respond
          }
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
