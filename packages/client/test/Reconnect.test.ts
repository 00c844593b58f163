import { assert, describe, it } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { NetworkMonitor } from "@fiberline/client/NetworkMonitor"
import * as Operation from "@fiberline/client/Operation"
import * as Reconnect from "@fiberline/client/Reconnect"
import { Gap } from "@fiberline/client/Subscription"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Subscribable from "effect/Subscribable"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { isRunning } from "./support/fibers.js"
import { scenario, url } from "./support/scenario.js"

/** Every second, so that a test can say when. */
const everySecond = { reconnect: Schedule.spaced("1 second") } satisfies Partial<ClientOptions>

describe("a subscription", () => {
  it.effect("goes on over the next connection, hiding the gap", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(client.subscribe("s"), 2)))
        const first = yield* server.acceptReady
        yield* (yield* first.awaitSubscribe).next(1)
        yield* first.drop
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        const operation = yield* second.awaitSubscribe
        assert.deepStrictEqual(operation.request, { query: "s" })
        yield* operation.next(2)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [1, 2])
      })
    )
  )

  it.effect("shows the gap where it was: since when, how long, why", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runCollect(Stream.take(client.subscribeEvents("s"), 3))
        )
        const first = yield* server.acceptReady
        yield* (yield* first.awaitSubscribe).next(1)
        yield* TestClock.adjust("500 millis")
        yield* first.close(1012, "deploy")
        yield* TestClock.adjust("1 second")
        // The second attempt fails too: the gap is one, and its cause is the loss.
        yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        yield* (yield* second.awaitSubscribe).next(2)
        const [before, gap, after] = Chunk.toReadonlyArray(yield* Fiber.join(fiber))
        assert.deepStrictEqual(before, { _tag: "Data", data: 1 })
        assert.deepStrictEqual(after, { _tag: "Data", data: 2 })
        assert.instanceOf(gap, Gap)
        assert.strictEqual(gap.since.epochMillis, 500)
        assert.strictEqual(Duration.toMillis(gap.duration), 2000)
        const cause = networkError(gap.cause, "ServerClosed")
        assert.deepInclude(cause.reason, { code: 1012 })
        assert.isTrue(cause.sent)
      })
    )
  )

  for (const strategy of ["suspend", "sliding", "dropping", "fail"] as const) {
    it.effect(`shows its gap also when its buffer is full: ${strategy}`, () =>
      scenario({ ...everySecond, buffer: { capacity: 2, strategy } }, ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<string> = []
          const latch = yield* Effect.makeLatch()
          const fiber = yield* Effect.fork(
            Stream.runForEach(client.subscribeEvents("s"), (event) =>
              Effect.zipRight(
                latch.await,
                Effect.sync(() => seen.push(event instanceof Gap ? "gap" : String(event.data)))
              )
            )
          )
          const first = yield* server.acceptReady
          const before = yield* first.awaitSubscribe
          yield* before.next(0)
          yield* TestClock.adjust("1 millis")
          for (const n of [1, 2]) yield* before.next(n)
          yield* client.reconnect
          // Lost twice with nothing between: one gap.
          yield* (yield* server.acceptReady).awaitSubscribe
          yield* client.reconnect
          const third = yield* server.acceptReady
          yield* latch.open
          yield* TestClock.adjust("1 millis")
          yield* (yield* third.awaitSubscribe).next(3)
          yield* TestClock.adjust("1 millis")
          assert.deepStrictEqual(
            seen,
            strategy === "sliding" ? ["0", "2", "gap", "3"] : ["0", "1", "2", "gap", "3"]
          )
          yield* Fiber.interrupt(fiber)
        })
      )
    )
  }

  it.effect("that waits for its first connection sees no gap", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runCollect(Stream.take(client.subscribeEvents("s"), 1))
        )
        yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
        yield* TestClock.adjust("1 second")
        yield* (yield* (yield* server.acceptReady).awaitSubscribe).next(1)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [
          { _tag: "Data", data: 1 }
        ])
      })
    )
  )

  it.effect("comes back with fifty others, over one socket", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const fibers = yield* Effect.replicateEffect(
          Effect.fork(Stream.runCollect(client.subscribe("s"))),
          50
        )
        const first = yield* server.acceptReady
        yield* Effect.replicateEffect(first.awaitSubscribe, 50)
        yield* first.close(1001)
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        const operations = yield* Effect.replicateEffect(second.awaitSubscribe, 50)
        assert.strictEqual(new Set(operations.map(({ id }) => id)).size, 50)
        assert.strictEqual(yield* server.sockets, 1)
        for (const operation of operations) yield* operation.complete
        yield* Fiber.joinAll(fibers)
      })
    )
  )

  it.effect("that is left during the wait ends at once and does not come back", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const left = yield* Effect.fork(Stream.runDrain(client.subscribe("left")))
        const kept = yield* Effect.fork(Stream.runDrain(client.subscribe("kept")))
        const first = yield* server.acceptReady
        yield* first.awaitSubscribe
        yield* first.drop
        yield* TestClock.adjust("500 millis")
        yield* Fiber.interrupt(left)
        yield* TestClock.adjust("500 millis")
        const second = yield* server.acceptReady
        assert.strictEqual((yield* second.awaitSubscribe).request.query, "kept")
        assert.deepStrictEqual(
          (yield* second.received).map(({ _tag }) => _tag),
          ["ConnectionInit", "Subscribe"]
        )
        yield* Fiber.interrupt(kept)
      })
    )
  )

  it.effect("that is the last to leave during the wait ends the wait", () =>
    scenario({ reconnect: Schedule.spaced("1 hour") }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        yield* (yield* server.acceptReady).drop
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* client.status.get)._tag, "Idle")
        assert.strictEqual(yield* server.attempts, 1)
      })
    )
  )

  it.effect("that begins while the old connection is being closed is not lost", () =>
    scenario({ idleTimeout: "1 second", closeTimeout: "2 seconds" }, ({ client, server }) =>
      Effect.gen(function* () {
        yield* Effect.fork(client.connect)
        const first = yield* server.acceptReady
        yield* first.goSilent
        yield* TestClock.adjust("2 seconds")
        assert.isFalse(yield* first.isGone, "it is being closed")
        const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe("s")))
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        assert.strictEqual(yield* server.sockets, 1)
        yield* (yield* second.awaitSubscribe).complete
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("that suspends its socket survives the loss in order", () =>
    scenario({ ...everySecond, buffer: { capacity: 2 } }, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("s")
        const first = yield* server.acceptReady
        const before = yield* first.awaitSubscribe
        for (const n of [1, 2, 3]) yield* before.next(n)
        assert.isTrue(yield* first.isPaused)
        yield* client.reconnect
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        const after = yield* second.awaitSubscribe
        assert.isTrue(yield* second.isPaused, "the buffer is still full")
        yield* after.next(4)
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [1, 2])
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* subscription.take), [4])
      })
    )
  )

  it.effect("says how far it is", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const subscription = yield* client.subscription("s")
        assert.strictEqual(yield* subscription.progress, "pending")
        const first = yield* server.acceptReady
        assert.strictEqual(yield* subscription.progress, "active")
        yield* first.drop
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(yield* subscription.progress, "reconnecting")
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        assert.strictEqual(yield* subscription.progress, "active")
        yield* (yield* second.awaitSubscribe).complete
        assert.strictEqual(yield* subscription.progress, "ended")
      })
    )
  )
})

describe("resuming", () => {
  it.effect(
    "from the consumer's own cursor: over fifty losses nothing is lost or comes twice",
    () =>
      scenario(everySecond, ({ client, server }) =>
        Effect.gen(function* () {
          const Events = Operation.subscription("subscription ($after: Int!) { n }", {
            variables: Schema.Struct({ after: Schema.Int }),
            data: Schema.Struct({ n: Schema.NumberFromString })
          })
          const fiber = yield* Effect.fork(
            client
              .subscribe(Events, {
                variables: { after: 0 },
                resume: ({ n }) => ({ after: n })
              })
              .pipe(Stream.take(510), Stream.runCollect)
          )
          // A server that publishes ten events a connection, the last of which it never gets across.
          for (let losses = 0; losses <= 50; losses++) {
            const connection = yield* server.acceptReady
            const operation = yield* connection.awaitSubscribe
            const after = Number(operation.request.variables?.after)
            for (let n = after + 1; n < after + 11 && n <= 510; n++) {
              yield* operation.next({ n: String(n) })
            }
            if (losses < 50) {
              yield* losses % 2 === 0 ? connection.drop : connection.close(1001)
              yield* operation.next({ n: String(after + 11) })
              yield* TestClock.adjust("1 second")
            }
          }
          assert.deepStrictEqual(
            Chunk.toReadonlyArray(yield* Fiber.join(fiber)).map(({ n }) => n),
            Array.from({ length: 510 }, (_, i) => i + 1)
          )
        })
      )
  )

  it.effect("before the first result sends the first request again", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Stream.runDrain(
            client.subscribe("s", { variables: { after: 0 }, resume: () => ({ after: 9 }) })
          )
        )
        const first = yield* server.acceptReady
        yield* first.awaitSubscribe
        yield* first.drop
        yield* TestClock.adjust("1 second")
        const again = yield* (yield* server.acceptReady).awaitSubscribe
        assert.deepStrictEqual(again.request.variables, { after: 0 })
        yield* Fiber.interrupt(fiber)
      })
    )
  )

  for (const [what, resume] of [
    [
      "throws",
      () => {
        throw new Error("mine")
      }
    ],
    ["gives what is not JSON", () => ({ after: 1n })]
  ] as const) {
    it.effect(`with a function that ${what} ends that subscription alone`, () =>
      scenario(everySecond, ({ client, server }) =>
        Effect.gen(function* () {
          const broken = yield* Effect.fork(Stream.runDrain(client.subscribe("a", { resume })))
          const sibling = yield* Effect.fork(Stream.runCollect(client.subscribe("b")))
          const first = yield* server.acceptReady
          yield* (yield* first.awaitSubscribe).next(1)
          yield* first.drop
          yield* TestClock.adjust("1 second")
          const second = yield* server.acceptReady
          yield* (yield* second.awaitSubscribe).complete
          yield* Fiber.join(sibling)
          assert.isTrue(Exit.isFailure(yield* Fiber.await(broken)))
        })
      )
    )
  }
})

describe("queries and mutations", () => {
  it.effect("not yet sent wait for the connection and go out once", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.mutate("mutation { x }"))
        yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
        yield* TestClock.adjust("1 second")
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).next({ x: 1 })
        assert.deepStrictEqual(yield* Fiber.join(fiber), { x: 1 })
      })
    )
  )

  it.effect("not yet sent end at their own timeout, with the failure that kept them", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          Effect.flip(client.query("{ x }", { timeout: "1500 millis" }))
        )
        yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
        yield* TestClock.adjust("1500 millis")
        const error = networkError(yield* Fiber.join(fiber), "OperationTimeout")
        assert.isFalse(error.sent)
        networkError(error.cause, "ConnectFailed")
      })
    )
  )

  it.effect("are not blamed on a failure that nobody waited to see mended", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const lost = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const first = yield* server.acceptReady
        yield* first.awaitSubscribe
        yield* first.drop
        yield* Fiber.join(lost)
        yield* TestClock.adjust("1 minute")
        const late = yield* Effect.fork(Effect.flip(client.query("{ x }", { timeout: "1 second" })))
        yield* TestClock.adjust("1 second")
        assert.isUndefined(networkError(yield* Fiber.join(late), "OperationTimeout").cause)
      })
    )
  )

  it.effect("sent are never replayed: they fail at once, and say so", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const mutation = yield* Effect.fork(Effect.flip(client.mutate("mutation { x }")))
        const stream = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        const first = yield* server.acceptReady
        yield* first.awaitSubscribe
        yield* first.drop
        assert.isTrue(networkError(yield* Fiber.join(mutation), "ConnectionLost").sent)
        yield* TestClock.adjust("1 second")
        const second = yield* server.acceptReady
        assert.strictEqual((yield* second.awaitSubscribe).request.query, "s")
        assert.lengthOf(yield* second.received, 2)
        yield* Fiber.interrupt(stream)
      })
    )
  )

  it.effect("called idempotent are sent again", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(client.query("{ x }", { idempotent: true }))
        const first = yield* server.acceptReady
        yield* first.awaitSubscribe
        yield* first.drop
        yield* TestClock.adjust("1 second")
        yield* (yield* (yield* server.acceptReady).awaitSubscribe).next({ x: 1 })
        assert.deepStrictEqual(yield* Fiber.join(fiber), { x: 1 })
      })
    )
  )
})

describe("the schedule", () => {
  /** Refuses every attempt, and notes when each was made. */
  const refuseAll = (server: TestServer.TestServer, times: Array<number>) =>
    Effect.forever(
      Effect.gen(function* () {
        const connection = yield* server.accept
        times.push(yield* Clock.currentTimeMillis)
        yield* connection.fail(new Error(`refusal ${times.length}`))
      })
    )

  it.effect("by default gives up after ten failures in a row, with the last cause", () =>
    scenario({ reconnect: Reconnect.schedule }, ({ client, server }) =>
      Effect.gen(function* () {
        const times: Array<number> = []
        yield* Effect.forkScoped(refuseAll(server, times))
        const told = [
          yield* Effect.fork(Effect.flip(Effect.asVoid(client.connect))),
          yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        ]
        yield* TestClock.adjust("5 minutes")
        assert.lengthOf(times, 10)
        for (const fiber of told) {
          const error = networkError(yield* fiber, "ConnectFailed")
          assert.strictEqual((error.cause as Error).message, "refusal 10")
        }
        assert.strictEqual((yield* client.status.get)._tag, "Failed")
        // Somebody new is served anew.
        yield* Effect.fork(Effect.exit(client.connect))
        yield* TestClock.adjust("1 millis")
        assert.isAbove(times.length, 10)
        yield* TestClock.adjust("5 minutes")
      })
    )
  )

  it.effect("grows, is capped at 30 seconds, and never waits longer", () =>
    scenario(
      { reconnect: Schedule.intersect(Reconnect.growth, Schedule.recurs(200)) },
      ({ client, server }) =>
        Effect.gen(function* () {
          const times: Array<number> = []
          yield* Effect.forkScoped(refuseAll(server, times))
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
          yield* TestClock.adjust("2 hours")
          yield* Fiber.join(fiber)
          const delays = times.slice(1).map((time, i) => time - (times[i] ?? 0))
          for (const [i, delay] of delays.entries()) {
            assert.isAtMost(delay, Math.min(30_000, 500 * 2 ** i))
          }
          const late = delays.slice(20)
          const mean = late.reduce((sum, delay) => sum + delay, 0) / late.length
          assert.isAbove(mean, 12_000)
          assert.isBelow(mean, 18_000)
        })
    )
  )

  it.effect("an outage of a week ends with everything running, if the user says forever", () =>
    scenario({ reconnect: Schedule.spaced("1 hour") }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe("s")))
        const first = yield* server.acceptReady
        yield* (yield* first.awaitSubscribe).next(1)
        yield* first.drop
        const outage = yield* Effect.fork(refuseAll(server, []))
        yield* TestClock.adjust("7 days")
        yield* Fiber.interrupt(outage)
        yield* TestClock.adjust("1 hour")
        const second = yield* server.acceptReady
        const operation = yield* second.awaitSubscribe
        yield* operation.next(2)
        yield* operation.complete
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), [1, 2])
        assert.isAbove(yield* server.attempts, 160)
      })
    )
  )

  it.effect("a server that acknowledges and drops does not reset it", () =>
    scenario({ reconnect: Reconnect.schedule }, ({ client, server }) =>
      Effect.gen(function* () {
        yield* Effect.forkScoped(
          Effect.forever(Effect.flatMap(server.acceptReady, (connection) => connection.close(1000)))
        )
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        yield* TestClock.adjust("5 minutes")
        networkError(yield* Fiber.join(fiber), "ServerClosed")
        assert.strictEqual(yield* server.attempts, 10)
      })
    )
  )

  for (const [proof, prove] of [
    ["a result", (connection) => Effect.flatMap(connection.awaitSubscribe, (o) => o.next(1))],
    ["having lived for healthyAfter", () => TestClock.adjust("10 seconds")]
  ] satisfies ReadonlyArray<
    [string, (connection: TestServer.TestConnection) => Effect.Effect<void>]
  >) {
    it.effect(`${proof} is proof of health and resets it`, () =>
      scenario(
        { reconnect: Schedule.intersect(Schedule.spaced("1 second"), Schedule.recurs(1)) },
        ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
            for (let i = 0; i < 10; i++) {
              const connection = yield* server.acceptReady
              yield* prove(connection)
              yield* connection.drop
              yield* TestClock.adjust("1 second")
            }
            assert.isTrue(yield* isRunning(fiber))
            yield* Fiber.interrupt(fiber)
          })
      )
    )
  }

  it.effect("a server that closes with 1000 is not hammered", () =>
    scenario({ reconnect: Reconnect.growth }, ({ client, server }) =>
      Effect.gen(function* () {
        // It even sends a result each time, so that each connection proves itself.
        yield* Effect.forkScoped(
          Effect.forever(
            Effect.gen(function* () {
              const connection = yield* server.acceptReady
              yield* (yield* connection.awaitSubscribe).next(1)
              yield* connection.close(1000)
            })
          )
        )
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        yield* TestClock.adjust("1 minute")
        assert.isBelow(yield* server.attempts, 500)
        yield* Fiber.interrupt(fiber)
      })
    )
  )

  it.effect(
    "a thousand clients that lose one server come back spread out",
    () =>
      Effect.gen(function* () {
        const returns: Array<number> = []
        yield* Effect.forEach(
          Array.from({ length: 1000 }),
          () =>
            Effect.gen(function* () {
              const context = yield* Layer.build(
                Layer.fresh(Layer.provideMerge(GraphQLClient.layer({ url }), TestServer.layer))
              )
              const server = Context.get(context, TestServer.TestServer)
              const client = Context.get(context, GraphQLClient.GraphQLClient)
              yield* Effect.forkScoped(Stream.runDrain(client.subscribe("s")))
              yield* (yield* server.acceptReady).close(1001)
              yield* Effect.forkScoped(
                Effect.tap(server.accept, () =>
                  Effect.map(Clock.currentTimeMillis, (now) => returns.push(now))
                )
              )
            }),
          { concurrency: "unbounded" }
        )
        yield* TestClock.adjust("500 millis")
        assert.lengthOf(returns, 1000)
        // Full jitter over 500 ms: no tenth of the time sees more than a fifth of them.
        for (let start = 0; start < 500; start += 50) {
          const together = returns.filter((time) => time >= start && time < start + 50).length
          assert.isBelow(together, 200)
          assert.isAbove(together, 30)
        }
      }).pipe(Effect.scoped),
    60_000
  )

  it.effect("a round trip that grows until the keepalive trips ends in a new connection", () =>
    scenario(
      { ...everySecond, keepalive: { interval: "2 seconds", timeout: "1 second" } },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            Stream.runCollect(Stream.take(client.subscribeEvents("s"), 1))
          )
          const connection = yield* server.acceptReady
          yield* connection.ignorePings
          for (let rtt = 100; rtt < 1000; rtt += 100) {
            yield* connection.awaitPing.pipe(
              Effect.fork,
              Effect.tap(() => TestClock.adjust("2 seconds")),
              Effect.flatMap(Fiber.join)
            )
            yield* TestClock.adjust(rtt)
            yield* connection.send({ _tag: "Pong" })
          }
          yield* TestClock.adjust("3 seconds")
          assert.isTrue(yield* connection.isGone)
          yield* TestClock.adjust("1 second")
          const next = yield* server.acceptReady
          yield* next.awaitSubscribe
          const gap = Chunk.unsafeHead(yield* Fiber.join(fiber))
          assert.instanceOf(gap, Gap)
          networkError(gap.cause, "KeepaliveTimeout")
        })
    )
  )

  for (const code of [4400, 4406, 4409]) {
    it.effect(`${code} is not tried again`, () =>
      scenario(everySecond, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
          yield* (yield* server.acceptReady).close(code)
          assert.deepInclude(networkError(yield* Fiber.join(fiber), "ServerClosed").reason, {
            code
          })
          yield* TestClock.adjust("1 hour")
          assert.strictEqual(yield* server.attempts, 1)
        })
      )
    )
  }

  for (const code of [1000, 1001, 1012]) {
    it.effect(`a rolling deploy that closes with ${code} is ridden out`, () =>
      scenario(everySecond, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
          for (let deploys = 0; deploys < 5; deploys++) {
            const connection = yield* server.acceptReady
            yield* connection.awaitSubscribe
            yield* connection.close(code)
            yield* TestClock.adjust("1 second")
          }
          assert.isTrue(yield* isRunning(fiber))
          yield* Fiber.interrupt(fiber)
        })
      )
    )
  }

  for (const status of [400, 404]) {
    it.effect(`an upgrade answered with ${status} is not tried again`, () =>
      scenario(everySecond, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.connect))
          yield* (yield* server.accept).reject(status)
          networkError(yield* Fiber.join(fiber), "HandshakeRejected")
          yield* TestClock.adjust("1 hour")
          assert.strictEqual(yield* server.attempts, 1)
        })
      )
    )
  }

  it.effect("the user may know better, code by code", () =>
    scenario({ ...everySecond, retry: { 4400: "backoff", 1001: "never" } }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        yield* (yield* server.acceptReady).close(4400)
        yield* TestClock.adjust("1 second")
        yield* (yield* server.acceptReady).close(1001)
        networkError(yield* Fiber.join(fiber), "ServerClosed")
      })
    )
  )
})

describe("credentials", () => {
  for (const [refusal, refuse] of [
    ["4401", (connection) => connection.close(4401)],
    ["4403", (connection) => connection.close(4403)],
    ["401", (connection) => connection.reject(401)],
    ["403", (connection) => connection.reject(403)]
  ] satisfies ReadonlyArray<
    [string, (connection: TestServer.TestConnection) => Effect.Effect<void>]
  >) {
    const isUpgrade = refusal.length === 3

    it.effect(`refused with ${refusal} are evaluated anew and tried once more`, () =>
      Effect.gen(function* () {
        const token = yield* Ref.make(0)
        const connectionPayload = Effect.map(
          Ref.updateAndGet(token, (n) => n + 1),
          (n) => ({ token: n })
        )
        yield* scenario({ ...everySecond, connectionPayload }, ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(Stream.runCollect(client.subscribe("s")))
            const first = yield* server.accept
            if (!isUpgrade) {
              yield* first.open()
              yield* first.awaitInit
            }
            yield* refuse(first)
            yield* TestClock.adjust("1 second")
            const second = yield* server.accept
            yield* second.open()
            const { payload } = yield* second.awaitInit
            assert.deepStrictEqual(payload, { token: isUpgrade ? 1 : 2 })
            yield* second.ack()
            yield* (yield* second.awaitSubscribe).complete
            yield* Fiber.join(fiber)
          })
        )
      })
    )

    it.effect(`refused with ${refusal} twice: Unauthorized, and no third attempt`, () =>
      scenario(everySecond, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
          for (const _ of [1, 2]) {
            const connection = yield* server.accept
            if (!isUpgrade) yield* connection.open()
            yield* refuse(connection)
            yield* TestClock.adjust("1 second")
          }
          const error = networkError(yield* Fiber.join(fiber), "Unauthorized")
          assert.strictEqual(error.reason.code, Number(refusal))
          networkError(error.cause, isUpgrade ? "HandshakeRejected" : "ServerClosed")
          yield* TestClock.adjust("1 hour")
          assert.strictEqual(yield* server.attempts, 2)
        })
      )
    )
  }

  it.effect("that expire on a live socket are refreshed each time", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        for (let expiries = 0; expiries < 5; expiries++) {
          const connection = yield* server.acceptReady
          yield* (yield* connection.awaitSubscribe).next(expiries)
          yield* TestClock.adjust("30 seconds")
          yield* connection.close(4401)
          yield* TestClock.adjust("1 second")
        }
        assert.isTrue(yield* isRunning(fiber))
        yield* Fiber.interrupt(fiber)
      })
    )
  )

  it.effect("that were rotated: reconnect moves the subscriptions to a new connection", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const stream = yield* Effect.fork(Stream.runCollect(client.subscribe("s")))
        const query = yield* Effect.fork(Effect.flip(client.query("{ x }")))
        const first = yield* server.acceptReady
        yield* (yield* first.awaitSubscribe).next(1)
        yield* client.reconnect
        const second = yield* server.acceptReady
        assert.isTrue(yield* first.isGone)
        assert.strictEqual((yield* first.awaitClose).code, 1000)
        const operation = yield* second.awaitSubscribe
        yield* operation.next(2)
        yield* operation.complete
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(stream)), [1, 2])
        assert.isTrue(networkError(yield* Fiber.join(query), "ReconnectRequested").sent)
      })
    )
  )

  it.effect("refused for one operation touch neither the connection nor a sibling", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const denied = yield* Effect.fork(Effect.flip(client.query("{ secret }")))
        const connection = yield* server.acceptReady
        yield* (yield* connection.awaitSubscribe).error([
          { message: "no", extensions: { code: "UNAUTHENTICATED" } }
        ])
        assert.strictEqual((yield* Fiber.join(denied))._tag, "OperationError")
        assert.isFalse(yield* connection.isGone)
      })
    )
  )
})

describe("the connection", () => {
  it.effect("is closed when nobody has used it for idleTimeout, and made anew when needed", () =>
    scenario({ idleTimeout: "5 seconds" }, ({ client, server }) =>
      Effect.gen(function* () {
        yield* Effect.fork(client.query("{ x }"))
        const first = yield* server.acceptReady
        const operation = yield* first.awaitSubscribe
        yield* operation.next(1)
        yield* operation.complete
        yield* TestClock.adjust("4999 millis")
        assert.isFalse(yield* first.isGone)
        yield* TestClock.adjust("1 millis")
        assert.strictEqual((yield* first.awaitClose).code, 1000)
        assert.strictEqual((yield* client.status.get)._tag, "Idle")
        yield* Effect.fork(client.query("{ x }"))
        yield* server.acceptReady
        assert.strictEqual(yield* server.sockets, 1)
      })
    )
  )

  it.effect("is not waited for once the last who asked for one has left", () =>
    scenario({ reconnect: Schedule.spaced("1 hour") }, ({ client, server }) =>
      Effect.gen(function* () {
        const asking = yield* Effect.fork(client.connect)
        yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* client.status.get)._tag, "Reconnecting")
        yield* Fiber.interrupt(asking)
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* client.status.get)._tag, "Idle")
      })
    )
  )

  it.effect("is kept by whoever uses it again before", () =>
    scenario({ idleTimeout: "5 seconds" }, ({ client, server }) =>
      Effect.gen(function* () {
        yield* Effect.fork(client.connect)
        const connection = yield* server.acceptReady
        for (let i = 0; i < 5; i++) {
          yield* TestClock.adjust("4 seconds")
          const fiber = yield* Effect.fork(client.query("{ x }"))
          const operation = yield* connection.awaitSubscribe
          yield* operation.next(1)
          yield* operation.complete
          yield* Fiber.join(fiber)
        }
        assert.strictEqual(yield* server.attempts, 1)
      })
    )
  )

  it.effect("with an idleTimeout of 0 is closed at once; with infinity never", () =>
    Effect.gen(function* () {
      for (const [idleTimeout, sockets] of [
        [0, 0],
        [Duration.infinity, 1]
      ] as const) {
        yield* scenario({ idleTimeout }, ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(client.connect)
            yield* server.acceptReady
            yield* Fiber.join(fiber)
            yield* TestClock.adjust("1 minute")
            assert.strictEqual(yield* server.sockets, sockets)
          })
        )
      }
    })
  )

  it.effect("is made at once and kept, if eager", () =>
    scenario({ ...everySecond, eager: true }, ({ server }) =>
      Effect.gen(function* () {
        const first = yield* server.acceptReady
        yield* TestClock.adjust("1 hour")
        assert.isFalse(yield* first.isGone)
        yield* first.drop
        yield* TestClock.adjust("1 second")
        yield* server.acceptReady
      })
    )
  )

  it.effect("is not made anew for nobody", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        yield* Effect.fork(client.connect)
        yield* (yield* server.acceptReady).drop
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(yield* server.attempts, 1)
      })
    )
  )

  it.effect("keeps its last 64 changes for whoever does not look", () =>
    scenario(everySecond, ({ client, server }) =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const look = yield* Effect.makeLatch()
        yield* Effect.forkScoped(
          Stream.runForEach(client.status.changes, ({ _tag }) =>
            Effect.zipRight(
              Effect.sync(() => seen.push(_tag)),
              look.await
            )
          )
        )
        yield* Effect.yieldNow()
        yield* Effect.fork(client.connect)
        for (let attempt = 1; attempt <= 50; attempt++) {
          yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
          yield* TestClock.adjust("1 second")
        }
        yield* look.open
        yield* TestClock.adjust(0)
        assert.lengthOf(seen, 65)
        assert.strictEqual(seen[0], "Idle")
        assert.strictEqual(seen.at(-1), "Connecting")
      })
    )
  )

  it.effect("says what it does", () =>
    scenario(
      { ...everySecond, keepalive: { interval: "2 seconds", timeout: "1 second" } },
      ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<string> = []
          yield* Effect.forkScoped(
            Stream.runForEach(client.status.changes, (status) =>
              Effect.sync(() => {
                seen.push(
                  status._tag === "Reconnecting"
                    ? `Reconnecting ${status.attempt} ${status.cause._tag} at ${status.nextAttemptAt.epochMillis}`
                    : status._tag === "Connecting"
                      ? `Connecting ${status.attempt}`
                      : status._tag === "Live"
                        ? `Live since ${status.since.epochMillis} ${status.roundTrip._tag} ${JSON.stringify(status.ack)}`
                        : status._tag
                )
              })
            )
          )
          yield* Effect.yieldNow()
          const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
          yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
          yield* TestClock.adjust("1 second")
          const second = yield* server.accept
          yield* second.open()
          yield* second.awaitInit
          yield* second.ack({ a: 1 })
          yield* TestClock.adjust("5 seconds")
          yield* Fiber.interrupt(fiber)
          yield* TestClock.adjust("5 seconds")
          assert.deepStrictEqual(seen, [
            "Idle",
            "Connecting 1",
            "Reconnecting 1 NetworkError at 1000",
            "Connecting 2",
            `Live since 1000 None {"a":1}`,
            `Live since 1000 Some {"a":1}`,
            "Idle"
          ])
        })
    )
  )

  it.effect("says that it is closing, and closed", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(
        Layer.provideMerge(GraphQLClient.layer({ url }), TestServer.layer),
        scope
      )
      const client = Context.get(context, GraphQLClient.GraphQLClient)
      const server = Context.get(context, TestServer.TestServer)
      yield* Effect.fork(client.connect)
      yield* (yield* server.acceptReady).goSilent
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* client.status.get)._tag, "Closing")
      yield* TestClock.adjust("4 seconds")
      yield* Fiber.join(closing)
      assert.strictEqual((yield* client.status.get)._tag, "Closed")
    })
  )
})

describe("a network monitor", () => {
  it.effect("holds attempts back while offline, and makes one at once when back", () =>
    Effect.gen(function* () {
      const online = yield* SubscriptionRef.make(true)
      const layer = Layer.provideMerge(
        GraphQLClient.layer({ url, reconnect: Schedule.spaced("1 hour") }).pipe(
          Layer.provide(Layer.succeed(NetworkMonitor, online))
        ),
        TestServer.layer
      )
      yield* Effect.gen(function* () {
        const client = yield* GraphQLClient.GraphQLClient
        const server = yield* TestServer.TestServer
        const fiber = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        yield* (yield* server.acceptReady).drop
        yield* SubscriptionRef.set(online, false)
        yield* TestClock.adjust("10 hours")
        assert.strictEqual(yield* server.attempts, 1)
        yield* SubscriptionRef.set(online, true)
        yield* (yield* server.acceptReady).drop
        assert.strictEqual(yield* Clock.currentTimeMillis, 36_000_000)

        // Waiting for the schedule: coming back cuts the wait short.
        yield* SubscriptionRef.set(online, false)
        yield* TestClock.adjust("1 minute")
        yield* SubscriptionRef.set(online, true)
        yield* server.acceptReady
        assert.strictEqual(yield* Clock.currentTimeMillis, 36_060_000)
        yield* Fiber.interrupt(fiber)
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("that cannot be interrupted keeps nobody from closing", () =>
    Effect.gen(function* () {
      const changes = Stream.fromEffect(Effect.uninterruptible(Effect.async<boolean>(() => {})))
      const scope = yield* Scope.make()
      const client = yield* GraphQLClient.make({ url }).pipe(
        Scope.extend(scope),
        Effect.provideService(
          NetworkMonitor,
          Subscribable.make({ get: Effect.succeed(true), changes })
        ),
        Effect.provide(TestServer.layer)
      )
      const waiting = yield* Effect.fork(Effect.flip(client.connect))
      yield* TestClock.adjust("1 second")
      yield* Scope.close(scope, Exit.void)
      networkError(yield* Fiber.join(waiting), "ClientClosed")
    })
  )

  it.effect("that says offline: nobody connects for somebody who has left meanwhile", () =>
    Effect.gen(function* () {
      const online = yield* SubscriptionRef.make(false)
      const layer = Layer.provideMerge(
        GraphQLClient.layer({ url }).pipe(Layer.provide(Layer.succeed(NetworkMonitor, online))),
        TestServer.layer
      )
      yield* Effect.gen(function* () {
        const client = yield* GraphQLClient.GraphQLClient
        const server = yield* TestServer.TestServer
        const left = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* client.status.get)._tag, "Connecting")
        yield* client.reconnect
        yield* Fiber.interrupt(left)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* server.attempts, 0)
        assert.strictEqual((yield* client.status.get)._tag, "Idle")

        // What was asked for while there was nothing to replace is not done later.
        const stays = yield* Effect.fork(Stream.runDrain(client.subscribe("s")))
        yield* client.reconnect
        yield* SubscriptionRef.set(online, true)
        yield* server.acceptReady
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* server.attempts, 1)
        yield* Fiber.interrupt(stays)
      }).pipe(Effect.provide(layer))
    })
  )
})
