/**
 * What may happen between two instructions of a fiber, at every one of them: by itself a fiber waits
 * for others only every 2048 instructions, so nobody meets these moments until somebody does.
 */
import { assert, describe, it } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { WireConstructor } from "@fiberline/client/Wire"
import { noFaults } from "@fiberline/testing/NetworkFaults"
import * as SimulatedNetwork from "@fiberline/testing/SimulatedNetwork"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { networkError } from "./support/errors.js"
import { atEveryInstruction, type Moment } from "./support/instructions.js"

const closeTimeout = 500

interface Setting extends Moment {
  readonly client: GraphQLClient.Service
  readonly network: SimulatedNetwork.SimulatedNetwork
  /** Closes the client, and checks that it is done in time and that no socket is left. */
  readonly close: Effect.Effect<void>
}

const scenario = (
  options: Partial<ClientOptions>,
  play: (setting: Setting) => Effect.Effect<void, unknown>
): void =>
  atEveryInstruction(
    (moment) =>
      Effect.gen(function* () {
        const { time } = moment
        const network = SimulatedNetwork.make({
          time,
          rates: noFaults,
          latency: [1, 1],
          publish: [5, 5]
        })
        const scope = yield* Scope.make()
        const client = yield* GraphQLClient.make({
          url: "ws://test",
          closeTimeout,
          ...options
        }).pipe(Scope.extend(scope), Effect.provideService(WireConstructor, network.openWire))
        const close = Effect.gen(function* () {
          const begun = time.now()
          yield* Scope.close(scope, Exit.void)
          assert.isAtMost(time.now() - begun, closeTimeout)
          assert.strictEqual(network.sockets(), 0)
        })
        yield* play({ ...moment, client, network, close })
      }),
    (outcome, instruction) => {
      assert.strictEqual(outcome._tag, "Ended", `instruction ${instruction}`)
      if (outcome._tag === "Ended" && Exit.isFailure(outcome.exit)) {
        assert.fail(`instruction ${instruction}: ${Cause.pretty(outcome.exit.cause)}`)
      }
    }
  )

/** Ends a program that would go on, so that there is a run in which the moment never comes. */
const until = <A, E>(program: Effect.Effect<A, E>, moment: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(program)
    const late = yield* Effect.fork(Effect.sleep("8 millis"))
    yield* Effect.fork(Effect.zipRight(moment, Fiber.interruptFork(late)))
    yield* Fiber.await(late)
    return fiber
  })

const subscription = "subscription { event { number text } }"

describe("at every instruction", { timeout: 120_000 }, () => {
  it("closing ends a subscriber, with ClientClosed", () => {
    scenario({}, ({ client, close, wait }) =>
      Effect.gen(function* () {
        const subscriber = yield* until(Stream.runDrain(client.subscribe(subscription)), wait)
        yield* close
        const exit = yield* Fiber.await(subscriber)
        assert(Exit.isFailure(exit))
        networkError(Option.getOrThrow(Cause.failureOption(exit.cause)), "ClientClosed")
      })
    )
  })

  it("closing tells whoever runs an effect for each batch, and who takes from many", () => {
    const failureOf = (exit: Exit.Exit<unknown, unknown>): unknown => {
      assert(Exit.isFailure(exit))
      return Option.getOrThrow(Cause.failureOption(exit.cause))
    }
    scenario({}, ({ client, close, wait }) =>
      Effect.gen(function* () {
        const ended = new Set<number>()
        const taking = Effect.gen(function* () {
          const many = yield* client.subscribeMany(subscription, [
            [1, {}],
            [2, {}]
          ])
          while (ended.size < 2) {
            for (const event of yield* many.take) {
              if (event._tag !== "Ended") continue
              networkError(failureOf(event.exit), "ClientClosed")
              ended.add(event.key)
            }
          }
        })
        const runner = yield* Effect.fork(client.runForEachChunk(subscription, () => Effect.void))
        const taker = yield* until(Effect.scoped(taking), wait)
        yield* close
        networkError(failureOf(yield* Fiber.await(runner)), "ClientClosed")
        yield* Fiber.join(taker)
      })
    )
  })

  it("closing ends a query, in time, and leaves no socket", () => {
    scenario({}, ({ client, close, wait }) =>
      Effect.gen(function* () {
        const waiting = yield* until(client.query("{ executed }"), wait)
        yield* close
        const exit = yield* Fiber.await(waiting)
        if (Exit.isFailure(exit)) {
          networkError(Option.getOrThrow(Cause.failureOption(exit.cause)), "ClientClosed")
        }
      })
    )
  })

  it("a new connection is had, and a subscriber that resumes misses nothing", () => {
    const numberOf = (data: unknown) => (data as { event: { number: number } }).event.number
    scenario({}, ({ client, close, wait }) =>
      Effect.gen(function* () {
        const seen: Array<number> = []
        const events = client.subscribe(subscription, {
          variables: { after: 0, count: 3 },
          resume: (last) => ({ after: numberOf(last), count: 3 - numberOf(last) })
        })
        const subscriber = yield* Effect.fork(
          Stream.runForEach(events, (data) => Effect.sync(() => void seen.push(numberOf(data))))
        )
        const reconnecting = yield* Effect.fork(Effect.zipRight(wait, client.reconnect))
        yield* Fiber.join(subscriber)
        yield* Fiber.interrupt(reconnecting)
        assert.deepStrictEqual(seen, [1, 2, 3])
        yield* close
      })
    )
  })

  it("whoever stops watching the status keeps nobody from closing", () => {
    scenario({}, ({ client, close, wait }) =>
      Effect.gen(function* () {
        const watching = yield* until(Stream.runDrain(client.status.changes), wait)
        yield* Fiber.interrupt(watching)
        yield* client.connect
        yield* close
        assert.strictEqual((yield* client.status.get)._tag, "Closed")
      })
    )
  })
})
