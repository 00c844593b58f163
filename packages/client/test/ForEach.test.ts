import { assert, describe, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import {
  DecodeError,
  EncodeError,
  OperationError,
  OverflowError
} from "@fiberline/client/OperationError"
import * as Operation from "@fiberline/client/Operation"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import type * as Tracer from "effect/Tracer"
import { networkError, protocolError } from "./support/errors.js"
import { isRunning } from "./support/fibers.js"
import { recorder } from "./support/recorder.js"
import { scenario, url } from "./support/scenario.js"

class Mine extends Data.TaggedError("Mine") {}

const completesOf = (connection: TestServer.TestConnection) =>
  Effect.map(connection.received, (all) => all.filter(({ _tag }) => _tag === "Complete"))

type ForEach = Pick<GraphQLClient.Service, "runForEach">

/** A batch's results one by one, so that both methods can be asked the same. */
const oneByOne = (client: GraphQLClient.Service): ForEach => {
  const runForEach = (
    document: string,
    f: (element: unknown) => Effect.Effect<unknown, unknown, unknown>,
    options?: GraphQLClient.SubscribeOptions<string, "throw">
  ) => client.runForEachChunk(document, (all) => Effect.forEach(all, f), options)
  // Type boundary: it is as generic in its document as what it calls.
  return { runForEach: runForEach as never }
}

const methods = [
  ["runForEach", (client: GraphQLClient.Service): ForEach => client],
  ["runForEachChunk", oneByOne]
] as const

for (const [name, of] of methods) {
  describe(name, () => {
    it.effect("hands over each result in order, and completes with nothing", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<unknown> = []
          const fiber = yield* Effect.fork(
            of(client).runForEach("s", (data) => Effect.sync(() => seen.push(data)))
          )
          const connection = yield* server.acceptReady
          const { complete, next } = yield* connection.awaitSubscribe
          for (const n of [1, 2, 3]) yield* next(n)
          yield* TestClock.adjust("1 millis")
          assert.deepStrictEqual(seen, [1, 2, 3])
          yield* next(4)
          yield* complete
          assert.isUndefined(yield* Fiber.join(fiber))
          assert.deepStrictEqual(seen, [1, 2, 3, 4])
          assert.lengthOf(yield* completesOf(connection), 0)
        })
      )
    )

    it.effect("begins nothing before it is run, and anew whenever it is", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const program = of(client).runForEach("s", () => Effect.void)
          yield* Effect.yieldNow()
          assert.strictEqual(yield* server.attempts, 0)
          const both = yield* Effect.fork(Effect.all([program, program]))
          const connection = yield* server.acceptReady
          for (const _ of [1, 2]) yield* (yield* connection.awaitSubscribe).complete
          yield* Fiber.join(both)
        })
      )
    )

    it.effect("runs one after the other, while results go on coming", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<string> = []
          const fiber = yield* Effect.fork(
            of(client).runForEach("s", (n) =>
              Effect.sync(() => seen.push(`begin ${String(n)}`)).pipe(
                Effect.zipRight(Effect.sleep("1 second")),
                Effect.zipRight(Effect.sync(() => seen.push(`end ${String(n)}`)))
              )
            )
          )
          const { complete, next } = yield* (yield* server.acceptReady).awaitSubscribe
          yield* next(1)
          yield* TestClock.adjust("500 millis")
          yield* next(2)
          yield* complete
          yield* TestClock.adjust("1 second")
          assert.deepStrictEqual(seen, ["begin 1", "end 1", "begin 2"])
          yield* TestClock.adjust("500 millis")
          yield* Fiber.join(fiber)
        })
      )
    )

    it.effect("fails with the errors of a subscription, after what came before", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<unknown> = []
          const run = Effect.fork(
            Effect.flip(of(client).runForEach("s", (data) => Effect.sync(() => seen.push(data))))
          )
          const thrown = yield* run
          const connection = yield* server.acceptReady
          const first = yield* connection.awaitSubscribe
          yield* first.next(1)
          yield* first.result({ data: { x: null }, errors: [{ message: "no" }] })
          yield* first.next(2)
          assert.instanceOf(yield* Fiber.join(thrown), OperationError)
          assert.deepStrictEqual(seen, [1])
          yield* first.awaitComplete

          const refused = yield* run
          yield* (yield* connection.awaitSubscribe).error([{ message: "no" }])
          assert.instanceOf(yield* Fiber.join(refused), OperationError)

          const empty = yield* run
          yield* (yield* connection.awaitSubscribe).result({})
          protocolError(yield* Fiber.join(empty), "NoData")

          const lost = yield* run
          const last = yield* connection.awaitSubscribe
          yield* last.next(3)
          yield* connection.drop
          assert.isTrue(networkError(yield* Fiber.join(lost), "ConnectionLost").sent)
          assert.deepStrictEqual(seen, [1, 3])

          const unsent = yield* run
          yield* (yield* server.accept).fail(new Error("ECONNREFUSED"))
          assert.isFalse(networkError(yield* Fiber.join(unsent), "ConnectFailed").sent)
        })
      )
    )

    it.effect("hands over errors, if they are inline", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<unknown> = []
          const fiber = yield* Effect.fork(
            of(client).runForEach("s", (data) => Effect.sync(() => seen.push(data)), {
              errors: "inline"
            })
          )
          const { complete, result } = yield* (yield* server.acceptReady).awaitSubscribe
          yield* result({ data: null, errors: [{ message: "no" }] })
          yield* complete
          yield* Fiber.join(fiber)
          assert.deepStrictEqual(seen, [{ data: null, errors: [{ message: "no" }] }])
        })
      )
    )

    it.effect("fails where its Schemas do not fit", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const Numbers = Operation.subscription("subscription ($key: String!) { n }", {
            variables: Schema.Struct({ key: Schema.NonEmptyString }),
            data: Schema.NumberFromString
          })
          const run = (key: string) =>
            of(client).runForEach(Numbers, () => Effect.void, { variables: { key } })
          assert.instanceOf(yield* Effect.flip(run("")), EncodeError)
          assert.strictEqual(yield* server.attempts, 0)
          const fiber = yield* Effect.fork(Effect.flip(run("a")))
          const operation = yield* (yield* server.acceptReady).awaitSubscribe
          assert.deepStrictEqual(operation.request.variables, { key: "a" })
          yield* operation.next("one")
          assert.instanceOf(yield* Fiber.join(fiber), DecodeError)
          yield* operation.awaitComplete
        })
      )
    )

    it.effect("fails where it is too slow for its buffer", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            Effect.flip(
              of(client).runForEach("s", () => Effect.sleep("1 second"), {
                buffer: { capacity: 1, strategy: "fail" }
              })
            )
          )
          const operation = yield* (yield* server.acceptReady).awaitSubscribe
          yield* operation.next(1)
          yield* TestClock.adjust("1 millis")
          for (const n of [2, 3]) yield* operation.next(n)
          yield* TestClock.adjust("3 seconds")
          assert.instanceOf(yield* Fiber.join(fiber), OverflowError)
          yield* operation.awaitComplete
        })
      )
    )

    it.effect("is ended by the close of its client, also where that is its own doing", () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const context = yield* Layer.buildWithScope(
          Layer.provideMerge(GraphQLClient.layer({ url }), TestServer.layer),
          scope
        )
        const client = Context.get(context, GraphQLClient.GraphQLClient)
        const server = Context.get(context, TestServer.TestServer)
        const fiber = yield* Effect.fork(
          Effect.flip(of(client).runForEach("s", () => Scope.close(scope, Exit.void)))
        )
        yield* (yield* (yield* server.acceptReady).awaitSubscribe).next(1)
        networkError(yield* Fiber.join(fiber), "ClientClosed")
        assert.strictEqual(yield* server.sockets, 0)
      })
    )

    it.effect("goes on over the next connection, from its cursor", () =>
      scenario({ reconnect: Schedule.spaced("1 second") }, ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<unknown> = []
          const fiber = yield* Effect.fork(
            of(client).runForEach("s", (n) => Effect.sync(() => seen.push(n)), {
              variables: { after: 0 },
              resume: (last) => ({ after: Number(last) })
            })
          )
          const first = yield* server.acceptReady
          yield* (yield* first.awaitSubscribe).next(1)
          yield* first.drop
          yield* TestClock.adjust("1 second")
          const again = yield* (yield* server.acceptReady).awaitSubscribe
          assert.deepStrictEqual(again.request.variables, { after: 1 })
          yield* again.next(2)
          yield* again.complete
          yield* Fiber.join(fiber)
          assert.deepStrictEqual(seen, [1, 2])
        })
      )
    )

    it.effect("fails with what its own effect fails with, and leaves", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<unknown> = []
          const fiber = yield* Effect.fork(
            Effect.flip(
              of(client).runForEach("s", (n) => {
                seen.push(n)
                return n === 2 ? Effect.fail(new Mine()) : Effect.void
              })
            )
          )
          const connection = yield* server.acceptReady
          const operation = yield* connection.awaitSubscribe
          for (const n of [1, 2, 3]) yield* operation.next(n)
          assert.instanceOf(yield* Fiber.join(fiber), Mine)
          assert.deepStrictEqual(seen, [1, 2])
          assert.deepStrictEqual(yield* completesOf(connection), [
            { _tag: "Complete", id: operation.id }
          ])
        })
      )
    )

    it.effect("dies of what its own function throws, and leaves", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(
            of(client).runForEach("s", (): Effect.Effect<void> => {
              throw new Error("mine")
            })
          )
          const operation = yield* (yield* server.acceptReady).awaitSubscribe
          yield* operation.next(1)
          const exit = yield* Fiber.await(fiber)
          assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
          yield* operation.awaitComplete
        })
      )
    )

    it.effect("runs its own effect with what that needs", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          class Log extends Context.Tag("Log")<Log, Array<unknown>>() {}
          const log: Array<unknown> = []
          const fiber = yield* Effect.fork(
            Effect.provideService(
              of(client).runForEach("s", (n) => Effect.map(Log, (log) => log.push(n))),
              Log,
              log
            )
          )
          const { complete, next } = yield* (yield* server.acceptReady).awaitSubscribe
          yield* next(1)
          yield* complete
          yield* Fiber.join(fiber)
          assert.deepStrictEqual(log, [1])
        })
      )
    )

    for (const [when, f] of [
      ["while it waits", Effect.void],
      ["while its own effect runs", Effect.never]
    ] as const) {
      it.effect(`leaves when it is interrupted ${when}`, () =>
        scenario({}, ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(of(client).runForEach("s", () => f))
            const connection = yield* server.acceptReady
            const operation = yield* connection.awaitSubscribe
            yield* operation.next(1)
            yield* TestClock.adjust("1 millis")
            assert.isTrue(yield* isRunning(fiber))
            const exit = yield* Fiber.interrupt(fiber)
            assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
            assert.deepStrictEqual(yield* completesOf(connection), [
              { _tag: "Complete", id: operation.id }
            ])
          })
        )
      )
    }

    it.effect("begins nothing when it is interrupted while its variables are encoded", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const Encoded = Operation.subscription("subscription ($n: Int!) { n }", {
            variables: Schema.Struct({
              n: Schema.transformOrFail(Schema.Number, Schema.Number, {
                strict: true,
                decode: Effect.succeed,
                encode: (n) => Effect.as(Effect.sleep("1 second"), n)
              })
            }),
            data: Schema.Unknown
          })
          const run = of(client).runForEach(Encoded, () => Effect.void, { variables: { n: 1 } })
          const interrupted = yield* Effect.fork(run)
          yield* TestClock.adjust("500 millis")
          const exit = yield* Fiber.interrupt(interrupted)
          assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
          yield* TestClock.adjust("1 second")
          assert.strictEqual(yield* server.attempts, 0)
          const fiber = yield* Effect.fork(run)
          yield* TestClock.adjust("1 second")
          yield* (yield* (yield* server.acceptReady).awaitSubscribe).complete
          yield* Fiber.join(fiber)
        })
      )
    )

    it.effect("subscribes anew when it is tried again", () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const seen: Array<unknown> = []
          const fiber = yield* Effect.fork(
            Effect.retry(
              of(client).runForEach("s", (n) => Effect.sync(() => seen.push(n))),
              Schedule.recurs(1)
            )
          )
          const connection = yield* server.acceptReady
          const first = yield* connection.awaitSubscribe
          yield* first.next(1)
          yield* first.error([{ message: "no" }])
          const second = yield* connection.awaitSubscribe
          assert.notStrictEqual(second.id, first.id)
          yield* second.next(2)
          yield* second.complete
          yield* Fiber.join(fiber)
          assert.deepStrictEqual(seen, [1, 2])
        })
      )
    )
  })
}

describe("runForEachChunk", () => {
  it.effect("hands over what has come together, and never nothing", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const seen: Array<ReadonlyArray<unknown>> = []
        const fiber = yield* Effect.fork(
          client.runForEachChunk("s", (all) =>
            Effect.zipRight(
              Effect.sync(() => seen.push(Chunk.toReadonlyArray(all))),
              Effect.sleep("1 second")
            )
          )
        )
        const { complete, next } = yield* (yield* server.acceptReady).awaitSubscribe
        for (const n of [1, 2]) yield* next(n)
        yield* TestClock.adjust("500 millis")
        for (const n of [3, 4, 5]) yield* next(n)
        yield* complete
        yield* TestClock.adjust("2 seconds")
        yield* Fiber.join(fiber)
        assert.deepStrictEqual(seen, [
          [1, 2],
          [3, 4, 5]
        ])
      })
    )
  )
})

describe("the span of a subscription", () => {
  /** Which span its parts are run in, if any. */
  interface Seen {
    readonly encoding: Array<Tracer.Span | null>
    readonly decoding: Array<Tracer.Span | null>
    readonly f: Array<Tracer.Span | null>
  }

  const note = (spans: Array<Tracer.Span | null>) =>
    Effect.map(Effect.option(Effect.currentSpan), (span) => {
      spans.push(Option.getOrNull(span))
    })

  const noting = ({ decoding, encoding }: Seen) => {
    const noted = <A, I>(schema: Schema.Schema<A, I>) =>
      Schema.transformOrFail(schema, Schema.typeSchema(schema), {
        strict: true,
        decode: (value) => Effect.as(note(decoding), value),
        encode: (value) => Effect.as(note(encoding), value)
      })
    return Operation.subscription("subscription Count($from: Int!) { n }", {
      operationName: "Count",
      variables: Schema.Struct({ from: noted(Schema.Number) }),
      data: noted(Schema.Number)
    })
  }

  const run = (client: GraphQLClient.Service, seen: Seen) =>
    client.runForEach(
      noting(seen),
      (n) => Effect.zipRight(note(seen.f), n === 2 ? Effect.fail(new Mine()) : Effect.void),
      { variables: { from: 1 } }
    )

  const nobody = (): Seen => ({ encoding: [], decoding: [], f: [] })

  const exitOf = (span: Tracer.Span | undefined): Exit.Exit<unknown, unknown> => {
    assert(span?.status._tag === "Ended", "the span has not ended")
    return span.status.exit
  }

  const subscriptions = (spans: ReadonlyArray<Tracer.Span>) =>
    spans.filter(({ name }) => name.startsWith("subscription"))

  it.effect("is around its encoding and decoding, and not around what is run for its results", () =>
    Effect.gen(function* () {
      const { spans, tracer } = recorder()
      const seen = nobody()
      yield* scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(run(client, seen))
          const { complete, next } = yield* (yield* server.acceptReady).awaitSubscribe
          yield* next(1)
          yield* TestClock.adjust("1 second")
          assert.strictEqual(subscriptions(spans)[0]?.status._tag, "Started")
          yield* complete
          yield* Fiber.join(fiber)
        })
      ).pipe(Effect.withTracer(tracer))
      const [span, ...others] = subscriptions(spans)
      assert.isDefined(span)
      assert.lengthOf(others, 0)
      assert.strictEqual(span.name, "subscription Count")
      assert.strictEqual(span.kind, "client")
      assert.deepStrictEqual(Object.fromEntries(span.attributes), {
        "graphql.operation.type": "subscription",
        "graphql.operation.name": "Count"
      })
      assert.deepStrictEqual(exitOf(span), Exit.void)
      assert.strictEqual(span.status._tag === "Ended" && span.status.endTime, 1_000_000_000n)
      assert.lengthOf(seen.encoding, 1)
      assert.strictEqual(seen.encoding[0], span)
      assert.lengthOf(seen.decoding, 1)
      assert.strictEqual(seen.decoding[0], span)
      assert.deepStrictEqual(seen.f, [null])
    })
  )

  it.effect("has its caller's as its parent, in which what is run for its results is", () =>
    Effect.gen(function* () {
      const { spans, tracer } = recorder()
      const seen = nobody()
      yield* scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.withSpan(run(client, seen), "mine"))
          const { complete, next } = yield* (yield* server.acceptReady).awaitSubscribe
          yield* next(1)
          yield* complete
          yield* Fiber.join(fiber)
        })
      ).pipe(Effect.withTracer(tracer))
      const mine = spans.find(({ name }) => name === "mine")
      assert.isDefined(mine)
      assert.strictEqual(Option.getOrNull(subscriptions(spans)[0]!.parent), mine)
      assert.strictEqual(seen.f[0], mine)
    })
  )

  it.effect("ends as the subscription does", () =>
    Effect.gen(function* () {
      const { spans, tracer } = recorder()
      yield* scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const refused = yield* Effect.fork(Effect.exit(run(client, nobody())))
          const connection = yield* server.acceptReady
          yield* (yield* connection.awaitSubscribe).error([{ message: "no" }])
          const mine = yield* Effect.fork(Effect.exit(run(client, nobody())))
          yield* (yield* connection.awaitSubscribe).next(2)
          const interrupted = yield* Effect.fork(run(client, nobody()))
          yield* connection.awaitSubscribe
          const exits = [yield* Fiber.join(refused), yield* Fiber.join(mine)]
          assert.include(String(exits[0]), "OperationError")
          assert.include(String(exits[1]), "Mine")
          yield* Fiber.interrupt(interrupted)
          const [first, second, third] = subscriptions(spans).map(exitOf)
          assert.deepStrictEqual([first, second], exits)
          assert.isTrue(Exit.isFailure(third!) && Cause.isInterruptedOnly(third.cause))
        })
      ).pipe(Effect.withTracer(tracer))
    })
  )

  it.effect("ends also if its variables cannot be encoded", () =>
    Effect.gen(function* () {
      const { spans, tracer } = recorder()
      yield* scenario({}, ({ client }) =>
        Effect.gen(function* () {
          const Numbers = Operation.subscription("subscription ($n: Int!) { n }", {
            variables: Schema.Struct({ n: Schema.Int }),
            data: Schema.Unknown
          })
          const exits = [
            yield* Effect.exit(
              client.runForEach("s", () => Effect.void, { variables: { big: 1n } })
            ),
            yield* Effect.exit(
              client.runForEach(Numbers, () => Effect.void, { variables: { n: 0.5 } })
            )
          ]
          assert.isTrue(exits.every(Exit.isFailure))
          assert.deepStrictEqual(subscriptions(spans).map(exitOf), exits)
        })
      ).pipe(Effect.withTracer(tracer))
    })
  )

  it.effect("is not made where there is no tracer but Effect's own", () =>
    Effect.gen(function* () {
      const seen = nobody()
      yield* scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(run(client, seen))
          const { complete, next } = yield* (yield* server.acceptReady).awaitSubscribe
          yield* next(1)
          yield* complete
          yield* Fiber.join(fiber)
        })
      )
      assert.deepStrictEqual(seen, { encoding: [null], decoding: [null], f: [null] })
    })
  )

  it.effect("goes out as traceparent, if asked for, whatever the tracer is", () =>
    Effect.gen(function* () {
      const { spans, tracer } = recorder()
      yield* scenario({ propagateTrace: true }, ({ client, server }) =>
        Effect.gen(function* () {
          const seen = nobody()
          const fibers = [
            yield* Effect.fork(Effect.withTracer(run(client, seen), tracer)),
            yield* Effect.fork(run(client, seen))
          ]
          const connection = yield* server.acceptReady
          const recorded = yield* connection.awaitSubscribe
          const [span] = subscriptions(spans)
          assert.deepStrictEqual(recorded.request.extensions, {
            traceparent: `00-${span?.traceId}-${span?.spanId}-01`
          })
          const own = yield* connection.awaitSubscribe
          const second = seen.encoding[1]
          assert.deepStrictEqual(own.request.extensions, {
            traceparent: `00-${second?.traceId}-${second?.spanId}-01`
          })
          yield* Fiber.interruptAll(fibers)
        })
      )
    })
  )
})
