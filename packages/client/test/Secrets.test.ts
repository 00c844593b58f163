import { assert, describe, it } from "@effect/vitest"
import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { NetworkError } from "@fiberline/client/NetworkError"
import {
  DecodeError,
  EncodeError,
  OperationError,
  OverflowError
} from "@fiberline/client/OperationError"
import { ProtocolError } from "@fiberline/client/ProtocolError"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Fiber from "effect/Fiber"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import { networkError } from "./support/errors.js"
import { scenario } from "./support/scenario.js"

const secrets = {
  user: "us7x-mallory-the",
  password: "pw3kq-hunter2hunter2",
  query: "q9zzv/token=123",
  path: "p4wwk-token-456",
  header: "h8yyt-token-789",
  payload: "l5rrn-token-abc",
  plain: "n2ggb-payload-def"
}

const options: ClientOptions = {
  reconnect: false,
  url: Redacted.make(
    `wss://${secrets.user}:${secrets.password}@test/${secrets.path}/graphql?token=${encodeURIComponent(secrets.query)}#f`
  ),
  headers: { authorization: Redacted.make(`Bearer ${secrets.header}`) },
  connectionPayload: { token: Redacted.make(secrets.payload), other: secrets.plain }
}

const AnyError = Schema.Union(
  NetworkError,
  ProtocolError,
  OperationError,
  EncodeError,
  DecodeError,
  OverflowError
)

type Shown = typeof AnyError.Type

/** Every way in which an error is shown. */
const shown = (error: Shown): string =>
  [
    String(error),
    error.message,
    error.stack,
    JSON.stringify(error),
    inspect(error, { depth: 10 }),
    Inspectable.toStringUnknown(error),
    Cause.pretty(Cause.fail(error)),
    JSON.stringify(Schema.encodeSync(AnyError)(error))
  ].join("\n")

const echo = JSON.stringify(secrets)

const endings: ReadonlyArray<
  [string, (connection: TestServer.TestConnection) => Effect.Effect<void>]
> = [
  ["a close reason", (connection) => connection.close(4403, echo)],
  ["a frame that is no message", (connection) => connection.sendFrame(echo)],
  [
    "a frame whose secret begins where the excerpt ends",
    (connection) => connection.sendFrame("x".repeat(195) + secrets.payload)
  ]
]

const layer = Layer.provideMerge(GraphQLClient.layer(options), TestServer.layer)

const assertSecretless = (error: Shown): void => {
  const text = shown(error)
  for (const [name, secret] of Object.entries(secrets)) {
    assert.notInclude(text, secret, `the ${name} is shown`)
    assert.notInclude(text, secret.slice(0, 5), `a part of the ${name} is shown`)
  }
}

describe("secrets", () => {
  for (const [name, end] of endings) {
    it.effect(`that the server quotes in ${name} are in no form of the error`, () =>
      Effect.gen(function* () {
        const server = yield* TestServer.TestServer
        const client = yield* GraphQLClient.GraphQLClient
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
        const connection = yield* server.acceptReady
        yield* connection.awaitSubscribe
        yield* end(connection)
        const error = yield* Fiber.join(fiber)
        assert.isTrue(error instanceof NetworkError || error instanceof ProtocolError)
        assertSecretless(error)
      }).pipe(Effect.provide(layer))
    )
  }

  it.effect("that are quoted in another form than they were given in are recognised", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const client = yield* GraphQLClient.GraphQLClient
      const fiber = yield* Effect.fork(Effect.flip(client.connect))
      const connection = yield* server.accept
      const forms = {
        "x-encoded": encodeURIComponent(secrets.query),
        "x-basic": Encoding.encodeBase64(`${secrets.user}:${secrets.password}`)
      }
      yield* connection.reject(403, forms)
      const text = shown(yield* Fiber.join(fiber))
      for (const form of Object.values(forms)) assert.notInclude(text, form)
    }).pipe(Effect.provide(layer))
  )

  it.effect("of an earlier connection are still recognised when a slow consumer reads", () =>
    Effect.gen(function* () {
      let rotations = 0
      const connectionPayload = Effect.sync(() => ({ token: `token-number-${++rotations}` }))
      yield* scenario({ connectionPayload }, ({ client, server }) =>
        Effect.gen(function* () {
          const subscription = yield* client.subscription("s")
          const other = yield* client.subscription("other")
          const first = yield* server.acceptReady
          const operation = yield* first.awaitSubscribe
          yield* operation.error([{ message: "token-number-1 may not" }])
          yield* client.reconnect
          yield* server.acceptReady
          const error = Option.getOrThrow(yield* Effect.flip(subscription.take))
          assert.strictEqual(error.message, "<redacted> may not")
          assert.strictEqual(yield* other.progress, "active")
        })
      )
    })
  )

  it.effect("are secret however short, and numbers too, if they were Redacted", () =>
    scenario(
      { connectionPayload: { pin: Redacted.make(4711), password: Redacted.make("abc") } },
      ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
          const connection = yield* server.acceptReady
          yield* connection.close(4500, "no user abc with pin 4711")
          const error = networkError(yield* Fiber.join(fiber), "ServerClosed")
          assert.strictEqual(error.reason.reason, "no user <redacted> with pin <redacted>")
        })
    )
  )

  it.effect("that the server quotes in a GraphQL error are in no form of it", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const client = yield* GraphQLClient.GraphQLClient
      const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
      const connection = yield* server.acceptReady
      yield* (yield* connection.awaitSubscribe).error([
        {
          message: `no access with ${secrets.payload}`,
          extensions: { why: [secrets.header], [secrets.header]: { [secrets.payload]: 1 } }
        }
      ])
      const error = yield* Fiber.join(fiber)
      assert.include(error.message, "no access with <redacted>")
      assertSecretless(error)
    }).pipe(Effect.provide(layer))
  )

  it.effect("that a proxy echoes in the headers of a refused upgrade are not in the error", () =>
    Effect.gen(function* () {
      const server = yield* TestServer.TestServer
      const client = yield* GraphQLClient.GraphQLClient
      const fiber = yield* Effect.fork(Effect.flip(client.connect))
      const connection = yield* server.accept
      yield* connection.reject(401, {
        "x-echo": `Bearer ${secrets.header}`,
        "x-url": secrets.query
      })
      assertSecretless(yield* Fiber.join(fiber))
    }).pipe(Effect.provide(layer))
  )

  it.effect(
    "the endpoint is shown without credentials and query, or, Redacted, by its origin",
    () =>
      Effect.gen(function* () {
        for (const [url, endpoint] of [
          [`wss://u:p@host:1/graphql?token=x#f`, "wss://host:1/graphql"],
          [Redacted.make(`wss://u:p@host:1/graphql?token=x#f`), "wss://host:1"]
        ] as const) {
          yield* Effect.gen(function* () {
            const server = yield* TestServer.TestServer
            const client = yield* GraphQLClient.make({ url, reconnect: false })
            const fiber = yield* Effect.fork(Effect.flip(client.connect))
            yield* (yield* server.accept).drop
            assert.strictEqual((yield* Fiber.join(fiber)).endpoint, endpoint)
          }).pipe(Effect.scoped, Effect.provide(TestServer.layer))
        }
      })
  )
})

it.effect("what a connection was told stays secret, whatever its operations have told since", () =>
  scenario({ connectionPayload: { token: secrets.payload } }, ({ client, server }) =>
    Effect.gen(function* () {
      const lost = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe("s"))))
      const connection = yield* server.acceptReady
      yield* connection.awaitSubscribe
      for (let n = 0; n < 1001; n++) {
        const extensions = { token: Redacted.make(`k3${n}-token`) }
        const query = yield* Effect.fork(client.query("{ x }", { extensions }))
        const operation = yield* connection.awaitSubscribe
        yield* operation.next({ x: n })
        yield* operation.complete
        yield* Fiber.join(query)
      }
      yield* connection.close(4403, secrets.payload)
      assert.notInclude(
        shown(networkError(yield* Fiber.join(lost), "ServerClosed")),
        secrets.payload
      )
    })
  )
)
