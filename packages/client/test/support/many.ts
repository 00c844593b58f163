/** Subscriptions by key, seen from both ends: what the server knows of each, and what is told of it. */
import { assert } from "@effect/vitest"
import type * as Subscriptions from "@fiberline/client/Subscriptions"
import type * as TestServer from "@fiberline/testing/TestServer"
import * as Cause from "effect/Cause"
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"

export const document = "subscription ($key: ID!) { event }"

/** What `subscribeMany` begins with. */
export const withKeys = (...keys: ReadonlyArray<string>) =>
  keys.map((key) => [key, { key }] as const)

/** The next operations of a connection, by their key. */
export const operations = (connection: TestServer.TestConnection, count: number) =>
  Effect.map(
    Effect.replicateEffect(connection.awaitSubscribe, count),
    (all) => new Map(all.map((operation) => [operation.request.variables?.["key"], operation]))
  )

/** One that the server must know of. */
export const operation = (
  all: Effect.Effect.Success<ReturnType<typeof operations>>,
  key: string
): TestServer.TestOperation => {
  const found = all.get(key)
  assert.isDefined(found, key)
  return found
}

type AnyEvent = Subscriptions.Event<unknown, unknown, { readonly _tag: string }>

/** What has happened, in words. */
export const told = (events: Iterable<AnyEvent>): ReadonlyArray<string> =>
  Array.from(events, (event) => {
    switch (event._tag) {
      case "Gap":
        return "gap"
      case "Data":
        return `${String(event.key)}: ${JSON.stringify(event.data)}`
      case "Ended":
        return `${String(event.key)} ${ending(event.exit)}`
    }
  })

const ending = Exit.match({
  onFailure: (cause: Cause.Cause<{ readonly _tag: string }>) =>
    Option.match(Cause.failureOption(cause), {
      onNone: () => (Cause.isDie(cause) ? "died" : "was interrupted"),
      onSome: ({ _tag }) => `failed: ${_tag}`
    }),
  onSuccess: () => "completed"
})

interface Taken {
  readonly take: Effect.Effect<Chunk.Chunk<AnyEvent>, Option.Option<never>>
}

/** Takes what there is, of which there must be something, and says it in words. */
export const take = ({ take }: Taken): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(Effect.orDie(take), told)

/** Why a key ended. */
export const failureOf = (events: Iterable<AnyEvent>, key: unknown): unknown => {
  for (const event of events) {
    if (event._tag === "Ended" && event.key === key && Exit.isFailure(event.exit)) {
      return Option.getOrThrow(Cause.failureOption(event.exit.cause))
    }
  }
  return assert.fail(`${String(key)} has not failed`)
}
