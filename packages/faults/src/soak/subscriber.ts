/** Those who subscribe: some from where they were, some fast, some slow, some not for long. */
import type { Service } from "@fiberline/client/GraphQLClient"
import * as Operation from "@fiberline/client/Operation"
import { Gap } from "@fiberline/client/Subscription"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Event } from "./log.js"
import type { Buffer, SubscriberWatch } from "./subscriberWatch.js"

const Log = Operation.subscription(
  "subscription ($after: Int) { event(after: $after) { number text } }",
  {
    variables: Schema.Struct({ after: Schema.optional(Schema.Int) }),
    data: Schema.Struct({ event: Schema.Struct({ number: Schema.Int, text: Schema.String }) })
  }
)

export interface Role {
  readonly name: string
  readonly resumes: boolean
  /** Whether it takes batches rather than a stream. */
  readonly takes?: boolean
  readonly buffer?: Buffer
  /** Stops reading now and then. */
  readonly isSlow?: boolean
  /** Leaves after a while and comes again. */
  readonly isRestless?: boolean
}

export const usualBuffer: Buffer = { capacity: 256, strategy: "suspend" }

const resuming: Role = { name: "resuming", resumes: true }
const taking: Role = { name: "taking", resumes: true, takes: true }
const gapping: Role = { name: "gapping", resumes: false }
const restless: Role = { name: "restless", resumes: true, isRestless: true }

const crowd = [resuming, resuming, gapping, taking, restless, resuming, gapping]

/** One or two of each to an endpoint: who suspends holds its siblings up. */
const slow: ReadonlyArray<Role> = [
  { name: "sliding", resumes: false, buffer: { capacity: 4, strategy: "sliding" }, isSlow: true },
  {
    name: "suspending",
    resumes: true,
    buffer: { capacity: 3, strategy: "suspend" },
    isSlow: true
  },
  { name: "dropping", resumes: false, buffer: { capacity: 4, strategy: "dropping" }, isSlow: true },
  { name: "failing", resumes: true, buffer: { capacity: 4, strategy: "fail" }, isSlow: true }
]

/** The part of an endpoint's n-th subscriber. */
export const roleOf = (index: number): Role =>
  slow[(index - 5) / 2] ?? crowd[index % crowd.length] ?? resuming

export interface Subscriber {
  readonly role: Role
  readonly watch: SubscriberWatch
  readonly onEvent: () => void
  /** Whether its client has been closed, or is being. */
  readonly isClosed: () => boolean
}

/** Subscribes again and again, until its client is closed. */
export const live = (client: Service, subscriber: Subscriber): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { isClosed, role, watch } = subscriber
    while (!isClosed()) {
      const fiber = yield* Effect.fork(subscribed(client, subscriber))
      const stay = role.isRestless ? yield* Random.nextIntBetween(1000, 20_000) : Infinity
      const ended = yield* Fiber.await(fiber).pipe(
        stay === Infinity ? Effect.map(Option.some) : Effect.timeoutOption(stay)
      )
      const exit = Option.isSome(ended) ? ended.value : yield* Fiber.interrupt(fiber)
      watch.ended(exit, Option.isNone(ended), isClosed())
      if (!isClosed()) yield* Effect.sleep(yield* Random.nextIntBetween(100, 1000))
    }
  })

const subscribed = (client: Service, subscriber: Subscriber): Effect.Effect<void, unknown> =>
  Effect.suspend(() => {
    const { role, watch } = subscriber
    const after = role.resumes ? watch.last : undefined
    const request = {
      variables: after === undefined ? {} : { after },
      buffer: role.buffer ?? usualBuffer
    }
    const resume = ({ event }: { readonly event: Event }) => ({ after: event.number })
    watch.subscribes()

    if (role.takes) {
      return Effect.scoped(
        Effect.gen(function* () {
          const { take } = yield* client.subscription(Log, { ...request, resume })
          const batch = Effect.mapError(
            take,
            Option.getOrElse(() => "completed")
          )
          while (true) yield* consume(subscriber, Array.from(yield* batch))
        })
      )
    }
    if (role.resumes) {
      return client
        .subscribe(Log, { ...request, resume })
        .pipe(Stream.runForEachChunk((chunk) => consume(subscriber, Array.from(chunk))))
    }
    return client.subscribeEvents(Log, request).pipe(
      Stream.map((event) => (event instanceof Gap ? event : event.data)),
      Stream.runForEachChunk((chunk) => consume(subscriber, Array.from(chunk)))
    )
  })

const consume = (
  { onEvent, role, watch }: Subscriber,
  elements: ReadonlyArray<Gap | { readonly event: Event }>
): Effect.Effect<void> =>
  Effect.gen(function* () {
    watch.batch(elements.filter((element) => !(element instanceof Gap)).length)
    for (const element of elements) {
      if (element instanceof Gap) watch.gap()
      else {
        onEvent()
        watch.event(element.event)
      }
    }
    if (role.isSlow && (yield* Random.next) < 0.05) {
      yield* Effect.sleep(yield* Random.nextIntBetween(2000, 9000))
    }
    watch.waits()
  })
