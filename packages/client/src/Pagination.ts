/**
 * A Relay connection, page by page, as a Stream: forward along `endCursor`, or backward along
 * `startCursor`.
 *
 * Pages are asked for as they are wanted, one query each, so a stream that is left asks for no more of
 * them. A page with GraphQL errors fails the stream, as a query that throws does: there is no inline
 * mode, for a page whose cursor may be missing leads nowhere.
 *
 * Source: GraphQL Cursor Connections Specification.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { QueryError, QueryOptions, Service } from "./GraphQLClient.js"
import { extend, leadsBack, start, type Trail } from "./internal/trail.js"
import type * as Operation from "./Operation.js"

/**
 * Where a stream goes from the first page: `forward` to those after it, `backward` to those before.
 *
 * @since 0.1.0
 * @category models
 */
export type Direction = "forward" | "backward"

/**
 * What a page says of the next one. Both have to be selected, of the direction that is gone.
 *
 * @since 0.1.0
 * @category models
 */
export type PageInfo<D extends Direction> = D extends "forward"
  ? { readonly hasNextPage: boolean; readonly endCursor?: string | null | undefined }
  : { readonly hasPreviousPage: boolean; readonly startCursor?: string | null | undefined }

/**
 * A connection as it was selected. Nodes are those of its `edges`, or of `nodes`, which some servers
 * offer for short; where both are there, of `edges`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Connection<D extends Direction = "forward"> {
  readonly pageInfo: PageInfo<D>
  readonly edges?: ReadonlyArray<{ readonly node?: unknown } | null | undefined> | null | undefined
  readonly nodes?: ReadonlyArray<unknown> | null | undefined
}

/**
 * The nodes of a connection, without `null`.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Node<C> = NonNullable<
  | (C extends { readonly edges?: infer Edges } ? NodeOf<Element<Edges>> : never)
  | (C extends { readonly nodes?: infer Nodes } ? Element<Nodes> : never)
>

type Element<Array> = Array extends ReadonlyArray<infer A> ? A : never
type NodeOf<Edge> = Edge extends { readonly node?: infer N } ? N : never

/**
 * One page: the connection as it was found, and all the data that came with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Page<out Data, out C> {
  readonly data: Data
  readonly connection: C
}

/**
 * @since 0.1.0
 * @category models
 */
export interface PageOptions<D, Dir extends Direction, C> extends Omit<
  QueryOptions<"throw">,
  "errors"
> {
  /** Default `"forward"`. */
  readonly direction?: Dir | undefined
  /**
   * Where the connection is in the data. None (`null`, `undefined`) is a `PaginationError`; `empty` is
   * a connection without nodes, for a parent that need not be there.
   */
  readonly connection: (data: Operation.Data<D>) => C | null | undefined
  /**
   * Whether the page after the one that is handed over is asked for at once; default `false`: when
   * it is wanted.
   */
  readonly prefetch?: boolean | undefined
}

/**
 * The variables of the next page, made of its cursor and those of the page before. By default they are
 * those with `after`, or backward with `before`, set to the cursor; it has to be given where the
 * document has no such variable that takes a string.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Next<D, Dir extends Direction> =
  string extends Member<Operation.Variables<D>, Dir extends "forward" ? "after" : "before">
    ? { readonly next?: NextVariables<D> | undefined }
    : { readonly next: NextVariables<D> }

type Member<A, Name extends string> = Name extends keyof A ? A[Name] : never
type NextVariables<D> = (
  cursor: string,
  variables: Operation.Variables<D>
) => Operation.Variables<D>

/**
 * What follows the document: its variables, where it has any that are required, and the options.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Options<D, Dir extends Direction, C> = PageOptions<D, Dir, C> &
  Next<D, Dir> &
  ({} extends Operation.Variables<D>
    ? { readonly variables?: Operation.Variables<D> | undefined }
    : { readonly variables: Operation.Variables<D> })

/**
 * The server's pages lead nowhere. What came before was handed over.
 *
 * - `NoConnection`: the data has no connection where one was looked for
 * - `NoCursor`: there is another page, but no cursor that leads to it
 * - `RepeatedCursor`: the cursor was there before; to follow it would go round for ever
 *
 * @since 0.1.0
 * @category errors
 */
export class PaginationError extends Schema.TaggedError<PaginationError>(
  "@fiberline/client/PaginationError"
)("PaginationError", {
  reason: Schema.Literal("NoConnection", "NoCursor", "RepeatedCursor"),
  /** How many pages were handed over. */
  pages: Schema.Number,
  /** The cursor that was there before. */
  cursor: Schema.optionalWith(Schema.String, { exact: true })
}) {
  override get message(): string {
    switch (this.reason) {
      case "NoConnection":
        return `after ${this.pages} pages: there is no connection in the data`
      case "NoCursor":
        return `after ${this.pages} pages: there is another page, but no cursor that leads to it`
      case "RepeatedCursor":
        return `after ${this.pages} pages: the cursor "${this.cursor}" leads back to an earlier page`
    }
  }
}

/**
 * A connection without nodes, and without another page.
 *
 * @since 0.1.0
 * @category models
 */
export const empty: {
  readonly edges: readonly []
  readonly pageInfo: PageInfo<"forward"> & PageInfo<"backward">
} = {
  edges: [],
  pageInfo: { hasNextPage: false, endCursor: null, hasPreviousPage: false, startCursor: null }
}

/**
 * The pages of a connection, as the server sent them.
 *
 * @since 0.1.0
 * @category streams
 */
export const pages = <
  const D extends Operation.Document<"query">,
  C extends Connection<Dir>,
  Dir extends Direction = "forward"
>(
  client: Pick<Service, "query">,
  document: D,
  options: Options<D, Dir, C>
): Stream.Stream<
  Page<Operation.Data<D>, C>,
  QueryError<D, "throw"> | PaginationError,
  Operation.Context<D>
> =>
  // Type boundary: `Options` admits the variables of this very document only, and asks for `next` where
  // the variables have no member for the cursor.
  stream(client, document, options as unknown as AnyOptions) as never

/**
 * The nodes of a connection, one after the other: forward from the first, backward from the last of a
 * page to its first. Edges and nodes that are `null` are skipped; `pages` has them.
 *
 * @since 0.1.0
 * @category streams
 */
export const nodes = <
  const D extends Operation.Document<"query">,
  C extends Connection<Dir>,
  Dir extends Direction = "forward"
>(
  client: Pick<Service, "query">,
  document: D,
  options: Options<D, Dir, C>
): Stream.Stream<Node<C>, QueryError<D, "throw"> | PaginationError, Operation.Context<D>> =>
  Stream.mapConcatChunk(pages<D, C, Dir>(client, document, options), ({ connection }) => {
    const found = nodesOf(connection)
    return Chunk.unsafeFromArray(options.direction === "backward" ? found.reverse() : found)
  })

/** A fresh array. */
const nodesOf = <C extends Connection<Direction>>(connection: C): Array<Node<C>> => {
  const all = connection.edges?.map((edge) => edge?.node) ?? connection.nodes ?? []
  // Type boundary: they are elements of what `Node` takes its elements from, without `null`.
  return all.filter((node) => node !== null && node !== undefined) as Array<Node<C>>
}

// -- any document -----------------------------------------------------------------------------------

type AnyVariables = { readonly [name: string]: unknown }
type AnyConnection = Connection<"forward"> & Connection<"backward">
type AnyPage = Page<unknown, AnyConnection>
type Failure = QueryError<string, "throw"> | PaginationError

interface AnyOptions extends Omit<QueryOptions<"throw">, "errors"> {
  readonly variables?: AnyVariables | undefined
  readonly direction?: Direction | undefined
  readonly connection: (data: unknown) => AnyConnection | null | undefined
  readonly prefetch?: boolean | undefined
  readonly next?: ((cursor: string, variables: AnyVariables) => AnyVariables) | undefined
}

/** A page that is asked for when this is run, and the one after it. */
interface Turn extends Effect.Effect<
  readonly [page: AnyPage, next: Option.Option<Turn>],
  Failure
> {}

const stream = (
  client: Pick<Service, "query">,
  document: Operation.Document<"query">,
  options: AnyOptions
): Stream.Stream<AnyPage, Failure> => {
  const { connection: find, direction = "forward", next, prefetch = false, ...query } = options
  const name = direction === "forward" ? "after" : "before"
  const variablesAt =
    next ?? ((cursor: string, variables: AnyVariables) => ({ ...variables, [name]: cursor }))

  const turn = (variables: AnyVariables | undefined, trail: Trail): Turn =>
    Effect.flatMap(
      // Type boundary: any document, with variables that were admitted for it.
      client.query(document as string, { ...query, ...(variables && { variables }) }),
      (data) => {
        const connection = find(data)
        if (!connection) return failed("NoConnection", trail.pages)
        const page = { data, connection }
        const { cursor, hasMore } = following(connection.pageInfo, direction)
        return Effect.succeed([page, hasMore ? Option.some(after(cursor)) : Option.none()])

        function after(cursor: string | null | undefined): Turn {
          const pages = trail.pages + 1
          if (cursor === null || cursor === undefined) return failed("NoCursor", pages)
          if (leadsBack(trail, cursor)) return failed("RepeatedCursor", pages, cursor)
          return Effect.suspend(() =>
            turn(variablesAt(cursor, variables ?? {}), extend(trail, cursor))
          )
        }
      }
    )

  const first = Effect.suspend(() => turn(options.variables, start(options.variables?.[name])))
  if (!prefetch) return Stream.paginateEffect(first, (turn: Turn) => turn)
  return Stream.unwrapScoped(
    Effect.map(Effect.scope, (scope) =>
      Stream.paginateEffect(first, (turn: Turn) =>
        Effect.flatMap(turn, ([page, next]) =>
          Option.isNone(next)
            ? Effect.succeed([page, next])
            : Effect.map(Effect.forkIn(next.value, scope), (fiber) => [
                page,
                Option.some<Turn>(Fiber.join(fiber))
              ])
        )
      )
    )
  )
}

const failed = (
  reason: PaginationError["reason"],
  pages: number,
  cursor?: string
): Effect.Effect<never, PaginationError> =>
  Effect.fail(new PaginationError({ reason, pages, ...(cursor !== undefined && { cursor }) }))

const following = (info: AnyConnection["pageInfo"], direction: Direction) =>
  direction === "forward"
    ? { hasMore: info.hasNextPage, cursor: info.endCursor }
    : { hasMore: info.hasPreviousPage, cursor: info.startCursor }
