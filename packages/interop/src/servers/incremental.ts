/** What a server that executes with graphql 16 needs for `@defer` and `@stream`: directives, and an executor. */
import { normalizedExecutor } from "@graphql-tools/executor"
import { GraphQLDeferDirective, GraphQLStreamDirective } from "@graphql-tools/utils"
import { type ExecutionArgs, type ExecutionResult, GraphQLSchema } from "graphql"
import { schema as plain } from "../schema.js"

type Results = ExecutionResult | AsyncGenerator<ExecutionResult, void, void>

export const schema = new GraphQLSchema({
  ...plain.toConfig(),
  directives: [...plain.getDirectives(), GraphQLDeferDirective, GraphQLStreamDirective]
})

// Type boundary: what it executes has an object for its data, as everything that has a schema.
export const execute = normalizedExecutor as (args: ExecutionArgs) => Promise<Results> | Results
