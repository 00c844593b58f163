import type * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as LocalSchema from "@fiberline/client/LocalSchema"
import type { Effect } from "effect/Effect"
import type { Layer } from "effect/Layer"
import type { Scope } from "effect/Scope"
import type { GraphQLSchema } from "graphql"
import { describe, expect, test } from "tstyche"

type Client = GraphQLClient.GraphQLClient

declare const schema: GraphQLSchema
declare const context: { readonly user: string }
declare const current: Effect<{ readonly user: string }, "NoUser" | Error, "Users">
declare const opened: Effect<{ readonly user: string }, Error, "Pool" | Scope>
declare const either: { readonly user: string } | Effect<{ readonly user: string }, never, "Users">
declare const unknown: ReturnType<typeof JSON.parse>

describe("a client of a local schema", () => {
  test("needs nothing, and a scope where it is no layer", () => {
    expect(LocalSchema.layer({ schema })).type.toBe<Layer<Client>>()
    expect(LocalSchema.layer({ schema, context })).type.toBe<Layer<Client>>()
    expect(LocalSchema.layer({ schema, context: unknown })).type.toBe<Layer<Client>>()
    expect(LocalSchema.make({ schema })).type.toBe<Effect<GraphQLClient.Service, never, Scope>>()
  })

  test("needs what its context does, whatever that fails with", () => {
    expect(LocalSchema.layer({ schema, context: current })).type.toBe<
      Layer<Client, never, "Users">
    >()
    expect(LocalSchema.layer({ schema, context: either })).type.toBe<
      Layer<Client, never, "Users">
    >()
    expect(LocalSchema.make({ schema, context: current })).type.toBe<
      Effect<GraphQLClient.Service, never, "Users" | Scope>
    >()
  })

  test("gives a context that needs one its own scope", () => {
    expect(LocalSchema.layer({ schema, context: opened })).type.toBe<Layer<Client, never, "Pool">>()
  })

  test("takes a schema, and no option of a network", () => {
    expect(LocalSchema.layer).type.not.toBeCallableWith({})
    expect(LocalSchema.layer).type.not.toBeCallableWith({ schema: "type Query { n: Int }" })
    expect(LocalSchema.layer).type.not.toBeCallableWith({ schema, url: "ws://test" })
    expect(LocalSchema.layer).type.not.toBeCallableWith({ schema, keepalive: false })
    expect(LocalSchema.layer).type.not.toBeCallableWith({ schema, propagateTrace: true })
  })
})
