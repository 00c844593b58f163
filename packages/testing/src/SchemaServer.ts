/**
 * A real `graphql` schema, executed in process behind the in-memory wire: for tests that are about
 * what the server answers rather than when.
 *
 * @since 0.1.0
 */
import type { WireConstructor } from "@fiberline/client/Wire"
import type { ExecutionResult, JsonObject, OperationRequest } from "@fiberline/core/Message"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import {
  type ExecutionArgs,
  type ExecutionResult as GraphQLResult,
  execute,
  getOperationAST,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  parse,
  subscribe,
  validate
} from "graphql"
import * as TestServer from "./TestServer.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface SchemaOptions {
  readonly schema: GraphQLSchema
  readonly rootValue?: unknown
  /** The resolvers' context, made of the connection's payload. */
  readonly context?: ((payload: JsonObject | undefined) => unknown) | undefined
}

/**
 * A server that accepts every connection and executes what it is sent, as graphql-ws's server does.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: SchemaOptions
): Layer.Layer<TestServer.TestServer | WireConstructor> =>
  Layer.scopedDiscard(
    Effect.flatMap(TestServer.TestServer, (server) => Effect.forkScoped(serve(server, options)))
  ).pipe(Layer.provideMerge(TestServer.layer))

/**
 * Serves every connection from here on. It ends only when it is interrupted.
 *
 * @since 0.1.0
 * @category servers
 */
export const serve = (
  server: TestServer.TestServer,
  options: SchemaOptions
): Effect.Effect<never, never, Scope.Scope> =>
  Effect.gen(function* () {
    const connections = yield* FiberSet.make()
    while (true) {
      const connection = yield* server.accept
      yield* FiberSet.run(connections, Effect.scoped(serveConnection(connection, options)))
    }
  })

const serveConnection = (
  connection: TestServer.TestConnection,
  options: SchemaOptions
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    yield* connection.open()
    const { payload } = yield* connection.awaitInit
    yield* connection.ack()
    const contextValue = options.context?.(payload)
    const operations = yield* FiberMap.make<string>()
    const serveOperations = Effect.forever(
      Effect.gen(function* () {
        const operation = yield* connection.awaitSubscribe
        yield* FiberMap.run(
          operations,
          operation.id,
          serveOperation(operation, contextValue, options)
        )
      })
    )
    yield* Effect.raceFirst(serveOperations, connection.awaitClose)
  })

const serveOperation = (
  operation: TestServer.TestOperation,
  contextValue: unknown,
  { rootValue, schema }: SchemaOptions
): Effect.Effect<void> => {
  const respond = Stream.runForEach(
    results(operation.request, { schema, rootValue, contextValue }),
    (result) =>
      result.data === undefined && result.errors
        ? Effect.fail(result.errors)
        : operation.result(result)
  ).pipe(
    Effect.zipRight(operation.complete),
    // What was not executed at all is refused, and not completed.
    Effect.catchAll((errors) => operation.error(errors))
  )
  return Effect.raceFirst(respond, operation.awaitComplete)
}

const results = (
  request: OperationRequest,
  context: Pick<ExecutionArgs, "schema" | "rootValue" | "contextValue">
): Stream.Stream<ExecutionResult, ReadonlyArray<GraphQLFormattedError>> =>
  Stream.unwrap(
    Effect.promise(async () => {
      try {
        const document = parse(request.query)
        const invalid = validate(context.schema, document)
        if (invalid.length > 0) return one({ errors: invalid })
        const args: ExecutionArgs = {
          ...context,
          document,
          variableValues: request.variables,
          operationName: request.operationName
        }
        const operation = getOperationAST(document, request.operationName)
        const executed =
          operation?.operation === "subscription" ? await subscribe(args) : await execute(args)
        return Symbol.asyncIterator in executed
          ? Stream.map(Stream.fromAsyncIterable(executed, toErrors), toResult)
          : one(executed)
      } catch (error) {
        return one({
          errors: [error instanceof GraphQLError ? error : new GraphQLError(String(error))]
        })
      }
    })
  )

const one = (result: GraphQLResult): Stream.Stream<ExecutionResult> =>
  Stream.succeed(toResult(result))

const toResult = ({ data, errors, extensions }: GraphQLResult): ExecutionResult => ({
  ...(data !== undefined && { data }),
  ...(errors && { errors: errors.map((error) => error.toJSON()) }),
  ...(extensions && { extensions })
})

/** What a source that throws is refused with, as graphql-ws's server does it. */
const toErrors = (error: unknown): ReadonlyArray<GraphQLFormattedError> => [
  error instanceof GraphQLError
    ? error.toJSON()
    : { message: error instanceof Error ? error.message : String(error) }
]
