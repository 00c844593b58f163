/** What a client over HTTP needs follows from its options. */
import type { HttpClient } from "@effect/platform/HttpClient"
import type { GraphQLClient, Service } from "@fiberline/client/GraphQLClient"
import * as Http from "@fiberline/client/Http"
import type { WireConstructor } from "@fiberline/client/Wire"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Scope } from "effect/Scope"
import { describe, expect, test } from "tstyche"

class Tokens extends Context.Tag("Tokens")<Tokens, string>() {}
class Endpoint extends Context.Tag("Endpoint")<Endpoint, string>() {}

const url = "https://test/graphql"

declare const headers: Effect.Effect<{ readonly authorization: string }, Error, Tokens>
declare const subscriptions: Http.Subscriptions
declare const options: Http.HttpOptions

type Client<R> = Layer.Layer<GraphQLClient, never, R>

describe("a client over HTTP needs", () => {
  test("an HttpClient", () => {
    expect(Http.layer({ url })).type.toBe<Client<HttpClient>>()
    expect(Http.layer({ url, subscriptions: "sse" })).type.toBe<Client<HttpClient>>()
    expect(Http.layer({ url, subscriptions: "multipart" })).type.toBe<Client<HttpClient>>()
    expect(Http.make({ url })).type.toBe<Effect.Effect<Service, never, HttpClient | Scope>>()
  })

  test("a WebSocket, where it has one or may have one", () => {
    type Both = Client<HttpClient | WireConstructor>
    expect(Http.layer({ url, subscriptions: "websocket" })).type.toBe<Both>()
    expect(Http.layer({ url, webSocket: {} })).type.toBe<Both>()
    expect(Http.layer({ url, subscriptions })).type.toBe<Both>()
    expect(Http.layer(options)).type.toBe<Both>()
  })

  test("what its settings need", () => {
    expect(Http.layer({ url: Endpoint, headers })).type.toBe<
      Client<HttpClient | Tokens | Endpoint>
    >()
    expect(Http.layer({ url, webSocket: { headers } })).type.toBe<
      Client<HttpClient | WireConstructor | Tokens>
    >()
  })
})

describe("the options of a client over HTTP", () => {
  test("are those that it has", () => {
    expect(Http.layer).type.not.toBeCallableWith({})
    expect(Http.layer).type.not.toBeCallableWith({ url, subscriptions: "ws" })
    expect(Http.layer).type.not.toBeCallableWith({ url, method: "PUT" })
    expect(Http.layer).type.not.toBeCallableWith({ url, headers: { authorization: 1 } })
  })
})
