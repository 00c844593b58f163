import type { Service } from "@fiberline/client/GraphQLClient"
import type { NetworkError } from "@fiberline/client/NetworkError"
import type { Operation, Result } from "@fiberline/client/Operation"
import type { DecodeError, EncodeError, OperationError } from "@fiberline/client/OperationError"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import * as QueryResolver from "@fiberline/client/QueryResolver"
import * as Effect from "effect/Effect"
import * as RequestResolver from "effect/RequestResolver"
import { describe, expect, test } from "tstyche"
import {
  type ById,
  type Film,
  mutationOperation,
  node,
  subscriptionOperation,
  tadaNode,
  text,
  typedNode,
  typedString
} from "./support/documents.js"

declare const client: Service
declare const operation: Operation<"query", ById, Film, "Ids" | "Titles">

type Base = NetworkError | ProtocolError | EncodeError

const resolver = QueryResolver.make(client)
const { query } = QueryResolver
const variables = { id: "1" }

describe("a resolver", () => {
  test("is made of a client", () => {
    expect(QueryResolver.make(client)).type.toBe<QueryResolver.QueryResolver>()
    expect(QueryResolver.make).type.toBeCallableWith(client, { concurrency: 5 })
    expect(QueryResolver.make).type.not.toBeCallableWith(client, { concurrency: "5" })
    expect(QueryResolver.make).type.not.toBeCallableWith({})
  })

  test("is one of Effect's, and can be combined as they are", () => {
    expect(resolver).type.toBeAssignableTo<RequestResolver.RequestResolver<QueryResolver.Query>>()
    expect(query).type.toBeCallableWith(RequestResolver.batchN(resolver, 10), text)
    expect(query).type.toBeCallableWith(
      RequestResolver.aroundRequests(
        resolver,
        (requests) => {
          expect(requests).type.toBe<ReadonlyArray<QueryResolver.Query>>()
          return Effect.void
        },
        () => Effect.void
      ),
      text
    )
  })
})

describe("a query", () => {
  test("gives, fails with and needs what that of the client does", () => {
    expect(query(resolver, text)).type.toBe<Effect.Effect<unknown, Base | OperationError>>()
    expect(query(resolver, node)).type.toBe<Effect.Effect<unknown, Base | OperationError>>()
    for (const document of [typedNode, tadaNode, typedString] as const) {
      expect(query(resolver, document, { variables })).type.toBe<
        Effect.Effect<Film, Base | OperationError>
      >()
    }
    expect(query(resolver, typedNode, { variables, errors: "inline" })).type.toBe<
      Effect.Effect<Result<Film>, Base>
    >()
    expect(query(resolver, operation, { variables })).type.toBe<
      Effect.Effect<Film, Base | OperationError | DecodeError, "Ids" | "Titles">
    >()
    expect(query(resolver, operation, { variables, errors: "inline" })).type.toBe<
      Effect.Effect<Result<Film>, Base | DecodeError, "Ids" | "Titles">
    >()
  })

  test("takes what that of the client takes", () => {
    expect(query).type.toBeCallableWith(resolver, text, { variables: { any: 1 }, timeout: 1 })
    expect(query).type.not.toBeCallableWith(resolver, typedNode)
    expect(query).type.not.toBeCallableWith(resolver, typedNode, { variables: { id: 1 } })
    expect(query).type.not.toBeCallableWith(resolver, typedNode, { variables, timeOut: 1 })
    expect(query).type.not.toBeCallableWith(resolver, mutationOperation, { variables })
    expect(query).type.not.toBeCallableWith(resolver, subscriptionOperation, { variables })
  })

  test("can be asked for many times together", () => {
    const film = (id: string) => query(resolver, typedNode, { variables: { id } })
    expect(Effect.forEach(["1", "2"], film, { batching: true })).type.toBe<
      Effect.Effect<Array<Film>, Base | OperationError>
    >()
  })
})
