/**
 * Every form of document, for the type tests: the libraries' own types, and what code generators write
 * into a project. Nothing here exists at run time.
 */
import type * as Operation from "@fiberline/client/Operation"
import type { DocumentTypeDecoration, TypedDocumentNode } from "@graphql-typed-document-node/core"
import type * as Schema from "effect/Schema"
import type { initGraphQLTada, TadaDocumentNode } from "gql.tada"
import type { DocumentNode } from "graphql"

export type { DocumentTypeDecoration, TadaDocumentNode, TypedDocumentNode }

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

/** A schema as gql.tada knows it: what its command writes. */
interface Introspection {
  readonly __schema: {
    readonly queryType: { readonly name: "Query" }
    readonly mutationType: { readonly name: "Mutation" }
    readonly subscriptionType: { readonly name: "Subscription" }
    readonly types: readonly [
      ObjectType<"Query", [Field<"film", Nullable<"OBJECT", "Film">, [Argument<"id", ID>]>]>,
      ObjectType<"Mutation", [Field<"watch", Required<"OBJECT", "Film">, [Argument<"id", ID>]>]>,
      ObjectType<"Subscription", [Field<"released", Required<"OBJECT", "Film">, []>]>,
      ObjectType<
        "Film",
        [
          Field<"title", Required<"SCALAR", "String">, []>,
          Field<"year", Required<"SCALAR", "Int">, []>
        ]
      >,
      { readonly kind: "SCALAR"; readonly name: "ID" },
      { readonly kind: "SCALAR"; readonly name: "String" },
      { readonly kind: "SCALAR"; readonly name: "Int" },
      { readonly kind: "SCALAR"; readonly name: "Boolean" }
    ]
  }
}

interface ObjectType<Name, Fields> {
  readonly kind: "OBJECT"
  readonly name: Name
  readonly fields: Fields
  readonly interfaces: readonly []
}

interface Field<Name, Type, Arguments> {
  readonly name: Name
  readonly type: Type
  readonly args: Arguments
  readonly isDeprecated: false
}

interface Argument<Name, Type> {
  readonly name: Name
  readonly type: Type
  readonly defaultValue: null
}

interface Nullable<Kind, Name> {
  readonly kind: Kind
  readonly name: Name
  readonly ofType: null
}

interface Required<Kind, Name> {
  readonly kind: "NON_NULL"
  readonly ofType: Nullable<Kind, Name>
}

type ID = Required<"SCALAR", "ID">

/** gql.tada, which reads the types out of the text. */
export declare const tada: initGraphQLTada<{ introspection: Introspection }>
