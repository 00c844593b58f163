import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  Source,
  validate
} from "graphql"
import { Recent } from "../recent.js"

/** A document that fits the schema, or why it does not. */
export type Checked =
  | { readonly _tag: "Valid"; readonly document: DocumentNode }
  | { readonly _tag: "Invalid"; readonly errors: ReadonlyArray<GraphQLError> }

/** How many are remembered: programs have a few dozen, unless they write values into their text. */
export const most = 500

/** The documents of a schema, parsed and validated once for as long as they are in use. */
export class Documents {
  readonly #checked = new Recent<string, Checked>(most)

  constructor(readonly schema: GraphQLSchema) {}

  /** Throws what is not about the document, such as a stack that was too small for it. */
  check(query: string): Checked {
    return this.#checked.of(query, () => this.#check(query))
  }

  #check(query: string): Checked {
    try {
      const document = parse(new Source(query))
      const errors = validate(this.schema, document)
      return errors.length > 0 ? { _tag: "Invalid", errors } : { _tag: "Valid", document }
    } catch (error) {
      if (error instanceof GraphQLError) return { _tag: "Invalid", errors: [error] }
      throw error
    }
  }
}

const ofSchema = new WeakMap<GraphQLSchema, Documents>()

/** Those of a schema, whatever the client: a server may have one client for each of its requests. */
export const documentsOf = (schema: GraphQLSchema): Documents => {
  const known = ofSchema.get(schema) ?? new Documents(schema)
  ofSchema.set(schema, known)
  return known
}
