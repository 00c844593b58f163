/** What was observed against what was expected. */
import { exit } from "./bounds.js"
import type { Closed, Ended, Left, Seen } from "./client.js"
import type { Expected, Scenario } from "./scenario.js"

export interface Observed {
  /** Times of the machine's clock are in milliseconds. */
  readonly faultAt: number
  /** How long the client was watched since. */
  readonly watchedMs: number
  /** Whether the subscriber was told of an end before the client was closed. */
  readonly noticed: boolean
  /** What the subscriber was told in the end. */
  readonly told: Ended | undefined
  readonly closed: Closed
  /** The states of the sockets that were left when it was closed. */
  readonly sockets: ReadonlyArray<string>
  /** How many events had arrived when the fault had been put in. */
  readonly eventsBefore: number | undefined
  readonly seen: Seen
  readonly left: Left
}

export interface Result {
  readonly name: string
  readonly boundMs: number
  /** The time to the failure; `null` where the connection lived. */
  readonly measuredMs: number | null
  /** What the subscriber was told; `null` where the connection lived. */
  readonly reason: string | null
  /** How long the connection lived on, where it did. */
  readonly livedMs: number | null
  readonly closeMs: number | null
  /** Whether no socket was left in the client's namespace that still waits for something. */
  readonly socketGone: boolean
  /** The longest that the client's event loop did not run while this was measured. */
  readonly lateMs: number | null
  /** How long the process took to end by itself. */
  readonly exitMs: number | null
  readonly events: number
  /** What is not as it should be. */
  readonly problems: ReadonlyArray<string>
  readonly ok: boolean
}

/** Timers of Node may fire a little early, and what a byte's time is read from is read a little late. */
const early = 20

export const judge = (
  { closes, expected, name, options, streams }: Scenario,
  { closed, eventsBefore, faultAt, left, noticed, seen, sockets, told, watchedMs }: Observed,
  tolerance: number
): Result => {
  const lived = !noticed && !closes
  const measured = told && !lived ? elapsed(expected, told, { faultAt, closed }) : undefined
  const closeMs = closed.to - closed.from

  // A keepalive waits twice, for its ping and for the answer, and may be woken late each time.
  const allowed = (late: number = 0): number => tolerance + 2 * late
  const problems: Array<string> = []
  const demand = (holds: boolean, otherwise: string): void => {
    if (!holds) problems.push(otherwise)
  }
  if (lived) {
    demand(expected.mayLive, `not noticed for ${tenths(watchedMs)} ms`)
    demand(!streams || seen.events > (eventsBefore ?? 0), "no event arrived any more")
    demand(told?.reason === "ClientClosed", `the subscriber was told ${told?.reason ?? "nothing"}`)
  } else {
    const reason = told?.reason ?? "nothing"
    demand(expected.reasons.includes(reason), `the subscriber was told ${reason}`)
  }
  if (measured !== undefined) {
    demand(measured <= expected.boundMs + allowed(told?.late), "too late")
    demand(!expected.notBefore || measured >= expected.boundMs - early, "too early")
  }
  demand(seen.inOrder, "events were lost, or out of order")
  demand(closeMs <= options.closeTimeout + allowed(closed.late), "closed too late")
  demand(sockets.length === 0, `sockets left: ${sockets.join(", ")}`)
  demand(left.open.length === 0, `left open: ${left.open.join(", ")}`)
  demand(left.after !== undefined, "the process did not end by itself")
  demand((left.after ?? 0) <= exit + tolerance, "the process ended too late")

  return {
    name,
    boundMs: expected.boundMs,
    measuredMs: measured === undefined ? null : tenths(measured),
    reason: lived ? null : (told?.reason ?? null),
    livedMs: lived ? tenths(watchedMs) : null,
    closeMs: tenths(closeMs),
    socketGone: sockets.length === 0,
    lateMs: tenths(Math.max(told?.late ?? 0, closed.late)),
    exitMs: left.after === undefined ? null : tenths(left.after),
    events: seen.events,
    problems,
    ok: problems.length === 0
  }
}

/** For a scenario that could not be carried out. */
export const undecided = ({ expected, name }: Scenario, problem: string): Result => ({
  name,
  boundMs: expected.boundMs,
  measuredMs: null,
  reason: null,
  livedMs: null,
  closeMs: null,
  socketGone: false,
  lateMs: null,
  exitMs: null,
  events: 0,
  problems: [problem],
  ok: false
})

const elapsed = (
  { since }: Expected,
  told: Ended,
  { closed, faultAt }: Pick<Observed, "closed" | "faultAt">
): number => {
  const from = {
    LastByte: told.lastByteAt,
    Attempt: told.attemptAt,
    Open: told.openAt,
    Subscribe: told.subscribedAt,
    Fault: faultAt,
    Close: closed.from
  }
  // What closing was to tell may have been told by the fault, before.
  return Math.max(0, told.at - from[since])
}

const tenths = (millis: number): number => Math.round(millis * 10) / 10
