/** Every way to subscribe, each giving all elements that there were, or failing as it failed. */
import type { Element, ErrorMode, Service, SubscribeOptions } from "@fiberline/client/GraphQLClient"
import type * as Operation from "@fiberline/client/Operation"
import { Gap } from "@fiberline/client/Subscription"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

export type Document = Operation.Operation<"subscription", Operation.NoVariables, unknown>

type Run = <E, Mode extends ErrorMode = "throw">(
  client: Service<E>,
  document: Document,
  options?: SubscribeOptions<Document, "throw", Mode>
) => Effect.Effect<ReadonlyArray<Element<Document, "throw", Mode>>, unknown>

const collect = <A>(
  run: (see: (...elements: ReadonlyArray<A>) => Effect.Effect<void>) => Effect.Effect<void, unknown>
) =>
  Effect.suspend(() => {
    const seen: Array<A> = []
    return Effect.as(
      run((...elements) => Effect.sync(() => seen.push(...elements))),
      seen
    )
  })

export const ways: { readonly [name: string]: Run } = {
  subscribe: (client, document, options) =>
    Effect.map(Stream.runCollect(client.subscribe(document, options)), Chunk.toReadonlyArray),
  subscribeEvents: (client, document, options) =>
    collect((see) =>
      Stream.runForEach(client.subscribeEvents(document, options), (event) =>
        event instanceof Gap ? Effect.void : see(event.data)
      )
    ),
  runForEach: (client, document, options) =>
    collect((see) => client.runForEach(document, (element) => see(element), options)),
  runForEachChunk: (client, document, options) =>
    collect((see) => client.runForEachChunk(document, (elements) => see(...elements), options)),
  subscription: (client, document, options) =>
    collect((see) =>
      Effect.scoped(
        Effect.flatMap(client.subscription(document, options), ({ take }) =>
          Effect.forever(Effect.flatMap(take, (elements) => see(...elements))).pipe(
            Effect.catchAll(Option.match({ onNone: () => Effect.void, onSome: Effect.fail }))
          )
        )
      )
    ),
  subscribeMany: (client, document, options) =>
    collect((see) =>
      Effect.scoped(
        Effect.flatMap(client.subscribeMany(document, [["key", {}]], options), ({ take }) =>
          Effect.iterate(false, {
            while: (isOver) => !isOver,
            body: () =>
              Effect.flatMap(Effect.orDie(take), (events) =>
                Effect.reduce(events, false, (isOver, event) => {
                  if (event._tag === "Data") return Effect.as(see(event.data), isOver)
                  return event._tag === "Gap"
                    ? Effect.succeed(isOver)
                    : Effect.as(Exit.asVoid(event.exit), true)
                })
              )
          })
        )
      )
    )
}
