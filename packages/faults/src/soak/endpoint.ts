/**
 * One endpoint's clients, one after the other: each is used for a while, by many at once, and closed in
 * the middle of whatever is going on.
 */
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { WireConstructor } from "@fiberline/client/Wire"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { within } from "../within.js"
import { bounds, servedWithin } from "./bounds.js"
import * as Caller from "./caller.js"
import type { Judge } from "./invariants.js"
import type { Lag } from "./lag.js"
import { head } from "./log.js"
import { LinkWatch } from "./linkWatch.js"
import { MutationWatch } from "./mutationWatch.js"
import { socketsTo } from "./sockets.js"
import * as Subscriber from "./subscriber.js"
import { SubscriberWatch } from "./subscriberWatch.js"

export interface Counts {
  events: number
  calls: number
  clients: number
  /** Clients whose closed socket the kernel kept, for the other end to return its farewell. */
  farewells: number
}

/** What the whole run shares. */
export interface Run {
  readonly judge: Judge
  readonly lag: Lag
  /** When the logs began, by the machine's clock. */
  readonly epoch: number
  /** How long it is to be, in milliseconds. */
  readonly millis: number
  readonly counts: Counts
  /** Done when nobody is closed any more, and when everybody is to be. */
  readonly calm: Deferred.Deferred<void>
  readonly over: Deferred.Deferred<void>
}

/** Jittered, as it should be, and fast, for there is only so much time. */
const reconnect = Schedule.exponential("100 millis").pipe(
  Schedule.union(Schedule.spaced("2 seconds")),
  Schedule.jitteredWith({ min: 0, max: 1 })
)

/** Some give up: their subscribers are told, and come again. */
const givesUp = (index: number): boolean => index % 5 === 4

/** Long enough for whoever does not read just now to be told. */
const toldWithin = 20_000

export class Endpoint {
  readonly links: LinkWatch
  readonly mutations: MutationWatch
  readonly #roles: ReadonlyArray<Subscriber.Role>
  readonly subscribers: ReadonlyArray<SubscriberWatch>
  /** Since when nothing is wrong with the way there. */
  unbrokenSince: number | undefined

  constructor(
    readonly run: Run,
    readonly index: number,
    readonly port: number,
    subscribers: number
  ) {
    const { judge, lag } = run
    this.links = new LinkWatch(judge, index, lag)
    this.mutations = new MutationWatch(judge, index)
    this.unbrokenSince = judge.now()
    this.#roles = Array.from({ length: subscribers }, (_, at) => Subscriber.roleOf(at))
    this.subscribers = this.#roles.map(
      ({ buffer = Subscriber.usualBuffer, name, resumes }, at) =>
        new SubscriberWatch(judge, {
          who: `${name} subscriber ${at} of endpoint ${index}`,
          endpoint: index,
          resumes,
          buffer,
          mayBeGivenUp: givesUp(index)
        })
    )
  }

  /** One client after the other, until the run is over. */
  get live(): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      const { millis, over } = this.run
      const longest = Math.min(millis / 3, 180_000)
      while (!(yield* Deferred.isDone(over))) {
        const life = yield* Random.nextRange(longest / 4, longest)
        yield* this.#life(life)
        yield* Effect.sleep(yield* Random.nextRange(0, 1000))
      }
    })
  }

  #life(life: number): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      const { calm, counts, judge, lag, over } = this.run
      const scope = yield* Scope.make()
      const client = yield* GraphQLClient.make({
        url: `ws://127.0.0.1:${this.port}/`,
        ...bounds,
        keepalive: bounds,
        reconnect: givesUp(this.index)
          ? Schedule.intersect(reconnect, Schedule.recurs(3))
          : reconnect
      }).pipe(
        Scope.extend(scope),
        Effect.provideService(WireConstructor, this.links.watched(NodeWire.make()))
      )
      counts.clients++
      let isClosed = false
      const shared = { isClosed: () => isClosed }

      const fibers = yield* Effect.forEach(this.subscribers, (watch, at) => {
        const role = this.#roles[at] ?? Subscriber.roleOf(at)
        const onEvent = () => void counts.events++
        return Effect.fork(Subscriber.live(client, { ...shared, role, watch, onEvent }))
      })
      const caller = { ...shared, judge, lag, mutations: this.mutations, endpoint: this.index }
      const calling = yield* Effect.replicateEffect(
        Effect.fork(Caller.live(client, { ...caller, onCall: () => void counts.calls++ })),
        2
      )
      const moving = yield* Effect.fork(
        Effect.forever(
          Effect.zipRight(
            Effect.flatMap(Random.nextRange(0.2, 1), (share) => Effect.sleep(share * life)),
            client.reconnect
          )
        )
      )

      // In the calm before the end nobody is closed, so that all can catch up.
      yield* Effect.timeoutOption(Deferred.await(calm), life)
      if (yield* Deferred.isDone(calm)) yield* Deferred.await(over)
      yield* Fiber.interrupt(moving)

      isClosed = true
      yield* this.#close(scope)
      for (const fiber of [...fibers, ...calling]) yield* this.#awaitEnd(fiber)
    })
  }

  #close(scope: Scope.CloseableScope): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      const { judge, lag } = this.run
      const begun = judge.now()
      const closed = yield* Scope.close(scope, Exit.void).pipe(
        within("30 seconds", "closing"),
        Effect.exit
      )
      const took = judge.now() - begun
      if (Exit.isFailure(closed) || took > lag.allowed(begun, judge.now(), bounds.closeTimeout)) {
        judge.violate(3, `closing the client of endpoint ${this.index} took ${took.toFixed(0)} ms`)
      }
      const [left = []] = yield* socketsTo([this.port])
      for (const { isHeld } of left) {
        if (isHeld) judge.violate(4, `endpoint ${this.index} is closed, and a socket is left`)
        else this.run.counts.farewells++
      }
    })
  }

  #awaitEnd(fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      const { judge } = this.run
      const exit = yield* Effect.timeoutOption(Fiber.await(fiber), toldWithin)
      if (Option.isNone(exit)) {
        judge.violate(1, `somebody at endpoint ${this.index} goes on after its close`)
        yield* Fiber.interruptFork(fiber)
      } else if (Exit.isFailure(exit.value)) {
        const why = Cause.pretty(exit.value.cause)
        judge.violate(1, `somebody at endpoint ${this.index} ended with a defect: ${why}`)
      }
    })
  }

  /** Looks for what should have happened by now. */
  check(): void {
    this.links.check()
    const { judge } = this.run
    const { wellSince } = this.links
    const { unbrokenSince } = this
    if (wellSince === undefined || unbrokenSince === undefined) return
    for (const watch of this.subscribers) {
      if (watch.waitingSince === undefined) continue
      const since = Math.max(wellSince, unbrokenSince, watch.waitingSince)
      if (judge.now() - since <= servedWithin) continue
      judge.violate(15, `${watch.terms.who} waits while the connection is well`)
      watch.waits()
    }
  }

  /** What there is, for a person. */
  describe(): string {
    const { links, unbrokenSince } = this
    return `${unbrokenSince === undefined ? "broken" : "unbroken"}, ${links.describe()}`
  }

  /** Who has not had yet what was published at this time of the machine's clock. */
  behind(at: number): ReadonlyArray<SubscriberWatch> {
    const last = head(this.run.epoch, this.index, at)
    return this.subscribers.filter((watch) => {
      const { resumes } = watch.terms
      return resumes && (watch.last ?? 0) < last
    })
  }
}
