import type { Service } from "@fiberline/client/GraphQLClient"
import * as Operation from "@fiberline/client/Operation"
import type { GraphQLError } from "@fiberline/client/OperationError"
import type { JsonObject } from "@fiberline/core/Message"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "tstyche"
import {
  type ById,
  type Exact,
  type Film,
  Id,
  node,
  type Paging,
  queryOperation,
  tadaNode,
  type TadaDocumentNode,
  text,
  Title,
  typedNode,
  type TypedDocumentNode,
  typedString,
  type TypedDocumentString
} from "./support/documents.js"

declare const client: Service

const FilmSchema = Schema.Struct({ title: Schema.String, year: Schema.Number })
const ByIdSchema = Schema.Struct({ id: Schema.NumberFromString })
const PagingSchema = Schema.Struct({ first: Schema.optional(Schema.Number) })
declare const paged: TypedDocumentNode<Film, Paging>
declare const exact: TypedDocumentString<Film, Exact<{ [key: string]: never }>>
declare const tada: TadaDocumentNode<Film, {}>
declare const untyped: TypedDocumentNode<Film, { [key: string]: unknown }>

describe("an operation with Schemas", () => {
  test("bears its kind, its variables as used, and its data as used", () => {
    expect(Operation.query(text, { data: FilmSchema, variables: ByIdSchema })).type.toBe<
      Operation.Operation<
        "query",
        { readonly id: number },
        { readonly title: string; readonly year: number }
      >
    >()
    expect(Operation.mutation(node, { data: Schema.Date })).type.toBe<
      Operation.Operation<"mutation", Operation.NoVariables, Date>
    >()
    expect(Operation.subscription(text, { data: Schema.Null })).type.toBe<
      Operation.Operation<"subscription", Operation.NoVariables, null>
    >()
  })

  test("needs what both of its Schemas need", () => {
    expect(Operation.query(text, { data: Title, variables: Id })).type.toBe<
      Operation.Operation<"query", bigint, URL, "Titles" | "Ids">
    >()
    expect(Operation.query(text, { data: Title })).type.toBe<
      Operation.Operation<"query", Operation.NoVariables, URL, "Titles">
    >()
    expect(Operation.query(text, { data: Schema.Null, variables: Id })).type.toBe<
      Operation.Operation<"query", bigint, null, "Ids">
    >()
  })

  test("needs a Schema of its data, and rejects typos", () => {
    expect(Operation.query).type.toBeCallableWith(text, { data: FilmSchema })
    expect(Operation.query).type.not.toBeCallableWith(text, {})
    expect(Operation.query).type.not.toBeCallableWith(text, { data: FilmSchema, variable: Id })
    expect(Operation.query).type.not.toBeCallableWith(text, { data: {} })
  })

  test("takes a document without types of its own", () => {
    expect(Operation.query).type.toBeCallableWith(node, { data: FilmSchema })
    expect(Operation.query).type.not.toBeCallableWith(queryOperation, { data: FilmSchema })
    expect(Operation.query).type.not.toBeCallableWith(typedString, { data: FilmSchema })
  })
})

describe("variables that the document needs", () => {
  const variables = { id: "1" }

  test("have to be given", () => {
    expect(client.query).type.toBeCallableWith(typedNode, { variables })
    expect(client.query).type.not.toBeCallableWith(typedNode)
    expect(client.query).type.not.toBeCallableWith(typedNode, {})
    expect(client.query).type.not.toBeCallableWith(typedNode, { errors: "inline" })
    expect(client.query).type.not.toBeCallableWith(typedNode, { variables: undefined })

    expect(client.query).type.toBeCallableWith(tadaNode, { variables })
    expect(client.query).type.not.toBeCallableWith(tadaNode)
    expect(client.query).type.not.toBeCallableWith(tadaNode, {})
    expect(client.query).type.not.toBeCallableWith(tadaNode, { errors: "inline" })
    expect(client.query).type.not.toBeCallableWith(tadaNode, { variables: undefined })

    expect(client.query).type.toBeCallableWith(typedString, { variables })
    expect(client.query).type.not.toBeCallableWith(typedString)
    expect(client.query).type.not.toBeCallableWith(typedString, {})
    expect(client.query).type.not.toBeCallableWith(typedString, { errors: "inline" })
    expect(client.query).type.not.toBeCallableWith(typedString, { variables: undefined })

    expect(client.query).type.toBeCallableWith(queryOperation, { variables })
    expect(client.query).type.not.toBeCallableWith(queryOperation)
    expect(client.query).type.not.toBeCallableWith(queryOperation, {})
    expect(client.query).type.not.toBeCallableWith(queryOperation, { errors: "inline" })
    expect(client.query).type.not.toBeCallableWith(queryOperation, { variables: undefined })
  })

  test("have to be given to every kind of call", () => {
    expect(client.mutate).type.toBeCallableWith(typedNode, { variables })
    expect(client.mutate).type.not.toBeCallableWith(typedNode)
    expect(client.subscribe).type.toBeCallableWith(typedNode, { variables })
    expect(client.subscribe).type.not.toBeCallableWith(typedNode)
    expect(client.subscription).type.toBeCallableWith(typedNode, { variables })
    expect(client.subscription).type.not.toBeCallableWith(typedNode)
  })

  test("have to be the right ones", () => {
    expect(client.query).type.toBeCallableWith(typedNode, { variables: { id: "1", locale: "" } })
    expect(client.query).type.not.toBeCallableWith(typedNode, { variables: {} })
    expect(client.query).type.not.toBeCallableWith(typedNode, { variables: { id: 1 } })
    expect(client.query).type.not.toBeCallableWith(typedNode, { variables: { id: null } })
    expect(client.query).type.not.toBeCallableWith(typedNode, { variables: { id: "1", x: 1 } })

    expect(client.query).type.toBeCallableWith(tadaNode, { variables: { id: "1", locale: "" } })
    expect(client.query).type.not.toBeCallableWith(tadaNode, { variables: {} })
    expect(client.query).type.not.toBeCallableWith(tadaNode, { variables: { id: 1 } })
    expect(client.query).type.not.toBeCallableWith(tadaNode, { variables: { id: null } })
    expect(client.query).type.not.toBeCallableWith(tadaNode, { variables: { id: "1", x: 1 } })

    expect(client.query).type.toBeCallableWith(typedString, { variables: { id: "1", locale: "" } })
    expect(client.query).type.not.toBeCallableWith(typedString, { variables: {} })
    expect(client.query).type.not.toBeCallableWith(typedString, { variables: { id: 1 } })
    expect(client.query).type.not.toBeCallableWith(typedString, { variables: { id: null } })
    expect(client.query).type.not.toBeCallableWith(typedString, { variables: { id: "1", x: 1 } })

    expect(client.query).type.toBeCallableWith(queryOperation, {
      variables: { id: "1", locale: "" }
    })
    expect(client.query).type.not.toBeCallableWith(queryOperation, { variables: {} })
    expect(client.query).type.not.toBeCallableWith(queryOperation, { variables: { id: 1 } })
    expect(client.query).type.not.toBeCallableWith(queryOperation, { variables: { id: null } })
    expect(client.query).type.not.toBeCallableWith(queryOperation, { variables: { id: "1", x: 1 } })
  })

  test("are given as they are used, and not as they are sent", () => {
    const operation = Operation.query(text, { data: FilmSchema, variables: ByIdSchema })
    expect(client.query).type.toBeCallableWith(operation, { variables: { id: 1 } })
    expect(client.query).type.not.toBeCallableWith(operation, { variables: { id: "1" } })
  })
})

describe("variables that the document can do without", () => {
  const operation = Operation.query(text, { data: FilmSchema, variables: PagingSchema })

  test("may be left out", () => {
    expect(client.query).type.toBeCallableWith(paged)
    expect(client.query).type.toBeCallableWith(paged, {})
    expect(client.query).type.toBeCallableWith(paged, { errors: "inline" })
    expect(client.query).type.toBeCallableWith(paged, { variables: undefined })
    expect(client.query).type.toBeCallableWith(operation)
    expect(client.subscribe).type.toBeCallableWith(paged)
    expect(client.subscription).type.toBeCallableWith(paged)
  })

  test("have to be the right ones all the same", () => {
    expect(client.query).type.toBeCallableWith(paged, { variables: { first: 1, after: null } })
    expect(client.query).type.not.toBeCallableWith(paged, { variables: { first: "1" } })
    expect(client.query).type.not.toBeCallableWith(paged, { variables: { last: 1 } })
    expect(client.query).type.toBeCallableWith(operation, { variables: { first: 1 } })
    expect(client.query).type.not.toBeCallableWith(operation, { variables: { first: "1" } })
    expect(client.query).type.not.toBeCallableWith(operation, { variables: { last: 1 } })
  })
})

describe("a document without variables", () => {
  test("is called without, however its generator writes that", () => {
    expect(client.query).type.toBeCallableWith(exact)
    expect(client.query).type.toBeCallableWith(exact, { errors: "inline" })
    expect(client.query).type.not.toBeCallableWith(exact, { variables: { id: "1" } })
    expect(client.query).type.toBeCallableWith(tada)
    expect(client.query).type.toBeCallableWith(tada, { variables: {} })
  })

  test("takes none, where it is an operation with Schemas", () => {
    const operation = Operation.query(text, { data: FilmSchema })
    expect(client.query).type.toBeCallableWith(operation)
    expect(client.query).type.toBeCallableWith(operation, { errors: "inline" })
    expect(client.query).type.toBeCallableWith(operation, { variables: {} })
    expect(client.query).type.not.toBeCallableWith(operation, { variables: { id: "1" } })
  })
})

describe("a document whose variables nobody knows", () => {
  test("takes any object or none", () => {
    expect(client.query).type.toBeCallableWith(text)
    expect(client.query).type.toBeCallableWith(text, { variables: { id: 1, deep: [{}] } })
    expect(client.query).type.not.toBeCallableWith(text, { variables: "id" })
    expect(client.query).type.not.toBeCallableWith(text, { variables: null })

    expect(client.query).type.toBeCallableWith(node)
    expect(client.query).type.toBeCallableWith(node, { variables: { id: 1, deep: [{}] } })
    expect(client.query).type.not.toBeCallableWith(node, { variables: "id" })
    expect(client.query).type.not.toBeCallableWith(node, { variables: null })

    expect(client.query).type.toBeCallableWith(untyped)
    expect(client.query).type.toBeCallableWith(untyped, { variables: { id: 1, deep: [{}] } })
    expect(client.query).type.not.toBeCallableWith(untyped, { variables: "id" })
    expect(client.query).type.not.toBeCallableWith(untyped, { variables: null })
  })
})

describe("the types of a document", () => {
  test("are those it was made with", () => {
    expect<Operation.Variables<typeof typedNode>>().type.toBe<ById>()
    expect<Operation.Variables<typeof tadaNode>>().type.toBe<ById>()
    expect<Operation.Variables<typeof typedString>>().type.toBe<ById>()
    expect<Operation.Variables<typeof queryOperation>>().type.toBe<ById>()
    expect<Operation.Data<typeof typedNode>>().type.toBe<Film>()
    expect<Operation.Data<typeof tadaNode>>().type.toBe<Film>()
    expect<Operation.Data<typeof typedString>>().type.toBe<Film>()
    expect<Operation.Data<typeof queryOperation>>().type.toBe<Film>()
  })

  test("are kept by the text that a TypedDocumentString gives", () => {
    const film = typedString.toString()
    expect(client.query).type.toBeCallableWith(film, { variables: { id: "1" } })
    expect(client.query).type.not.toBeCallableWith(film, { variables: { id: 1 } })
    expect(client.query(film, { variables: { id: "1" } })).type.toBe<
      ReturnType<typeof client.query<typeof typedNode>>
    >()
  })

  test("are JSON and unknown where there are none", () => {
    expect<Operation.Variables<string>>().type.toBe<JsonObject>()
    expect<Operation.Variables<typeof node>>().type.toBe<JsonObject>()
    expect<Operation.Data<string>>().type.toBe<unknown>()
    expect<Operation.Data<typeof node>>().type.toBe<unknown>()
  })

  test("need nothing but what an operation's Schemas need", () => {
    expect<Operation.Context<string>>().type.toBe<never>()
    expect<Operation.Context<typeof typedNode>>().type.toBe<never>()
    expect<Operation.Context<typeof typedString>>().type.toBe<never>()
    expect<Operation.Context<typeof queryOperation>>().type.toBe<never>()
    expect<Operation.Context<Operation.Operation<"query", {}, Film, "A" | "B">>>().type.toBe<
      "A" | "B"
    >()
  })
})

describe("an inline result", () => {
  test("has data, which may be null, errors, and perhaps extensions", () => {
    expect<Operation.Result<Film>["data"]>().type.toBe<Film | null>()
    expect<Operation.Result<Film>["errors"]>().type.toBe<ReadonlyArray<GraphQLError>>()
    expect<Operation.Result<Film>["extensions"]>().type.toBe<JsonObject | undefined>()
  })
})
