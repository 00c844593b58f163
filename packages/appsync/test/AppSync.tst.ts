/** What a client of AppSync may fail with and needs follows from its authorization. */
import type { HttpClient } from "@effect/platform/HttpClient"
import * as AppSync from "@fiberline/appsync/AppSync"
import * as Authorization from "@fiberline/appsync/Authorization"
import * as Iam from "@fiberline/appsync/Iam"
import type { GraphQLClient, Service } from "@fiberline/client/GraphQLClient"
import type { NetworkError } from "@fiberline/client/NetworkError"
import type { EncodeError, OperationError, OverflowError } from "@fiberline/client/OperationError"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import type { WireConstructor } from "@fiberline/client/Wire"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { Scope } from "effect/Scope"
import type { Stream } from "effect/Stream"
import { describe, expect, test } from "tstyche"

class Session extends Context.Tag("Session")<Session, string>() {}

const url = "https://api.example.com/graphql"

declare const token: Effect.Effect<Redacted.Redacted<string>, "expired", Session>
declare const lasting: Effect.Effect<string, never, Session>
declare const credentials: Iam.Credentials
declare const role: Effect.Effect<Iam.Credentials, "no role", Session>

declare const failing: Service<"expired">

type Wires = HttpClient | WireConstructor

describe("an authorization", () => {
  test("fails with and needs what its credential does", () => {
    expect(Authorization.apiKey("key")).type.toBe<Authorization.Authorization>()
    expect(Authorization.token(token)).type.toBe<Authorization.Authorization<"expired", Session>>()
  })

  test("by IAM may fail to sign", () => {
    expect(Iam.iam({ credentials })).type.toBe<Authorization.Authorization<Iam.SigningFailed>>()
    expect(Iam.iam({ credentials: role })).type.toBe<
      Authorization.Authorization<"no role" | Iam.SigningFailed, Session>
    >()
  })

  test("may be a function of one's own", () => {
    expect(AppSync.make({ url, authorization: () => Effect.succeed({ a: "b" }) })).type.toBe<
      Effect.Effect<Service, never, Wires | Scope>
    >()
    expect(AppSync.make).type.not.toBeCallableWith({
      url,
      authorization: () => Effect.succeed({ a: 1 })
    })
  })
})

describe("a client", () => {
  test("fails with what its authorization does, and needs that once", () => {
    expect(AppSync.make({ url, authorization: Authorization.token(token) })).type.toBe<
      Effect.Effect<Service<"expired">, never, Wires | Session | Scope>
    >()
  })

  test("has it among the errors of each operation, and not of its connection", () => {
    type Base = NetworkError | ProtocolError | OperationError | EncodeError
    expect(failing.query("{ x }")).type.toBe<Effect.Effect<unknown, Base | "expired">>()
    expect(failing.mutate("mutation { x }")).type.toBe<Effect.Effect<unknown, Base | "expired">>()
    expect(failing.subscribe("subscription { x }")).type.toBe<
      Stream<unknown, Base | OverflowError | "expired">
    >()
    expect(failing.connect).type.toBe<Service["connect"]>()
  })

  test("is the client of a program where its authorization cannot fail", () => {
    expect(AppSync.layer({ url, authorization: Authorization.token(lasting) })).type.toBe<
      Layer.Layer<GraphQLClient, never, Wires | Session>
    >()
    expect(AppSync.layer).type.not.toBeCallableWith({
      url,
      authorization: Authorization.token(token)
    })
    expect(AppSync.layer).type.not.toBeCallableWith({
      url,
      authorization: Iam.iam({ credentials })
    })
  })
})

describe("the options of a client", () => {
  test("are those that AppSync has", () => {
    const authorization = Authorization.apiKey("key")
    expect(AppSync.make).type.toBeCallableWith({ url, authorization, realtimeUrl: new URL(url) })
    expect(AppSync.make).type.not.toBeCallableWith({ url })
    expect(AppSync.make).type.not.toBeCallableWith({ authorization })
    expect(AppSync.make).type.not.toBeCallableWith({ url, authorization, method: "GET" })
    expect(AppSync.make).type.not.toBeCallableWith({ url, authorization, subscriptions: "sse" })
    expect(AppSync.make).type.not.toBeCallableWith({ url, authorization, headers: {} })
  })
})
