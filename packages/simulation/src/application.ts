/**
 * A random application: one life of it, from making its clients to having closed them.
 *
 * Its actors subscribe, query, mutate and connect; they read fast, slowly, or stop reading for a
 * while. Meanwhile it interrupts them, reconnects and rotates its token, and in the middle of all
 * that it closes.
 */
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { WireConstructor } from "@fiberline/client/Wire"
import { appSync } from "@fiberline/core/AppSync"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type { Dice } from "@fiberline/testing/VirtualTime"
import * as Actors from "./actors.js"
import { exceeds } from "./invariants.js"
import { secretPrefix } from "./secrecy.js"
import type { Site } from "./site.js"
import { type Home, homeAt, subscriber } from "./subscriber.js"
import type { World } from "./world.js"

/** Longer than the slowest takes for what it still holds. */
const drainedWithin = 600_000

/** A client, and whoever uses it. */
interface Tenant extends Home {
  readonly actors: Array<Actors.Actor>
}

export const live = (world: World, life: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { dice, limits, network, time } = world
    network.note(`life ${life} begins`)
    world.isClosing = false
    const scope = yield* Scope.make()
    const tenants = yield* Effect.forEach(world.sites, (site) => moveIn(site, life, scope))
    const steps = some(dice, 1, 10 * tenants.length, limits.steps)
    for (const [step, dice] of steps.entries()) {
      yield* Effect.sleep(dice.chance(0.3) ? dice.between(0, 50) : dice.between(0, 10_000))
      yield* disturb(pickFrom(dice, tenants), dice, `${life}.${step}`)
    }

    if (dice.chance(0.3)) yield* leaveAlone(world, tenants)
    network.note("the application closes")
    world.isClosing = true
    const begun = time.now()
    yield* Scope.close(scope, Exit.void)
    const took = time.now() - begun
    // They are closed one after the other.
    const bound = tenants.reduce((sum, { site }) => sum + site.parameters.closeTimeout, 0)
    if (exceeds(took, bound)) world.violate(3, `closing took ${took} ms`)
    network.note(`closed after ${took} ms`)
    if (network.sockets() > 0) world.violate(4, "a socket is left")
    for (const { fiber, who } of tenants.flatMap(({ actors }) => actors)) {
      const exit = yield* Effect.timeoutOption(Fiber.await(fiber), drainedWithin)
      if (Option.isNone(exit)) world.violate(1, `${who} never ended`)
    }
    // Whoever was told in this very moment may still have an instruction or two.
    yield* Effect.sleep(1)
    if (time.sleeping() > 0) world.violate(4, `${time.sleeping()} timers are left`)
    if (world.fibers.size > 0) world.violate(4, `${world.fibers.size} fibers are left`)
  })

/**
 * Dice for each of so many, and no more than the limit allows: what the first of them do is not
 * changed by how many follow.
 */
const some = (dice: Dice, min: number, max: number, limit: number): ReadonlyArray<Dice> =>
  Array.from({ length: dice.between(min, max) }, () => dice.split()).slice(0, limit)

const pickFrom = <A>(dice: Dice, [first, ...others]: ReadonlyArray<A>): A =>
  // Type boundary: a world has a site.
  dice.pick([first as A, ...others])

const moveIn = (site: Site, life: number, scope: Scope.CloseableScope): Effect.Effect<Tenant> =>
  Effect.gen(function* () {
    const { host, links, world } = site
    const { dice, limits } = world
    world.network.note(`at ${host}: ${describe(site)}`)
    links.reopened()
    const client = yield* GraphQLClient.make(options(site)).pipe(
      Scope.extend(scope),
      Effect.provideService(WireConstructor, world.network.openWire)
    )
    const home = homeAt(site, client)
    const actors: Array<Actors.Actor> = []
    for (const [i, own] of some(dice, 1, 5, limits.actors).entries()) {
      actors.push(yield* subscriber(home, own, `${host}.sub${life}.${i}`))
    }
    for (const [i, own] of some(dice, 0, 8, limits.actors).entries()) {
      actors.push(yield* Actors.caller(site, client, own, `${host}.op${life}.${i}`))
    }
    return { ...home, actors }
  })

/** One of the things that an application does while others wait. */
const disturb = (tenant: Tenant, dice: Dice, name: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { actors, client, site } = tenant
    const { host, links, world } = site
    const enter = (actor: Effect.Effect<Actors.Actor>) =>
      Effect.map(actor, (actor) => void actors.push(actor))
    const drawn = dice.number()
    if (drawn < 0.3) yield* Actors.interruptOne(world, dice, actors)
    else if (drawn < 0.45) {
      site.rotateToken()
      world.network.note(`the application rotates its token for ${host} and reconnects`)
      links.demanded()
      yield* client.reconnect
    } else if (drawn < 0.6) {
      yield* enter(Actors.connector(site, client, `${host}.connect${name}`))
    } else if (drawn < 0.75) {
      yield* enter(subscriber(tenant, dice, `${host}.late${name}`))
    }
    world.secrecy.value("the status", yield* client.status.get)
  })

/** Has everybody leave, and the client nothing to do. */
const leaveAlone = (world: World, tenants: ReadonlyArray<Tenant>): Effect.Effect<void> =>
  Effect.gen(function* () {
    world.network.note("the application interrupts everybody")
    for (const { fiber, who } of tenants.flatMap(({ actors }) => actors)) {
      world.interrupted.add(who)
      yield* Fiber.interruptFork(fiber)
    }
    yield* Effect.sleep(Math.max(...tenants.map(({ site }) => forgottenWithin(site))))
    for (const { host, parameters, server } of world.sites) {
      if (server.sockets() === 0 || parameters.eager) continue
      world.violate(16, `nobody needs the connection to ${host}, and it is open`)
    }
  })

/** How long it may take, from wherever a connection is, until it is closed for want of users. */
const forgottenWithin = ({ parameters }: Site): number => {
  const { ackTimeout, closeTimeout, connectTimeout, idleTimeout } = parameters
  return connectTimeout + ackTimeout + idleTimeout + closeTimeout + 1
}

const describe = ({ parameters }: Site): string => {
  const { buffer, closeTimeout, eager, keepalive, recovery, subprotocols } = parameters
  return [
    `keepalive ${keepalive.interval} + ${keepalive.timeout} ms`,
    `closeTimeout ${closeTimeout} ms`,
    `buffer ${buffer.capacity} ${buffer.strategy}`,
    `speaks ${subprotocols.map(({ name }) => name || "Absinthe").join(" or ")}`,
    recovery.schedule ? `reconnects after ${recovery.pause} ms at least` : "does not reconnect",
    eager ? "eager" : "lazy"
  ].join(", ")
}

const options = (site: Site): ClientOptions => {
  const { host, parameters, world } = site
  const { dice } = world
  const { recovery, ...rest } = parameters
  const { subprotocols } = rest
  return {
    ...rest,
    url: Effect.sync(
      () => `ws://user:${secretPrefix}-url@${host}/graphql?token=${secretPrefix}-query`
    ),
    headers: Effect.sync(() => ({ authorization: Redacted.make(`Bearer ${site.token}`) })),
    ...(subprotocols.includes(appSync) && {
      subprotocolCredentials: Effect.sync(() => [Redacted.make(`header-${site.token}`)])
    }),
    connectionPayload: Effect.suspend(() => {
      const payload = Effect.sync(() => ({ token: Redacted.make(site.token) }))
      const drawn = dice.number()
      if (drawn < 0.02) return Effect.fail(new Error("there is no token"))
      // Not `Effect.never`, which holds a timer of the host's.
      if (drawn < 0.04 && !welcomesAnybody(subprotocols)) return Effect.async<never>(() => {})
      return drawn < 0.3 ? Effect.delay(payload, dice.between(0, 500)) : payload
    }),
    maxFrameSize: 10_000,
    reconnect: recovery.schedule
  }
}

/** Whether its server acknowledges before it has heard of us, so that what it is told bounds nothing. */
const welcomesAnybody = (subprotocols: ReadonlyArray<Subprotocol>): boolean =>
  subprotocols.some(({ name }) => name.startsWith("actioncable"))
