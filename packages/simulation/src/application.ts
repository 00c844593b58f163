/**
 * A random application: one life of it, from making its client to having closed it.
 *
 * Its actors subscribe, query, mutate and connect; they read fast, slowly, or stop reading for a
 * while. Meanwhile it interrupts them, reconnects and rotates its token, and in the middle of all
 * that it closes.
 */
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { WireConstructor } from "@fiberline/client/Wire"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Actors from "./actors.js"
import { secretPrefix } from "./secrecy.js"
import type { World } from "./world.js"

/** Longer than the slowest takes for what it still holds. */
const drainedWithin = 600_000

export const live = (world: World, life: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { dice, limits, network, parameters, time } = world
    world.links.reopened()
    world.network.note(`life ${life} begins: ${describe(world)}`)
    const scope = yield* Scope.make()
    const client = yield* GraphQLClient.make(options(world)).pipe(
      Scope.extend(scope),
      Effect.provideService(WireConstructor, world.openWire)
    )
    const actors: Array<Actors.Actor> = []
    const enter = (actor: Effect.Effect<Actors.Actor>) =>
      Effect.map(actor, (actor) => void actors.push(actor))

    const subscribers = Math.min(limits.actors, dice.between(1, 5))
    for (let i = 0; i < subscribers; i++) {
      yield* enter(Actors.subscriber(world, client, `sub${life}.${i}`))
    }
    const others = Math.min(limits.actors, dice.between(0, 8))
    for (let i = 0; i < others; i++) yield* enter(Actors.caller(world, client, `op${life}.${i}`))

    const steps = Math.min(limits.steps, dice.between(1, 10))
    for (let step = 0; step < steps; step++) {
      yield* Effect.sleep(dice.chance(0.3) ? dice.between(0, 50) : dice.between(0, 10_000))
      const drawn = dice.number()
      if (drawn < 0.3) yield* Actors.interruptOne(world, actors)
      else if (drawn < 0.45) {
        world.rotateToken()
        network.note("the application rotates its token and reconnects")
        world.links.demanded()
        yield* client.reconnect
      } else if (drawn < 0.6) {
        yield* enter(Actors.connector(world, client, `connect${life}.${step}`))
      } else if (drawn < 0.75) {
        yield* enter(Actors.subscriber(world, client, `late${life}.${step}`))
      }
      world.secrecy.value("the status", yield* client.status.get)
    }

    if (dice.chance(0.3)) yield* leaveAlone(world, actors)
    network.note("the application closes")
    const begun = time.now()
    yield* Scope.close(scope, Exit.void)
    const took = time.now() - begun
    if (took > parameters.closeTimeout) world.violate(3, `closing the client took ${took} ms`)
    network.note(`closed after ${took} ms`)
    if (network.sockets() > 0) world.violate(4, "a socket is left")
    for (const { fiber, who } of actors) {
      const exit = yield* Effect.timeoutOption(Fiber.await(fiber), drainedWithin)
      if (Option.isNone(exit)) world.violate(1, `${who} never ended`)
    }
    // Whoever was told in this very moment may still have an instruction or two.
    yield* Effect.sleep(1)
    if (time.sleeping() > 0) world.violate(4, `${time.sleeping()} timers are left`)
    if (world.fibers.size > 0) world.violate(4, `${world.fibers.size} fibers are left`)
  })

/** Has everybody leave, and the client nothing to do. */
const leaveAlone = (world: World, actors: ReadonlyArray<Actors.Actor>): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { ackTimeout, closeTimeout, connectTimeout, eager, idleTimeout } = world.parameters
    world.network.note("the application interrupts everybody")
    for (const { fiber, who } of actors) {
      world.interrupted.add(who)
      yield* Fiber.interruptFork(fiber)
    }
    yield* Effect.sleep(connectTimeout + ackTimeout + idleTimeout + closeTimeout + 1)
    if (world.network.sockets() > 0 && !eager) world.violate(16, "nobody needs it, and it is open")
  })

const describe = ({ parameters }: World): string => {
  const { buffer, closeTimeout, eager, keepalive, recovery } = parameters
  return [
    `keepalive ${keepalive.interval} + ${keepalive.timeout} ms`,
    `closeTimeout ${closeTimeout} ms`,
    `buffer ${buffer.capacity} ${buffer.strategy}`,
    recovery.schedule ? `reconnects after ${recovery.pause} ms at least` : "does not reconnect",
    eager ? "eager" : "lazy"
  ].join(", ")
}

const options = (world: World): ClientOptions => {
  const { dice, parameters } = world
  const { recovery, ...rest } = parameters
  return {
    ...rest,
    url: Effect.sync(
      () => `ws://user:${secretPrefix}-url@test/graphql?token=${secretPrefix}-query`
    ),
    headers: Effect.sync(() => ({ authorization: Redacted.make(`Bearer ${world.token}`) })),
    connectionPayload: Effect.suspend(() => {
      const payload = Effect.sync(() => ({ token: Redacted.make(world.token) }))
      const drawn = dice.number()
      if (drawn < 0.02) return Effect.fail(new Error("there is no token"))
      // Not `Effect.never`, which holds a timer of the host's.
      if (drawn < 0.04) return Effect.async<never>(() => {})
      return drawn < 0.3 ? Effect.delay(payload, dice.between(0, 500)) : payload
    }),
    maxFrameSize: 10_000,
    reconnect: recovery.schedule
  }
}
