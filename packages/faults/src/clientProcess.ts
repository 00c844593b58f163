/**
 * The client under trial, in a process of its own. Nothing here ends the process: that it ends when its
 * stdin has shows that the client left nothing open.
 */
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Operation from "@fiberline/client/Operation"
import { WireConstructor } from "@fiberline/client/Wire"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { Command, Event, type Options, type Subscription } from "./clientMessages.js"
import { now } from "./clock.js"
import { obey, tell } from "./lines.js"
import { descriptors, socketsIn } from "./socketTable.js"
import { subprotocols } from "./subprotocols.js"

const say = tell(Event)

const delays = monitorEventLoopDelay({ resolution: 10 })
delays.enable()
const late = () => Math.max(0, delays.max / 1e6 - 10)

/** When things last happened on the wire. */
const wire = { attemptAt: 0, openAt: 0, lastByteAt: 0 }

/** The real one, watched. */
const watchedWire = (open: WireConstructor["Type"]): WireConstructor["Type"] => {
  return (request, listener) => {
    wire.attemptAt = now()
    return open(request, {
      ...listener,
      onOpen: (subprotocol) => {
        wire.openAt = now()
        listener.onOpen(subprotocol)
      },
      onActivity: () => {
        wire.lastByteAt = now()
        listener.onActivity()
      }
    })
  }
}

const Ticks = Operation.subscription(
  `subscription ($every: Int!, $last: Int, $ballast: Int!) {
    ticks(every: $every, last: $last, ballast: $ballast) { number ballast }
  }`,
  {
    variables: Schema.Struct({
      every: Schema.Int,
      last: Schema.optional(Schema.Int),
      ballast: Schema.Int
    }),
    data: Schema.Struct({
      ticks: Schema.Struct({ number: Schema.Int, ballast: Schema.String })
    })
  }
)

const open = (origin: string, options: Options) => {
  const { ackTimeout, closeTimeout, connectTimeout, interval, reconnects, subprotocol, timeout } =
    options
  return GraphQLClient.make({
    url: `${origin}/${subprotocol}`,
    subprotocols: [subprotocols[subprotocol]],
    keepalive: { interval, timeout },
    connectTimeout,
    ackTimeout,
    closeTimeout,
    reconnect: reconnects === 0 ? false : Schedule.recurs(reconnects)
  }).pipe(Effect.provideService(WireConstructor, watchedWire(NodeWire.make())))
}

const seen = { events: 0, inOrder: true }
const look = () => say({ _tag: "Seen", ...seen })

const consume = (
  client: GraphQLClient.Service,
  { ballast = 0, capacity, every, last, rest = 0 }: Subscription
): Effect.Effect<void> => {
  let expected = 1
  const subscribedAt = now()
  return client
    .subscribe(Ticks, { variables: { every, last, ballast }, buffer: { capacity } })
    .pipe(
      Stream.runForEach(({ ticks }) => {
        seen.events++
        seen.inOrder &&= ticks.number === expected && ticks.ballast.length === ballast
        expected++
        return rest > 0 ? Effect.sleep(rest) : Effect.void
      }),
      Effect.matchCause({
        onSuccess: () => "Completed",
        onFailure: (cause) =>
          Option.match(Cause.failureOption(cause), {
            onNone: () => Cause.pretty(cause),
            onSome: reasonOf
          })
      }),
      Effect.map((reason) =>
        say({ _tag: "Ended", reason, at: now(), subscribedAt, ...wire, late: late() })
      )
    )
}

const reasonOf = (error: GraphQLClient.SubscriptionError<typeof Ticks, "throw">): string => {
  switch (error._tag) {
    case "NetworkError":
      return error.reason._tag
    case "ProtocolError":
      return error.violation
    default:
      return error._tag
  }
}

const measure = Effect.gen(function* () {
  // What finalizers let go of is found by the next one.
  for (let times = 0; times < 3; times++) {
    yield* Effect.sleep("50 millis")
    globalThis.gc?.()
  }
  say({
    _tag: "Measured",
    sockets: (yield* socketsIn("self")).length,
    descriptors: yield* descriptors,
    heapBytes: process.memoryUsage().heapUsed
  })
})

interface Opened {
  readonly client: GraphQLClient.Service
  readonly scope: Scope.CloseableScope
}

let opened: Opened | undefined = undefined

const close = Effect.suspend(() => {
  const closing = opened ? Scope.close(opened.scope, Exit.void) : Effect.void
  opened = undefined
  return closing
})

const handle = (command: Command): Effect.Effect<void> =>
  Effect.gen(function* () {
    switch (command._tag) {
      case "Open": {
        delays.reset()
        const scope = yield* Scope.make()
        opened = {
          scope,
          client: yield* Scope.extend(open(command.origin, command.options), scope)
        }
        return
      }
      case "Connect":
        if (opened) yield* Effect.orDie(opened.client.connect)
        return say({ _tag: "Connected" })
      case "Subscribe":
        // Not in the scope of the client, which is to tell it of its end rather than to interrupt it.
        if (opened) yield* Effect.forkDaemon(consume(opened.client, command.subscription))
        return
      case "Block":
        for (const end = now() + command.millis; now() < end;);
        return look()
      case "Look":
        return look()
      case "Close": {
        delays.reset()
        const from = now()
        yield* close
        return say({ _tag: "Closed", from, to: now(), late: late() })
      }
      case "Measure":
        return yield* measure
    }
  })

/** What keeps the process alive, but for its pipes to whoever started it. */
const leftOpen = () => process.getActiveResourcesInfo().filter((kind) => !kind.startsWith("Pipe"))

Effect.runFork(
  obey(Command, handle).pipe(
    Effect.ensuring(close),
    Effect.ensuring(Effect.sync(() => say({ _tag: "Left", open: leftOpen() })))
  )
)
