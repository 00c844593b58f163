/** A client whose server sends scripts of bytes, and what came of each as against what had to. */
import type * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { NetworkError } from "@fiberline/client/NetworkError"
import { OperationError } from "@fiberline/client/OperationError"
import { ProtocolError } from "@fiberline/client/ProtocolError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Socket } from "node:net"
import { isDeepStrictEqual } from "node:util"
import type { Answer } from "./badUpgrades.js"
import { connect } from "./client.js"
import { Exchange, type Script } from "./exchange.js"
import { type End, operations, type Outcome } from "./expectedSession.js"
import { watchProcess } from "./process.js"
import { encodeFrame, textFrame } from "./rawFrames.js"
import { rawServer, toResponse, upgrade } from "./rawServer.js"

/** Small, so that being too large costs little. */
export const maxFrameSize = 4096

/** For anything to come to its end, also on a machine that is busy with other things. */
const bound = "8 seconds"

const quiet = { interval: "20 seconds", timeout: "20 seconds" } as const

/** What came of a script. */
export interface Report {
  readonly exchange: Exchange
  /** Empty if everything went as it had to. */
  readonly problems: ReadonlyArray<string>
}

/** A client and its server. Each script has a connection of its own; the client remains. */
export const fuzzed = Effect.gen(function* () {
  const { take } = yield* watchProcess
  let next: Exchange | undefined = undefined
  const server = yield* rawServer(() => {
    const exchange: Exchange | undefined = next
    next = undefined
    return exchange ?? unexpected
  })
  const client = yield* connect(server.url, { maxFrameSize, keepalive: quiet })

  const run = (script: Script): Effect.Effect<Report> =>
    Effect.gen(function* () {
      const exchange = new Exchange(script, maxFrameSize)
      next = exchange
      const outcomes = yield* operate(client)
      exchange.leave()
      const closed = yield* holds(() => exchange.isClosed)
      const settled = yield* client.status.changes.pipe(
        Stream.takeUntil(({ _tag }) => _tag === "Idle" || _tag === "Failed"),
        Stream.runDrain,
        Effect.timeoutOption(bound)
      )
      return {
        exchange,
        problems: [
          ...operations.flatMap((name) =>
            compare(name, outcomes[name], exchange.expected.outcomes[name], exchange)
          ),
          ...told(exchange),
          ...exchange.faults,
          ...(closed ? [] : ["the socket was left open"]),
          ...(Option.isSome(settled) ? [] : ["the client did not settle"]),
          ...take()
        ]
      }
    })
  return { run }
})

/** All that is needed to see what happened, and to make it happen again. */
export const describeReport = ({ exchange: { plan, script }, problems }: Report): string =>
  [
    ...problems,
    `stage ${plan.stage}, ending ${plan.ending}, farewell ${plan.farewell}, cuts [${plan.cuts.join()}]`,
    showBytes(script)
  ].join("\n")

export const showBytes = (bytes: Buffer): string =>
  `the bytes: ${bytes.toString("hex")}\nas text: ${JSON.stringify(bytes.toString("latin1"))}`

/** A client whose server answers the upgrade with any bytes, and the next time as it should. */
export const answered = Effect.gen(function* () {
  const { take } = yield* watchProcess
  let next: Answer | undefined = undefined
  let bytes: Buffer = Buffer.alloc(0)
  let open = 0
  const server = yield* rawServer(() => {
    let peer: Socket | undefined = undefined
    open++
    return {
      onRequest: (socket, accept) => {
        peer = socket
        bytes = next?.render(accept) ?? toResponse(upgrade(accept))
        socket.write(bytes)
        if (next?.ending === "fin") socket.end()
        if (next?.ending === "reset") socket.resetAndDestroy()
      },
      // The good one has its acknowledgement, and that is all.
      onFrame: ({ _tag }) => {
        if (_tag === "Text") peer?.end(encodeFrame(textFrame('{"type":"connection_ack"}')))
      },
      onClose: () => open--
    }
  })
  const client = yield* connect(server.url)

  const answer = (value: Answer) =>
    Effect.gen(function* () {
      next = value
      const ends = yield* Effect.all([client.connect, client.query("{ ask }")].map(ending), {
        concurrency: "unbounded"
      })
      const sent = bytes
      const closed = yield* holds(() => open === 0)
      next = undefined
      const again = yield* ending(client.connect)
      const closedAgain = yield* holds(() => open === 0)
      return {
        bytes: sent,
        problems: [
          ...ends.filter((end) => !isAsForetold(end, value)).map(show),
          ...(again._tag === "Success" ? [] : [`the next connection: ${show(again)}`]),
          ...(closed && closedAgain ? [] : ["a socket was left open"]),
          ...take()
        ]
      }
    })
  return { answer }
})

const ending = (effect: Effect.Effect<unknown, unknown>): Effect.Effect<End> =>
  effect.pipe(Effect.exit, Effect.timeoutOption(bound), Effect.map(endOf))

const isAsForetold = (end: End, { ends }: Answer): boolean => {
  if (end._tag === "ProtocolError") {
    return !end.sent && end.phase === "connecting" && ends.includes(end.violation)
  }
  if (end._tag !== "NetworkError" || end.sent) return false
  const phase = end.reason === "ConnectionLost" ? "acknowledging" : "connecting"
  return (
    end.phase === phase && (ends.includes(end.reason) || ends.includes(`${end.reason} ${end.code}`))
  )
}

const unexpected = {
  onRequest: () => {},
  onFrame: () => {},
  onClose: () => {}
}

const holds = (condition: () => boolean): Effect.Effect<boolean> =>
  Effect.sleep("1 millis").pipe(
    Effect.repeat({ until: condition }),
    Effect.timeoutOption(bound),
    Effect.map(Option.isSome)
  )

/** Runs every operation to its end. */
const operate = (client: GraphQLClient.Service) => {
  const collect = <E>(stream: Stream.Stream<unknown, E>): Effect.Effect<Outcome> => {
    const elements: Array<unknown> = []
    return Stream.runForEach(stream, (element) => Effect.sync(() => elements.push(element))).pipe(
      Effect.exit,
      Effect.timeoutOption(bound),
      Effect.map((exit) => ({ elements, end: endOf(exit) }))
    )
  }
  return Effect.all(
    {
      feed: collect(client.subscribe("subscription { feed }")),
      inline: collect(client.subscribe("subscription { inline }", { errors: "inline" })),
      ask: collect(Stream.fromEffect(client.query("{ ask }")))
    },
    { concurrency: "unbounded" }
  )
}

const endOf = (exit: Option.Option<Exit.Exit<unknown, unknown>>): End => {
  if (Option.isNone(exit)) return { _tag: "Hanging", detail: `nothing within ${bound}` }
  if (Exit.isSuccess(exit.value)) return { _tag: "Success" }
  const { cause } = exit.value
  const detail = Cause.pretty(cause)
  if (Cause.isInterrupted(cause)) return { _tag: "Interrupted", detail }
  const [error, ...others] = Cause.failures(cause)
  if (others.length > 0 || !Cause.isFailure(cause) || cause._tag !== "Fail") {
    return { _tag: "Defect", detail }
  }
  if (error instanceof OperationError) {
    return { _tag: "OperationError", errors: error.errors, data: error.data }
  }
  if (error instanceof ProtocolError) {
    const { _tag, phase, received, sent, violation } = error
    return { _tag, violation, phase, sent, received }
  }
  if (error instanceof NetworkError) {
    const { _tag, phase, reason, sent } = error
    const common = { _tag, reason: reason._tag, phase, sent }
    return reason._tag === "ServerClosed"
      ? { ...common, code: reason.code, text: reason.reason }
      : reason._tag === "HandshakeRejected"
        ? { ...common, code: reason.status, text: undefined }
        : { ...common, code: undefined, text: undefined }
  }
  return { _tag: "Defect", detail: `an error of no kind we know: ${detail}` }
}

const compare = (
  name: string,
  actual: Outcome,
  expected: Outcome,
  { plan }: Exchange
): ReadonlyArray<string> => {
  if (isDeepStrictEqual(actual, expected)) return []
  // A reset overtakes what was sent before it: then less has come, and that is all.
  const isOvertaken =
    plan.ending === "reset" &&
    actual.end?._tag === "NetworkError" &&
    ["ConnectionLost", "ConnectFailed"].includes(actual.end.reason) &&
    isDeepStrictEqual(actual.elements, expected.elements.slice(0, actual.elements.length))
  return isOvertaken ? [] : [`${name}: got ${show(actual)} instead of ${show(expected)}`]
}

/** What the server was told, where nothing could come in between. */
const told = ({ expected, plan, pongs, rawPongs, told }: Exchange): ReadonlyArray<string> => {
  if (plan.ending !== "complete" || plan.cuts.length > 0) return []
  if (expected.isToldOtherwise || plan.farewell === "reset") return []
  return [
    ["the close code", told, expected.isOver ? expected.told : told],
    ["the pongs", pongs, expected.pongs],
    // The WebSocket still answers what came behind the end, in the same segment.
    [
      "its pongs",
      rawPongs.slice(0, expected.isOver ? expected.rawPongs.length : undefined),
      expected.rawPongs
    ]
  ].flatMap(([what, actual, expected]) =>
    isDeepStrictEqual(actual, expected)
      ? []
      : [`${String(what)}: got ${show(actual)} instead of ${show(expected)}`]
  )
}

const show = (value: unknown): string => JSON.stringify(value) ?? "nothing"
