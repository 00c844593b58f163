import { assert, describe } from "@effect/vitest"
import { OperationError } from "@fiberline/client/OperationError"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { connect, connectClosable, failureOf, protocol } from "./support/client.js"
import { graphqlServer } from "./support/graphqlServer.js"
import { live } from "./support/live.js"
import { scriptedServer } from "./support/scriptedServer.js"

const count = "subscription ($to: Int!, $every: Int! = 0) { count(to: $to, every: $every) }"
const countsTo = (to: number) => Array.from({ length: to }, (_, i) => ({ count: i + 1 }))

describe("operations", () => {
  live(
    "a query, a mutation and a subscription share one connection",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const client = yield* connect(server.url)
      assert.deepStrictEqual(yield* client.connect, { greeting: "welcome" })
      assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "hello world" })
      assert.deepStrictEqual(
        yield* client.query("query ($name: String!) { hello(name: $name) }", {
          variables: { name: "Ada" }
        }),
        { hello: "hello Ada" }
      )
      assert.deepStrictEqual(yield* client.mutate("mutation { add(amount: 2) }"), { add: 2 })
      const counted = yield* Stream.runCollect(client.subscribe(count, { variables: { to: 5 } }))
      assert.deepStrictEqual(Chunk.toReadonlyArray(counted), countsTo(5))
      assert.lengthOf(server.headers, 1)
    })
  )

  live(
    "the error of a field is the operation's alone",
    Effect.gen(function* () {
      const client = yield* connect((yield* graphqlServer()).url)
      const error = yield* Effect.flip(client.query("{ boom hello }"))
      assert(error instanceof OperationError)
      assert.strictEqual(error.message, "boom")
      assert.deepStrictEqual(error.data, { boom: null, hello: "hello world" })
      const { data, errors } = yield* client.query("{ boom }", { errors: "inline" })
      assert.deepStrictEqual(data, { boom: null })
      assert.deepStrictEqual(errors[0]?.path, ["boom"])
    })
  )

  live(
    "twenty subscriptions and their queries are never confused",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const client = yield* connect(server.url)
      yield* Effect.forEach(
        Array.from({ length: 20 }, (_, i) => i + 1),
        (n) =>
          Effect.gen(function* () {
            const variables = { to: n * 3, every: n % 4 }
            const [counted, greeting] = yield* Effect.all(
              [
                Stream.runCollect(client.subscribe(count, { variables })),
                client.query(`{ hello(name: "${n}") }`)
              ],
              { concurrency: "unbounded" }
            )
            assert.deepStrictEqual(Chunk.toReadonlyArray(counted), countsTo(n * 3))
            assert.deepStrictEqual(greeting, { hello: `hello ${n}` })
          }),
        { concurrency: "unbounded" }
      )
      assert.lengthOf(server.headers, 1)
    })
  )

  live(
    "headers and the connection's payload reach the server, what they hide included",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const client = yield* connect(server.url, {
        headers: Effect.succeed({
          "x-tenant": "acme",
          authorization: Redacted.make("Bearer secret")
        }),
        connectionPayload: { token: Redacted.make("secret"), locale: "de" }
      })
      yield* client.connect
      assert.strictEqual(server.headers[0]?.["x-tenant"], "acme")
      assert.strictEqual(server.headers[0]?.authorization, "Bearer secret")
      assert.deepStrictEqual(server.payloads, [{ token: "secret", locale: "de" }])
    })
  )

  live(
    "credentials in the URL become the header they stand for",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const client = yield* connect(server.url.replace("://", "://ada:secret@"))
      yield* client.connect
      assert.strictEqual(
        server.headers[0]?.authorization,
        `Basic ${Buffer.from("ada:secret").toString("base64")}`
      )
    })
  )

  live(
    "leaving a subscription early tells the server once",
    Effect.gen(function* () {
      const server = yield* graphqlServer()
      const { client, close } = yield* connectClosable(server.url)
      const taken = yield* client
        .subscribe("subscription { ticks }")
        .pipe(Stream.take(3), Stream.runCollect)
      assert.strictEqual(Chunk.size(taken), 3)
      // Whatever was sent before this has arrived when it is answered.
      yield* client.query("{ hello }")
      yield* close
      const idsOf = (type: string) =>
        server.received.filter((message) => message.type === type).map(({ id }) => id)
      assert.deepStrictEqual(idsOf("complete"), idsOf("subscribe").slice(0, 1))
    })
  )

  live(
    "a result of several megabytes arrives whole, with compression too",
    Effect.gen(function* () {
      const server = yield* graphqlServer({ ws: { perMessageDeflate: true } })
      const length = 5_000_000
      const query = `{ text(length: ${length}) }`
      const compressing = NodeWire.make({ perMessageDeflate: true })
      for (const wire of [NodeWire.make(), compressing]) {
        const client = yield* connect(server.url, {}, wire)
        assert.deepStrictEqual(yield* client.query(query), { text: "x".repeat(length) })
      }
      const [plain, compressed] = server.connections()
      assert.deepStrictEqual(
        [plain?.extensions, compressed?.extensions],
        ["", "permessage-deflate"]
      )
    })
  )
})

describe("subprotocol", () => {
  live(
    "a server that names none is taken to speak ours",
    Effect.gen(function* () {
      const server = yield* scriptedServer(
        {
          onSubscribe: ({ send }, id) => {
            send({ type: "next", id, payload: { data: { hello: "there" } } })
            send({ type: "complete", id })
          }
        },
        { handleProtocols: () => false }
      )
      const client = yield* connect(server.url)
      assert.deepStrictEqual(yield* client.query("{ hello }"), { hello: "there" })
    })
  )

  live(
    "a server that names another breaks the protocol",
    Effect.gen(function* () {
      const server = yield* scriptedServer({}, { handleProtocols: () => "graphql-ws" })
      const client = yield* connect(server.url)
      assert.deepStrictEqual(
        protocol(yield* failureOf(client.subscribe("subscription { ticks }"))),
        {
          _tag: "ProtocolError",
          violation: "UnexpectedSubprotocol",
          phase: "connecting",
          sent: false
        }
      )
    })
  )
})
