/** What Fiberline promises, held against what the acts found. */
import type { Reason } from "@fiberline/client/NetworkError"
import { eventsBeforeSilence } from "./acts/deadLink.js"
import { closeTimeout, comeback, detection, isKept } from "./bounds.js"
import * as Ending from "../ending.js"
import type { Findings } from "./scenario.js"

export interface Verdict {
  readonly promise: string
  readonly promised: string
  readonly measured: string
  readonly kept: boolean
}

export const verdicts = ({
  blackHole,
  deadLink,
  healing,
  healthyClose
}: Findings): ReadonlyArray<Verdict> => [
  same("Events before the silence", eventsBeforeSilence, deadLink.events),
  bounded("Dead link: noticed after", detection, deadLink.measured),
  told("Dead link: the subscriber is told", "KeepaliveTimeout", deadLink.ending),
  same("Healing: the gap says why", "KeepaliveTimeout", Ending.ofFailure(healing.gap.cause).reason),
  bounded("Healing: back after the network", comeback, healing.measured),
  same("Healing: events lost", 0, healing.lost),
  same("Healing: events that came twice", 0, healing.duplicated),
  bounded("Black hole: closed after", closeTimeout, blackHole.measured),
  same("Black hole: the socket is gone", "yes", blackHole.socketGone ? "yes" : "no"),
  told("Black hole: the subscriber is told", "ClientClosed", blackHole.ending),
  bounded("Healthy: closed after", closeTimeout, healthyClose.measured),
  same("Healthy: the server sees `complete`", "once", times(healthyClose.completes)),
  same("Healthy: the server sees the close code", 1000, healthyClose.closeCode)
]

const bounded = (promise: string, bound: number, measured: number): Verdict => ({
  promise,
  promised: `${bound} ms`,
  measured: `${measured.toFixed(1)} ms`,
  kept: isKept(bound, measured)
})

const told = (promise: string, reason: Reason["_tag"], ending: Ending.Ending): Verdict => ({
  promise,
  promised: reason,
  measured: ending.reason ?? ending._tag,
  // Both had a live connection that they had sent their operation over.
  kept:
    ending._tag === "NetworkError" &&
    ending.reason === reason &&
    ending.phase === "live" &&
    ending.sent === true
})

const same = <A extends string | number | null>(
  promise: string,
  promised: A,
  measured: A
): Verdict => ({
  promise,
  promised: String(promised),
  measured: String(measured),
  kept: promised === measured
})

const times = (count: number): string => (count === 1 ? "once" : `${count} times`)
