/** Whether JSON is a result of an operation, and if not, why not. */
import type { GraphQLFormattedError } from "graphql"
import type { ExecutionResult, Rejected } from "../Message.js"
import { invalidField, isObject } from "./json.js"

export const isErrors = (value: unknown): value is ReadonlyArray<GraphQLFormattedError> =>
  Array.isArray(value) &&
  value.every((error) => isObject(error) && typeof error.message === "string")

export const isExecutionResult = (value: unknown): value is ExecutionResult =>
  isObject(value) &&
  (value.errors == null || isErrors(value.errors)) &&
  (value.extensions == null || isObject(value.extensions))

/** What is wrong with what is no execution result. It is the whole of a message where `at` is absent. */
export const invalidResult = (value: unknown, at?: string): Rejected => {
  if (!isObject(value)) return invalidField(at ?? "", "an execution result", value)
  const within = at === undefined ? "" : `${at}.`
  return value.errors != null && !isErrors(value.errors)
    ? invalidField(`${within}errors`, "an array of GraphQL errors", value.errors)
    : invalidField(`${within}extensions`, "an object", value.extensions)
}
