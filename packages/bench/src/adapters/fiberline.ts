/** Fiberline, in each of the ways in which it is consumed. */
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Operation from "@fiberline/client/Operation"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Adapter, Client, Settings } from "../adapter.js"
import { type Data, document, type Tick, type Variables } from "../ticks.js"

type Service = GraphQLClient.Service
type OnTick<A> = (tick: Tick) => A

/** Consumes a subscription to its end, with what `consume` makes of each tick. */
type Consume = (
  client: Service,
  variables: Variables,
  onTick: OnTick<void>
) => Effect.Effect<void, unknown>

const checked = Operation.subscription(document, {
  variables: Schema.Struct({
    messages: Schema.Int,
    bytes: Schema.Int,
    key: Schema.Int,
    every: Schema.optional(Schema.Int)
  }),
  data: Schema.Struct({ tick: Schema.Struct({ n: Schema.Int, pad: Schema.String }) })
})

// Type boundary: every result holds what the document asks for.
const tickOf = (data: unknown): Tick => (data as Data).tick

const make = (url: string, { keepalive }: Settings) =>
  GraphQLClient.make({
    url,
    reconnect: false,
    ...(keepalive && { keepalive }),
    closeTimeout: "1 second"
  }).pipe(Effect.provide(wire))

const wire = NodeWire.layer()

const run = (program: Effect.Effect<void, unknown>, onEnd: Parameters<Client["subscribe"]>[2]) => {
  const fiber = Effect.runFork(program)
  fiber.addObserver((exit) => {
    if (Exit.isSuccess(exit)) onEnd()
    else if (!Cause.isInterrupted(exit.cause)) onEnd(Cause.squash(exit.cause))
  })
  return () => fiber.unsafeInterruptAsFork(fiber.id())
}

const adapter = (
  consume: Consume,
  buffer: GraphQLClient.SubscribeOptions<string, "throw">["buffer"] = undefined
): Adapter => ({
  open: async (url, settings) => {
    const scope = Effect.runSync(Scope.make())
    const client = await Effect.runPromise(Scope.extend(make(url, settings), scope))
    return {
      subscribe: (variables, onTick, onEnd) => run(consume(client, variables, onTick), onEnd),
      subscribeSlowly: (variables, onTick, onEnd) =>
        run(
          Stream.runForEach(
            client.subscribe(document, { variables: { ...variables }, buffer }),
            (data) => Effect.promise(() => onTick(tickOf(data)))
          ),
          onEnd
        ),
      close: () => Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
})

const forEach: Consume = (client, variables, onTick) =>
  Stream.runForEach(client.subscribe(document, { variables: { ...variables } }), (data) =>
    Effect.sync(() => onTick(tickOf(data)))
  )

/** `Stream.runForEach` over `client.subscribe`. */
export const fiberlineForEach = adapter(forEach)

/** The same, which loses what it cannot hold. */
export const fiberlineSliding = adapter(forEach, { capacity: 256, strategy: "sliding" })

/** `Stream.runForEachChunk`: one step for all that came together. */
export const fiberlineChunks = adapter((client, variables, onTick) =>
  Stream.runForEachChunk(client.subscribe(document, { variables: { ...variables } }), (chunk) =>
    Effect.sync(() => {
      for (const data of chunk) onTick(tickOf(data))
    })
  )
)

/** `client.subscription` and a loop of `take`, for many at once. */
export const fiberlineTake = adapter((client, variables, onTick) =>
  Effect.scoped(
    Effect.flatMap(client.subscription(document, { variables: { ...variables } }), ({ take }) => {
      const loop: Effect.Effect<never, Effect.Effect.Error<typeof take>> = Effect.flatMap(
        take,
        (chunk) => {
          for (const data of chunk) onTick(tickOf(data))
          return loop
        }
      )
      return loop
    })
  ).pipe(
    Effect.catchAll((end) =>
      Option.isOption(end) && Option.isNone(end) ? Effect.void : Effect.fail(end)
    )
  )
)

/** `Stream.runForEach`, with every message decoded by a Schema. */
export const fiberlineSchema = adapter((client, variables, onTick) =>
  Stream.runForEach(client.subscribe(checked, { variables }), ({ tick }) =>
    Effect.sync(() => onTick(tick))
  )
)
