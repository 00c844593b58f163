/** A report for a person: a line for each step as it ends, then the advice. */
import { describe } from "@fiberline/core/CloseCode"
import { dayOf } from "./explainSystem.js"
import { periodOf } from "./notes.js"
import { paint, type Style } from "../paint.js"
import { printable } from "../printable.js"
import type { Advice, Facts, Heard, Outcome, RoundTrips, Rung, Step, StepName } from "./report.js"
import type { Endpoint } from "./endpoint.js"
import { duration, measured } from "./words.js"

export interface Render {
  readonly headline: (endpoint: Endpoint) => ReadonlyArray<string>
  readonly step: (step: Step) => ReadonlyArray<string>
  readonly conclusion: (outcome: Outcome, advice: Advice) => ReadonlyArray<string>
}

const marks: { readonly [Status in Step["status"]]: readonly [mark: string, style: Style] } = {
  ok: ["✓", "green"],
  warning: ["!", "yellow"],
  failed: ["✗", "red"],
  inconclusive: ["?", "yellow"],
  skipped: ["–", "dim"],
  notReached: ["–", "dim"]
}

const titles: { readonly [Name in StepName]: string } = {
  dns: "DNS",
  tcp: "TCP",
  tls: "TLS",
  upgrade: "Upgrade",
  ack: "Acknowledged",
  ping: "Round trip",
  listen: "Server's pings",
  unknownMessage: "Unknown message",
  unansweredPing: "Unanswered ping",
  idle: "Idle",
  close: "Close",
  http: "Query by POST"
}

const titleWidth = Math.max(...Object.values(titles).map(({ length }) => length))
const timeWidth = 8

/** Below what is said of a step. */
const indent = " ".repeat(2 + titleWidth + 2 + timeWidth + 2)

export const make = (colours: boolean): Render => {
  const colour = paint(colours)

  return {
    headline: ({ askedFor, isElsewhere, shown }) => [
      colour("bold", `fiberline doctor ${printable(shown)}`),
      ...(askedFor === undefined
        ? []
        : [
            colour(
              "dim",
              isElsewhere
                ? `where ${printable(askedFor)} has its WebSocket`
                : `taken for ${printable(askedFor)}, at the same address`
            )
          ]),
      ""
    ],

    step: (step) => {
      const [mark, style] = marks[step.status]
      const isLeftOut = step.status === "skipped" || step.status === "notReached"
      const time = "ms" in step ? measured(timeOf(step)) : ""
      const [first = "", ...more] = linesOf(step).map(printable)
      const line = `${titles[step.step].padEnd(titleWidth)}  ${time.padStart(timeWidth)}  ${first}`
      return [
        `${colour(style, mark)} ${isLeftOut ? colour("dim", line) : line}`,
        ...more.map((line) => colour("dim", `${indent}${line}`))
      ]
    },

    conclusion: (outcome, { keepalive, notes }) => [
      "",
      outcome === "healthy"
        ? colour("green", "Healthy.")
        : colour("red", `Not healthy: a ${outcome} failure.`),
      ...notes.map(({ level, text }) =>
        level === "problem"
          ? `${colour("red", "!")} ${printable(text)}`
          : `${colour("dim", "·")} ${printable(text)}`
      ),
      ...(keepalive === null
        ? []
        : [
            "",
            colour(
              "bold",
              `Keepalive: a ping after ${duration(keepalive.intervalMs)} of silence, ${duration(keepalive.timeoutMs)} for an answer.`
            ),
            `A dead link is noticed within ${duration(keepalive.boundMs)} of the last byte received.`,
            ...keepalive.why.map((line) => colour("dim", `  ${line}`)),
            `  ${keepalive.options}`,
            `  ${keepalive.commandLine}`
          ])
    ]
  }
}

/** That of a round trip is of more interest than how long it took to measure ten. */
const timeOf = (step: Extract<Step, { readonly ms: number }>): number =>
  step.step === "ping" && "facts" in step
    ? (step.facts.messages?.medianMs ?? step.facts.frames.medianMs ?? step.ms)
    : step.ms

const linesOf = (step: Step): ReadonlyArray<string> => {
  if ("failure" in step) return [step.failure.message]
  if ("why" in step) return [step.status === "notReached" ? "not reached" : step.why]
  switch (step.step) {
    case "dns":
      return [dns(step.facts)]
    case "tcp":
      return [
        `${hostOf(step.facts.address)}:${step.facts.port}`,
        ...step.facts.failed.map(({ address, code }) => `before in vain: ${address} (${code})`)
      ]
    case "tls":
      return tls(step.facts)
    case "upgrade":
      return upgrade(step.facts)
    case "ack":
      return [step.facts.payload == null ? "no payload" : payloadOf(step.facts.payload)]
    case "ping":
      return ping(step.facts)
    case "listen":
      return [listen(step.facts)]
    case "unknownMessage":
      return [unknownMessage(step.facts)]
    case "unansweredPing":
      return [unansweredPing(step.facts)]
    case "idle":
      return idle(step.facts)
    case "close":
      return [close(step.facts)]
    case "http":
      return [
        `${step.facts.status}, ${step.facts.mediaType ?? "no media type"}${step.facts.graphql ? "" : ", not GraphQL"}`
      ]
  }
}

const dns = ({ addresses, host }: Facts["dns"]): string =>
  addresses.length === 1 && addresses[0] === host
    ? `${host} is an address`
    : `${host} is ${addresses.join(", ")}`

const hostOf = (address: string): string => (address.includes(":") ? `[${address}]` : address)

const tls = ({ certificate, cipher, protocol }: Facts["tls"]): ReadonlyArray<string> => [
  `${protocol}, ${cipher}`,
  `certificate of ${certificate.subject} by ${certificate.issuer}, until ${dayOf(certificate.validTo)}`,
  ...(certificate.names.length === 0 ? [] : [`for ${certificate.names.slice(0, 5).join(", ")}`])
]

/** What every upgrade has tells nothing. */
const usual = [
  ...["connection", "upgrade", "sec-websocket-accept", "sec-websocket-protocol", "date"],
  "sec-websocket-extensions"
]

const upgrade = (facts: Facts["upgrade"]): ReadonlyArray<string> => [
  `${facts.status}, ${spoken(facts)}, ${facts.compression ? "permessage-deflate" : "without compression"}`,
  ...Object.entries(facts.headers)
    .filter(([name]) => !usual.includes(name))
    .map(([name, value]) => `${name}: ${value}`)
]

/** By the name that it has on the wire, and what it is where that does not say. */
const spoken = ({ protocol, subprotocol }: Facts["upgrade"]): string => {
  const name = protocol === "subscriptions-transport-ws" ? "legacy" : protocol
  if (subprotocol === "" || subprotocol === name) return name
  return `${subprotocol} (${name})`
}

const payloadOf = (payload: unknown): string => {
  const text = JSON.stringify(payload)
  return `payload ${text.length > 200 ? `${text.slice(0, 200)}…` : text}`
}

const ping = ({ frames, messages }: Facts["ping"]): ReadonlyArray<string> => [
  ...(messages === null ? [] : [`ping message  ${roundTrips(messages)}`]),
  `ping frame    ${roundTrips(frames)}`
]

const roundTrips = ({ answered, maxMs, medianMs, minMs, sent }: RoundTrips): string => {
  if (minMs === null || medianMs === null || maxMs === null) return "not answered"
  const digits = (ms: number) => (ms >= 100 ? ms.toFixed(0) : ms.toFixed(1))
  const all = `${digits(minMs)} / ${digits(medianMs)} / ${digits(maxMs)} ms  min / median / max of ${answered}`
  return answered === sent ? all : `${all}, then not answered`
}

const listen = ({ frames, keepAlives, listenedMs, messages }: Facts["listen"]): string => {
  const heard = [
    ["ping messages", messages],
    ["ping frames", frames],
    ["keepalive messages", keepAlives]
  ] as const
  const some = heard.flatMap(([what, how]) => (how && how.count > 0 ? [[what, how] as const] : []))
  return some.length === 0
    ? `none within ${measured(listenedMs)}`
    : some.map(([what, how]) => `${what} ${period(how)}`).join(", ")
}

const period = (heard: Heard): string =>
  heard.count === 1
    ? `(one, after ${measured(heard.firstMs ?? 0)})`
    : `every ${measured(periodOf(heard) ?? 0)} (${heard.count})`

const unknownMessage = (facts: Facts["unknownMessage"]): string => {
  switch (facts.treatment) {
    case "closed":
      return `closed with ${named(facts.closeCode)}${facts.reason === null ? "" : `: ${facts.reason}`}`
    case "cut":
      return "the connection was cut"
    case "answered":
      return "answered with a message"
    case "ignored":
      return "ignored"
  }
}

const named = (code: number | null): string =>
  code === null ? "no code" : `${code} (${describe(code).name})`

const unansweredPing = (facts: Facts["unansweredPing"]): string => {
  const after = facts.afterMs === null ? "" : ` ${measured(facts.afterMs)} after the first ping`
  switch (facts.treatment) {
    case "closed":
      return `closed with ${named(facts.closeCode)}${after}`
    case "cut":
      return `cut${after}`
    case "kept":
      return `still there${after}`
    case "noPing":
      return `the server sent none within ${duration(facts.limitMs)}`
  }
}

const idle = ({
  cut,
  disturbed,
  limitMs,
  rungs,
  survivedMs
}: Facts["idle"]): ReadonlyArray<string> => [
  cut === null
    ? survivedMs === null
      ? "nothing was found out"
      : survivedMs >= limitMs
        ? `${duration(survivedMs)} of silence are survived`
        : `${duration(survivedMs)} of silence are survived, for more there was no connection`
    : cut.exact
      ? `cut after ${measured(cut.afterMs)} (${cut.how})`
      : survivedMs === null
        ? `cut within ${duration(cut.afterMs)} (${cut.how})`
        : `cut between ${duration(survivedMs)} and ${duration(cut.afterMs)} (${cut.how})`,
  ...(disturbed ? ["the server's pings broke the silence"] : []),
  rungs.map(rungOf).join(", ")
]

const rungOf = ({ afterMs, idleMs, result }: Rung): string => {
  const words = {
    survived: "survived",
    cut: `cut after ${measured(afterMs ?? 0)}`,
    silent: "no answer",
    notNeeded: "not needed",
    noConnection: "no connection"
  } as const
  return `${duration(idleMs)}: ${words[result]}`
}

const close = ({ closeCode, closeFrameMs, tcpEndMs }: Facts["close"]): string =>
  [
    closeFrameMs === null
      ? "no close frame"
      : `close frame${closeCode === null ? "" : ` ${closeCode}`} after ${measured(closeFrameMs)}`,
    tcpEndMs === null ? "TCP goes on" : `end of TCP after ${measured(tcpEndMs)}`
  ].join(", ")
