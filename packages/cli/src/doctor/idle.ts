/**
 * After how long somebody in the middle cuts a silent connection: several connections at once, each left
 * silent for twice as long as the one before, and then pinged.
 *
 * A cut that is seen (a FIN, a reset, a close frame) says when. One that is not is found by a ping that
 * nobody answers, and lies between two idle times.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ProbeFailure } from "./failure.js"
import * as Ping from "./ping.js"
import type { Prober } from "./prober.js"
import * as Protocol from "./protocol.js"
import type { Idle, Rung } from "./report.js"
import * as Session from "./session.js"
import type { Settings } from "./settings.js"
import type { Ended } from "./transcript.js"

/** Doubling, up to the limit, which is the last. */
export const ladder = (first: number, limit: number): ReadonlyArray<number> => {
  const rungs: Array<number> = []
  for (let idle = first; idle < limit; idle *= 2) rungs.push(idle)
  return [...rungs, limit]
}

export const measure = (
  settings: Settings,
  address: string,
  limitMs: number
): Effect.Effect<Idle, ProbeFailure, Prober> =>
  Effect.gen(function* () {
    // Once one is cut, those that are still silent would be silent for longer, and have nothing to tell.
    const cut = yield* Deferred.make<void>()
    const rungs = yield* Effect.forEach(
      ladder(settings.idleFirst, limitMs),
      (idleMs) => rung(settings, address, idleMs, cut),
      { concurrency: "unbounded" }
    )
    return summarise(rungs, limitMs)
  })

/** In milliseconds: between cuts that were made at once, as far as they are seen. */
const moment = 1000

const rung = (
  settings: Settings,
  address: string,
  idleMs: number,
  cut: Deferred.Deferred<void>
): Effect.Effect<Rung, never, Prober> =>
  Effect.gen(function* () {
    const session = yield* Session.open(settings, address)
    const { transcript } = session.line
    const from = transcript.length
    const idleSince = transcript.now()
    const arrivals = () => transcript.since(from).filter(({ _tag }) => _tag !== "End").length

    const ended = (end: Ended): Rung => ({
      idleMs,
      result: "cut",
      afterMs: end.at - idleSince,
      how: end.closeFrameAt === undefined ? end.how : `close ${end.code}`,
      arrivals: arrivals()
    })
    const other = (result: Rung["result"]): Rung => ({
      idleMs,
      result,
      afterMs: null,
      how: null,
      arrivals: arrivals()
    })

    const ping = Effect.suspend(() => {
      const seen = arrivals()
      const pings = [
        Ping.frameRoundTrip(session, settings.timeout, `idle ${idleMs}`),
        ...(Protocol.hasPings(session.protocol)
          ? [Ping.messageRoundTrip(session, settings.timeout)]
          : [])
      ]
      return Effect.raceAll(pings).pipe(
        Effect.as<Rung>({ ...other("survived"), arrivals: seen }),
        Effect.catchTags({
          TimedOut: () => Effect.succeed<Rung>({ ...other("silent"), arrivals: seen }),
          // Asked after something that is gone, a network may well answer with a reset. When it had
          // gone, that does not say.
          ConnectionEnded: ({ end }) =>
            Effect.succeed<Rung>({
              ...ended(end),
              result: "silent",
              afterMs: null,
              arrivals: seen
            })
        })
      )
    })

    const early = yield* Effect.map(transcript.ended, ended).pipe(
      Effect.raceFirst(Effect.map(Deferred.await(cut), () => other("notNeeded"))),
      Effect.timeoutOption(idleMs)
    )
    const result = Option.isSome(early) ? early.value : yield* ping
    // It may have been pinged at the very moment of the cut, which the others are about to see.
    if (result.result === "silent") yield* Effect.sleep(moment)
    if (result.result === "cut" || result.result === "silent") {
      yield* Deferred.succeed(cut, undefined)
    }
    return result
  }).pipe(
    Effect.scoped,
    Effect.catchAll(() =>
      Effect.succeed<Rung>({
        idleMs,
        result: "noConnection",
        afterMs: null,
        how: null,
        arrivals: 0
      })
    )
  )

/** The bounds that follow. */
export const summarise = (rungs: ReadonlyArray<Rung>, limitMs: number): Idle => {
  const seen = rungs.flatMap(({ afterMs, how, result }) =>
    result === "cut" && afterMs !== null ? [{ afterMs, exact: true, how: how ?? "FIN" }] : []
  )
  const unseen = rungs.flatMap(({ how, idleMs, result }) =>
    result === "silent" ? [{ afterMs: idleMs, exact: false, how: how ?? "no answer" }] : []
  )
  const cut = earliest(seen, unseen)
  const survived = rungs.filter(({ result }) => result === "survived").map(({ idleMs }) => idleMs)
  // A longer one that survived says that it was not idleness, or not of every path through the middle.
  const below = cut === null ? survived : survived.filter((idleMs) => idleMs < cut.afterMs)
  return {
    survivedMs: below.length === 0 ? null : Math.max(...below),
    cut,
    disturbed: rungs.some(({ arrivals }) => arrivals > 0),
    limitMs,
    rungs
  }
}

type Cut = NonNullable<Idle["cut"]>

/** What was seen, unless a shorter silence was found out to be too long: by more than a moment's chance. */
const earliest = (seen: ReadonlyArray<Cut>, unseen: ReadonlyArray<Cut>): Cut | null => {
  const [first] = Array.from(seen).sort(byTime)
  const [found] = Array.from(unseen).sort(byTime)
  if (first === undefined || found === undefined) return first ?? found ?? null
  return first.afterMs <= found.afterMs + moment ? first : found
}

const byTime = (a: Cut, b: Cut): number => a.afterMs - b.afterMs
