/**
 * What can be executed: a document, with as many types as its author knows.
 *
 * | document                                   | variables and data                              |
 * | ------------------------------------------ | ----------------------------------------------- |
 * | `string`, `DocumentNode`                   | any JSON object; `unknown`                      |
 * | `TypedDocumentNode`, `TypedDocumentString` | typed, and taken at their word                  |
 * | `Operation` with Schemas                   | typed, encoded before sending, decoded on taking |
 *
 * @since 0.1.0
 */
import type { JsonObject } from "@fiberline/core/Message"
import type * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import type { DocumentNode } from "graphql"
import { isObject } from "./internal/json.js"
import type { GraphQLError } from "./OperationError.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Kind = "query" | "mutation" | "subscription"

/**
 * The type-only mark of typed documents, as `TypedDocumentNode`, gql.tada and code generators write
 * it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Typed<in Variables, out Data> {
  readonly __apiType?: ((variables: Variables) => Data) | undefined
}

/**
 * A `TypedDocumentString`: a `String` object that carries its types.
 *
 * @since 0.1.0
 * @category models
 */
// eslint-disable-next-line @typescript-eslint/no-wrapper-object-types -- it is an object of that class
export type TypedDocumentString = String & Typed<never, unknown>

/**
 * An operation whose variables and data have Schemas. Made by `query`, `mutation` and
 * `subscription`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Operation<out K extends Kind, in Variables, out Data, out R = never> {
  readonly _tag: "Operation"
  readonly kind: K
  /** As it was given; with a `hash`, a `TypedDocumentString` or `DocumentNode` that carries it. */
  readonly document: Source
  readonly operationName: string | undefined
  /** What the server calls the document, where it was given all of them beforehand. */
  readonly hash: string | undefined
  /** Variables as they are used to variables as they are sent. */
  readonly encode: (variables: Variables) => Effect.Effect<unknown, ParseResult.ParseIssue, R>
  /** Data as it arrived to data as it is used. */
  readonly decode: (data: unknown) => Effect.Effect<Data, ParseResult.ParseIssue, R>
}

/**
 * Anything that can be executed as a `K`.
 *
 * @since 0.1.0
 * @category models
 */
export type Document<K extends Kind = Kind> =
  string | DocumentNode | TypedDocumentString | Operation<K, never, unknown, unknown>

/**
 * A document as it is written, whatever is made of it.
 *
 * @since 0.1.0
 * @category models
 */
export type Source = string | DocumentNode | TypedDocumentString

/**
 * What an operation may bring: data, errors beside it, and the server's extensions.
 *
 * Partial data has `null` where a field failed, so a Schema for it must allow that.
 *
 * @since 0.1.0
 * @category models
 */
export interface Result<out Data> {
  readonly data: Data | null
  readonly errors: ReadonlyArray<GraphQLError>
  readonly extensions?: JsonObject
}

/**
 * The variables of an operation that takes none.
 *
 * @since 0.1.0
 * @category models
 */
export type NoVariables = { readonly [name: string]: never }

/**
 * The variables a document takes.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Variables<D> =
  D extends Operation<Kind, infer V, unknown, unknown>
    ? V
    : D extends { readonly __apiType?: ((variables: infer V) => unknown) | undefined }
      ? unknown extends V
        ? JsonObject
        : V
      : JsonObject

/**
 * The data a document gives.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Data<D> =
  D extends Operation<Kind, never, infer A, unknown>
    ? A
    : D extends { readonly __apiType?: ((variables: never) => infer A) | undefined }
      ? A
      : unknown

/**
 * What a document's Schemas need.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Context<D> = D extends Operation<Kind, never, unknown, infer R> ? R : never

/**
 * The Schemas of an operation. Without `variables` the operation takes none.
 *
 * @since 0.1.0
 * @category models
 */
export interface Schemas<Variables, VariablesEncoded, VariablesR, Data, DataEncoded, DataR> {
  readonly data: Schema.Schema<Data, DataEncoded, DataR>
  readonly variables?: Schema.Schema<Variables, VariablesEncoded, VariablesR>
  /** Which operation of the document, where it has several. */
  readonly operationName?: string
  /** The hash of the document as the server knows it, for `documentHash`. */
  readonly hash?: string
}

/** A document that carries its hash as GraphQL Code Generator's client preset has it do. */
const hashed = (document: string | DocumentNode, hash: string | undefined): Source =>
  hash === undefined
    ? document
    : typeof document === "string"
      ? Object.assign(new String(document), { __meta__: { hash } })
      : Object.assign({}, document, { __meta__: { hash } })

const make =
  <K extends Kind>(kind: K) =>
  <
    Data,
    DataEncoded,
    DataR = never,
    Variables = NoVariables,
    VariablesEncoded = {},
    VariablesR = never
  >(
    document: string | DocumentNode,
    schemas: Schemas<Variables, VariablesEncoded, VariablesR, Data, DataEncoded, DataR>
  ): Operation<K, Variables, Data, VariablesR | DataR> => {
    const { hash, operationName, variables } = schemas
    return {
      _tag: "Operation",
      kind,
      document: hashed(document, hash),
      operationName,
      hash,
      // Both are built once here and not for every result.
      encode: variables ? ParseResult.encode(variables) : ParseResult.succeed,
      decode: ParseResult.decodeUnknown(schemas.data)
    }
  }

/**
 * @since 0.1.0
 * @category constructors
 */
export const query = make("query")

/**
 * @since 0.1.0
 * @category constructors
 */
export const mutation = make("mutation")

/**
 * @since 0.1.0
 * @category constructors
 */
export const subscription = make("subscription")

/**
 * The hash that a code generator gives a document whose text the server knows (`persistedDocuments`, of
 * `@fiberline/codegen` and of GraphQL Code Generator's client preset): what the client's option
 * `documentId` asks for. `undefined` for any other.
 *
 * @since 0.1.0
 * @category persisted documents
 */
export const documentHash = (document: Document): string | undefined => {
  if (typeof document === "object" && "_tag" in document) return documentHash(document.document)
  if (typeof document === "string" || !("__meta__" in document)) return undefined
  const meta = document.__meta__
  return isObject(meta) && typeof meta.hash === "string" ? meta.hash : undefined
}
