/** Who subscribes, in whatever way: what it wants, at which pace it reads, and what it has to get. */
import type { Service } from "@fiberline/client/GraphQLClient"
import { Gap } from "@fiberline/client/Subscription"
import type { Dice } from "@fiberline/testing/VirtualTime"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import { act, type Actor } from "./actors.js"
import { Crowd, longPause } from "./crowd.js"
import type { Site } from "./site.js"
import { SubscriberWatch } from "./subscriberWatch.js"
import type { Data, Variables } from "./watching.js"
import * as Ways from "./ways.js"

/** How long the server may take to hear that somebody left. */
const toldWithin = 2000

/** A client of an endpoint, and those who subscribe there together. */
export interface Home {
  readonly site: Site
  readonly client: Service
  /** Those who go on after a loss where they were, and those who do not. */
  readonly crowds: { readonly resuming: Crowd; readonly plain: Crowd }
}

export const homeAt = (site: Site, client: Service): Home => ({
  site,
  client,
  crowds: { resuming: new Crowd(site, client, true), plain: new Crowd(site, client, false) }
})

export const subscriber = (home: Home, dice: Dice, who: string): Effect.Effect<Actor> =>
  Effect.suspend(() => {
    const { client, crowds, site } = home
    const { parameters, server, world } = site
    const resumes = dice.chance(0.6)
    const counts = dice.chance(0.2) ? dice.between(1, 60) : undefined
    const hasEnd = !parameters.subprotocols.some(({ lacks }) => lacks.has("ServerComplete"))
    const count = hasEnd ? counts : undefined
    // Some come with a cursor from before.
    const start = Math.max(0, server.published() - dice.pick([0, 20]))
    const watch = new SubscriberWatch(world, parameters, {
      who,
      resumesAt: resumes ? start : undefined,
      count,
      readAhead: 3
    })
    const variables: Variables = { who, ...(resumes && { after: start }), ...(count && { count }) }
    const pace = dice.chance(0.3) ? dice.between(10, 2000) : 0
    const pauses = dice.chance(0.1)
    const accept = (element: Data | Gap): void => {
      if (element instanceof Gap) watch.gap()
      else watch.event(element.event)
    }
    const isTired = (): boolean => pauses && dice.chance(0.02)
    const consume = (elements: Chunk.Chunk<Data | Gap>): Effect.Effect<void> =>
      Effect.gen(function* () {
        watch.batch(Chunk.filter(elements, (element) => !(element instanceof Gap)).length)
        for (const element of elements) {
          accept(element)
          if (pace > 0) yield* Effect.sleep(pace)
        }
        if (isTired()) yield* Effect.sleep(longPause)
        watch.waits()
      })

    const customer = { watch, variables, resumes, consume }
    const crowd = resumes ? crowds.resuming : crowds.plain
    const inCrowd = crowd.join({ watch, variables, accept, pace, isTired })
    const begin = Effect.sync(() => {
      site.links.demanded()
      watch.waits()
    })
    const usual = resumes && dice.chance(0.4) ? Ways.batches : Ways.stream
    const way = Ways.draw(world.ways, usual, resumes)
    const program = Effect.zipRight(begin, way === "crowd" ? inCrowd : way(client, customer))
    site.subscribers.add(watch)
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
