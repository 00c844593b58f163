import { assert, it } from "@effect/vitest"
import { AppSync, Authorization } from "@fiberline/appsync"
import * as Iam from "@fiberline/appsync/Iam"
import { GraphQLClient } from "@fiberline/client"
import { TestHttpServer, TestServer } from "@fiberline/testing"
import { Console, Context, Effect, Fiber, Layer, Redacted, Stream } from "effect"
import { Client, program, Session } from "./appsync.js"

const Servers = Layer.merge(TestServer.layer, TestHttpServer.layer)

it.effect("asks over HTTP, and subscribes over a WebSocket", () =>
  Effect.gen(function* () {
    const server = yield* TestServer.TestServer
    const http = yield* TestHttpServer.TestHttpServer
    const printed: Array<unknown> = []
    const console = { ...(yield* Console.consoleWith(Effect.succeed)) }
    const fiber = yield* Effect.fork(
      Effect.withConsole(program, {
        ...console,
        log: (...lines) => Effect.sync(() => void printed.push(...lines))
      })
    )
    const request = yield* http.accept
    assert.strictEqual(request.headers["authorization"], "an-id-token")
    yield* request.respond({ data: { blog: { name: "Hills" } } })
    const operation = yield* (yield* server.acceptReady).awaitSubscribe
    yield* operation.establish
    yield* operation.next({ posted: { title: "Ben Nevis" } })
    yield* Fiber.join(fiber)
    assert.deepStrictEqual(printed, [{ blog: { name: "Hills" } }, "Ben Nevis"])
  }).pipe(
    Effect.provide(Layer.provideMerge(Client, Servers)),
    Effect.provideService(Session, { idToken: Effect.succeed(Redacted.make("an-id-token")) })
  )
)

/** What `fromNodeProviderChain()` of the AWS SDK gives. */
const provider = async () => ({
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "a-secret",
  sessionToken: "a-session-token"
})

// #region iam
/** Asked for each signature: a provider of the AWS SDK keeps what it has while that is valid. */
const credentials = Effect.map(
  Effect.promise(() => provider()),
  ({ accessKeyId, secretAccessKey, sessionToken }): Iam.Credentials => ({
    accessKeyId,
    secretAccessKey: Redacted.make(secretAccessKey),
    sessionToken: sessionToken === undefined ? undefined : Redacted.make(sessionToken)
  })
)

/** Its operations may fail to be signed, and their types say so. */
class Api extends Context.Tag("Api")<Api, GraphQLClient.Service<Iam.SigningFailed>>() {
  static readonly layer = Layer.scoped(
    Api,
    AppSync.make({
      url: "https://api.example.com/graphql",
      authorization: Iam.iam({ credentials, region: "eu-west-1" })
    })
  )
}
// #endregion

it.effect("signs what it asks", () =>
  Effect.gen(function* () {
    const api = yield* Api
    const http = yield* TestHttpServer.TestHttpServer
    const fiber = yield* Effect.fork(api.query("{ x }"))
    const request = yield* http.accept
    assert.match(request.headers["authorization"] ?? "", /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/)
    yield* request.respond({ data: { x: 1 } })
    yield* Fiber.join(fiber)
  }).pipe(Effect.provide(Layer.provideMerge(Api.layer, Servers)))
)

// #region denied
/** The rooms of a building, of which not all are open to everybody. */
const rooms = (names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    const one = (name: string) =>
      client
        .subscribe("subscription On($room: ID!) { said(room: $room) }", {
          variables: { room: name }
        })
        .pipe(
          Stream.catchTag("OperationError", ({ errors: [error] }) =>
            error?.extensions?.["errorType"] === "UnauthorizedException"
              ? Stream.make(`${name} is closed to you`)
              : Stream.die(error)
          )
        )
    return Stream.mergeAll(names.map(one), { concurrency: "unbounded" })
  })
// #endregion

it.effect("goes on where one subscription is denied", () =>
  Effect.gen(function* () {
    const server = yield* TestServer.TestServer
    const stream = yield* rooms(["hall", "vault"])
    const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(stream, 2)))
    const connection = yield* server.acceptReady
    for (const _ of [1, 2]) {
      const operation = yield* connection.awaitSubscribe
      if (operation.request.variables?.["room"] === "vault") {
        yield* operation.error([
          { message: "Permission denied", extensions: { errorType: "UnauthorizedException" } }
        ])
      } else {
        yield* operation.establish
        yield* operation.next({ said: "hello" })
      }
    }
    const said = Array.from(yield* Fiber.join(fiber))
    assert.sameDeepMembers(said, ["vault is closed to you", { said: "hello" }])
    assert.strictEqual(yield* server.attempts, 1)
  }).pipe(
    Effect.provide(
      Layer.provideMerge(
        AppSync.layer({
          url: "https://api.example.com/graphql",
          authorization: Authorization.apiKey(Redacted.make("da2-key"))
        }),
        Servers
      )
    )
  )
)
