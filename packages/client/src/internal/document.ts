import type { JsonObject, OperationRequest } from "@fiberline/core/Message"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import { type DocumentNode, print } from "graphql"
import type { Document, Kind, Operation } from "../Operation.js"
import { EncodeError } from "../OperationError.js"
import { reveal } from "./secrets.js"

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
  options: RequestOptions
): Effect.Effect<OperationRequest, EncodeError, unknown> =>
  Effect.map(encodeVariables(document, options.variables), (variables) => {
    const operationName =
      options.operationName ?? (isOperation(document) ? document.operationName : undefined)
    return {
      query: text(isOperation(document) ? document.document : document),
      ...(operationName !== undefined && { operationName }),
      ...(variables !== undefined && { variables }),
      ...(options.extensions !== undefined && { extensions: options.extensions })
    }
  })

const encodeVariables = (
  document: Document,
  variables: unknown
): Effect.Effect<JsonObject | undefined, EncodeError, unknown> => {
  if (variables === undefined) return Effect.succeed(undefined)
  return (
    isOperation(document)
      ? // Type boundary: the client's methods admit the variables of this very document only.
        Effect.mapError(
          document.encode(variables as never),
          (issue) => new EncodeError({ issue: explainWithoutValues(issue) })
        )
      : Effect.succeed(variables)
  ).pipe(
    Effect.flatMap((encoded) =>
      // Type boundary: likewise; variables are an object.
      Effect.try({ try: () => reveal(encoded) as JsonObject, catch: notJson })
    )
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
