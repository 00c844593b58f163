/**
 * What is said about a schema and its documents before anything is printed: plain data.
 */
import type { ASTNode, FragmentDefinitionNode, OperationDefinitionNode } from "graphql"

/** A type, wherever it stands. What is not `Nullable` is there. */
export type Type =
  | { readonly _tag: "Nullable"; readonly of: Type }
  | { readonly _tag: "List"; readonly of: Type }
  /** A scalar, enum or input object of the schema. */
  | { readonly _tag: "Named"; readonly name: string }
  /** `__typename`, of which the possible values are known. */
  | { readonly _tag: "Typename"; readonly types: ReadonlyArray<string> }
  | { readonly _tag: "Object"; readonly shape: Shape }

/** What is selected somewhere: one variant, or several that differ by `__typename`. */
export interface Shape {
  /** The type that was selected from. */
  readonly on: string
  /** All types that it can be. */
  readonly possible: ReadonlyArray<string>
  readonly variants: ReadonlyArray<Variant>
  /** What there would be of a type that the schema does not have yet. */
  readonly unknown: ReadonlyArray<Field>
  /** Fragments that are spread here whatever the type. */
  readonly spreads: ReadonlyArray<string>
}

export interface Variant {
  readonly types: ReadonlyArray<string>
  readonly fields: ReadonlyArray<Field>
  /** Fragments all of whose fields are among these, in the order of the document. */
  readonly spreads: ReadonlyArray<string>
}

/** What the schema says of it. */
export interface Documented {
  readonly description: string | undefined
  readonly deprecated: string | undefined
}

export interface Field extends Documented {
  readonly key: string
  /** Whether it may be absent. */
  readonly isOptional: boolean
  readonly type: Type
}

export interface Enum extends Documented {
  readonly _tag: "Enum"
  readonly name: string
  readonly values: ReadonlyArray<Documented & { readonly name: string }>
}

export interface Input extends Documented {
  readonly _tag: "Input"
  readonly name: string
  readonly fields: ReadonlyArray<Field>
  readonly isOneOf: boolean
  /** Those that contain it and that it contains, itself among them; none if it does not contain itself. */
  readonly cycle: ReadonlyArray<string>
  /** Scalars within, at any depth, that have a Schema of their own. */
  readonly scalars: ReadonlyArray<string>
}

export interface Scalar extends Documented {
  readonly _tag: "Scalar"
  readonly name: string
  /** Which Schema it has in variables, and in data. */
  readonly input: Mapping
  readonly output: Mapping
}

/** A Schema, as the configuration names it. */
export type Mapping =
  | { readonly _tag: "Expression"; readonly text: string }
  | { readonly _tag: "Import"; readonly module: string; readonly name: string }

export interface Fragment {
  readonly _tag: "Fragment"
  readonly name: string
  readonly node: FragmentDefinitionNode
  readonly shape: Shape
}

export interface Operation {
  readonly _tag: "Operation"
  readonly name: string
  readonly node: OperationDefinitionNode
  readonly kind: "query" | "mutation" | "subscription"
  readonly variables: ReadonlyArray<Field>
  readonly shape: Shape
  /** As it is sent. */
  readonly text: string
  readonly hash: string | undefined
}

/** Where a name was first used, for what is wrong with it. */
export type Uses = Map<string, ASTNode | undefined>
