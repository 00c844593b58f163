/** Who uses the client: callers, and those who only want a connection; subscribers are in `subscriber`. */
import type { Service } from "@fiberline/client/GraphQLClient"
import type { Dice } from "@fiberline/testing/VirtualTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { exceeds } from "./invariants.js"
import type { Site } from "./site.js"
import { checkExit } from "./subscriberWatch.js"
import type { World } from "./world.js"

export interface Actor {
  readonly who: string
  readonly fiber: Fiber.RuntimeFiber<unknown, unknown>
}

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

/** Starts one, and says when it has ended. */
export const act = (
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
