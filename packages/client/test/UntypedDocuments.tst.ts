/** Documents of which no types are known, in every method and mode. */
import type { Service } from "@fiberline/client/GraphQLClient"
import type { JsonObject } from "@fiberline/core/Message"
import { describe, expect, test } from "tstyche"
import { node, text } from "./support/documents.js"
import { as, none, own, type Many, type Once } from "./support/expected.js"

declare const client: Service

describe("a string", () => {
  test("query", () => {
    type Row = Once<unknown, never, never>
    expect(client.query(text)).type.toBe<Row["throw"]>()
    expect(client.query(text, as.inline)).type.toBe<Row["inline"]>()
  })

  test("mutate", () => {
    type Row = Once<unknown, never, never>
    expect(client.mutate(text)).type.toBe<Row["throw"]>()
    expect(client.mutate(text, as.inline)).type.toBe<Row["inline"]>()
  })

  type Row = Many<unknown, never, never, JsonObject>

  test("subscribe", () => {
    expect(client.subscribe(text)).type.toBe<Row["throw"]["subscribe"]>()
    expect(client.subscribe(text, as.inline)).type.toBe<Row["inline"]["subscribe"]>()
    expect(client.subscribe(text, as.decode)).type.toBe<Row["decode"]["subscribe"]>()
    expect(client.subscribe(text, as.both)).type.toBe<Row["both"]["subscribe"]>()
  })

  test("subscribeEvents", () => {
    expect(client.subscribeEvents(text)).type.toBe<Row["throw"]["subscribeEvents"]>()
    expect(client.subscribeEvents(text, as.inline)).type.toBe<Row["inline"]["subscribeEvents"]>()
    expect(client.subscribeEvents(text, as.decode)).type.toBe<Row["decode"]["subscribeEvents"]>()
    expect(client.subscribeEvents(text, as.both)).type.toBe<Row["both"]["subscribeEvents"]>()
  })

  test("runForEach", () => {
    expect(
      client.runForEach(text, (it) => (expect(it).type.toBe<Row["throw"]["element"]>(), own))
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEach(
        text,
        (it) => (expect(it).type.toBe<Row["inline"]["element"]>(), own),
        as.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEach(
        text,
        (it) => (expect(it).type.toBe<Row["decode"]["element"]>(), own),
        as.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEach(
        text,
        (it) => (expect(it).type.toBe<Row["both"]["element"]>(), own),
        as.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("runForEachChunk", () => {
    expect(
      client.runForEachChunk(text, (it) => (expect(it).type.toBe<Row["throw"]["chunk"]>(), own))
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        text,
        (it) => (expect(it).type.toBe<Row["inline"]["chunk"]>(), own),
        as.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        text,
        (it) => (expect(it).type.toBe<Row["decode"]["chunk"]>(), own),
        as.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        text,
        (it) => (expect(it).type.toBe<Row["both"]["chunk"]>(), own),
        as.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("subscription", () => {
    expect(client.subscription(text)).type.toBe<Row["throw"]["subscription"]>()
    expect(client.subscription(text, as.inline)).type.toBe<Row["inline"]["subscription"]>()
    expect(client.subscription(text, as.decode)).type.toBe<Row["decode"]["subscription"]>()
    expect(client.subscription(text, as.both)).type.toBe<Row["both"]["subscription"]>()
  })

  test("subscribeMany", () => {
    expect(client.subscribeMany(text, none)).type.toBe<Row["throw"]["subscribeMany"]>()
    expect(client.subscribeMany(text, none, as.inline)).type.toBe<Row["inline"]["subscribeMany"]>()
    expect(client.subscribeMany(text, none, as.decode)).type.toBe<Row["decode"]["subscribeMany"]>()
    expect(client.subscribeMany(text, none, as.both)).type.toBe<Row["both"]["subscribeMany"]>()
  })
})

describe("a DocumentNode", () => {
  test("query", () => {
    type Row = Once<unknown, never, never>
    expect(client.query(node)).type.toBe<Row["throw"]>()
    expect(client.query(node, as.inline)).type.toBe<Row["inline"]>()
  })

  test("mutate", () => {
    type Row = Once<unknown, never, never>
    expect(client.mutate(node)).type.toBe<Row["throw"]>()
    expect(client.mutate(node, as.inline)).type.toBe<Row["inline"]>()
  })

  type Row = Many<unknown, never, never, JsonObject>

  test("subscribe", () => {
    expect(client.subscribe(node)).type.toBe<Row["throw"]["subscribe"]>()
    expect(client.subscribe(node, as.inline)).type.toBe<Row["inline"]["subscribe"]>()
    expect(client.subscribe(node, as.decode)).type.toBe<Row["decode"]["subscribe"]>()
    expect(client.subscribe(node, as.both)).type.toBe<Row["both"]["subscribe"]>()
  })

  test("subscribeEvents", () => {
    expect(client.subscribeEvents(node)).type.toBe<Row["throw"]["subscribeEvents"]>()
    expect(client.subscribeEvents(node, as.inline)).type.toBe<Row["inline"]["subscribeEvents"]>()
    expect(client.subscribeEvents(node, as.decode)).type.toBe<Row["decode"]["subscribeEvents"]>()
    expect(client.subscribeEvents(node, as.both)).type.toBe<Row["both"]["subscribeEvents"]>()
  })

  test("runForEach", () => {
    expect(
      client.runForEach(node, (it) => (expect(it).type.toBe<Row["throw"]["element"]>(), own))
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEach(
        node,
        (it) => (expect(it).type.toBe<Row["inline"]["element"]>(), own),
        as.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEach(
        node,
        (it) => (expect(it).type.toBe<Row["decode"]["element"]>(), own),
        as.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEach(
        node,
        (it) => (expect(it).type.toBe<Row["both"]["element"]>(), own),
        as.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("runForEachChunk", () => {
    expect(
      client.runForEachChunk(node, (it) => (expect(it).type.toBe<Row["throw"]["chunk"]>(), own))
    ).type.toBe<Row["throw"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        node,
        (it) => (expect(it).type.toBe<Row["inline"]["chunk"]>(), own),
        as.inline
      )
    ).type.toBe<Row["inline"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        node,
        (it) => (expect(it).type.toBe<Row["decode"]["chunk"]>(), own),
        as.decode
      )
    ).type.toBe<Row["decode"]["runForEach"]>()
    expect(
      client.runForEachChunk(
        node,
        (it) => (expect(it).type.toBe<Row["both"]["chunk"]>(), own),
        as.both
      )
    ).type.toBe<Row["both"]["runForEach"]>()
  })

  test("subscription", () => {
    expect(client.subscription(node)).type.toBe<Row["throw"]["subscription"]>()
    expect(client.subscription(node, as.inline)).type.toBe<Row["inline"]["subscription"]>()
    expect(client.subscription(node, as.decode)).type.toBe<Row["decode"]["subscription"]>()
    expect(client.subscription(node, as.both)).type.toBe<Row["both"]["subscription"]>()
  })

  test("subscribeMany", () => {
    expect(client.subscribeMany(node, none)).type.toBe<Row["throw"]["subscribeMany"]>()
    expect(client.subscribeMany(node, none, as.inline)).type.toBe<Row["inline"]["subscribeMany"]>()
    expect(client.subscribeMany(node, none, as.decode)).type.toBe<Row["decode"]["subscribeMany"]>()
    expect(client.subscribeMany(node, none, as.both)).type.toBe<Row["both"]["subscribeMany"]>()
  })
})
