import { assert, describe, it } from "@effect/vitest"
import type { Service } from "@fiberline/client/GraphQLClient"
import type * as Operation from "@fiberline/client/Operation"
import { OperationError } from "@fiberline/client/OperationError"
import * as Pagination from "@fiberline/client/Pagination"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import {
  catalogue,
  films,
  type Films,
  leadingTo,
  type Paging,
  type Resolve
} from "./support/catalogue.js"
import { scenario } from "./support/scenario.js"

interface Data {
  readonly films: Films | null
}

// Type boundary: the type is that of the fixture's schema.
const Films = `query ($first: Int, $after: String, $last: Int, $before: String, $skip: Int) {
  films(first: $first, after: $after, last: $last, before: $before, skip: $skip) {
    edges { node { id } }
    pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
  }
}` as string & Operation.Typed<Paging, Data>

const connection = ({ films }: Data) => films

/** Runs against a catalogue; the body has what it was asked for. */
const paging = <E>(
  resolve: Resolve,
  body: (client: Service, asked: ReadonlyArray<Paging>) => Effect.Effect<void, E>
): Effect.Effect<void, E> => {
  const { asked, layer } = catalogue(resolve)
  return scenario({}, ({ client }) => body(client, asked), layer)
}

/** All elements, and the error that a stream ends with. */
const collected = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function* () {
    const seen: Array<A> = []
    const collect = Stream.runForEach(stream, (a) => Effect.sync(() => void seen.push(a)))
    return { seen, error: yield* Effect.flip(collect) }
  })

const ids = (nodes: Iterable<{ readonly id: string }>) => Array.from(nodes, ({ id }) => Number(id))

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe("paging forward", () => {
  it.effect("gives every node once, in order, a query for each page", () =>
    paging(films(7), (client, asked) =>
      Effect.gen(function* () {
        const nodes = yield* Stream.runCollect(
          Pagination.nodes(client, Films, { connection, variables: { first: 3 } })
        )
        assert.deepStrictEqual(ids(nodes), upTo(7))
        assert.deepStrictEqual(asked, [
          { first: 3 },
          { first: 3, after: "c2" },
          { first: 3, after: "c5" }
        ])
      })
    )
  )

  it.effect("gives whatever there is, for whatever size the pages have", () =>
    Effect.forEach(upTo(8), (count) =>
      paging(films(count), (client) =>
        Effect.forEach([1, 2, 3, 8], (first) =>
          Effect.gen(function* () {
            const options = { connection, variables: { first } }
            const pages = yield* Stream.runCollect(Pagination.pages(client, Films, options))
            assert.lengthOf(pages, Math.max(1, Math.ceil(count / first)))
            const nodes = yield* Stream.runCollect(Pagination.nodes(client, Films, options))
            assert.deepStrictEqual(ids(nodes), upTo(count))
          })
        )
      )
    )
  )

  it.effect("begins where the variables say", () =>
    paging(films(5), (client) =>
      Effect.gen(function* () {
        const nodes = yield* Stream.runCollect(
          Pagination.nodes(client, Films, { connection, variables: { first: 2, after: "c1" } })
        )
        assert.deepStrictEqual(ids(nodes), [2, 3, 4])
      })
    )
  )

  it.effect("needs no variables", () =>
    paging(films(2), (client, asked) =>
      Effect.gen(function* () {
        const nodes = yield* Stream.runCollect(Pagination.nodes(client, Films, { connection }))
        assert.deepStrictEqual(ids(nodes), [0, 1])
        assert.deepStrictEqual(asked, [{}])
      })
    )
  )

  it.effect("can be run again, from the first page", () =>
    paging(films(3), (client) =>
      Effect.gen(function* () {
        const stream = Pagination.nodes(client, Films, { connection, variables: { first: 2 } })
        for (const _ of [1, 2])
          assert.deepStrictEqual(ids(yield* Stream.runCollect(stream)), [0, 1, 2])
      })
    )
  )

  it.effect("gives pages with the data around them", () =>
    paging(films(2), (client) =>
      Effect.gen(function* () {
        const pages = yield* Stream.runCollect(Pagination.pages(client, Films, { connection }))
        const [page] = Chunk.toReadonlyArray(pages)
        assert.strictEqual(page?.connection, page?.data.films)
        assert.lengthOf(page?.connection.edges ?? [], 2)
      })
    )
  )

  it.effect("turns pages by whatever variables it is told", () =>
    paging(
      ({ skip }) => ({
        edges: [{ node: { id: String(skip), title: "" } }],
        pageInfo: { ...leadingTo(`after ${skip}`, (skip ?? 0) < 2).pageInfo }
      }),
      (client, asked) =>
        Effect.gen(function* () {
          const nodes = yield* Stream.runCollect(
            Pagination.nodes(client, Films, {
              connection,
              variables: { skip: 0 },
              next: (cursor, { skip }) => ({ skip: (skip ?? 0) + 1, before: cursor })
            })
          )
          assert.deepStrictEqual(ids(nodes), [0, 1, 2])
          assert.deepStrictEqual(asked, [
            { skip: 0 },
            { skip: 1, before: "after 0" },
            { skip: 2, before: "after 1" }
          ])
        })
    )
  )

  it.effect("goes on over pages without nodes", () =>
    paging(
      ({ after }) => (after === "b" ? films(2)({}) : leadingTo(after === "a" ? "b" : "a")),
      (client) =>
        Effect.gen(function* () {
          const nodes = Pagination.nodes(client, Films, { connection })
          assert.deepStrictEqual(ids(yield* Stream.runCollect(nodes)), [0, 1])
        })
    )
  )

  it.effect("skips edges and nodes that are null; pages have them", () =>
    paging(
      () => ({ ...leadingTo(null, false), edges: [null, { node: null }, { node: { id: "7" } }] }),
      (client) =>
        Effect.gen(function* () {
          const nodes = Pagination.nodes(client, Films, { connection })
          assert.deepStrictEqual(ids(yield* Stream.runCollect(nodes)), [7])
          const pages = yield* Stream.runCollect(Pagination.pages(client, Films, { connection }))
          const edges = Chunk.toReadonlyArray(pages).map(({ connection }) => connection.edges)
          assert.deepStrictEqual(edges, [[null, { node: null }, { node: { id: "7" } }]])
        })
    )
  )

  it.effect("takes nodes from `nodes` where no edges were selected, or none at all", () =>
    paging(films(3), (client) =>
      Effect.gen(function* () {
        const found = (query: string) =>
          Stream.runCollect(
            Pagination.nodes(client, query, {
              connection: (data) => (data as { readonly films: Films }).films,
              variables: { first: 2 }
            })
          )
        const select = (nodes: string) => `query ($first: Int, $after: String) {
          films(first: $first, after: $after) { ${nodes} pageInfo { hasNextPage endCursor } }
        }`
        assert.lengthOf(yield* found(select("nodes { id }")), 3)
        assert.lengthOf(yield* found(select("")), 0)
      })
    )
  )
})

describe("paging backward", () => {
  it.effect("gives every node once, from the last to the first", () =>
    paging(films(5), (client, asked) =>
      Effect.gen(function* () {
        const options = { direction: "backward", connection, variables: { last: 2 } } as const
        const nodes = yield* Stream.runCollect(Pagination.nodes(client, Films, options))
        assert.deepStrictEqual(ids(nodes), [4, 3, 2, 1, 0])
        assert.deepStrictEqual(asked, [
          { last: 2 },
          { last: 2, before: "c3" },
          { last: 2, before: "c1" }
        ])
      })
    )
  )

  it.effect("gives the pages as the server has them", () =>
    paging(films(3), (client) =>
      Effect.gen(function* () {
        const options = { direction: "backward", connection, variables: { last: 2 } } as const
        const pages = yield* Stream.runCollect(Pagination.pages(client, Films, options))
        assert.deepStrictEqual(
          Array.from(pages, ({ connection }) => connection.edges?.map((edge) => edge?.node?.id)),
          [["1", "2"], ["0"]]
        )
      })
    )
  )
})

describe("a server that pages wrongly", () => {
  const ends = (resolve: Resolve, variables: Paging = {}) =>
    Effect.gen(function* () {
      let end:
        { readonly pages: number; readonly error: unknown; readonly asked: number } | undefined
      yield* paging(resolve, (client, asked) =>
        Effect.map(
          collected(Pagination.pages(client, Films, { connection, variables })),
          ({ error, seen }) => {
            end = { pages: seen.length, error, asked: asked.length }
          }
        )
      )
      assert(end?.error instanceof Pagination.PaginationError, String(end?.error))
      assert.strictEqual(end.error.pages, end.pages)
      return { ...end, error: end.error }
    })

  it.effect("another page without a cursor is an error, after the page that came", () =>
    Effect.gen(function* () {
      const { asked, error, pages } = yield* ends(() => leadingTo(null))
      assert.strictEqual(error.reason, "NoCursor")
      assert.strictEqual(pages, 1)
      assert.strictEqual(asked, 1)
    })
  )

  it.effect("the same cursor again is an error, and is not followed", () =>
    Effect.gen(function* () {
      const { asked, error } = yield* ends(() => leadingTo("same"))
      assert.strictEqual(error.reason, "RepeatedCursor")
      assert.strictEqual(error.cursor, "same")
      assert.strictEqual(asked, 2)
      assert.include(error.message, `"same"`)
    })
  )

  it.effect("the cursor that the caller began with is known too", () =>
    Effect.gen(function* () {
      const { asked, error } = yield* ends(() => leadingTo("mine"), { after: "mine" })
      assert.strictEqual(error.reason, "RepeatedCursor")
      assert.strictEqual(asked, 1)
    })
  )

  it.effect("a circle of any length comes to an end, wherever it begins", () =>
    Effect.forEach(
      [2, 3, 5, 9].flatMap((length) => [0, 1, 4, 7].map((before) => [length, before] as const)),
      ([length, before]) =>
        Effect.gen(function* () {
          let page = 0
          const { error, pages } = yield* ends(() => {
            const at = page++
            return leadingTo(`c${at < before ? at : before + ((at - before) % length)}`)
          })
          assert.strictEqual(error.reason, "RepeatedCursor")
          assert.isAtLeast(pages, before + length)
          assert.isAtMost(pages, 3 * (before + length))
        })
    )
  )

  it.effect("no connection is an error, with the first page or later", () =>
    Effect.gen(function* () {
      const first = yield* ends(() => null)
      assert.strictEqual(first.error.reason, "NoConnection")
      assert.strictEqual(first.pages, 0)
      const later = yield* ends(({ after }) => (after ? null : leadingTo("a")))
      assert.strictEqual(later.error.reason, "NoConnection")
      assert.strictEqual(later.pages, 1)
    })
  )

  it.effect("a parent that need not be there has an empty connection", () =>
    paging(
      () => null,
      (client) =>
        Effect.gen(function* () {
          const nodes = Pagination.nodes(client, Films, {
            connection: ({ films }) => films ?? Pagination.empty
          })
          assert.lengthOf(yield* Stream.runCollect(nodes), 0)
        })
    )
  )

  it.effect("an error of a page fails the stream, after the pages before", () =>
    paging(
      ({ after }) => {
        if (after) throw new Error("no more of them")
        return films(3)({ first: 2 })
      },
      (client) =>
        Effect.gen(function* () {
          const nodes = Pagination.nodes(client, Films, { connection, variables: { first: 2 } })
          const { error, seen } = yield* collected(nodes)
          assert.instanceOf(error, OperationError)
          assert.deepStrictEqual(ids(seen), [0, 1])
        })
    )
  )
})
