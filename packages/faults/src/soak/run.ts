/** A soak, from starting the servers to having closed everything. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { ChildFailed } from "../child.js"
import { now } from "../clock.js"
import { descriptors } from "../socketTable.js"
import { type Stuck, within } from "../within.js"
import type { Settings } from "./arguments.js"
import * as Breaking from "./breaking.js"
import { Endpoint } from "./endpoint.js"
import * as Host from "./host.js"
import { Judge, lineOf } from "./invariants.js"
import * as Lag from "./lag.js"
import * as Relay from "./relay.js"
import type { Report } from "./report.js"
import { Sampler } from "./sampling.js"
import { socketsTo } from "./sockets.js"

/** Two, so that stopping or killing one leaves the others. */
const hosts = 2

/** How long everybody has to catch up when the network is whole again, on a machine that may be busy. */
const caughtUpWithin = 90_000

/** From one fault to the next at one endpoint, on average and in milliseconds. */
const pause = 30_000

export const run = (
  settings: Settings,
  tell: (line: string) => void
): Effect.Effect<Report, ChildFailed | Stuck> =>
  Effect.gen(function* () {
    const millis = settings.minutes * 60_000
    const epoch = now()
    const relay = yield* Relay.start(settings.endpoints)
    const machines = yield* Effect.forEach(
      Array.from({ length: Math.min(hosts, settings.endpoints) }, (_, host) =>
        Array.from(relay.ports.keys()).filter((endpoint) => endpoint % hosts === host)
      ),
      (served) =>
        Host.make({
          endpoints: served,
          epoch,
          lie: settings.lie,
          onPort: relay.aim,
          onExecuted: (endpoint, key) => endpoints[endpoint]?.mutations.executed(key)
        })
    )

    const begun = now()
    const elapsed = () => (now() - begun) / 1000
    const judge = new Judge(now, (violation) => tell(lineOf(violation)))
    const shared = {
      judge,
      lag: yield* Lag.watch,
      epoch,
      millis,
      counts: { events: 0, calls: 0, clients: 0, farewells: 0 },
      calm: yield* Deferred.make<void>(),
      over: yield* Deferred.make<void>()
    }
    const share = Math.floor(settings.subscriptions / settings.endpoints)
    const rest = settings.subscriptions % settings.endpoints
    const endpoints = relay.ports.map(
      (port, index) => new Endpoint(shared, index, port, share + (index < rest ? 1 : 0))
    )
    // The first of these opens what a process opens once.
    yield* descriptors
    const before = yield* descriptors

    // Apart from that of everybody else, whose turn it is depends on the machine.
    const random = Random.make(settings.seed)
    const breaking = Breaking.make({
      endpoints,
      hosts: machines,
      relay,
      random,
      elapsed,
      scale: Math.min(1, settings.minutes),
      subscribersEach: share
    })
    const sampler = new Sampler(elapsed, () => shared.counts.events, settings.minutes < 1 ? 1 : 5)

    const breakNow = Effect.gen(function* () {
      const running = yield* FiberSet.make<void, ChildFailed | Stuck>()
      const between = Math.min(pause / settings.endpoints, millis / 10)
      const next = Effect.flatMap(random.nextRange(0.2, 1.8), (share) =>
        Effect.sleep(share * between)
      )
      const breakOn = Effect.forever(
        Effect.zipRight(next, FiberSet.run(running, breaking.breakOne))
      )
      return yield* Effect.raceFirst(breakOn, FiberSet.join(running))
    }).pipe(Effect.scoped)

    const soak = Effect.gen(function* () {
      const sampling = yield* Effect.fork(Effect.schedule(sampler.take, Schedule.fixed("1 second")))
      const checking = yield* Effect.fork(
        Effect.schedule(check(endpoints, judge), Schedule.fixed("1 second"))
      )
      const telling = yield* Effect.fork(
        Effect.schedule(
          Effect.sync(() => tell(progress())),
          Schedule.spaced("10 seconds")
        )
      )
      const living = yield* Effect.forEach(endpoints, ({ live }) => Effect.fork(live))
      const faults = yield* Effect.fork(breakNow)
      // What goes on until it is interrupted can only fail.
      const failed = Effect.raceFirst(
        Fiber.join(faults),
        Effect.raceFirst(Fiber.join(sampling), Fiber.join(checking))
      )
      yield* Effect.raceFirst(Effect.sleep(millis), failed)

      const healed = yield* within("1 minute", "the network to heal")(Fiber.interrupt(faults))
      if (Exit.isFailure(healed) && !Cause.isInterruptedOnly(healed.cause)) return yield* healed
      yield* Deferred.succeed(shared.calm, void 0)
      yield* catchUp(endpoints, judge)
      for (const fiber of [sampling, telling]) yield* Fiber.interrupt(fiber)
      yield* Deferred.succeed(shared.over, void 0)
      yield* within("5 minutes", "everybody to leave")(Fiber.joinAll(living))
      yield* Fiber.interrupt(checking)
    })

    const progress = () => {
      const { calls, events } = shared.counts
      const minutes = `${(elapsed() / 60).toFixed(1)} of ${settings.minutes} minutes`
      const heap = `${((sampler.samples.heap.at(-1)?.value ?? 0) / 1e6).toFixed(1)} MB`
      const open = `${sampler.samples.descriptors.at(-1)?.value ?? 0} descriptors`
      return `${minutes}: ${events} events, ${calls} calls, ${breaking.records.length} faults, ${heap}, ${open}, ${judge.count} violations`
    }

    const listening = relay.listen(({ endpoint, lastByteAt, link }) =>
      endpoints[endpoint]?.links.lastByte(link, lastByteAt)
    )
    yield* Effect.raceFirst(soak, listening)

    // The kernel takes a moment for what both ends have closed.
    yield* Effect.sleep(200)
    for (const { mutations } of endpoints) mutations.settled()
    const sockets = (yield* socketsTo(relay.ports)).flat().filter(({ isHeld }) => isHeld).length
    const leaked = { sockets, descriptors: Math.max(0, (yield* descriptors) - before) }
    if (leaked.sockets > 0) judge.violate(4, `${leaked.sockets} sockets are left`)
    if (leaked.descriptors > 0) judge.violate(4, `${leaked.descriptors} descriptors are left`)
    const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((sum, next) => sum + next, 0)
    return {
      settings,
      samples: sampler.samples,
      faults: breaking.records,
      counts: shared.counts,
      mutations: sum(endpoints.map(({ mutations }) => mutations.made)),
      reconnects: sum(endpoints.map(({ links }) => links.reconnects)),
      violations: judge.violations,
      violated: judge.count,
      leaked,
      longestStall: shared.lag.longest
    }
  }).pipe(Effect.scoped, Effect.withRandom(Random.make(settings.seed)))

/** Looks for what should have happened, and at the kernel's table of sockets. */
const check = (endpoints: ReadonlyArray<Endpoint>, judge: Judge): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (const endpoint of endpoints) endpoint.check()
    const ports = endpoints.map(({ port }) => port)
    const found = yield* socketsTo(ports)
    if (found.every((sockets) => sockets.length < 2)) return
    // The table is not read at one instant: a socket may go, and the next come, meanwhile.
    const again = yield* socketsTo(ports)
    for (const [index, endpoint] of endpoints.entries()) {
      const both = (again[index] ?? []).filter(
        ({ isHeld, port }) => isHeld && found[index]?.some((other) => other.port === port)
      )
      if (both.length < 2) continue
      const list = both.map(({ port, state }) => `${port} in state ${state}`).join(" and ")
      judge.violate(9, `endpoint ${index} has sockets ${list}: ${endpoint.describe()}`)
    }
  })

/** Waits until everybody who resumes has what was published by now. */
const catchUp = (endpoints: ReadonlyArray<Endpoint>, judge: Judge): Effect.Effect<void> =>
  Effect.gen(function* () {
    const at = now()
    const behind = () => endpoints.flatMap((endpoint) => endpoint.behind(at))
    yield* Effect.sync(behind).pipe(
      Effect.delay(200),
      Effect.repeat({ until: (watches) => watches.length === 0 }),
      Effect.timeoutOption(caughtUpWithin)
    )
    for (const { last, terms, waitingSince } of behind()) {
      const doing = waitingSince === undefined ? "busy" : "waiting"
      const link = endpoints[terms.endpoint]?.describe() ?? ""
      judge.violate(6, `${terms.who} had nothing after event ${last} at the end, ${doing}; ${link}`)
    }
  })
