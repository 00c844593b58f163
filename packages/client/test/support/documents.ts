/**
 * Every form of document, for the type tests: as the libraries and code generators declare them, with
 * what they share written once. Nothing here exists at run time.
 */
import type * as Operation from "@fiberline/client/Operation"
import type * as Schema from "effect/Schema"
import type { DocumentNode } from "graphql"

export interface Film {
  readonly title: string
  readonly year: number
}

export interface ById {
  readonly id: string
  readonly locale?: string
}

/** Variables that a call may leave out altogether. */
export interface Paging {
  readonly first?: number | null
  readonly after?: string | null
}

/** `@graphql-typed-document-node/core`. */
export interface DocumentTypeDecoration<TResult, TVariables> {
  __apiType?: (variables: TVariables) => TResult
}

/** `@graphql-typed-document-node/core`. */
export interface TypedDocumentNode<TResult, TVariables>
  extends DocumentNode, DocumentTypeDecoration<TResult, TVariables> {}

/** gql.tada, which marks its documents once more. */
export interface TadaDocumentNode<Result, Variables> extends DocumentNode {
  __apiType?: (variables: Variables) => Result
  __ensureTypesOfVariablesAndResultMatching?: (variables: Variables) => Result
}

/** GraphQL Code Generator with `documentMode: "string"`. */
export declare class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>["__apiType"]>
  private value
  __meta__?: { readonly [key: string]: unknown } | undefined
  constructor(value: string, meta?: { readonly [key: string]: unknown })
  override toString(): string & DocumentTypeDecoration<TResult, TVariables>
}

/** GraphQL Code Generator's, around the variables of every operation. */
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] }

export declare const text: string
export declare const node: DocumentNode
export declare const typedNode: TypedDocumentNode<Film, ById>
export declare const tadaNode: TadaDocumentNode<Film, ById>
export declare const typedString: TypedDocumentString<Film, ById>

/** A value that is encoded with one service and decoded with another. */
export declare const Title: Schema.Schema<URL, string, "Titles">
export declare const Id: Schema.Schema<bigint, string, "Ids">

export declare const queryOperation: Operation.Operation<"query", ById, Film>
export declare const mutationOperation: Operation.Operation<"mutation", ById, Film>
export declare const subscriptionOperation: Operation.Operation<"subscription", ById, Film>
