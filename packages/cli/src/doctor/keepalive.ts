/** The keepalive that fits what was measured, and the bound that it gives. */
import type { KeepaliveAdvice } from "./report.js"
import { duration, long, short } from "./words.js"

export interface Measured {
  /** The slowest round trip of a ping message; `undefined` if the server answers none. */
  readonly slowestMs: number | undefined
  /** The longest silence that a connection survived, if any was tried. */
  readonly survivedMs: number | undefined
  /** A silence that a connection did not survive. */
  readonly cutMs: number | undefined
  /** Whether that is when it was cut, or only when that was found. */
  readonly cutIsExact: boolean
  /** How often the server makes itself heard of its own accord. */
  readonly serverPeriodMs: number | undefined
}

/** Fiberline's own, which are kept where nothing speaks against them. */
const defaultInterval = 20_000
const defaultTimeout = 10_000

/** A lost packet is sent again after 0.2 s, 0.6 s and 1.4 s, which is no reason to give up. */
const shortestTimeout = 3000

/** A network that is busy, or a server that collects garbage, may be so many times slower. */
const slack = 10

/** `undefined`: no keepalive of the client's would do, for nothing answers it. */
export const advise = (measured: Measured): KeepaliveAdvice | undefined => {
  const interval = intervalFor(measured)
  const timeout = timeoutFor(measured)
  if (interval === undefined || timeout === undefined) return undefined
  const intervalMs = interval.ms
  const timeoutMs = timeout.ms
  return {
    intervalMs,
    timeoutMs,
    boundMs: intervalMs + timeoutMs,
    why: [interval.why, timeout.why],
    options: `keepalive: { interval: "${long(intervalMs)}", timeout: "${long(timeoutMs)}" }`,
    commandLine: `--keepalive ${short(intervalMs)}/${short(timeoutMs)}`
  }
}

interface Chosen {
  readonly ms: number
  readonly why: string
}

const intervalFor = (measured: Measured): Chosen | undefined => {
  const { cutMs, serverPeriodMs, slowestMs } = measured
  if (slowestMs === undefined) {
    // What arrives answers a ping. So the client must not ask before the server has spoken again.
    if (serverPeriodMs === undefined) return undefined
    const ms = Math.max(wholeSeconds(serverPeriodMs * 1.5, Math.ceil), 1000)
    return {
      ms,
      why: `interval: the server answers no ping messages, but is heard every ${duration(round(serverPeriodMs))}, so that silence for half as long again means something`
    }
  }
  if (cutMs === undefined) {
    return { ms: defaultInterval, why: `interval: ${duration(defaultInterval)}, the default` }
  }
  const { ms: safe, why } = safeSilence(measured, cutMs)
  const half = wholeSeconds(safe / 2, Math.floor)
  return half >= defaultInterval
    ? {
        ms: defaultInterval,
        why: `interval: ${duration(defaultInterval)}, the default, is less than half of the ${why}`
      }
    : { ms: half, why: `interval: at most half of the ${why}` }
}

/** A silence after which nobody cuts yet, as far as is known. */
const safeSilence = (
  { cutIsExact, survivedMs = 0 }: Measured,
  cutMs: number
): { readonly ms: number; readonly why: string } =>
  cutIsExact
    ? { ms: cutMs, why: `${duration(round(cutMs))} after which a silent connection is cut` }
    : survivedMs > 0
      ? { ms: survivedMs, why: `${duration(survivedMs)} that a silent connection survives` }
      : // No time is known that is survived.
        {
          ms: cutMs / 2,
          why: `time a silent connection survives, which is below ${duration(cutMs)} and here taken for half of that`
        }

const timeoutFor = ({ serverPeriodMs, slowestMs }: Measured): Chosen | undefined => {
  if (slowestMs === undefined) {
    if (serverPeriodMs === undefined) return undefined
    const ms = Math.max(wholeSeconds(serverPeriodMs, Math.ceil), shortestTimeout)
    return { ms, why: "timeout: what answers is the next thing that the server says by itself" }
  }
  const ms = Math.max(wholeSeconds(slowestMs * slack, Math.ceil), shortestTimeout)
  return {
    ms,
    why:
      ms <= shortestTimeout
        ? `timeout: ${duration(shortestTimeout)} outlast a packet that is lost three times; the slowest answer came within ${duration(Math.max(1, Math.ceil(slowestMs)))}`
        : ms <= defaultTimeout
          ? `timeout: ten times the slowest answer, which took ${duration(Math.ceil(slowestMs))}`
          : `timeout: ten times the slowest answer, which took ${duration(Math.ceil(slowestMs))}: the default of ${duration(defaultTimeout)} is too short here`
  }
}

/** Whole seconds, from one on; below, where half of a short silence leads, whole milliseconds. */
const wholeSeconds = (ms: number, to: (value: number) => number): number =>
  ms < 1000 && to === Math.floor ? Math.max(1, Math.floor(ms)) : Math.max(1, to(ms / 1000)) * 1000

const round = (ms: number): number => (ms < 1000 ? Math.round(ms) : Math.round(ms / 100) * 100)
