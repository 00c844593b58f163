import type { JsonObject, OperationRequest } from "@fiberline/core/Message"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import { type DocumentNode, print } from "graphql"
import type { Document, Kind, Operation, Source } from "../Operation.js"
import { EncodeError } from "../OperationError.js"
import { reveal } from "./secrets.js"
import { flatMap, map, mapError, type Step } from "./step.js"

/** What a caller gives besides the document. */
export interface RequestOptions {
  readonly variables?: unknown
  readonly operationName?: string | undefined
  readonly extensions?: JsonObject | undefined
}

type AnyOperation = Operation<Kind, never, unknown, unknown>

/** How much of a Schema's explanation an error carries: the value it quotes may be huge. */
const issueLength = 1000

export const isOperation = (document: Document): document is AnyOperation =>
  typeof document === "object" && "_tag" in document && document._tag === "Operation"

/** Which operation of its document it is, as far as anybody has said. */
export const nameOf = (
  document: Document,
  { operationName }: { readonly operationName?: string | undefined }
): string | undefined =>
  operationName ?? (isOperation(document) ? document.operationName : undefined)

/** What a document that the server knows is called there. */
export type DocumentId = ((document: Source) => string | undefined) | undefined

/** The request as it is sent. A member that was not given is absent from it. */
export const toRequest = (
  document: Document,
  { extensions, operationName, variables }: RequestOptions,
  documentId: DocumentId
): Step<OperationRequest, EncodeError> => {
  const sent = identify(isOperation(document) ? document.document : document, documentId)
  const name = nameOf(document, { operationName })
  return map(encodeVariables(document, variables), (variables) => ({
    ...sent,
    ...(name !== undefined && { operationName: name }),
    ...(variables !== undefined && { variables }),
    ...(extensions !== undefined && { extensions })
  }))
}

/** Its name, where it has one. Then nobody needs the text, and it is not printed. */
export const identify = (
  document: Source,
  documentId: DocumentId
): Pick<OperationRequest, "query" | "documentId"> => {
  const id = documentId?.(document)
  return id === undefined ? { query: text(document) } : { query: "", documentId: id }
}

const encodeVariables = (
  document: Document,
  variables: unknown
): Step<JsonObject | undefined, EncodeError> => {
  if (variables === undefined) return Either.right(undefined)
  const encoded: Step<unknown, EncodeError> = isOperation(document)
    ? // Type boundary: the client's methods admit the variables of this very document only.
      mapError(
        document.encode(variables as never),
        (issue) => new EncodeError({ issue: explainWithoutValues(issue) })
      )
    : Either.right(variables)
  return flatMap(encoded, (value) =>
    // Type boundary: likewise; variables are an object.
    Either.try({ try: () => reveal(value) as JsonObject, catch: notJson })
  )
}

/** A value that `JSON.stringify` rejects. */
export const notJson = (error: unknown): EncodeError =>
  new EncodeError({ issue: error instanceof Error ? error.message : String(error) })

/** Where the data first does not fit, and why. */
export const explain = (
  issue: ParseResult.ParseIssue
): { readonly issue: string; readonly path: ReadonlyArray<string | number> } => {
  const [first] = ParseResult.ArrayFormatter.formatIssueSync(issue)
  const path = first?.path.map((key) => (typeof key === "number" ? key : String(key))) ?? []
  const tree = ParseResult.TreeFormatter.formatIssueSync(issue)
  if (tree.length <= issueLength) return { issue: tree, path }
  // The tree of a large Schema begins with all of that, and comes to the point when it is cut.
  const at = path.map((key) => `[${JSON.stringify(key)}]`).join("")
  const point = first ? `${at}: ${first.message}` : tree
  return {
    issue: point.length > issueLength ? `${point.slice(0, issueLength)}…` : point,
    path
  }
}

/**
 * Where an issue is and what was expected there. Variables are what a user typed, a password perhaps,
 * and Effect's own formatters quote them.
 */
const explainWithoutValues = (issue: ParseResult.ParseIssue, path = ""): string => {
  switch (issue._tag) {
    case "Pointer": {
      const keys = Array.isArray(issue.path) ? issue.path : [issue.path]
      const here = keys.map((key) => `[${JSON.stringify(String(key))}]`).join("")
      return explainWithoutValues(issue.issue, path + here)
    }
    case "Composite": {
      const issues = Array.isArray(issue.issues) ? issue.issues : [issue.issues]
      return issues.map((inner) => explainWithoutValues(inner, path)).join("; ")
    }
    case "Refinement":
    case "Transformation":
      return issue.issue._tag === "Type"
        ? `${path || "the variables"}: expected ${String(issue.ast)}`
        : explainWithoutValues(issue.issue, path)
    case "Missing":
      return `${path || "the variables"}: missing`
    case "Unexpected":
      return `${path || "the variables"}: unexpected`
    case "Type":
    case "Forbidden":
      return `${path || "the variables"}: expected ${String(issue.ast)}`
  }
}

/** Documents are module constants, so each is printed once. */
const printed = new WeakMap<DocumentNode, string>()

/** A document as it is sent. */
export const sourceOf = (document: Document): string =>
  text(isOperation(document) ? document.document : document)

const text = (document: Source): string => {
  if (typeof document === "object" && "kind" in document) {
    const known = printed.get(document)
    if (known !== undefined) return known
    const query = print(document)
    printed.set(document, query)
    return query
  }
  return String(document)
}
