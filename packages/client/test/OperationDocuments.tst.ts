/** Operations with Schemas, in every method and mode. */
import type { Service } from "@fiberline/client/GraphQLClient"
import type * as Operation from "@fiberline/client/Operation"
import type { DecodeError } from "@fiberline/client/OperationError"
import { describe, expect, test } from "tstyche"
import {
  type ById,
  type Film,
  mutationOperation,
  queryOperation,
  subscriptionOperation
} from "./support/documents.js"
import { as, by, first, none, own, type Many, type Once } from "./support/expected.js"

declare const client: Service

type Plain<K extends Operation.Kind> = Operation.Operation<K, Operation.NoVariables, Film>
declare const plainQuery: Plain<"query">
declare const plainMutation: Plain<"mutation">
declare const plainSubscription: Plain<"subscription">

type Needy<K extends Operation.Kind> = Operation.Operation<K, ById, Film, "Ids" | "Titles">
declare const needyQuery: Needy<"query">
declare const needyMutation: Needy<"mutation">
declare const needySubscription: Needy<"subscription">

describe("an Operation", () => {
  test("query", () => {
    type Row = Once<Film, DecodeError, never>
    expect(client.query(queryOperation, by.throw)).type.toBe<Row["throw"]>()
    expect(client.query(queryOperation, by.inline)).type.toBe<Row["inline"]>()
  })

  test("mutate", () => {
    type Row = Once<Film, DecodeError, never>
    expect(client.mutate(mutationOperation, by.throw)).type.toBe<Row["throw"]>()
    expect(client.mutate(mutationOperation, by.inline)).type.toBe<Row["inline"]>()
  })

  type Row = Many<Film, DecodeError, never, ById>

  test("subscribe", () => {
    expect(client.subscribe(subscriptionOperation, by.throw)).type.toBe<Row["throw"]["subscribe"]>()
    expect(client.subscribe(subscriptionOperation, by.inline)).type.toBe<
      Row["inline"]["subscribe"]
    >()
    expect(client.subscribe(subscriptionOperation, by.decode)).type.toBe<
      Row["decode"]["subscribe"]
    >()
    expect(client.subscribe(subscriptionOperation, by.both)).type.toBe<Row["both"]["subscribe"]>()
  })

  test("subscribeEvents", () => {
    expect(client.subscribeEvents(subscriptionOperation, by.throw)).type.toBe<
      Row["throw"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(subscriptionOperation, by.inline)).type.toBe<
      Row["inline"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(subscriptionOperation, by.decode)).type.toBe<
      Row["decode"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(subscriptionOperation, by.both)).type.toBe<
      Row["both"]["subscribeEvents"]
    >()
  })

  test("runForEach", () => {
    expect(
      client.runForEach(
        subscriptionOperation,
        (it) => (expect(it).type.toBe<Row["throw"]["element"]>(), own),
        by.throw
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEach(
        subscriptionOperation,
        (it) => (expect(it).type.toBe<Row["inline"]["element"]>(), own),
        by.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEach(
        subscriptionOperation,
        (it) => (expect(it).type.toBe<Row["decode"]["element"]>(), own),
        by.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEach(
        subscriptionOperation,
        (it) => (expect(it).type.toBe<Row["both"]["element"]>(), own),
        by.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("runForEachChunk", () => {
    expect(
      client.runForEachChunk(
        subscriptionOperation,
        (it) => (expect(it).type.toBe<Row["throw"]["chunk"]>(), own),
        by.throw
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        subscriptionOperation,
        (it) => (expect(it).type.toBe<Row["inline"]["chunk"]>(), own),
        by.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        subscriptionOperation,
        (it) => (expect(it).type.toBe<Row["decode"]["chunk"]>(), own),
        by.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        subscriptionOperation,
        (it) => (expect(it).type.toBe<Row["both"]["chunk"]>(), own),
        by.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("subscription", () => {
    expect(client.subscription(subscriptionOperation, by.throw)).type.toBe<
      Row["throw"]["subscription"]
    >()
    expect(client.subscription(subscriptionOperation, by.inline)).type.toBe<
      Row["inline"]["subscription"]
    >()
    expect(client.subscription(subscriptionOperation, by.decode)).type.toBe<
      Row["decode"]["subscription"]
    >()
    expect(client.subscription(subscriptionOperation, by.both)).type.toBe<
      Row["both"]["subscription"]
    >()
  })

  test("subscribeMany", () => {
    expect(client.subscribeMany(subscriptionOperation, first)).type.toBe<
      Row["throw"]["subscribeMany"]
    >()
    expect(client.subscribeMany(subscriptionOperation, first, as.inline)).type.toBe<
      Row["inline"]["subscribeMany"]
    >()
    expect(client.subscribeMany(subscriptionOperation, first, as.decode)).type.toBe<
      Row["decode"]["subscribeMany"]
    >()
    expect(client.subscribeMany(subscriptionOperation, first, as.both)).type.toBe<
      Row["both"]["subscribeMany"]
    >()
  })
})

describe("an Operation without variables", () => {
  test("query", () => {
    type Row = Once<Film, DecodeError, never>
    expect(client.query(plainQuery)).type.toBe<Row["throw"]>()
    expect(client.query(plainQuery, as.inline)).type.toBe<Row["inline"]>()
  })

  test("mutate", () => {
    type Row = Once<Film, DecodeError, never>
    expect(client.mutate(plainMutation)).type.toBe<Row["throw"]>()
    expect(client.mutate(plainMutation, as.inline)).type.toBe<Row["inline"]>()
  })

  type Row = Many<Film, DecodeError, never, Operation.NoVariables>

  test("subscribe", () => {
    expect(client.subscribe(plainSubscription)).type.toBe<Row["throw"]["subscribe"]>()
    expect(client.subscribe(plainSubscription, as.inline)).type.toBe<Row["inline"]["subscribe"]>()
    expect(client.subscribe(plainSubscription, as.decode)).type.toBe<Row["decode"]["subscribe"]>()
    expect(client.subscribe(plainSubscription, as.both)).type.toBe<Row["both"]["subscribe"]>()
  })

  test("subscribeEvents", () => {
    expect(client.subscribeEvents(plainSubscription)).type.toBe<Row["throw"]["subscribeEvents"]>()
    expect(client.subscribeEvents(plainSubscription, as.inline)).type.toBe<
      Row["inline"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(plainSubscription, as.decode)).type.toBe<
      Row["decode"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(plainSubscription, as.both)).type.toBe<
      Row["both"]["subscribeEvents"]
    >()
  })

  test("runForEach", () => {
    expect(
      client.runForEach(
        plainSubscription,
        (it) => (expect(it).type.toBe<Row["throw"]["element"]>(), own)
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEach(
        plainSubscription,
        (it) => (expect(it).type.toBe<Row["inline"]["element"]>(), own),
        as.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEach(
        plainSubscription,
        (it) => (expect(it).type.toBe<Row["decode"]["element"]>(), own),
        as.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEach(
        plainSubscription,
        (it) => (expect(it).type.toBe<Row["both"]["element"]>(), own),
        as.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("runForEachChunk", () => {
    expect(
      client.runForEachChunk(
        plainSubscription,
        (it) => (expect(it).type.toBe<Row["throw"]["chunk"]>(), own)
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        plainSubscription,
        (it) => (expect(it).type.toBe<Row["inline"]["chunk"]>(), own),
        as.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        plainSubscription,
        (it) => (expect(it).type.toBe<Row["decode"]["chunk"]>(), own),
        as.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        plainSubscription,
        (it) => (expect(it).type.toBe<Row["both"]["chunk"]>(), own),
        as.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("subscription", () => {
    expect(client.subscription(plainSubscription)).type.toBe<Row["throw"]["subscription"]>()
    expect(client.subscription(plainSubscription, as.inline)).type.toBe<
      Row["inline"]["subscription"]
    >()
    expect(client.subscription(plainSubscription, as.decode)).type.toBe<
      Row["decode"]["subscription"]
    >()
    expect(client.subscription(plainSubscription, as.both)).type.toBe<Row["both"]["subscription"]>()
  })

  test("subscribeMany", () => {
    expect(client.subscribeMany(plainSubscription, none)).type.toBe<Row["throw"]["subscribeMany"]>()
    expect(client.subscribeMany(plainSubscription, none, as.inline)).type.toBe<
      Row["inline"]["subscribeMany"]
    >()
    expect(client.subscribeMany(plainSubscription, none, as.decode)).type.toBe<
      Row["decode"]["subscribeMany"]
    >()
    expect(client.subscribeMany(plainSubscription, none, as.both)).type.toBe<
      Row["both"]["subscribeMany"]
    >()
  })
})

describe("an Operation whose Schemas need something", () => {
  test("query", () => {
    type Row = Once<Film, DecodeError, "Ids" | "Titles">
    expect(client.query(needyQuery, by.throw)).type.toBe<Row["throw"]>()
    expect(client.query(needyQuery, by.inline)).type.toBe<Row["inline"]>()
  })

  test("mutate", () => {
    type Row = Once<Film, DecodeError, "Ids" | "Titles">
    expect(client.mutate(needyMutation, by.throw)).type.toBe<Row["throw"]>()
    expect(client.mutate(needyMutation, by.inline)).type.toBe<Row["inline"]>()
  })

  type Row = Many<Film, DecodeError, "Ids" | "Titles", ById>

  test("subscribe", () => {
    expect(client.subscribe(needySubscription, by.throw)).type.toBe<Row["throw"]["subscribe"]>()
    expect(client.subscribe(needySubscription, by.inline)).type.toBe<Row["inline"]["subscribe"]>()
    expect(client.subscribe(needySubscription, by.decode)).type.toBe<Row["decode"]["subscribe"]>()
    expect(client.subscribe(needySubscription, by.both)).type.toBe<Row["both"]["subscribe"]>()
  })

  test("subscribeEvents", () => {
    expect(client.subscribeEvents(needySubscription, by.throw)).type.toBe<
      Row["throw"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(needySubscription, by.inline)).type.toBe<
      Row["inline"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(needySubscription, by.decode)).type.toBe<
      Row["decode"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(needySubscription, by.both)).type.toBe<
      Row["both"]["subscribeEvents"]
    >()
  })

  test("runForEach", () => {
    expect(
      client.runForEach(
        needySubscription,
        (it) => (expect(it).type.toBe<Row["throw"]["element"]>(), own),
        by.throw
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEach(
        needySubscription,
        (it) => (expect(it).type.toBe<Row["inline"]["element"]>(), own),
        by.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEach(
        needySubscription,
        (it) => (expect(it).type.toBe<Row["decode"]["element"]>(), own),
        by.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEach(
        needySubscription,
        (it) => (expect(it).type.toBe<Row["both"]["element"]>(), own),
        by.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("runForEachChunk", () => {
    expect(
      client.runForEachChunk(
        needySubscription,
        (it) => (expect(it).type.toBe<Row["throw"]["chunk"]>(), own),
        by.throw
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        needySubscription,
        (it) => (expect(it).type.toBe<Row["inline"]["chunk"]>(), own),
        by.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        needySubscription,
        (it) => (expect(it).type.toBe<Row["decode"]["chunk"]>(), own),
        by.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        needySubscription,
        (it) => (expect(it).type.toBe<Row["both"]["chunk"]>(), own),
        by.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("subscription", () => {
    expect(client.subscription(needySubscription, by.throw)).type.toBe<
      Row["throw"]["subscription"]
    >()
    expect(client.subscription(needySubscription, by.inline)).type.toBe<
      Row["inline"]["subscription"]
    >()
    expect(client.subscription(needySubscription, by.decode)).type.toBe<
      Row["decode"]["subscription"]
    >()
    expect(client.subscription(needySubscription, by.both)).type.toBe<Row["both"]["subscription"]>()
  })

  test("subscribeMany", () => {
    expect(client.subscribeMany(needySubscription, first)).type.toBe<
      Row["throw"]["subscribeMany"]
    >()
    expect(client.subscribeMany(needySubscription, first, as.inline)).type.toBe<
      Row["inline"]["subscribeMany"]
    >()
    expect(client.subscribeMany(needySubscription, first, as.decode)).type.toBe<
      Row["decode"]["subscribeMany"]
    >()
    expect(client.subscribeMany(needySubscription, first, as.both)).type.toBe<
      Row["both"]["subscribeMany"]
    >()
  })
})
