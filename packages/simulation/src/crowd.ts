/**
 * Subscribers that share a `subscribeMany`: each is a key, and one fiber takes for all of them.
 *
 * Whoever comes first opens it and the last to leave closes it. The next opens another.
 */
import type { Service } from "@fiberline/client/GraphQLClient"
import { Gap } from "@fiberline/client/Subscription"
import type { Event, Subscriptions } from "@fiberline/client/Subscriptions"
import * as Cause from "effect/Cause"
import type * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Site } from "./site.js"
import type { SubscriberWatch } from "./subscriberWatch.js"
import { type Data, resume, type Variables, watching } from "./watching.js"

/** How long somebody may stop to read, in milliseconds. */
export const longPause = 60_000

export interface Member {
  readonly watch: SubscriberWatch
  readonly variables: Variables
  /** Has an element, or a gap. */
  readonly accept: (element: Data | Gap) => void
  /** Milliseconds that an element takes. */
  readonly pace: number
  /** Whether it stops for long after what it was handed. */
  readonly isTired: () => boolean
}

type Many = Subscriptions<string, Variables, Data, unknown>

interface Seat extends Member {
  readonly outcome: Deferred.Deferred<void, unknown>
  /** Whoever leaves it takes all the others along. */
  readonly breaksUp: boolean
}

export class Crowd {
  #table: Table | undefined = undefined

  constructor(
    readonly site: Site,
    readonly client: Service,
    /** Whether its members go on after a loss where they were. */
    readonly resumes: boolean
  ) {}

  /** Until the subscription ends, and as it does. */
  join(member: Member): Effect.Effect<void, unknown> {
    return Effect.acquireUseRelease(
      Effect.suspend(() => {
        if (this.#table === undefined || this.#table.isOver) this.#table = new Table(this)
        const table = this.#table
        // In this instruction: by the next it may be over.
        const seat = table.sit(member)
        return Effect.as(table.begin(seat), { seat, table })
      }),
      ({ seat }) => Deferred.await(seat.outcome),
      ({ seat, table }) => table.leave(seat)
    )
  }
}

class Table {
  isOver = false
  readonly #seats = new Map<string, Seat>()
  /** When those who sat here left. */
  readonly #left = new Map<string, number>()
  readonly #scope = Effect.runSync(Scope.make())
  readonly #opened = Deferred.unsafeMake<Many>(FiberId.none)
  #isOpening = false
  #consumer: Fiber.RuntimeFiber<void> | undefined = undefined
  /** While it is handed a batch. */
  #isBusy = false

  constructor(readonly crowd: Crowd) {}

  get #world() {
    return this.crowd.site.world
  }

  // -- keys ---------------------------------------------------------------------------------------

  sit(member: Member): Seat {
    const seat = {
      ...member,
      outcome: Deferred.unsafeMake<void, unknown>(FiberId.none),
      breaksUp: this.#world.ways.chance(0.1)
    }
    this.#seats.set(member.variables.who, seat)
    if (this.#isBusy) seat.watch.batch(0)
    return seat
  }

  begin(seat: Seat): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.#isOpening) {
        return Effect.flatMap(Deferred.await(this.#opened), (many) =>
          many.add(seat.variables.who, seat.variables)
        )
      }
      this.#isOpening = true
      return this.#open(seat)
    })
  }

  #open({ variables }: Seat): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      const { client, resumes } = this.crowd
      const many: Many = yield* client
        .subscribeMany(watching, [[variables.who, variables]], { ...(resumes && { resume }) })
        .pipe(Scope.extend(this.#scope))
      const consume = this.#world.ways.chance(0.5) ? this.#takeFrom(many) : this.#streamOf(many)
      this.#consumer = yield* Effect.forkDaemon(
        Effect.interruptible(Effect.onExit(consume, (exit) => this.#consumed(exit)))
      )
      yield* Deferred.succeed(this.#opened, many)
    })
  }

  leave(seat: Seat): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (!this.#sits(seat)) return Effect.void
      this.#part(seat)
      if (seat.breaksUp || this.#seats.size === 0) return this.#breakUp
      return Effect.flatMap(Deferred.await(this.#opened), (many) => many.remove(seat.variables.who))
    })
  }

  get #breakUp(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.isOver = true
      const others = Array.from(this.#seats.values())
      for (const other of others) {
        this.#world.interrupted.add(other.variables.who)
        this.#part(other)
      }
      // One that waits is told by what it takes from.
      const isInterrupted = this.#isBusy || this.#world.ways.chance(0.5)
      return Effect.gen(this, function* () {
        yield* Scope.close(this.#scope, Exit.void)
        if (isInterrupted && this.#consumer) yield* Fiber.interruptFork(this.#consumer)
        for (const { outcome } of others) yield* Deferred.interrupt(outcome)
      })
    })
  }

  #sits(seat: Seat): boolean {
    return this.#seats.get(seat.variables.who) === seat
  }

  #part({ variables: { who } }: Seat): void {
    this.#seats.delete(who)
    this.#left.set(who, this.#world.now())
  }

  // -- the fiber that takes -----------------------------------------------------------------------

  #takeFrom({ take }: Many): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      while (!this.isOver) {
        const taken = yield* Effect.either(take)
        if (Either.isLeft(taken)) return
        yield* this.#hand(taken.right)
      }
    })
  }

  #streamOf({ events }: Many): Effect.Effect<void> {
    return events.pipe(
      Stream.mapChunksEffect((batch) => Effect.as(this.#hand(batch), batch)),
      Stream.takeUntil(() => this.isOver),
      Stream.runDrain
    )
  }

  #consumed(exit: Exit.Exit<void>): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (!this.isOver) {
        const why = Exit.isSuccess(exit) ? "of itself" : Cause.pretty(exit.cause)
        this.#world.violate(1, `a crowd at ${this.crowd.site.host} ended ${why}`)
        return this.#breakUp
      }
      return Scope.close(this.#scope, Exit.void)
    })
  }

  #hand(batch: Chunk.Chunk<Event<string, Data, unknown>>): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      const events = Array.from(batch)
      const results = events.filter(({ _tag }) => _tag === "Data").length
      this.#isBusy = true
      for (const { watch } of this.#seats.values()) watch.batch(results)
      const served = new Set<Seat>()
      const seated = new Map(this.#seats)
      for (const event of events) this.#checkSeated(event)
      for (const event of events) {
        if (event instanceof Gap) {
          for (const { accept } of seated.values()) accept(event)
          continue
        }
        const seat = seated.get(event.key)
        // It left meanwhile.
        if (seat === undefined || !this.#sits(seat)) continue
        served.add(seat)
        if (event._tag === "Ended") {
          yield* this.#end(seat, event.exit)
          continue
        }
        seat.accept(event.data)
        if (seat.pace > 0) yield* Effect.sleep(seat.pace)
      }
      for (const seat of served) {
        if (this.#sits(seat) && seat.isTired()) yield* Effect.sleep(longPause)
      }
      this.#isBusy = false
      for (const seat of this.#seats.values()) this.#waits(seat, served.has(seat))
    })
  }

  /** Nothing is handed over of whoever has ended or left. */
  #checkSeated(event: Event<string, Data, unknown>): void {
    if (event instanceof Gap || this.#seats.has(event.key)) return
    // What was handed over in that very moment may just not have been seen.
    const left = this.#left.get(event.key) ?? -Infinity
    if (left < this.#world.now()) {
      this.#world.violate(1, `${event.key} got more after it had ended or left`)
    }
  }

  #end(seat: Seat, exit: Exit.Exit<void, unknown>): Effect.Effect<unknown> {
    this.#part(seat)
    if (this.#seats.size === 0) this.isOver = true
    return Deferred.done(seat.outcome, exit)
  }

  #waits({ watch }: Seat, isServed: boolean): void {
    const { strategy } = watch.parameters.buffer
    // Where results are dropped for want of room, those of one may make room for the others'.
    if (isServed || strategy === "sliding" || strategy === "dropping") watch.waits()
    else watch.waitsOn()
  }
}
