import type { JsonObject, OperationRequest } from "@fiberline/core/Message"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import { type DocumentNode, print } from "graphql"
import type { Document, Kind, Operation } from "../Operation.js"
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

/** The request as it is sent. A member that was not given is absent from it. */
export const toRequest = (
  document: Document,
  { extensions, operationName, variables }: RequestOptions
): Step<OperationRequest, EncodeError> => {
  const query = text(isOperation(document) ? document.document : document)
  const name = operationName ?? (isOperation(document) ? document.operationName : undefined)
  return map(encodeVariables(document, variables), (variables) => ({
    query,
    ...(name !== undefined && { operationName: name }),
    ...(variables !== undefined && { variables }),
    ...(extensions !== undefined && { extensions })
  }))
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

export const explain = (issue: ParseResult.ParseIssue): string => {
  const text = ParseResult.TreeFormatter.formatIssueSync(issue)
  return text.length > issueLength ? `${text.slice(0, issueLength)}…` : text
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

const text = (document: string | DocumentNode | { readonly toString: () => string }): string => {
  if (typeof document === "object" && "kind" in document) {
    const known = printed.get(document)
    if (known !== undefined) return known
    const query = print(document)
    printed.set(document, query)
    return query
  }
  return String(document)
}
