/**
 * What is generated, at work: each operation against its schema, in process, with variables that the
 * generated Schemas make up and data that the schema makes up.
 */
import { assert, describe, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import * as LocalSchema from "@fiberline/client/LocalSchema"
import type * as Operation from "@fiberline/client/Operation"
import * as Arbitrary from "effect/Arbitrary"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as FastCheck from "effect/FastCheck"
import { execute, type GraphQLSchema, parse } from "graphql"
import { type Name, schemaOf } from "./support/corpora.js"
import { mock, type Seed } from "./support/mocked.js"
import { type Generated, operations } from "./support/operations.js"

const seed: Seed = { value: 1 }

const schemas = new Map<Name, GraphQLSchema>()
const mocked = (name: Name): GraphQLSchema => {
  const schema = schemas.get(name) ?? mock(schemaOf(name), seed)
  schemas.set(name, schema)
  return schema
}

/** As `JSON.parse` would give it. */
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Runs an operation of any kind with a client, and gives what it brings. */
const run = ({ operation }: Generated, variables: unknown) =>
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    // Type boundary: the kind is looked at, and the variables are of its own Schema.
    const options = { variables } as never
    switch (operation.kind) {
      case "query":
        return [
          yield* client.query(operation as Operation.Operation<"query", never, unknown>, options)
        ]
      case "mutation":
        return [
          yield* client.mutate(
            operation as Operation.Operation<"mutation", never, unknown>,
            options
          )
        ]
      case "subscription":
        return Chunk.toReadonlyArray(
          yield* Stream.runCollect(
            client.subscribe(
              operation as Operation.Operation<"subscription", never, unknown>,
              options
            )
          )
        )
    }
  })

const rounds = 20

it("there are thirty operations and more", () => {
  assert.isAtLeast(operations.length, 30)
})

describe("a generated operation runs", () => {
  for (const generated of operations) {
    // Deferred parts come one after the other, which is for `IncrementalDelivery`.
    it.effect(generated.name, () =>
      Effect.gen(function* () {
        const samples = FastCheck.sample(Arbitrary.make(generated.known), {
          numRuns: rounds,
          seed: 1
        })
        for (const [index, variables] of samples.entries()) {
          seed.value = index + 1
          const results = yield* run(generated, variables)
          assert.isNotEmpty(results)
          for (const data of results) {
            // What is encoded again is decoded to the same.
            const encoded = Schema.encodeSync(generated.data)(data)
            const again = Schema.decodeUnknownSync(generated.data)(json(encoded))
            assert.deepStrictEqual(again, data)
          }
        }
      }).pipe(Effect.provide(LocalSchema.layer({ schema: mocked(generated.corpus) })))
    )
  }
})

describe("generated Schemas", () => {
  for (const generated of operations) {
    if (generated.operation.kind === "subscription") continue
    it.effect(`lose nothing of what ${generated.name} brings`, () =>
      Effect.gen(function* () {
        const schema = mocked(generated.corpus)
        const document = parse(String(generated.operation.document))
        const samples = FastCheck.sample(Arbitrary.make(generated.known), {
          numRuns: rounds,
          seed: 2
        })
        for (const [index, variables] of samples.entries()) {
          seed.value = index + 100
          const variableValues = json(Schema.encodeSync(generated.variables)(variables))
          const result = yield* Effect.promise(async () =>
            // Type boundary: variables are an object.
            execute({
              schema,
              document,
              variableValues: variableValues as { [name: string]: unknown }
            })
          )
          assert.isUndefined(result.errors)
          const raw = json(result.data)
          const data = Schema.decodeUnknownSync(generated.data)(raw)
          assert.deepStrictEqual(json(Schema.encodeSync(generated.data)(data)), raw)
        }
      })
    )
  }

  for (const generated of operations) {
    it(`of ${generated.name} give back what they are given`, () => {
      for (const schema of [generated.data, generated.variables]) {
        const decode = Schema.decodeUnknownSync(schema)
        const encode = Schema.encodeSync(schema)
        FastCheck.assert(
          FastCheck.property(Arbitrary.make(schema), (value) => {
            const again = decode(encode(value))
            assert.isTrue(Equal.equals(again, value) || deepEqual(again, value))
          }),
          { numRuns: rounds, seed: 3 }
        )
      }
    })
  }
})

const deepEqual = (a: unknown, b: unknown): boolean => {
  assert.deepStrictEqual(a, b)
  return true
}
