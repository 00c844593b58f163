import type { Service } from "@fiberline/client/GraphQLClient"
import * as Middleware from "@fiberline/client/Middleware"
import type { NetworkError } from "@fiberline/client/NetworkError"
import type {
  DecodeError,
  EncodeError,
  OperationError,
  OverflowError
} from "@fiberline/client/OperationError"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import type { Event, Subscription } from "@fiberline/client/Subscription"
import type { Subscriptions } from "@fiberline/client/Subscriptions"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import type { Scope } from "effect/Scope"
import type { Stream } from "effect/Stream"
import { describe, expect, test } from "tstyche"
import {
  type ById,
  type Film,
  mutationOperation,
  queryOperation,
  subscriptionOperation
} from "./support/documents.js"

declare const client: Service
declare const session: Effect.Effect<Middleware.Headers, "expired", "Session">
declare const log: Effect.Effect<void, never, "Log">

const signing = Middleware.mapRequestEffect((request) =>
  Effect.map(session, (headers) => ({ ...request, headers }))
)
const logging = Middleware.transform((next) => (request) => Effect.tap(next(request), () => log))

describe("a middleware adds", () => {
  test("what its effect fails with and needs", () => {
    expect(signing).type.toBe<Middleware.Middleware<"expired", "Session">>()
  })

  test("what is around an operation fails with and needs, beside what that fails with", () => {
    expect(logging).type.toBe<Middleware.Middleware<never, "Log">>()
    expect(
      Middleware.transform((next) => (request) => Effect.zipRight(session, next(request)))
    ).type.toBe<Middleware.Middleware<"expired", "Session">>()
    expect(
      Middleware.transform(
        (next) => (request) =>
          Effect.catchTag(next(request), "NetworkError", () => Effect.fail("offline" as const))
      )
    ).type.toBe<Middleware.Middleware<"offline">>()
  })

  test("nothing by plain functions", () => {
    expect(Middleware.mapRequest((request) => request)).type.toBe<Middleware.Middleware>()
    expect(Middleware.mapResult((result) => result)).type.toBe<Middleware.Middleware>()
  })

  test("all that several of them add", () => {
    expect(Middleware.compose(signing, logging)).type.toBe<
      Middleware.Middleware<"expired", "Session" | "Log">
    >()
    expect(Middleware.compose()).type.toBe<Middleware.Middleware>()
  })
})

describe("what goes through a middleware", () => {
  test("is a request, and what it brought or failed with", () => {
    Middleware.transform((next) => (request) => {
      expect(request).type.toBe<Middleware.Request>()
      expect(next(request)).type.toBe<
        Effect.Effect<Middleware.Executed, NetworkError | ProtocolError | EncodeError>
      >()
      return next(request)
    })
  })

  test("has to be given on", () => {
    expect(Middleware.mapRequest).type.not.toBeCallableWith(() => undefined)
    expect(Middleware.mapRequest).type.not.toBeCallableWith(() => ({ query: "{ film }" }))
    expect(Middleware.transform).type.not.toBeCallableWith(() => () => Effect.void)
  })
})

describe("a client with middleware", () => {
  const signed = Middleware.apply(client, signing)
  const variables = { id: "1" }
  type Base = NetworkError | ProtocolError | EncodeError | DecodeError | OperationError | "expired"

  test("is a service with what it adds, however it is applied", () => {
    expect(signed).type.toBe<Service<"expired", "Session">>()
    expect(pipe(client, Middleware.apply(signing))).type.toBe<Service<"expired", "Session">>()
    expect(pipe(signed, Middleware.apply(logging))).type.toBe<
      Service<"expired", "Session" | "Log">
    >()
    expect(Middleware.apply(client, Middleware.compose())).type.toBe<Service>()
  })

  test("can be where one is expected that may fail with and need more, and not less", () => {
    expect<Service>().type.toBeAssignableTo<Service<"expired", "Session">>()
    expect<Service<"expired">>().type.not.toBeAssignableTo<Service>()
    expect<Service<never, "Session">>().type.not.toBeAssignableTo<Service>()
  })

  test("adds it to queries and mutations", () => {
    expect(signed.query(queryOperation, { variables })).type.toBe<
      Effect.Effect<Film, Base, "Session">
    >()
    expect(signed.mutate(mutationOperation, { variables })).type.toBe<
      Effect.Effect<Film, Base, "Session">
    >()
  })

  test("adds it to subscriptions", () => {
    expect(signed.subscribe(subscriptionOperation, { variables })).type.toBe<
      Stream<Film, Base | OverflowError, "Session">
    >()
    expect(signed.subscribeEvents(subscriptionOperation, { variables })).type.toBe<
      Stream<Event<Film>, Base | OverflowError, "Session">
    >()
    expect(signed.runForEach(subscriptionOperation, () => log, { variables })).type.toBe<
      Effect.Effect<void, Base | OverflowError, "Session" | "Log">
    >()
    expect(signed.runForEachChunk(subscriptionOperation, () => log, { variables })).type.toBe<
      Effect.Effect<void, Base | OverflowError, "Session" | "Log">
    >()
    expect(signed.subscription(subscriptionOperation, { variables })).type.toBe<
      Effect.Effect<
        Subscription<Film, Base | OverflowError, "Session">,
        EncodeError | "expired",
        Scope | "Session"
      >
    >()
    expect(signed.subscribeMany(subscriptionOperation, [[1, variables]])).type.toBe<
      Effect.Effect<
        Subscriptions<number, ById, Film, Base | OverflowError, "Session">,
        never,
        Scope | "Session"
      >
    >()
  })

  test("adds nothing to its connection", () => {
    expect(signed.connect).type.toBe<typeof client.connect>()
    expect(signed.status).type.toBe<typeof client.status>()
    expect(signed.reconnect).type.toBe<typeof client.reconnect>()
  })
})
