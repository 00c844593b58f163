/**
 * Queries as Effect's requests: those that are asked for together go out together, those that are equal once,
 * and `Effect.withRequestCaching` keeps their results.
 *
 * ```ts
 * const resolver = QueryResolver.make(client)
 * const film = (id: string) => QueryResolver.query(resolver, Film, { variables: { id } })
 * Effect.forEach(ids, film, { batching: true })
 * ```
 *
 * Queries are equal that have the same document, variables and options, and ask the same resolver. An
 * `Operation` is the same as itself alone, for its Schemas are part of it; other documents are the same by
 * their text. Variables are compared by what they hold, as they are before they are encoded.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Request from "effect/Request"
import * as RequestResolver from "effect/RequestResolver"
import type {
  Arguments,
  ErrorMode,
  QueryError,
  QueryOptions,
  Service,
  Success
} from "./GraphQLClient.js"
import { Asker, type Entry, resolveAll } from "./internal/batch.js"
import { isOperation, sourceOf } from "./internal/document.js"
import * as structure from "./internal/structure.js"
import type * as Operation from "./Operation.js"

/**
 * What resolves queries. `RequestResolver`'s combinators apply: `batchN`, `around`.
 *
 * @since 0.1.0
 * @category models
 */
export interface QueryResolver extends RequestResolver.RequestResolver<Query> {}

/**
 * The options of a query as a request has them, whatever its document.
 *
 * @since 0.1.0
 * @category models
 */
export interface AnyQueryOptions extends QueryOptions<ErrorMode> {
  readonly variables?: unknown
}

/** What makes queries different, besides the document and the resolver. */
const telling = [
  "variables",
  "operationName",
  "extensions",
  "errors",
  "timeout",
  "idempotent"
] as const satisfies ReadonlyArray<keyof AnyQueryOptions>

/**
 * A query that was asked for. Made by `query`; public for those who look at requests, as
 * `RequestResolver.aroundRequests` does.
 *
 * @since 0.1.0
 * @category models
 */
export class Query extends Request.TaggedClass("Query")<
  unknown,
  unknown,
  {
    readonly document: Operation.Document<"query">
    readonly options: AnyQueryOptions
    readonly resolver: QueryResolver
    /** What its Schemas need, and the span that it is part of: of whoever asked first. */
    readonly context: Context.Context<never>
    /** For the resolver, which has to know whether they are still there. */
    readonly asker: Asker
  }
> {
  // Effect wraps requests in proxies, which have no private members.
  [Hash.symbol](): number {
    return Hash.cached(
      this,
      Hash.combine(Hash.hash(identityOf(this.document)))(structure.hash(this.options.variables))
    )
  }

  [Equal.symbol](that: unknown): boolean {
    return (
      that instanceof Query &&
      identityOf(this.document) === identityOf(that.document) &&
      Equal.equals(this.resolver, that.resolver) &&
      telling.every((name) => structure.equals(this.options[name], that.options[name]))
    )
  }
}

const identityOf = (document: Operation.Document<"query">): unknown =>
  isOperation(document) ? document : sourceOf(document)

/**
 * A resolver that has a client execute each query of a batch, all at the same time: over one connection they are
 * frames that are written together.
 *
 * A failure is given to whoever asked for that query, and is not kept: a cache asks again. A query that
 * nobody waits for any more is left, and the server told, whatever becomes of the rest of the batch.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  client: Pick<Service, "query">,
  options?: {
    /** How many queries of a batch run at the same time; default `"unbounded"`. */
    readonly concurrency?: number | "unbounded" | undefined
  }
): QueryResolver => {
  const concurrency = options?.concurrency ?? "unbounded"
  return RequestResolver.makeWithEntry((batches: ReadonlyArray<ReadonlyArray<Entry>>) =>
    Effect.forEach(batches, (batch) => resolveAll(client, batch, concurrency), { discard: true })
  )
}

/**
 * Asks for a query: what `client.query` does, with the same types, but by way of the resolver.
 *
 * @since 0.1.0
 * @category requests
 */
export const query = <
  const D extends Operation.Document<"query">,
  Mode extends ErrorMode = "throw"
>(
  resolver: QueryResolver,
  document: D,
  ...[options]: Arguments<D, QueryOptions<Mode>>
): Effect.Effect<Success<D, Mode>, QueryError<D, Mode>, Operation.Context<D>> =>
  // Type boundary: what comes back is what `client.query` gave for this very document and these options.
  Effect.contextWithEffect((context: Context.Context<never>) =>
    Asker.watched((asker) =>
      Effect.request(
        new Query({ document, options: options ?? {}, resolver, context, asker }),
        resolver
      )
    )
  ) as unknown as Effect.Effect<Success<D, Mode>, QueryError<D, Mode>, Operation.Context<D>>
