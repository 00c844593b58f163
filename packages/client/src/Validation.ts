/**
 * Documents judged by a schema before they are sent, so that a typo is found by the program that has it,
 * with its line, and not by a server.
 *
 * Source: GraphQL specification, section 5.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import {
  type DocumentNode,
  GraphQLError as Issue,
  type GraphQLSchema,
  parse,
  validate as issuesOf
} from "graphql"
import type { Service } from "./GraphQLClient.js"
import { sourceOf } from "./internal/document.js"
import { Recent } from "./internal/recent.js"
import * as Middleware from "./Middleware.js"
import type * as Operation from "./Operation.js"
import { GraphQLError } from "./OperationError.js"

/**
 * The document does not fit the schema, or is no document. Nothing was sent.
 *
 * Lines and columns are those of the document as it is sent, which is how a server counts them too: of a
 * `DocumentNode`, as graphql prints it.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValidationError extends Schema.TaggedError<ValidationError>(
  "@fiberline/client/ValidationError"
)("ValidationError", {
  /** At least one. */
  errors: Schema.Array(GraphQLError)
}) {
  override get message(): string {
    const issues = this.errors.map(({ locations: [at] = [], message }) =>
      at ? `${at.line}:${at.column} ${message}` : message
    )
    return `the document does not fit the schema: ${issues.join("; ")}`
  }
}

/**
 * What is wrong with a document by the rules of the specification: nothing, or errors with their lines. A
 * document that cannot be parsed has one. A schema that is itself invalid is a defect.
 *
 * @since 0.1.0
 * @category validation
 */
export const validate = (
  schema: GraphQLSchema,
  document: Operation.Document
): ReadonlyArray<GraphQLError> => {
  const parsed = parsedOf(sourceOf(document))
  const issues = parsed instanceof Issue ? [parsed] : issuesOf(schema, parsed)
  return issues.map((issue) => issue.toJSON())
}

const parsedOf = (source: string): DocumentNode | Issue => {
  try {
    return parse(source)
  } catch (error) {
    if (error instanceof Issue) return error
    throw error
  }
}

/**
 * The same as an effect that fails, to be put before a call. Each document is judged once for each
 * `check(schema)`.
 *
 * @since 0.1.0
 * @category validation
 */
export const check = (
  schema: GraphQLSchema
): ((document: Operation.Document) => Effect.Effect<void, ValidationError>) => {
  const judge = judgeBy(schema)
  return (document) => Effect.suspend(() => judge(sourceOf(document)))
}

/** By what is sent. An `Either`, for which nothing takes a fiber. */
const judgeBy = (
  schema: GraphQLSchema
): ((source: string) => Either.Either<void, ValidationError>) => {
  const judged = new Recent<string, Either.Either<void, ValidationError>>(1000)
  return (source) =>
    judged.of(source, () => {
      const errors = validate(schema, source)
      return errors.length > 0 ? Either.left(new ValidationError({ errors })) : Either.void
    })
}

/**
 * A middleware that sends no document which does not fit the schema. Each is judged when it is first sent,
 * and not again. One that is sent by a `documentId` is not judged: its text is not sent.
 *
 * @since 0.1.0
 * @category validation
 */
export const middleware = (schema: GraphQLSchema): Middleware.Middleware<ValidationError> => {
  const judge = judgeBy(schema)
  return Middleware.mapRequestEffect((request) =>
    request.documentId === undefined
      ? Either.map(judge(request.query), () => request)
      : Either.right(request)
  )
}

/**
 * A client with that middleware: each of its operations may also fail with a `ValidationError`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const validated = <E, R>(
  client: Service<E, R>,
  schema: GraphQLSchema
): Service<E | ValidationError, R> => Middleware.apply(client, middleware(schema))
