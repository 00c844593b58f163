/** What holds in virtual time (client, Reconnect.test.ts), against servers and sockets that are real. */
import { assert, describe } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import type * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Operation from "@fiberline/client/Operation"
import type { Event, Gap } from "@fiberline/client/Subscription"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { childServer, childServerAt } from "./support/childServer.js"
import { assertTook, connect, detection, network } from "./support/client.js"
import { graphqlServer } from "./support/graphqlServer.js"
import { eventually, live } from "./support/live.js"
import { relay } from "./support/relay.js"
import { closedPort } from "./support/servers.js"
import { hasProc, watchSocketTo } from "./support/sockets.js"

const delay = 100
const soon = { reconnect: Schedule.spaced(delay) } satisfies Partial<ClientOptions>

/** The same for tests without a silent link, which a machine that is busy must not seem to be. */
const patient = {
  ...soon,
  keepalive: { interval: "5 seconds", timeout: "5 seconds" }
} satisfies Partial<ClientOptions>

const ticks = (every: number) => `subscription { ticks(every: ${every}) }`

const Counter = Operation.subscription("subscription ($after: Int!) { counter(after: $after) }", {
  variables: Schema.Struct({ after: Schema.Int }),
  data: Schema.Struct({ counter: Schema.Int })
})

const isGap = (event: Event<unknown>): event is Gap => event._tag === "Gap"
const isData = (event: Event<unknown>): boolean => event._tag === "Data"

/** Writes down the events of a subscription as they come, while the test runs. */
const record = (client: GraphQLClient.Service, subscription: string) =>
  Effect.gen(function* () {
    const events: Array<Event<unknown>> = []
    yield* client.subscribeEvents(subscription).pipe(
      Stream.runForEach((event) => Effect.sync(() => void events.push(event))),
      Effect.forkScoped
    )
    return events
  })

/** Waits for some results more, of each of these. */
const grow = (...all: ReadonlyArray<ReadonlyArray<Event<unknown>>>) =>
  Effect.suspend(() => {
    const results = () => all.map((events) => events.filter(isData).length)
    const before = results()
    return eventually(() =>
      results().forEach((count, index) => assert.isAtLeast(count, (before[index] ?? 0) + 3))
    )
  })

/** Asserts that a subscription went on after one gap, and gives the gap. */
const onlyGap = (events: ReadonlyArray<Event<unknown>>): Gap => {
  const [gap, ...others] = events.filter(isGap)
  assert(gap, "there is a gap")
  assert.lengthOf(others, 0, "there is one gap")
  const at = events.indexOf(gap)
  assert.isAbove(at, 0, "results came before it")
  assert.isBelow(at, events.length - 1, "results came after it")
  return gap
}

const reasonOf = (gap: Gap) => network(gap.cause).reason

const subscribes = <A extends { readonly type: string }>(received: ReadonlyArray<A>) =>
  received.filter(({ type }) => type === "subscribe")

describe("a server process that is killed and started again", () => {
  live(
    "fifty subscriptions go on, each sent once to each life of the server",
    Effect.gen(function* () {
      const first = yield* childServer
      const client = yield* connect(first.url, patient)
      const all = yield* Effect.replicateEffect(record(client, ticks(20)), 50)
      yield* grow(...all)
      yield* first.kill
      const second = yield* childServerAt(first.port)
      yield* grow(...all)

      for (const events of all) {
        const gap = onlyGap(events)
        assert.strictEqual(reasonOf(gap)._tag, "ConnectionLost")
        assert.isAtLeast(Duration.toMillis(gap.duration), delay - 5)
      }
      for (const { connections, received } of [first, second]) {
        const ids = subscribes(received).map(({ id }) => id)
        assert.lengthOf(ids, 50)
        assert.strictEqual(new Set(ids).size, 50)
        assert.deepStrictEqual(connections, [1])
      }
    })
  )

  // The one that is slow has results in its buffer, and more of them in its paused socket.
  for (const [consumer, pause, results] of [
    ["that keeps up", 0, 50],
    ["slower than its server", 5, 20]
  ] as const) {
    live(
      `again and again, with a cursor and a consumer ${consumer}: nothing lost, nothing twice, in order`,
      Effect.gen(function* () {
        let server = yield* childServer
        const client = yield* connect(server.url, {
          ...patient,
          buffer: { capacity: 4, strategy: "suspend" }
        })
        const seen: Array<number> = []
        const options = {
          variables: { after: 0 },
          resume: ({ counter }: { readonly counter: number }) => ({ after: counter })
        }
        const fiber = yield* client.subscribe(Counter, options).pipe(
          Stream.runForEach(({ counter }) => {
            seen.push(counter)
            return pause > 0 ? Effect.sleep(pause) : Effect.void
          }),
          Effect.fork
        )
        const more = Effect.suspend(() => {
          const enough = seen.length + results
          return eventually(() => assert.isAtLeast(seen.length, enough))
        })
        yield* more
        for (let kills = 0; kills < 4; kills++) {
          yield* server.kill
          const seenByThen = seen.length
          server = yield* childServerAt(server.port)
          // What the life before had sent is read to its end first.
          const { received } = server
          yield* eventually(() => assert.lengthOf(subscribes(received), 1))
          const [{ payload } = {}] = subscribes(received)
          assert.isAtLeast(Number(payload?.variables?.["after"]), seenByThen)
          yield* more
          assert.lengthOf(subscribes(received), 1)
          assert.deepStrictEqual(server.connections, [1])
        }
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(
          seen,
          seen.map((_, index) => index + 1)
        )
      })
    )
  }
})

describe("a link that goes silent", () => {
  live(
    "becomes a gap with the KeepaliveTimeout, and the subscription goes on over another",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const link = yield* relay(server)
      const client = yield* connect(link.url, soon)
      const events = yield* record(client, ticks(10))
      yield* grow(events)
      const socket = watchSocketTo(link.port)
      const before = Date.now()
      link.goSilent()
      const [took] = yield* Effect.timed(grow(events))
      assertTook(took, { atMost: detection + delay })

      const gap = onlyGap(events)
      const reason = reasonOf(gap)
      assert(reason._tag === "KeepaliveTimeout")
      assertTook(reason.silentFor, { atLeast: detection, atMost: detection })
      assertTook(Duration.millis(gap.since.epochMillis - before), {
        // Its last byte may have come a tick earlier.
        atLeast: detection - 50,
        atMost: detection
      })
      assertTook(gap.duration, { atLeast: delay, atMost: delay })
      socket.assertGone()
    })
  )

  live(
    "and swallows new connections too is one gap, until it heals",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const link = yield* relay(server)
      const client = yield* connect(link.url, { ...soon, connectTimeout: "150 millis" })
      const events = yield* record(client, ticks(10))
      yield* grow(events)
      link.staySilent()
      // The attempt that failed last did so for want of an answer.
      const failedAgain = yield* client.status.changes.pipe(
        Stream.filter((status) => status._tag === "Reconnecting" && status.attempt === 3),
        Stream.runHead
      )
      link.heal()
      yield* grow(events)
      assert(failedAgain._tag === "Some" && failedAgain.value._tag === "Reconnecting")
      assert.strictEqual(network(failedAgain.value.cause).reason._tag, "ConnectTimeout")
      const gap = onlyGap(events)
      assert.strictEqual(reasonOf(gap)._tag, "KeepaliveTimeout")
      assertTook(gap.duration, { atLeast: 2 * (delay + 150), atMost: 4 * (delay + 150) })
      if (hasProc) assert.deepStrictEqual(new Set(link.clientSockets), new Set([1]))
    })
  )
})

describe("a port that refuses", () => {
  live(
    "until the server is there: a subscription begins without error, a query goes out once",
    Effect.gen(function* () {
      const { port, url } = yield* closedPort
      const client = yield* connect(url, patient)
      const events = yield* record(client, ticks(10))
      const query = yield* Effect.fork(client.query("{ hello }"))
      yield* client.status.changes.pipe(
        Stream.filter((status) => status._tag === "Reconnecting" && status.attempt === 3),
        Stream.runHead
      )
      const server = yield* graphqlServer({ port })
      assert.deepStrictEqual(yield* Fiber.join(query), { hello: "hello world" })
      yield* grow(events)
      assert.isTrue(events.every(isData), "no gap before the first result")
      assert.lengthOf(subscribes(server.received), 2)
      assert.lengthOf(server.headers, 1)
    })
  )
})

describe("a rolling restart", () => {
  for (const code of [1001, 1012]) {
    live(
      `that closes with ${code} is one gap that says so`,
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const first = yield* Scope.extend(graphqlServer(), scope)
        const client = yield* connect(first.url, patient)
        const all = yield* Effect.replicateEffect(record(client, ticks(10)), 5)
        yield* grow(...all)
        for (const ws of first.connections()) ws.close(code, "deploy")
        yield* eventually(() => assert.deepStrictEqual(first.closeCodes, [code]))
        yield* Scope.close(scope, Exit.void)

        // Waits for the next server.
        const query = yield* Effect.fork(client.query("{ hello }"))
        yield* Effect.sleep(3 * delay)
        const second = yield* graphqlServer({ port: first.port })
        yield* Fiber.join(query)
        yield* grow(...all)
        for (const events of all) {
          assert.deepStrictEqual(reasonOf(onlyGap(events)), {
            _tag: "ServerClosed",
            code,
            reason: "deploy"
          })
        }
        assert.lengthOf(subscribes(second.received), 6)
        assert.lengthOf(second.headers, 1)
      })
    )
  }
})

describe("connections", () => {
  live(
    "are one at a time, whatever ends them",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const link = yield* relay(server)
      const client = yield* connect(link.url, soon)
      const events = yield* record(client, ticks(10))
      yield* grow(events)
      const ends: ReadonlyArray<Effect.Effect<void>> = [
        Effect.sync(link.reset),
        Effect.sync(() => server.connections().forEach((ws) => ws.close(1012))),
        Effect.sync(() => server.connections().forEach((ws) => ws.terminate())),
        client.reconnect,
        // Asked for twice, in one go and in the middle of the closing.
        Effect.replicateEffect(client.reconnect, 2, { discard: true }),
        Effect.zipRight(client.reconnect, Effect.delay(client.reconnect, 1)),
        // While the peer is deaf: to be noticed, and to be closed.
        Effect.sync(link.goSilent),
        Effect.zipRight(Effect.sync(link.goSilent), client.reconnect)
      ]
      for (const [index, end] of ends.entries()) {
        yield* end
        yield* eventually(() => assert.isAbove(events.filter(isGap).length, index))
        yield* grow(events)
      }
      assert.isAtLeast(server.headers.length, ends.length + 1)
      if (hasProc) assert.deepStrictEqual(new Set(link.clientSockets), new Set([1]))
    })
  )

  live(
    "move with a rotated token: `reconnect` takes a live subscription along",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      let token = 1
      const client = yield* connect(server.url, {
        ...patient,
        connectionPayload: Effect.sync(() => ({ token }))
      })
      const events = yield* record(client, ticks(10))
      yield* grow(events)
      token = 2
      yield* client.reconnect
      yield* eventually(() => assert.lengthOf(events.filter(isGap), 1))
      yield* grow(events)
      assert.strictEqual(reasonOf(onlyGap(events))._tag, "ReconnectRequested")
      assert.deepStrictEqual(server.payloads, [{ token: 1 }, { token: 2 }])
      assert.deepStrictEqual(server.closeCodes, [1000])
      assert.lengthOf(server.connections(), 1)
      assert.lengthOf(subscribes(server.received), 2)
    })
  )

  live(
    "end when nobody has used them for idleTimeout, and the next query opens another",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const client = yield* connect(server.url, { ...patient, idleTimeout: "200 millis" })
      yield* client.query("{ hello }")
      const socket = watchSocketTo(server.port)
      yield* Effect.sleep("100 millis")
      assert.lengthOf(server.connections(), 1, "it is kept for a while")
      yield* eventually(() => assert.deepStrictEqual(server.closeCodes, [1000]))
      yield* eventually(() => socket.assertGone())
      assert.strictEqual((yield* client.status.get)._tag, "Idle")
      yield* client.query("{ hello }")
      assert.lengthOf(server.headers, 2)
    })
  )
})
