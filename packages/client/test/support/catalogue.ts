/**
 * Films behind a real schema with a Relay connection, and servers that page wrongly. What is asked for is
 * written down, so that tests can say what was asked, and when.
 */
import type { TestServer } from "@fiberline/testing/TestServer"
import type { WireConstructor } from "@fiberline/client/Wire"
import * as SchemaServer from "@fiberline/testing/SchemaServer"
import type * as Layer from "effect/Layer"
import { buildSchema } from "graphql"

const schema = buildSchema(`
  type Film { id: ID! title: String! }
  type FilmEdge { cursor: String! node: Film }
  type PageInfo {
    hasNextPage: Boolean! endCursor: String
    hasPreviousPage: Boolean! startCursor: String
  }
  type FilmConnection { edges: [FilmEdge] nodes: [Film] pageInfo: PageInfo! }
  type Query {
    films(first: Int, after: String, last: Int, before: String, skip: Int): FilmConnection
    never: Int
  }
`)

export interface Film {
  readonly id: string
}

export interface PageInfo {
  readonly hasNextPage: boolean
  readonly endCursor?: string | null
  readonly hasPreviousPage: boolean
  readonly startCursor?: string | null
}

export interface Films {
  readonly edges?: ReadonlyArray<{ readonly node?: Film | null } | null> | null
  readonly nodes?: ReadonlyArray<Film | null> | null
  readonly pageInfo: PageInfo
}

export interface Paging {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
  readonly skip?: number | null
}

/** A page as a resolver gives it. */
export type Resolve = (paging: Paging) => unknown

export interface Catalogue {
  /** What was asked for, in order. */
  readonly asked: Array<Paging>
  readonly layer: Layer.Layer<TestServer | WireConstructor>
}

export const catalogue = (resolve: Resolve): Catalogue => {
  const asked: Array<Paging> = []
  const films = (paging: Paging): unknown => {
    asked.push({ ...paging })
    return resolve(paging)
  }
  return { asked, layer: SchemaServer.layer({ schema, rootValue: { films } }) }
}

/** So many films, in pages as the specification has them: by edges to return, then by limits. */
export const films =
  (count: number): Resolve =>
  ({ after, before, first, last }) => {
    const all = Array.from({ length: count }, (_, i) => ({
      cursor: `c${i}`,
      node: { id: String(i), title: `Film ${i}` }
    }))
    const from = after ? all.findIndex(({ cursor }) => cursor === after) + 1 : 0
    const to = before ? all.findIndex(({ cursor }) => cursor === before) : count
    let edges = all.slice(from, to)
    const { length } = edges
    if (first != null) edges = edges.slice(0, first)
    if (last != null) edges = edges.slice(Math.max(0, edges.length - last))
    return {
      edges,
      nodes: edges.map(({ node }) => node),
      pageInfo: {
        hasNextPage: first != null && length > first,
        endCursor: edges.at(-1)?.cursor ?? null,
        hasPreviousPage: last != null && length > last,
        startCursor: edges[0]?.cursor ?? null
      }
    }
  }

/** A page without films that says what comes next. */
export const leadingTo = (endCursor: string | null, hasNextPage = true) => ({
  edges: [],
  pageInfo: { hasNextPage, endCursor, hasPreviousPage: hasNextPage, startCursor: endCursor }
})
