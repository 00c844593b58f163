/** Who uses the client: subscribers, callers, and those who only want a connection. */
import type { Service } from "@fiberline/client/GraphQLClient"
import { Gap } from "@fiberline/client/Subscription"
import type { Dice } from "@fiberline/testing/VirtualTime"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { exceeds } from "./invariants.js"
import type { Site } from "./site.js"
import { checkExit, type Event, SubscriberWatch } from "./subscriberWatch.js"
import type { World } from "./world.js"

export interface Actor {
  readonly who: string
  readonly fiber: Fiber.RuntimeFiber<unknown, unknown>
}

/** How long the server may take to hear that somebody left. */
const toldWithin = 2000

const watching = "subscription ($after: Int, $count: Int, $who: String) { event { number text } }"

export const interruptOne = (
  world: World,
  dice: Dice,
  actors: ReadonlyArray<Actor>
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const actor = actors[dice.between(0, actors.length - 1)]
    if (actor === undefined) return Effect.void
    world.network.note(`the application interrupts ${actor.who}`)
    world.interrupted.add(actor.who)
    return Fiber.interruptFork(actor.fiber)
  })

// -- subscribers ----------------------------------------------------------------------------------

export const subscriber = (
  site: Site,
  client: Service,
  dice: Dice,
  who: string
): Effect.Effect<Actor> =>
  Effect.suspend(() => {
    const { parameters, server, world } = site
    const resumes = dice.chance(0.6)
    const count = dice.chance(0.2) ? dice.between(1, 60) : undefined
    // Some come with a cursor from before.
    const start = Math.max(0, server.published() - dice.pick([0, 20]))
    const watch = new SubscriberWatch(world, parameters, {
      who,
      resumesAt: resumes ? start : undefined,
      count,
      readAhead: 3
    })
    const request = {
      variables: { who, ...(resumes && { after: start }), ...(count && { count }) },
      ...(resumes && {
        resume: (last: unknown) => {
          const { number } = eventOf(last)
          const left = count && { count: Math.max(0, count - (number - start)) }
          return { who, after: number, ...left }
        }
      })
    }
    const pace = dice.chance(0.3) ? dice.between(10, 2000) : 0
    const pauses = dice.chance(0.1)
    const consume = (elements: Chunk.Chunk<unknown>): Effect.Effect<void> =>
      Effect.gen(function* () {
        const events = Chunk.filter(elements, (element) => !(element instanceof Gap))
        watch.batch(events.length)
        for (const element of elements) {
          if (element instanceof Gap) watch.gap()
          else watch.event(eventOf(element))
          if (pace > 0) yield* Effect.sleep(pace)
        }
        if (pauses && dice.chance(0.02)) yield* Effect.sleep(60_000)
        watch.waits()
      })

    const asStream = client.subscribeEvents(watching, request).pipe(
      Stream.map((event) => (event instanceof Gap ? event : event.data)),
      Stream.runForEachChunk(consume)
    )
    // Knows of no gaps, so it can only be told what follows what where it resumes.
    const asBatches = Effect.scoped(
      Effect.gen(function* () {
        const subscription = yield* client.subscription(watching, request)
        while (true) {
          const taken = yield* Effect.either(subscription.take)
          if (Either.isRight(taken)) {
            yield* consume(taken.right)
            continue
          }
          const again = yield* Effect.either(subscription.take)
          if (Either.isRight(again)) world.violate(1, `${who} got more after its end`)
          return yield* Option.match(taken.left, {
            onNone: () => Effect.void,
            onSome: (error) => Effect.fail(error)
          })
        }
      })
    )
    site.subscribers.add(watch)
    const begin = Effect.sync(() => {
      site.links.demanded()
      watch.waits()
    })
    const program = Effect.zipRight(begin, resumes && dice.chance(0.4) ? asBatches : asStream)
    const wait = Effect.sleep(dice.chance(0.3) ? dice.between(0, 20_000) : 0)
    return act(site, who, Effect.zipRight(wait, program), (exit) => {
      site.subscribers.delete(watch)
      watch.ended(exit, world.interrupted.has(who))
      world.after(toldWithin, () => {
        if (site.wellFor < toldWithin || !server.subscribers().includes(who)) return
        world.violate(14, `the server still serves ${who}, who left`)
      })
    })
  })

const eventOf = (data: unknown): Event => {
  // Type boundary: the document is text, so nobody knows the type of its data. `SubscriberWatch`
  // looks at what it holds.
  return (data as { readonly event: Event }).event
}

// -- callers --------------------------------------------------------------------------------------

export const caller = (
  site: Site,
  client: Service,
  dice: Dice,
  who: string
): Effect.Effect<Actor> =>
  Effect.suspend(() => {
    const { parameters, server, world } = site
    const { time } = world
    const isMutation = dice.chance(0.5)
    const idempotent = !isMutation && dice.chance(0.3)
    const options = { variables: { key: who }, idempotent }
    let begun = Infinity
    const call = Effect.suspend(() => {
      begun = time.now()
      site.links.demanded()
      return isMutation
        ? client.mutate("mutation ($key: String) { executed }", options)
        : client.query("query ($key: String) { executed }", options)
    })
    const wait = Effect.sleep(dice.between(0, 40_000))
    return act(site, who, Effect.zipRight(wait, call), (exit) => {
      const took = time.now() - begun
      if (exceeds(took, parameters.operationTimeout)) world.violate(3, `${who} took ${took} ms`)
      const tag = checkExit(world, who, exit, world.interrupted.has(who))
      const wasSent = tag === undefined || !isUnsent(exit)
      world.expect(() => {
        const executed = server.executed(who)
        if (executed > 1 && !idempotent) world.violate(8, `${who} was executed ${executed} times`)
        if (executed > 0 && !wasSent) world.violate(8, `${who} was sent, and is said not to be`)
      })
    })
  })

const isUnsent = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) &&
  exit.cause._tag === "Fail" &&
  typeof exit.cause.error === "object" &&
  exit.cause.error !== null &&
  "sent" in exit.cause.error &&
  exit.cause.error.sent === false

export const connector = (site: Site, client: Service, who: string): Effect.Effect<Actor> =>
  act(site, who, client.connect, (exit) => {
    checkExit(site.world, who, exit, site.world.interrupted.has(who))
  })

const act = (
  { links, world }: Site,
  who: string,
  program: Effect.Effect<unknown, unknown>,
  onExit: (exit: Exit.Exit<unknown, unknown>) => void
): Effect.Effect<Actor> =>
  // Or one that is interrupted before its first instruction would end and not say so.
  Effect.uninterruptibleMask((restore) => {
    world.network.note(`${who} begins`)
    links.demanded()
    return restore(program).pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => {
          world.network.note(`${who} ended: ${Exit.isSuccess(exit) ? "well" : exit.cause._tag}`)
          world.secrecy.exit(who, exit)
          onExit(exit)
        })
      ),
      Effect.fork,
      Effect.map((fiber) => ({ who, fiber }))
    )
  })
