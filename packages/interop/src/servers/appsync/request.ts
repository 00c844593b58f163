/** A GraphQL request, as a POST's body and a `start` have it. */
import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  GraphQLError,
  type OperationTypeNode,
  parse,
  validate
} from "graphql"
import { schema } from "../../schema.js"

export interface Runnable {
  readonly operation: OperationTypeNode
  readonly args: ExecutionArgs
}

/** What can be run, or why it cannot. None for what is no request at all. */
export const read = (json: string): Runnable | ReadonlyArray<GraphQLError> | undefined => {
  const request = object(json)
  if (typeof request?.query !== "string") return undefined
  const document = parsed(request.query)
  if (document instanceof GraphQLError) return [document]

  const operationName =
    typeof request.operationName === "string" ? request.operationName : undefined
  const operation = getOperationAST(document, operationName)?.operation
  if (operation === undefined) return [new GraphQLError("There is no such operation.")]
  const errors = validate(schema, document)
  return errors.length > 0
    ? errors
    : { operation, args: { schema, document, operationName, variableValues: variables(request) } }
}

const parsed = (source: string): DocumentNode | GraphQLError => {
  try {
    return parse(source)
  } catch (error) {
    // Type boundary: what graphql throws of a string that is no document.
    return error as GraphQLError
  }
}

const object = (json: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(json)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const variables = ({ variables }: Readonly<Record<string, unknown>>) =>
  isObject(variables) ? variables : undefined

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
