/**
 * The schema of a server, asked of the server itself.
 *
 * Source: GraphQL specification, section 4.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  buildClientSchema,
  getIntrospectionQuery,
  type GraphQLSchema,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema
} from "graphql"
import type { QueryError, QueryOptions, Service } from "./GraphQLClient.js"
import { GraphQLError } from "./OperationError.js"

/**
 * What is asked for. A server that does not know of something refuses the whole query, so what is newer than
 * the specification of 2018 has to be wanted; and an installed `graphql` that does not know of it does not ask.
 *
 * @since 0.1.0
 * @category models
 */
export interface IntrospectionOptions extends Pick<
  QueryOptions<"inline">,
  "timeout" | "extensions"
> {
  /** Default `true`. */
  readonly descriptions?: boolean | undefined
  /** The schema's own description; default `false`. */
  readonly schemaDescription?: boolean | undefined
  /** `specifiedByURL` of scalars; default `false`. */
  readonly specifiedByUrl?: boolean | undefined
  /** `isRepeatable` of directives; default `false`. */
  readonly directiveIsRepeatable?: boolean | undefined
  /** Deprecated arguments and input fields, which are left out by a server that is not asked for them; default `false`. */
  readonly inputValueDeprecation?: boolean | undefined
  /** `isOneOf` of input objects; default `false`. */
  readonly oneOf?: boolean | undefined
  /**
   * How many lists and non-nulls around a type are followed; default 9. Fewer pass servers that bound the
   * depth of a query.
   */
  readonly typeDepth?: number | undefined
}

/**
 * There is no schema to be had.
 *
 * - `Refused`: the server answered with `errors`, as those do that forbid introspection
 * - `Invalid`: what it answered is no schema; `issue` says why
 *
 * @since 0.1.0
 * @category errors
 */
export class IntrospectionError extends Schema.TaggedError<IntrospectionError>(
  "@fiberline/client/IntrospectionError"
)("IntrospectionError", {
  reason: Schema.Literal("Refused", "Invalid"),
  /** The server's; none where it did not refuse. */
  errors: Schema.Array(GraphQLError),
  issue: Schema.String
}) {
  override get message(): string {
    return this.reason === "Refused"
      ? `the server refused to be introspected: ${this.issue}`
      : `the server's introspection is no schema: ${this.issue}`
  }
}

/**
 * Asks a server for its schema, by one query.
 *
 * The schema is not itself judged: a client has to do with the one there is. That its types fit
 * together is found out all the same.
 *
 * @since 0.1.0
 * @category introspection
 */
export const introspect = (
  client: Pick<Service, "query">,
  { extensions, timeout, ...wanted }: IntrospectionOptions = {}
): Effect.Effect<GraphQLSchema, QueryError<string, "inline"> | IntrospectionError> =>
  Effect.suspend(() =>
    client.query(getIntrospectionQuery(given(wanted)), {
      errors: "inline",
      idempotent: true,
      operationName: "IntrospectionQuery",
      timeout,
      extensions
    })
  ).pipe(
    Effect.flatMap(({ data, errors }) =>
      errors.length > 0
        ? Effect.fail(
            new IntrospectionError({
              reason: "Refused",
              errors,
              issue: errors.map(({ message }) => message).join("; ")
            })
          )
        : Effect.try({ try: () => toSchema(data), catch: invalid })
    )
  )

/** What was not given has graphql's default, which an `undefined` would hide. */
const given = (wanted: { readonly [name: string]: boolean | number | undefined }) =>
  Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))

const toSchema = (data: unknown): GraphQLSchema =>
  // Type boundary: where it is no such thing, `buildClientSchema` throws what it missed.
  buildClientSchema(data as IntrospectionQuery, { assumeValid: true })

/** What it quotes of the answer may be huge. */
const issueLength = 1000

const invalid = (error: unknown): IntrospectionError =>
  new IntrospectionError({
    reason: "Invalid",
    errors: [],
    issue: (error instanceof Error ? error.message : String(error)).slice(0, issueLength)
  })

/**
 * A schema in the schema definition language: to be kept in a file, read, and compared.
 *
 * @since 0.1.0
 * @category printing
 */
export const print = (
  schema: GraphQLSchema,
  options?: {
    /** Types, fields and arguments by their names, so that the order on the server changes nothing; default `false`. */
    readonly sorted?: boolean | undefined
  }
): string => printSchema(options?.sorted ? lexicographicSortSchema(schema) : schema)
