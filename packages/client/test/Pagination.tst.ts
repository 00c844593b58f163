import type { Service } from "@fiberline/client/GraphQLClient"
import type { NetworkError } from "@fiberline/client/NetworkError"
import type { Operation } from "@fiberline/client/Operation"
import type { DecodeError, EncodeError, OperationError } from "@fiberline/client/OperationError"
import * as Pagination from "@fiberline/client/Pagination"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import type { JsonObject } from "@fiberline/core/Message"
import type { Stream } from "effect/Stream"
import { describe, expect, test } from "tstyche"
import {
  type ById,
  type Film,
  subscriptionOperation,
  text,
  type TypedDocumentNode,
  type TypedDocumentString
} from "./support/documents.js"

declare const client: Service

type Failure =
  NetworkError | ProtocolError | EncodeError | OperationError | Pagination.PaginationError

/** As code generators write it: members that may be null may also be absent. */
interface Films {
  readonly films?: {
    readonly edges?: ReadonlyArray<{ readonly node?: Film | null } | null> | null
    readonly pageInfo: {
      readonly hasNextPage: boolean
      readonly endCursor?: string | null
      readonly hasPreviousPage: boolean
      readonly startCursor?: string | null
    }
  } | null
}
type Connection = NonNullable<Films["films"]>

interface Paging {
  readonly first: number
  readonly after?: string | null
}

declare const films: TypedDocumentNode<Films, Paging>
declare const latest: TypedDocumentString<
  Films,
  { readonly last?: number; readonly before: string }
>
declare const byId: TypedDocumentNode<Films, ById>
declare const operation: Operation<"query", Paging, Films, "Titles">

const variables = { first: 10 }
const connection = (data: Films) => data.films

describe("a connection", () => {
  test("gives its nodes, without null", () => {
    expect(Pagination.nodes(client, films, { variables, connection })).type.toBe<
      Stream<Film, Failure>
    >()
  })

  test("gives its pages, with the data around it", () => {
    expect(Pagination.pages(client, films, { variables, connection })).type.toBe<
      Stream<Pagination.Page<Films, Connection>, Failure>
    >()
  })

  test("is found in data of the document's type", () => {
    Pagination.pages(client, films, {
      variables,
      connection: (data) => {
        expect(data).type.toBe<Films>()
        return data.films
      }
    })
    Pagination.pages(client, text, {
      connection: (data) => {
        expect(data).type.toBe<unknown>()
        return Pagination.empty
      }
    })
  })

  test("of an operation with Schemas may fail to be decoded, and needs what they need", () => {
    expect(Pagination.nodes(client, operation, { variables, connection })).type.toBe<
      Stream<Film, Failure | DecodeError, "Titles">
    >()
    expect(Pagination.pages(client, operation, { variables, connection })).type.toBe<
      Stream<Pagination.Page<Films, Connection>, Failure | DecodeError, "Titles">
    >()
  })

  test("may have its nodes in `nodes`, or none", () => {
    const pageInfo = { hasNextPage: false, endCursor: null }
    expect(
      Pagination.nodes(client, text, {
        connection: () => ({ pageInfo, nodes: [1, null] as ReadonlyArray<number | null> })
      })
    ).type.toBe<Stream<number, Failure>>()
    expect(Pagination.nodes(client, text, { connection: () => ({ pageInfo }) })).type.toBe<
      Stream<never, Failure>
    >()
  })

  test("may be empty where there is no parent", () => {
    expect(
      Pagination.nodes(client, films, {
        variables,
        connection: (data) => data.films ?? Pagination.empty
      })
    ).type.toBe<Stream<Film, Failure>>()
  })

  test("has what the direction needs", () => {
    const forward = { pageInfo: { hasNextPage: true, endCursor: "a" } }
    const backward = { pageInfo: { hasPreviousPage: true, startCursor: "a" } }
    const pages = Pagination.pages
    expect(pages).type.toBeCallableWith(client, text, { connection: () => forward })
    expect(pages).type.not.toBeCallableWith(client, text, { connection: () => backward })
    expect(pages).type.not.toBeCallableWith(client, text, { connection: () => ({ edges: [] }) })
    expect(pages).type.not.toBeCallableWith(client, text, { connection: (data: unknown) => data })
    expect(pages).type.toBeCallableWith(client, text, {
      direction: "backward",
      connection: () => backward
    })
    expect(pages).type.not.toBeCallableWith(client, text, {
      direction: "backward",
      connection: () => forward
    })
    expect(pages).type.not.toBeCallableWith(client, text, {
      direction: "sideways",
      connection: () => forward
    })
  })
})

describe("the variables", () => {
  test("are those of the document, and have to be given where they are required", () => {
    const nodes = Pagination.nodes
    expect(nodes).type.toBeCallableWith(client, films, { variables, connection })
    expect(nodes).type.not.toBeCallableWith(client, films, { connection })
    expect(nodes).type.not.toBeCallableWith(client, films, { variables: {}, connection })
    expect(nodes).type.not.toBeCallableWith(client, films, {
      variables: { first: "10" },
      connection
    })
    expect(nodes).type.toBeCallableWith(client, text, {
      variables: { any: 1 },
      connection: () => Pagination.empty
    })
  })

  test("of the next page have to be told where there is none for the cursor", () => {
    const next = (_: string, before: ById) => before
    const options = { variables: { id: "1" }, connection }
    expect(Pagination.nodes).type.not.toBeCallableWith(client, byId, options)
    expect(Pagination.nodes).type.toBeCallableWith(client, byId, { ...options, next })
    const page = { variables, connection, direction: "backward" } as const
    expect(Pagination.nodes).type.not.toBeCallableWith(client, films, page)
    expect(Pagination.nodes).type.toBeCallableWith(client, latest, {
      ...page,
      variables: { before: "a" }
    })
  })

  test("of the next page are made of the cursor and those before", () => {
    Pagination.nodes(client, films, {
      variables,
      connection,
      next: (cursor, before) => {
        expect(cursor).type.toBe<string>()
        expect(before).type.toBe<Paging>()
        return { ...before, after: cursor }
      }
    })
    Pagination.nodes(client, text, {
      connection: () => Pagination.empty,
      next: (_, before) => {
        expect(before).type.toBe<JsonObject>()
        return before
      }
    })
    expect(Pagination.nodes).type.not.toBeCallableWith(client, films, {
      variables,
      connection,
      next: () => ({ after: "a" })
    })
  })
})

describe("the options", () => {
  test("are those of a query, but for inline errors", () => {
    const options = { variables, connection }
    const nodes = Pagination.nodes
    expect(nodes).type.toBeCallableWith(client, films, { ...options, timeout: "1 second" })
    expect(nodes).type.toBeCallableWith(client, films, { ...options, idempotent: true })
    expect(nodes).type.toBeCallableWith(client, films, { ...options, prefetch: true })
    expect(nodes).type.not.toBeCallableWith(client, films, { ...options, errors: "inline" })
    expect(nodes).type.not.toBeCallableWith(client, films, { ...options, prefetsch: true })
    expect(nodes).type.not.toBeCallableWith(client, subscriptionOperation, options)
  })
})
