/** As `Instructions.test.ts`, for requests that several wait for, and for those whose body is a stream. */
import { assert, describe, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as Http from "@fiberline/client/Http"
import * as Upload from "@fiberline/client/Upload"
import * as TestHttpServer from "@fiberline/testing/TestHttpServer"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { chunksOf } from "./support/forms.js"
import { networkError } from "./support/errors.js"
import { atEveryInstruction, type Moment } from "./support/instructions.js"

interface Setting extends Moment {
  readonly client: GraphQLClient.Service
  readonly server: TestHttpServer.TestHttpServer
  readonly close: Effect.Effect<void>
}

const scenario = (
  options: Partial<Omit<Http.HttpOptions, "url" | "webSocket" | "subscriptions">>,
  play: (setting: Setting) => Effect.Effect<void, unknown>
): void =>
  atEveryInstruction(
    (moment) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const layer = Layer.provideMerge(
          Http.layer({ url: "https://test/graphql", reconnect: false, ...options }),
          TestHttpServer.layer
        )
        const context = yield* Layer.buildWithScope(layer, scope)
        const server = Context.get(context, TestHttpServer.TestHttpServer)
        const close = Scope.close(scope, Exit.void)
        const client = Context.get(context, GraphQLClient.GraphQLClient)
        yield* play({ ...moment, client, server, close })
        yield* close
        assert.strictEqual(yield* server.open, 0, "a request is left")
      }),
    (outcome, instruction) => {
      assert.strictEqual(outcome._tag, "Ended", `instruction ${instruction}`)
      if (outcome._tag === "Ended" && Exit.isFailure(outcome.exit)) {
        assert.fail(`instruction ${instruction}: ${Cause.pretty(outcome.exit.cause)}`)
      }
    },
    // All of them take minutes.
    11
  )

/** Answers whatever comes, one result for each operation, after a while. */
const answering = (server: TestHttpServer.TestHttpServer) =>
  Effect.forever(
    Effect.gen(function* () {
      const request = yield* server.accept
      const body: unknown = JSON.parse(request.body)
      assert.notDeepEqual(body, [], "a batch of none")
      yield* Effect.sleep("2 millis")
      const answer = { data: { n: 1 } }
      yield* request.respond(Array.isArray(body) ? body.map(() => answer) : answer)
    })
  )

const query = (client: GraphQLClient.Service, n: number) => client.query(`{ n(is: ${n}) }`)

describe("at every eleventh instruction", { timeout: 120_000 }, () => {
  it("one that leaves a batch leaves the others in it", () => {
    scenario({ batch: {} }, ({ client, server, wait }) =>
      Effect.gen(function* () {
        const answers = yield* Effect.fork(answering(server))
        const first = yield* Effect.fork(query(client, 1))
        const second = yield* Effect.fork(query(client, 2))
        const leaving = yield* Effect.fork(Effect.zipRight(wait, Fiber.interrupt(first)))
        assert.deepStrictEqual(yield* Fiber.join(second), { n: 1 })
        yield* Fiber.await(first)
        yield* Fiber.interruptAll([leaving, answers])
      })
    )
  })

  it("a batch that all leave is left", () => {
    scenario({ batch: {} }, ({ client, server, wait }) =>
      Effect.gen(function* () {
        const answers = yield* Effect.fork(answering(server))
        const fibers = yield* Effect.forEach([1, 2], (n) => Effect.fork(query(client, n)))
        const leaving = yield* Effect.fork(Effect.zipRight(wait, Fiber.interruptAll(fibers)))
        for (const fiber of fibers) yield* Fiber.await(fiber)
        yield* Fiber.interruptAll([leaving, answers])
      })
    )
  })

  it("closing ends a batch, with ClientClosed", () => {
    scenario({ batch: {} }, ({ client, close, server, wait }) =>
      Effect.gen(function* () {
        const answers = yield* Effect.fork(answering(server))
        const fibers = yield* Effect.forEach([1, 2], (n) => Effect.fork(query(client, n)))
        const closing = yield* Effect.fork(Effect.zipRight(wait, close))
        for (const fiber of fibers) {
          const outcome = yield* Effect.either(Fiber.join(fiber))
          if (Either.isLeft(outcome)) networkError(outcome.left, "ClientClosed")
        }
        yield* Fiber.interruptAll([closing, answers])
      })
    )
  })

  it("an upload that is interrupted lets go of its stream", () => {
    let open = 0
    const content = Stream.fromIterable([new Uint8Array(1), new Uint8Array(2)]).pipe(
      Stream.tap(() => Effect.sleep("1 millis")),
      (bytes) =>
        Stream.flatMap(
          Stream.acquireRelease(
            Effect.sync(() => void open++),
            () => Effect.sync(() => void open--)
          ),
          () => bytes
        )
    )
    scenario({}, ({ client, server, wait }) =>
      Effect.gen(function* () {
        const reading = yield* Effect.fork(
          Effect.flatMap(server.accept, (request) =>
            Effect.zipRight(Stream.runDrain(chunksOf(request)), request.respond({ data: {} }))
          )
        )
        const file = Upload.make(content, { filename: "f" })
        const upload = yield* Effect.fork(client.mutate("mutation { m }", { variables: { file } }))
        const leaving = yield* Effect.fork(Effect.zipRight(wait, Fiber.interrupt(upload)))
        yield* Fiber.await(upload)
        assert.strictEqual(open, 0, "the stream is left open")
        yield* Fiber.interruptAll([leaving, reading])
      })
    )
  })
})
