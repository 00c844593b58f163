/** The ways of consuming a subscription by oneself; `crowd` has the one of many together. */
import type { Service } from "@fiberline/client/GraphQLClient"
import { Gap } from "@fiberline/client/Subscription"
import type { Dice } from "@fiberline/testing/VirtualTime"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { SubscriberWatch } from "./subscriberWatch.js"
import { type Data, resume, type Variables, watching } from "./watching.js"

export interface Customer {
  readonly watch: SubscriberWatch
  readonly variables: Variables
  readonly resumes: boolean
  readonly consume: (elements: Chunk.Chunk<Data | Gap>) => Effect.Effect<void>
}

export type Way = (client: Service, customer: Customer) => Effect.Effect<void, unknown>

/** @param usual how it would consume if there were no other ways */
export const draw = (dice: Dice, usual: Way, resumes: boolean): Way | "crowd" => {
  if (dice.chance(0.4)) return "crowd"
  // They know of no gaps, so they can only be told what follows what where they resume.
  return resumes ? dice.pick([usual, usual, chunks, elements]) : usual
}

export const stream: Way = (client, customer) =>
  client.subscribeEvents(watching, requestOf(customer)).pipe(
    Stream.map((event) => (event instanceof Gap ? event : event.data)),
    Stream.runForEachChunk(customer.consume)
  )

export const chunks: Way = (client, customer) =>
  client.runForEachChunk(watching, customer.consume, requestOf(customer))

export const elements: Way = (client, customer) =>
  client.runForEach(watching, (element) => customer.consume(Chunk.of(element)), requestOf(customer))

export const batches: Way = (client, customer) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { judge, settings } = customer.watch
      const subscription = yield* client.subscription(watching, requestOf(customer))
      while (true) {
        const taken = yield* Effect.either(subscription.take)
        if (Either.isRight(taken)) {
          yield* customer.consume(taken.right)
          continue
        }
        const again = yield* Effect.either(subscription.take)
        if (Either.isRight(again)) judge.violate(1, `${settings.who} got more after its end`)
        return yield* Option.match(taken.left, {
          onNone: () => Effect.void,
          onSome: (error) => Effect.fail(error)
        })
      }
    })
  )

const requestOf = ({ resumes, variables }: Customer) => ({
  variables,
  ...(resumes && { resume })
})
