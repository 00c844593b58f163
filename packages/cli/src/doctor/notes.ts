/** What should be known of an endpoint, from what the steps found. */
import { dayOf } from "./explainSystem.js"
import * as Keepalive from "./keepalive.js"
import type { Advice, Facts, Heard, Note, Step, StepName } from "./report.js"
import { duration, measured } from "./words.js"

export interface About {
  /** Of the failure that ended the diagnosis. */
  readonly problems: ReadonlyArray<string>
  /** Milliseconds since 1970. */
  readonly now: number
}

export const toAdvice = (steps: ReadonlyArray<Step>, { now, problems }: About): Advice => {
  const facts = factsOf(steps)
  const keepalive = isMeasured(facts) ? Keepalive.advise(toMeasured(facts)) : undefined
  return {
    keepalive: keepalive ?? null,
    notes: [
      ...problems.map((text): Note => ({ level: "problem", text })),
      ...notesOn(facts, now),
      ...(isMeasured(facts) && keepalive === undefined
        ? [
            problem(
              "Nothing answers a client's pings, and the server says nothing by itself: silence tells nothing here. Turn the keepalive off (keepalive: false) and rely on TCP, or have the server answer pings."
            )
          ]
        : [])
    ]
  }
}

type Found = { readonly [Name in StepName]?: Facts[Name] }

const factsOf = (steps: ReadonlyArray<Step>): Found =>
  Object.fromEntries(
    steps.flatMap((step) => ("facts" in step ? [[step.step, step.facts] as const] : []))
  )

const isMeasured = ({ listen, ping }: Found): boolean => ping !== undefined && listen !== undefined

const toMeasured = ({ idle, listen, ping }: Found): Keepalive.Measured => ({
  // A protocol that has no ping message is asked by ping frames.
  slowestMs: (ping?.messages === null ? ping.frames : ping?.messages)?.maxMs ?? undefined,
  survivedMs: idle?.survivedMs ?? undefined,
  cutMs: idle?.cut?.afterMs,
  cutIsExact: idle?.cut?.exact ?? false,
  serverPeriodMs:
    listen &&
    shortest(periodOf(listen.messages), periodOf(listen.frames), periodOf(listen.keepAlives))
})

const shortest = (...periods: ReadonlyArray<number | undefined>): number | undefined => {
  const known = periods.filter((period) => period !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Of a single one, the time until it came. */
export const periodOf = (heard: Heard | null): number | undefined =>
  heard?.periodMs ?? heard?.firstMs ?? undefined

const problem = (text: string): Note => ({ level: "problem", text })
const note = (text: string): Note => ({ level: "note", text })

const notesOn = (found: Found, now: number): ReadonlyArray<Note> => [
  ...onConnecting(found, now),
  ...onPings(found),
  ...onProbes(found),
  ...onIdle(found),
  ...onEnd(found)
]

/** Renewal is automatic in most places, and then happens a month before. */
const soon = 14 * 24 * 60 * 60 * 1000

const onConnecting = ({ tcp, tls, upgrade }: Found, now: number): ReadonlyArray<Note> => [
  ...(tcp === undefined ? [] : tcp.failed).map(({ address, code }) =>
    note(
      `${address} is an address of the same name and failed (${code}). Clients that try it first lose time.`
    )
  ),
  ...(tls !== undefined && Date.parse(tls.certificate.validTo) - now < soon
    ? [problem(`The certificate expires on ${dayOf(tls.certificate.validTo)}.`)]
    : []),
  ...(upgrade?.protocol === "subscriptions-transport-ws"
    ? [
        note(
          "The server chose graphql-ws, the legacy protocol of subscriptions-transport-ws, which is not maintained. Fiberline speaks it if told to: by the option subprotocols, or --transport legacy. It has no ping message: Node asks by ping frames; a browser cannot ask, and listens for the server's ka."
        )
      ]
    : []),
  ...(upgrade?.compression
    ? [
        note(
          "The server compresses (permessage-deflate) where a client offers it. Fiberline does not offer it unless told to: it costs memory for each connection."
        )
      ]
    : [])
]

/** From here on a person notices. */
const slow = 500

const onPings = ({ ack, listen, ping, upgrade }: Found): ReadonlyArray<Note> => {
  const notes: Array<Note> = []
  if (ping?.messages?.answered === 0) {
    notes.push(
      problem(
        "The server does not answer the protocol's ping messages. A client that pings, and hears nothing else, takes it for dead."
      )
    )
  }
  if (ping?.frames.answered === 0) {
    notes.push(
      note("The server does not answer WebSocket's ping frames, which RFC 6455 asks of it.")
    )
  }
  const median = ping?.messages?.medianMs ?? ping?.frames.medianMs ?? 0
  if (median > slow) {
    notes.push(note(`The round trip is long: ${measured(median)} is half of them.`))
  }
  if (ack?.silenceMs != null) {
    notes.push(
      note(
        `The server says that after ${duration(ack.silenceMs)} without a sign of life it is to be taken for dead.`
      )
    )
  }
  const isPhoenix = upgrade?.protocol === "phoenix" || upgrade?.protocol === "phoenix-v1"
  if (isPhoenix) {
    notes.push(
      note(
        "Phoenix asks for no sign of life and drops a client that gives none, after 60 s unless it is told otherwise: Fiberline sends the heartbeat that it expects, by which both notice when the link dies."
      )
    )
  }
  if (listen !== undefined && !isPhoenix) {
    const { frames, keepAlives, listenedMs, messages } = listen
    const period = shortest(...[messages, frames, keepAlives].map(periodOf))
    notes.push(
      period === undefined
        ? note(
            `The server did not ping within ${measured(listenedMs)}: only the client notices when the link dies.`
          )
        : note(
            `The server makes itself heard about every ${measured(period)}, which is a sign of life: a client asks only after a longer silence.`
          )
    )
  }
  return notes
}

const onProbes = ({ unansweredPing, unknownMessage, upgrade }: Found): ReadonlyArray<Note> => {
  const notes: Array<Note> = []
  // What the others would have is said nowhere.
  const isToday = upgrade?.protocol === "graphql-transport-ws"
  if (isToday && unknownMessage !== undefined && unknownMessage.closeCode !== 4400) {
    notes.push(
      note(
        `A message of unknown type is ${treatments[unknownMessage.treatment]}. The protocol would have the connection closed with 4400.`
      )
    )
  }
  const after = unansweredPing?.afterMs ?? 0
  if (unansweredPing?.treatment === "closed" || unansweredPing?.treatment === "cut") {
    notes.push(
      note(
        `A client that does not answer the server's ping is dropped ${measured(after)} after it: one that is suspended or blocked for so long has to connect again.`
      )
    )
  }
  if (unansweredPing?.treatment === "kept") {
    notes.push(
      note(
        `The server keeps a client that has not answered a ping for ${measured(after)}: what it holds for clients that are gone, it holds for longer than that.`
      )
    )
  }
  return notes
}

const treatments = {
  closed: "a reason to close with another code",
  cut: "a reason to cut the connection",
  answered: "answered",
  ignored: "ignored"
} as const

const onIdle = ({ idle, listen }: Found): ReadonlyArray<Note> => {
  if (idle === undefined) {
    return listen === undefined
      ? []
      : [
          note(
            "Whether somebody in the middle cuts silent connections was not tried: --idle-probe does."
          )
        ]
  }
  const { cut, disturbed, limitMs, rungs, survivedMs } = idle
  const notes: Array<Note> = []
  if (cut !== null) {
    const when = cut.exact
      ? `after ${measured(cut.afterMs)}`
      : survivedMs === null
        ? `within ${duration(cut.afterMs)}`
        : `between ${duration(survivedMs)} and ${duration(cut.afterMs)}`
    notes.push(
      note(
        `A connection on which the client is silent is cut ${when} (${cut.how}). A keepalive of less keeps it.`
      )
    )
  } else if (survivedMs !== null && survivedMs >= limitMs) {
    notes.push(
      note(
        disturbed
          ? `Nobody cuts a connection on which a client is silent for ${duration(limitMs)}.`
          : `Nobody cuts a connection that is silent for ${duration(limitMs)}.`
      )
    )
  }
  if (disturbed) {
    const quiet = rungs.filter(({ arrivals, result }) => result === "survived" && arrivals === 0)
    const longest = Math.max(0, ...quiet.map(({ idleMs }) => idleMs))
    notes.push(
      note(
        `The server's own pings broke the silence of the idle connections: how long a wholly silent one lives was ${longest === 0 ? "not seen" : `seen up to ${duration(longest)} only`}.`
      )
    )
  }
  return notes
}

const onEnd = ({ close, http }: Found): ReadonlyArray<Note> => [
  ...(close !== undefined && close.closeFrameMs === null
    ? [
        note(
          "The server does not answer the close frame. A client that waits for it waits until its own limit (Fiberline: closeTimeout)."
        )
      ]
    : close !== undefined && close.tcpEndMs === null
      ? [
          note(
            "The server answers the close frame and does not hang up, though RFC 6455 leaves that to it."
          )
        ]
      : []),
  ...(http !== undefined && !http.graphql
    ? [
        note(
          `A query by POST at the same address got HTTP ${http.status} and no GraphQL response: queries may have another path than subscriptions.`
        )
      ]
    : [])
]
