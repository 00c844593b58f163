/** What a soak came to: for a person, and for a machine. */
import type { Settings } from "./arguments.js"
import { tolerance } from "./bounds.js"
import { type Fault, type FaultRecord, kinds } from "./breaking.js"
import type { Counts } from "./endpoint.js"
import { type Allowance, median, type Trend, trend } from "./flatness.js"
import { invariants, lineOf, type Violation } from "./invariants.js"
import type { Plotted } from "./plot.js"
import type { Samples } from "./sampling.js"

export interface Report {
  readonly settings: Settings
  readonly samples: Samples
  readonly faults: ReadonlyArray<FaultRecord>
  readonly counts: Readonly<Counts>
  readonly mutations: number
  readonly reconnects: number
  readonly violations: ReadonlyArray<Violation>
  /** Those that were too many to be kept included. */
  readonly violated: number
  /** What was left when everything was closed. */
  readonly leaked: { readonly sockets: number; readonly descriptors: number }
  /** The longest that the client's process did not run, in milliseconds. */
  readonly longestStall: number
}

/** What may wait in buffers at one time and not at another. */
const heapAllowance: Allowance = { share: 0.1, absolute: 2_000_000 }

/** A client has one socket or, while it reconnects, none; a host has its pipes, or is being restarted. */
const descriptorAllowance: Allowance = { share: 0.1, absolute: 2 }

export const heapTrend = ({ heap }: Samples): Trend => trend(heap, heapAllowance)

export const descriptorTrend = ({ descriptors }: Samples): Trend =>
  trend(descriptors, descriptorAllowance)

/** Whether nothing grew; `null` where the run was too short to tell. */
export const isFlat = ({ leaked, samples }: Report): boolean | null => {
  if (leaked.sockets > 0 || leaked.descriptors > 0) return false
  const verdicts = [heapTrend(samples).verdict, descriptorTrend(samples).verdict]
  if (verdicts.includes("grows")) return false
  return verdicts.includes("too short to tell") ? null : true
}

export const isClean = (report: Report): boolean =>
  report.violated === 0 && isFlat(report) !== false

/** What its plot shows. `version` is the client's. */
export const plotted = (report: Report, version: string): Plotted => {
  const { counts, faults, reconnects, samples, settings, violated, violations } = report
  const { endpoints, minutes, seed, subscriptions } = settings
  return {
    title: `${subscriptions} subscriptions at ${endpoints} endpoints for ${minutes} minutes`,
    subtitle: [
      `seed ${seed}`,
      `${counts.events} events`,
      `${faults.length} faults`,
      `${reconnects} reconnects`,
      `${violated} violations`,
      `@fiberline/client ${version}`,
      `Node ${process.versions.node}`
    ].join(" · "),
    samples,
    endpoints,
    faults,
    violations: violations.map(({ at }) => at / 1000)
  }
}

const countsOf = (faults: ReadonlyArray<FaultRecord>): { readonly [fault in Fault]?: number } =>
  Object.fromEntries(
    kinds.map((kind) => [kind, faults.filter(({ fault }) => fault === kind).length])
  )

export const json = (report: Report): string => {
  const { counts, faults, leaked, longestStall, mutations, reconnects, samples, settings } = report
  const { endpoints, minutes, seed, subscriptions } = settings
  return JSON.stringify({
    ...{ minutes, seed, endpoints, subscriptions },
    ...counts,
    mutations,
    faults: countsOf(faults),
    reconnects,
    violations: report.violations,
    violated: report.violated,
    heap: rounded(heapTrend(samples), 0),
    resident: Math.round(median(samples.resident.map(({ value }) => value))),
    descriptors: rounded(descriptorTrend(samples), 3),
    leaked,
    flat: isFlat(report),
    toleranceMs: tolerance,
    longestStallMs: Math.round(longestStall)
  })
}

const rounded = (trend: Trend, digits: number): object =>
  Object.fromEntries(
    Object.entries(trend).map(([name, value]) => [
      name,
      typeof value === "number" ? Number(value.toFixed(digits)) : value
    ])
  )

export const text = (report: Report): string => {
  const { counts, faults, leaked, longestStall, mutations, reconnects, samples, settings } = report
  const { endpoints, minutes, seed, subscriptions } = settings
  const heap = heapTrend(samples)
  const descriptors = descriptorTrend(samples)
  return [
    `${minutes} minutes, seed ${seed}, ${subscriptions} subscriptions at ${endpoints} endpoints`,
    `${counts.events} events, ${counts.calls} queries and mutations (${mutations} mutations)`,
    `${counts.clients} clients, ${reconnects} reconnects, ${faults.length} faults:`,
    ...Object.entries(countsOf(faults)).map(
      ([kind, count]) => `  ${kind.padEnd(10)} ${String(count).padStart(6)}`
    ),
    `heap ${heap.verdict}: ${megabytes(heap.early)} early, ${megabytes(heap.late)} late, ` +
      `${kilobytes(heap.slopePerMinute)} a minute`,
    `descriptors ${descriptors.verdict}: ${descriptors.early} early, ${descriptors.late} late, ` +
      `${descriptors.lowest} to ${descriptors.highest}`,
    `after closing: ${leaked.sockets} sockets and ${leaked.descriptors} descriptors left`,
    `${counts.farewells} sockets were closed, and kept by the kernel until the other end's farewell`,
    `The process stalled for ${longestStall.toFixed(0)} ms at most; ${tolerance} ms over a bound count as kept.`,
    ...violationsOf(report)
  ].join("\n")
}

const violationsOf = ({ violated, violations }: Report): ReadonlyArray<string> => {
  if (violated === 0) return ["no violation"]
  const numbers = Array.from(new Set(violations.map(({ invariant }) => invariant)))
  return [
    ...violations.slice(0, 20).map(lineOf),
    `${violated} violations`,
    ...numbers.map((number) => `  ${number}. ${invariants[number]}`)
  ]
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
const kilobytes = (bytes: number): string => `${(bytes / 1e3).toFixed(0)} kB`
