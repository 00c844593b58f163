/** Documents that bear their types, in every method and mode. */
import type { Service } from "@fiberline/client/GraphQLClient"
import { describe, expect, test } from "tstyche"
import { type ById, type Film, tada, typedNode, typedString } from "./support/documents.js"
import { as, by, first, none, own, type Many, type Once } from "./support/expected.js"

declare const client: Service

interface TadaFilm {
  title: string
  year: number
}

const tadaQuery = tada("query Film($id: ID!) { film(id: $id) { title year } }")
const tadaMutation = tada("mutation Watch($id: ID!) { watch(id: $id) { title year } }")
const tadaSubscription = tada("subscription Released { released { title year } }")

describe("a TypedDocumentNode", () => {
  test("query", () => {
    type Row = Once<Film, never, never>
    expect(client.query(typedNode, by.throw)).type.toBe<Row["throw"]>()
    expect(client.query(typedNode, by.inline)).type.toBe<Row["inline"]>()
  })

  test("mutate", () => {
    type Row = Once<Film, never, never>
    expect(client.mutate(typedNode, by.throw)).type.toBe<Row["throw"]>()
    expect(client.mutate(typedNode, by.inline)).type.toBe<Row["inline"]>()
  })

  type Row = Many<Film, never, never, ById>

  test("subscribe", () => {
    expect(client.subscribe(typedNode, by.throw)).type.toBe<Row["throw"]["subscribe"]>()
    expect(client.subscribe(typedNode, by.inline)).type.toBe<Row["inline"]["subscribe"]>()
    expect(client.subscribe(typedNode, by.decode)).type.toBe<Row["decode"]["subscribe"]>()
    expect(client.subscribe(typedNode, by.both)).type.toBe<Row["both"]["subscribe"]>()
  })

  test("subscribeEvents", () => {
    expect(client.subscribeEvents(typedNode, by.throw)).type.toBe<Row["throw"]["subscribeEvents"]>()
    expect(client.subscribeEvents(typedNode, by.inline)).type.toBe<
      Row["inline"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(typedNode, by.decode)).type.toBe<
      Row["decode"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(typedNode, by.both)).type.toBe<Row["both"]["subscribeEvents"]>()
  })

  test("runForEach", () => {
    expect(
      client.runForEach(
        typedNode,
        (it) => (expect(it).type.toBe<Row["throw"]["element"]>(), own),
        by.throw
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEach(
        typedNode,
        (it) => (expect(it).type.toBe<Row["inline"]["element"]>(), own),
        by.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEach(
        typedNode,
        (it) => (expect(it).type.toBe<Row["decode"]["element"]>(), own),
        by.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEach(
        typedNode,
        (it) => (expect(it).type.toBe<Row["both"]["element"]>(), own),
        by.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("runForEachChunk", () => {
    expect(
      client.runForEachChunk(
        typedNode,
        (it) => (expect(it).type.toBe<Row["throw"]["chunk"]>(), own),
        by.throw
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        typedNode,
        (it) => (expect(it).type.toBe<Row["inline"]["chunk"]>(), own),
        by.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        typedNode,
        (it) => (expect(it).type.toBe<Row["decode"]["chunk"]>(), own),
        by.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        typedNode,
        (it) => (expect(it).type.toBe<Row["both"]["chunk"]>(), own),
        by.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("subscription", () => {
    expect(client.subscription(typedNode, by.throw)).type.toBe<Row["throw"]["subscription"]>()
    expect(client.subscription(typedNode, by.inline)).type.toBe<Row["inline"]["subscription"]>()
    expect(client.subscription(typedNode, by.decode)).type.toBe<Row["decode"]["subscription"]>()
    expect(client.subscription(typedNode, by.both)).type.toBe<Row["both"]["subscription"]>()
  })

  test("subscribeMany", () => {
    expect(client.subscribeMany(typedNode, first)).type.toBe<Row["throw"]["subscribeMany"]>()
    expect(client.subscribeMany(typedNode, first, as.inline)).type.toBe<
      Row["inline"]["subscribeMany"]
    >()
    expect(client.subscribeMany(typedNode, first, as.decode)).type.toBe<
      Row["decode"]["subscribeMany"]
    >()
    expect(client.subscribeMany(typedNode, first, as.both)).type.toBe<
      Row["both"]["subscribeMany"]
    >()
  })
})

describe("a TypedDocumentString", () => {
  test("query", () => {
    type Row = Once<Film, never, never>
    expect(client.query(typedString, by.throw)).type.toBe<Row["throw"]>()
    expect(client.query(typedString, by.inline)).type.toBe<Row["inline"]>()
  })

  test("mutate", () => {
    type Row = Once<Film, never, never>
    expect(client.mutate(typedString, by.throw)).type.toBe<Row["throw"]>()
    expect(client.mutate(typedString, by.inline)).type.toBe<Row["inline"]>()
  })

  type Row = Many<Film, never, never, ById>

  test("subscribe", () => {
    expect(client.subscribe(typedString, by.throw)).type.toBe<Row["throw"]["subscribe"]>()
    expect(client.subscribe(typedString, by.inline)).type.toBe<Row["inline"]["subscribe"]>()
    expect(client.subscribe(typedString, by.decode)).type.toBe<Row["decode"]["subscribe"]>()
    expect(client.subscribe(typedString, by.both)).type.toBe<Row["both"]["subscribe"]>()
  })

  test("subscribeEvents", () => {
    expect(client.subscribeEvents(typedString, by.throw)).type.toBe<
      Row["throw"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(typedString, by.inline)).type.toBe<
      Row["inline"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(typedString, by.decode)).type.toBe<
      Row["decode"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(typedString, by.both)).type.toBe<Row["both"]["subscribeEvents"]>()
  })

  test("runForEach", () => {
    expect(
      client.runForEach(
        typedString,
        (it) => (expect(it).type.toBe<Row["throw"]["element"]>(), own),
        by.throw
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEach(
        typedString,
        (it) => (expect(it).type.toBe<Row["inline"]["element"]>(), own),
        by.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEach(
        typedString,
        (it) => (expect(it).type.toBe<Row["decode"]["element"]>(), own),
        by.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEach(
        typedString,
        (it) => (expect(it).type.toBe<Row["both"]["element"]>(), own),
        by.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("runForEachChunk", () => {
    expect(
      client.runForEachChunk(
        typedString,
        (it) => (expect(it).type.toBe<Row["throw"]["chunk"]>(), own),
        by.throw
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        typedString,
        (it) => (expect(it).type.toBe<Row["inline"]["chunk"]>(), own),
        by.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        typedString,
        (it) => (expect(it).type.toBe<Row["decode"]["chunk"]>(), own),
        by.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        typedString,
        (it) => (expect(it).type.toBe<Row["both"]["chunk"]>(), own),
        by.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("subscription", () => {
    expect(client.subscription(typedString, by.throw)).type.toBe<Row["throw"]["subscription"]>()
    expect(client.subscription(typedString, by.inline)).type.toBe<Row["inline"]["subscription"]>()
    expect(client.subscription(typedString, by.decode)).type.toBe<Row["decode"]["subscription"]>()
    expect(client.subscription(typedString, by.both)).type.toBe<Row["both"]["subscription"]>()
  })

  test("subscribeMany", () => {
    expect(client.subscribeMany(typedString, first)).type.toBe<Row["throw"]["subscribeMany"]>()
    expect(client.subscribeMany(typedString, first, as.inline)).type.toBe<
      Row["inline"]["subscribeMany"]
    >()
    expect(client.subscribeMany(typedString, first, as.decode)).type.toBe<
      Row["decode"]["subscribeMany"]
    >()
    expect(client.subscribeMany(typedString, first, as.both)).type.toBe<
      Row["both"]["subscribeMany"]
    >()
  })
})

describe("a document of gql.tada", () => {
  test("query", () => {
    type Row = Once<{ film: TadaFilm | null }, never, never>
    expect(client.query(tadaQuery, by.throw)).type.toBe<Row["throw"]>()
    expect(client.query(tadaQuery, by.inline)).type.toBe<Row["inline"]>()
  })

  test("mutate", () => {
    type Row = Once<{ watch: TadaFilm }, never, never>
    expect(client.mutate(tadaMutation, by.throw)).type.toBe<Row["throw"]>()
    expect(client.mutate(tadaMutation, by.inline)).type.toBe<Row["inline"]>()
  })

  type Row = Many<{ released: TadaFilm }, never, never, {}>

  test("subscribe", () => {
    expect(client.subscribe(tadaSubscription)).type.toBe<Row["throw"]["subscribe"]>()
    expect(client.subscribe(tadaSubscription, as.inline)).type.toBe<Row["inline"]["subscribe"]>()
    expect(client.subscribe(tadaSubscription, as.decode)).type.toBe<Row["decode"]["subscribe"]>()
    expect(client.subscribe(tadaSubscription, as.both)).type.toBe<Row["both"]["subscribe"]>()
  })

  test("subscribeEvents", () => {
    expect(client.subscribeEvents(tadaSubscription)).type.toBe<Row["throw"]["subscribeEvents"]>()
    expect(client.subscribeEvents(tadaSubscription, as.inline)).type.toBe<
      Row["inline"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(tadaSubscription, as.decode)).type.toBe<
      Row["decode"]["subscribeEvents"]
    >()
    expect(client.subscribeEvents(tadaSubscription, as.both)).type.toBe<
      Row["both"]["subscribeEvents"]
    >()
  })

  test("runForEach", () => {
    expect(
      client.runForEach(
        tadaSubscription,
        (it) => (expect(it).type.toBe<Row["throw"]["element"]>(), own)
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEach(
        tadaSubscription,
        (it) => (expect(it).type.toBe<Row["inline"]["element"]>(), own),
        as.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEach(
        tadaSubscription,
        (it) => (expect(it).type.toBe<Row["decode"]["element"]>(), own),
        as.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEach(
        tadaSubscription,
        (it) => (expect(it).type.toBe<Row["both"]["element"]>(), own),
        as.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("runForEachChunk", () => {
    expect(
      client.runForEachChunk(
        tadaSubscription,
        (it) => (expect(it).type.toBe<Row["throw"]["chunk"]>(), own)
      )
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        tadaSubscription,
        (it) => (expect(it).type.toBe<Row["inline"]["chunk"]>(), own),
        as.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        tadaSubscription,
        (it) => (expect(it).type.toBe<Row["decode"]["chunk"]>(), own),
        as.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        tadaSubscription,
        (it) => (expect(it).type.toBe<Row["both"]["chunk"]>(), own),
        as.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("subscription", () => {
    expect(client.subscription(tadaSubscription)).type.toBe<Row["throw"]["subscription"]>()
    expect(client.subscription(tadaSubscription, as.inline)).type.toBe<
      Row["inline"]["subscription"]
    >()
    expect(client.subscription(tadaSubscription, as.decode)).type.toBe<
      Row["decode"]["subscription"]
    >()
    expect(client.subscription(tadaSubscription, as.both)).type.toBe<Row["both"]["subscription"]>()
  })

  test("subscribeMany", () => {
    expect(client.subscribeMany(tadaSubscription, none)).type.toBe<Row["throw"]["subscribeMany"]>()
    expect(client.subscribeMany(tadaSubscription, none, as.inline)).type.toBe<
      Row["inline"]["subscribeMany"]
    >()
    expect(client.subscribeMany(tadaSubscription, none, as.decode)).type.toBe<
      Row["decode"]["subscribeMany"]
    >()
    expect(client.subscribeMany(tadaSubscription, none, as.both)).type.toBe<
      Row["both"]["subscribeMany"]
    >()
  })
})
