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
import { type Adapter, type Client, type Settings, slowly } from "../adapter.js"
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
          client.runForEach(document, (data) => Effect.promise(() => onTick(tickOf(data))), {
            variables: { ...variables },
            buffer
          }),
          onEnd
        ),
      close: () => Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
})

const forEach: Consume = (client, variables, onTick) =>
  client.runForEach(document, (data) => Effect.sync(() => onTick(tickOf(data))), {
    variables: { ...variables }
  })

/** `client.runForEach`: an effect for each message. */
export const fiberlineForEach = adapter(forEach)

/** The same, which loses what it cannot hold. */
export const fiberlineSliding = adapter(forEach, { capacity: 256, strategy: "sliding" })

/** `client.runForEachChunk`: an effect for all that came together. */
export const fiberlineChunks = adapter((client, variables, onTick) =>
  client.runForEachChunk(
    document,
    (chunk) =>
      Effect.sync(() => {
        for (const data of chunk) onTick(tickOf(data))
      }),
    { variables: { ...variables } }
  )
)

/** `Stream.runForEach` over `client.subscribe`. */
export const fiberlineStream = adapter((client, variables, onTick) =>
  Stream.runForEach(client.subscribe(document, { variables: { ...variables } }), (data) =>
    Effect.sync(() => onTick(tickOf(data)))
  )
)

/** `client.subscription` in a scope of its own, and a loop of `take`. */
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

interface Operation {
  readonly onTick: OnTick<void>
  readonly onEnd: Parameters<Client["subscribe"]>[2]
}

/** `client.subscribeMany`: one fiber that takes for all of them. */
export const fiberlineMany: Adapter = {
  open: async (url, settings) => {
    const scope = Effect.runSync(Scope.make())
    const many = await Effect.runPromise(
      make(url, settings).pipe(
        Effect.flatMap((client) =>
          client.subscribeMany(document, new Map<number, { readonly [key: string]: number }>())
        ),
        Scope.extend(scope)
      )
    )
    const operations = new Map<number, Operation>()
    let lastKey = 0
    const loop: Effect.Effect<never, Option.Option<never>> = Effect.flatMap(many.take, (events) => {
      for (const event of events) {
        if (event._tag === "Data") operations.get(event.key)?.onTick(tickOf(event.data))
        if (event._tag === "Ended") {
          const operation = operations.get(event.key)
          operations.delete(event.key)
          if (Exit.isSuccess(event.exit)) operation?.onEnd()
          else operation?.onEnd(Cause.squash(event.exit.cause))
        }
      }
      return loop
    })
    Effect.runFork(loop)
    const subscribe: Client["subscribe"] = (variables, onTick, onEnd) => {
      const key = lastKey++
      operations.set(key, { onTick, onEnd })
      Effect.runSync(many.add(key, { ...variables }))
      return () => {
        operations.delete(key)
        Effect.runSync(many.remove(key))
      }
    }
    return {
      subscribe,
      subscribeSlowly: slowly(subscribe),
      close: () => Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}

/** `client.runForEach`, with every message decoded by a Schema. */
export const fiberlineSchema = adapter((client, variables, onTick) =>
  client.runForEach(checked, ({ tick }) => Effect.sync(() => onTick(tick)), { variables })
)
