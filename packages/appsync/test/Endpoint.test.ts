import { assert, describe, it } from "@effect/vitest"
import * as Authorization from "@fiberline/appsync/Authorization"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { scenario, url } from "./support/scenario.js"
import { headerOf } from "./support/told.js"

const id = "example1234567890000"
const authorization = Authorization.apiKey("da2-key")
const document = "subscription { n }"

describe("connections are opened", () => {
  for (const [endpoint, realtime] of [
    // By AWS's own names, another one.
    [
      `https://${id}.appsync-api.us-east-1.amazonaws.com/graphql`,
      `wss://${id}.appsync-realtime-api.us-east-1.amazonaws.com/graphql`
    ],
    [
      `https://${id}.appsync-api.cn-north-1.amazonaws.com.cn/graphql`,
      `wss://${id}.appsync-realtime-api.cn-north-1.amazonaws.com.cn/graphql`
    ],
    [
      `https://${id}.APPSYNC-API.us-gov-west-1.amazonaws.com/graphql`,
      `wss://${id}.appsync-realtime-api.us-gov-west-1.amazonaws.com/graphql`
    ],
    // By any other, below the endpoint.
    ["https://api.example.com/graphql", "wss://api.example.com/graphql/realtime"],
    ["https://api.example.com/graphql/", "wss://api.example.com/graphql/realtime"],
    ["https://api.example.com:8443/graphql", "wss://api.example.com:8443/graphql/realtime"],
    ["https://api.example.com/graphql?v=2", "wss://api.example.com/graphql/realtime?v=2"],
    // Neither is one of AWS's, whatever it pretends.
    [
      `https://${id}.appsync-api.us-east-1.amazonaws.com.example.com/graphql`,
      `wss://${id}.appsync-api.us-east-1.amazonaws.com.example.com/graphql/realtime`
    ],
    [
      "https://my.appsync-api.example.com/graphql",
      "wss://my.appsync-api.example.com/graphql/realtime"
    ],
    // Simulators.
    ["http://127.0.0.1:20002/graphql", "ws://127.0.0.1:20002/graphql/realtime"],
    ["http://[::1]:20002/graphql", "ws://[::1]:20002/graphql/realtime"],
    ["ws://localhost:20002/graphql", "ws://localhost:20002/graphql/realtime"]
  ] as const) {
    it.effect(`for ${endpoint} at ${realtime}, and shown its host`, () =>
      scenario({ url: endpoint, authorization }, ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const connection = yield* server.acceptReady
          assert.strictEqual(connection.request.url, realtime)
          assert.strictEqual(headerOf(connection)["host"], new URL(endpoint).host)
        })
      )
    )
  }

  it.effect("where the option says, for the endpoint's host", () =>
    scenario(
      {
        url: new URL("http://127.0.0.1:20002/graphql"),
        realtimeUrl: "http://localhost:20003/socket",
        authorization
      },
      ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const connection = yield* server.acceptReady
          assert.strictEqual(connection.request.url, "ws://localhost:20003/socket")
          assert.strictEqual(headerOf(connection)["host"], "127.0.0.1:20002")
        })
    )
  )
})

describe("requests go", () => {
  it.effect("to the endpoint, by POST", () =>
    scenario({ url: new URL(url), authorization }, ({ client, http }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          client.mutate("mutation M { m }", { operationName: "M", variables: { a: 1 } })
        )
        const request = yield* http.accept
        assert.strictEqual(request.url.href, url)
        assert.strictEqual(request.method, "POST")
        assert.deepStrictEqual(JSON.parse(request.body), {
          query: "mutation M { m }",
          variables: { a: 1 },
          operationName: "M"
        })
        yield* request.respond({ data: { m: 1 } })
        assert.deepStrictEqual(yield* Fiber.join(fiber), { m: 1 })
      })
    )
  )
})

describe("what is offered", () => {
  const name = (header: object) =>
    `header-${Buffer.from(JSON.stringify(header)).toString("base64url")}`

  for (const [how, given, header] of [
    ["an API key", Authorization.apiKey("da2-key"), { "x-api-key": "da2-key" }],
    [
      "a token",
      Authorization.token(Redacted.make("eyJ.töken.sig")),
      { Authorization: "eyJ.töken.sig" }
    ],
    [
      "headers of a function of one's own",
      () => Effect.succeed({ Authorization: Redacted.make("custom"), "x-tenant": "acme" }),
      { Authorization: "custom", "x-tenant": "acme" }
    ]
  ] as const) {
    it.effect(`with ${how} is the subprotocol, and what authorizes by its name`, () =>
      scenario({ authorization: given }, ({ client, server }) =>
        Effect.gen(function* () {
          yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
          const { request } = yield* server.acceptReady
          const { host } = new URL(url)
          assert.deepStrictEqual(request.subprotocols, ["graphql-ws", name({ host, ...header })])
          assert.notInclude(request.subprotocols[1], "=")
          // Nor is there any other place for it.
          assert.strictEqual(new URL(request.url).search, "")
          assert.deepStrictEqual(request.headers, {})
        })
      )
    )
  }
})
