import type { Service } from "@fiberline/client/GraphQLClient"
import * as Introspection from "@fiberline/client/Introspection"
import type { NetworkError } from "@fiberline/client/NetworkError"
import type { Operation, Result } from "@fiberline/client/Operation"
import type {
  DecodeError,
  EncodeError,
  GraphQLError,
  OperationError,
  OverflowError
} from "@fiberline/client/OperationError"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import type { Event, Subscription } from "@fiberline/client/Subscription"
import type * as Subscriptions from "@fiberline/client/Subscriptions"
import * as Validation from "@fiberline/client/Validation"
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import type { Stream } from "effect/Stream"
import type { GraphQLSchema } from "graphql"
import { describe, expect, test } from "tstyche"
import {
  type ById,
  type Film,
  node,
  queryOperation,
  subscriptionOperation,
  text,
  typedNode,
  typedString
} from "./support/documents.js"

declare const client: Service
declare const schema: GraphQLSchema
declare const subscription: Operation<"subscription", {}, Film, "Titles">
declare const own: Effect.Effect<number, "mine", "Log">

type Base = NetworkError | ProtocolError | EncodeError
type Thrown = Base | OperationError
type Invalid = Validation.ValidationError

const variables = { id: "1" }
const validated = Validation.validated(client, schema)

describe("introspecting", () => {
  test("gives a schema, or says why there is none", () => {
    expect(Introspection.introspect(client)).type.toBe<
      Effect.Effect<GraphQLSchema, Base | Introspection.IntrospectionError>
    >()
    expect(Introspection.introspect).type.toBeCallableWith(client, { oneOf: true, timeout: 1 })
    expect(Introspection.introspect).type.not.toBeCallableWith(client, { oneof: true })
    expect(Introspection.introspect).type.not.toBeCallableWith(client, { errors: "throw" })
    expect(Introspection.print(schema, { sorted: true })).type.toBe<string>()
  })
})

describe("validating", () => {
  test("takes every form of document", () => {
    expect(Validation.validate(schema, text)).type.toBe<ReadonlyArray<GraphQLError>>()
    for (const document of [node, typedNode, typedString, queryOperation, subscriptionOperation]) {
      expect(Validation.validate).type.toBeCallableWith(schema, document)
      expect(Validation.check(schema)).type.toBeCallableWith(document)
    }
    expect(Validation.validate).type.not.toBeCallableWith(schema, 1)
  })

  test("fails with a ValidationError, which can be caught", () => {
    const checked = Validation.check(schema)(text)
    expect(checked).type.toBe<Effect.Effect<void, Invalid>>()
    expect(Effect.catchTag(checked, "ValidationError", () => Effect.void)).type.toBe<
      Effect.Effect<void>
    >()
  })
})

describe("a client that validates", () => {
  test("adds a ValidationError to queries and mutations", () => {
    expect(validated.query(text)).type.toBe<Effect.Effect<unknown, Thrown | Invalid>>()
    expect(validated.query(typedNode, { variables })).type.toBe<
      Effect.Effect<Film, Thrown | Invalid>
    >()
    expect(validated.query(typedNode, { variables, errors: "inline" })).type.toBe<
      Effect.Effect<Result<Film>, Base | Invalid>
    >()
    expect(validated.query(queryOperation, { variables })).type.toBe<
      Effect.Effect<Film, Thrown | DecodeError | Invalid>
    >()
    expect(validated.mutate(typedNode, { variables })).type.toBe<
      Effect.Effect<Film, Thrown | Invalid>
    >()
  })

  test("adds a ValidationError to subscriptions", () => {
    expect(validated.subscribe(subscription)).type.toBe<
      Stream<Film, Thrown | DecodeError | OverflowError | Invalid, "Titles">
    >()
    expect(validated.subscribeEvents(subscription)).type.toBe<
      Stream<Event<Film>, Thrown | DecodeError | OverflowError | Invalid, "Titles">
    >()
    expect(validated.runForEach(subscription, () => own)).type.toBe<
      Effect.Effect<void, Thrown | DecodeError | OverflowError | Invalid | "mine", "Titles" | "Log">
    >()
    expect(validated.runForEachChunk(subscription, () => own, { errors: "inline" })).type.toBe<
      Effect.Effect<void, Base | DecodeError | OverflowError | Invalid | "mine", "Titles" | "Log">
    >()
    expect(validated.subscription(subscription)).type.toBe<
      Effect.Effect<
        Subscription<Film, Thrown | DecodeError | OverflowError | Invalid, "Titles">,
        EncodeError | Invalid,
        "Titles" | Scope
      >
    >()
    expect(validated.subscribeMany(typedNode, [[1, variables]])).type.toBe<
      Effect.Effect<
        Subscriptions.Subscriptions<number, ById, Film, Thrown | OverflowError | Invalid>,
        never,
        Scope
      >
    >()
  })

  test("takes what the client takes, and nothing else", () => {
    expect(validated.query).type.not.toBeCallableWith(typedNode)
    expect(validated.query).type.not.toBeCallableWith(typedNode, { variables: { id: 1 } })
    expect(validated.query).type.not.toBeCallableWith(subscriptionOperation, { variables })
    expect(validated.subscribe).type.not.toBeCallableWith(queryOperation, { variables })
    expect(validated.runForEach).type.not.toBeCallableWith(subscription, () => 1)
  })

  test("has the client's connection", () => {
    expect(validated.connect).type.toBe<Service["connect"]>()
    expect(validated.status).type.toBe<Service["status"]>()
    expect(validated.reconnect).type.toBe<Service["reconnect"]>()
  })

  test("is no client itself, for it fails with more", () => {
    expect(validated).type.not.toBeAssignableTo<Service>()
    expect(client).type.toBeAssignableTo<Service<Validation.ValidationError>>()
  })
})
