/**
 * What Absinthe makes of the events of its channel: it runs documents, and pushes what comes of
 * subscriptions. It has no way to say that one of them is over.
 */
import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  parse,
  subscribe,
  validate
} from "graphql"
import { createHash } from "node:crypto"

export type Answer = readonly [status: "ok" | "error", response: object]

export interface Absinthe {
  /** Rejects for what would crash the channel's process. */
  readonly handle: (event: string, payload: unknown) => Promise<Answer>
  readonly endAll: () => void
}

/** Two equal subscriptions are two: what the Erlang VM has for unique integers starts here, and counts up. */
let lastUnique = -576460752303423488n

const subscriptionIdOf = (query: string, variables: object): string => {
  const hash = createHash("sha256")
    .update(JSON.stringify([query, variables]))
    .digest("hex")
  return `__absinthe__:doc:${++lastUnique}:${hash.toUpperCase()}`
}

const failed = (...errors: ReadonlyArray<GraphQLError>): Answer => ["error", { errors }]

export const make = (
  schema: GraphQLSchema,
  push: (subscriptionId: string, result: ExecutionResult) => void
): Absinthe => {
  const running = new Map<string, AsyncGenerator<ExecutionResult, void, void>>()

  /** Takes no `operationName`: Absinthe's channel reads none. */
  const run = async (query: string, variables: Variables): Promise<Answer> => {
    const document = parsed(query)
    if (document instanceof GraphQLError) return failed(document)
    const errors = validate(schema, document)
    if (errors.length > 0) return failed(...errors)
    const operation = getOperationAST(document)
    if (!operation) return failed(new GraphQLError("Must provide a valid operation name"))

    const args = { schema, document, variableValues: variables }
    if (operation.operation !== "subscription") {
      const result = await execute(args)
      return ["data" in result ? "ok" : "error", result]
    }
    const results = await subscribe(args)
    if (!(Symbol.asyncIterator in results)) return ["error", results]
    const subscriptionId = subscriptionIdOf(query, variables)
    running.set(subscriptionId, results)
    void pushAll(subscriptionId, results)
    return ["ok", { subscriptionId }]
  }

  const pushAll = async (subscriptionId: string, results: AsyncIterable<ExecutionResult>) => {
    try {
      for await (const result of results) {
        if (running.has(subscriptionId)) push(subscriptionId, result)
      }
    } catch {
      // There are no words for it: the subscriber just hears no more.
    }
  }

  const end = (subscriptionId: string): void => {
    void running.get(subscriptionId)?.return()
    running.delete(subscriptionId)
  }

  return {
    handle: async (event, payload) => {
      if (event === "doc") {
        const { query, variables } = fieldsOf(payload)
        if (!isVariables(variables)) {
          return ["error", { error: "Could not parse variables as map" }]
        }
        if (query !== undefined && typeof query !== "string") throw new Error("no text")
        return run(query ?? "", variables ?? {})
      }
      const { subscriptionId } = fieldsOf(payload)
      if (event !== "unsubscribe" || typeof subscriptionId !== "string") {
        throw new Error("no function clause matches")
      }
      end(subscriptionId)
      return ["ok", { subscriptionId }]
    },
    endAll: () => [...running.keys()].forEach(end)
  }
}

type Variables = { readonly [name: string]: unknown }

const isVariables = (value: unknown): value is Variables | null | undefined =>
  value === undefined || (typeof value === "object" && !Array.isArray(value))

const fieldsOf = (payload: unknown): { readonly [key: string]: unknown } => {
  if (typeof payload !== "object" || payload === null) throw new Error("no map")
  return { ...payload }
}

const parsed = (query: string): DocumentNode | GraphQLError => {
  try {
    return parse(query)
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}
