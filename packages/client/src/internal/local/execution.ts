/**
 * An operation that is executed in process, and answered as a server of graphql-transport-ws would.
 *
 * - What was not executed at all is `OperationFailed`: a document that does not parse or fit the
 *   schema, variables that do not fit, a subscription whose source cannot be had.
 * - What a resolver throws is an error inside a result.
 * - A source that throws later is `OperationFailed` too: as there, where `error` is how a stream ends
 *   that no more results can follow. What came before it is delivered before it.
 *
 * No fiber and no timer belongs to it: it goes on in the promises of whoever wrote the resolvers.
 */
import type {
  Complete,
  ExecutionResult,
  Next,
  OperationFailed,
  OperationRequest
} from "@fiberline/core/Message"
import {
  type ExecutionArgs,
  type ExecutionResult as GraphQLResult,
  execute,
  getOperationAST,
  GraphQLError,
  type GraphQLFormattedError,
  subscribe,
  versionInfo
} from "graphql"
import type { Documents } from "./documents.js"
import type { Turns } from "./turns.js"

/** What is executed against. */
export interface Against {
  readonly documents: Documents
  readonly rootValue: unknown
  readonly contextValue: unknown
  readonly turns: Turns
}

/** Who is told of an execution. */
export interface Listener {
  /** Also of one that was stopped, which has yet to end. */
  readonly deliver: (message: Next | Complete | OperationFailed) => void
  /** It has ended, and with it all that it had asked of the schema's resolvers. */
  readonly ended: (id: string) => void
}

export class Execution {
  #isSubscription = false
  #iterator: AsyncIterator<GraphQLResult> | undefined = undefined
  #isStopped = false
  /** What the iterator's `return` was answered with. */
  #returned: Promise<void> | undefined = undefined
  /** What tells resolvers that nobody waits for them, where `graphql` has a way to. */
  readonly #abort = versionInfo.major >= 17 ? new AbortController() : undefined

  constructor(
    readonly id: string,
    readonly against: Against,
    readonly listener: Listener
  ) {}

  /** Never throws, nor does its promise reject. */
  async run(frame: string): Promise<void> {
    try {
      const executed = await this.#execute(frame)
      if (isStream(executed)) await this.#stream(executed[Symbol.asyncIterator]())
      else this.#answer(executed)
    } catch (error) {
      this.#fail([asGraphQLError(error)])
      await ignoring(async () => abortedResult(error))
    }
    await this.#returned
    this.listener.ended(this.id)
  }

  /** Nobody wants more of it. It has ended when its iterator says so, or its resolvers do. */
  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    if (this.#iterator === undefined) {
      // A source that is still being made would be lost, and nobody could close it.
      if (!this.#isSubscription) this.abort()
      return
    }
    this.abort()
    // Ended by that even if `next` is never answered, which some iterators leave out.
    void this.#return().then(() => this.listener.ended(this.id))
  }

  /** Tells resolvers that nobody waits for them. */
  abort(): void {
    this.#abort?.abort()
  }

  #execute(frame: string): ReturnType<typeof execute | typeof subscribe> {
    // Type boundary: it is what `encode` made of a request.
    const request = JSON.parse(frame) as OperationRequest
    const { contextValue, documents, rootValue } = this.against
    const checked = documents.check(request.query)
    if (checked._tag === "Invalid") return { errors: checked.errors }
    const { document } = checked
    const args: ExecutionArgs = {
      schema: documents.schema,
      document,
      rootValue,
      contextValue,
      variableValues: request.variables,
      operationName: request.operationName,
      ...(this.#abort && { abortSignal: this.#abort.signal })
    }
    this.#isSubscription =
      getOperationAST(document, request.operationName)?.operation === "subscription"
    return this.#isSubscription ? subscribe(args) : execute(args)
  }

  #answer(result: GraphQLResult): void {
    if (result.data === undefined && result.errors) return this.#fail(result.errors)
    this.listener.deliver({ _tag: "Next", id: this.id, payload: asSent(result) })
    this.listener.deliver({ _tag: "Complete", id: this.id })
  }

  async #stream(iterator: AsyncIterator<GraphQLResult>): Promise<void> {
    this.#iterator = iterator
    if (this.#isStopped) {
      this.abort()
      return this.#return()
    }
    while (true) {
      for (let turn = this.against.turns.take(); turn; turn = this.against.turns.take()) await turn
      if (this.#isStopped) return
      const { done, value } = await iterator.next()
      if (done) return this.listener.deliver({ _tag: "Complete", id: this.id })
      try {
        this.listener.deliver({ _tag: "Next", id: this.id, payload: asSent(value) })
      } catch (error) {
        // It cannot be sent, and the source does not know.
        this.#fail([asGraphQLError(error)])
        return this.#return()
      }
    }
  }

  #fail(errors: ReadonlyArray<GraphQLError>): void {
    this.listener.deliver({ _tag: "OperationFailed", id: this.id, payload: formatted(errors) })
  }

  /** Closes the source, once. Nobody is left to be told what it throws. */
  #return(): Promise<void> {
    return (this.#returned ??= ignoring(async () => this.#iterator?.return?.()))
  }
}

/** What goes on after `graphql` was told to abort, which it says in its error: resolvers run to their end. */
const abortedResult = (error: unknown): unknown =>
  error instanceof Error && "abortedResult" in error ? error.abortedResult : undefined

const ignoring = (f: () => Promise<unknown>): Promise<void> =>
  f().then(
    () => {},
    () => {}
  )

const isStream = (
  executed: GraphQLResult | AsyncIterable<GraphQLResult>
): executed is AsyncIterable<GraphQLResult> => Symbol.asyncIterator in executed

/**
 * What a client would have of it over a network: scalars may serialize to what only then becomes JSON,
 * as a `Date` does. Throws what `JSON.stringify` throws.
 */
const asSent = (result: GraphQLResult): ExecutionResult =>
  // Type boundary: an `ExecutionResult` as JSON is one, with its errors formatted by their `toJSON`.
  JSON.parse(JSON.stringify(result)) as ExecutionResult

/** The same of errors, whose extensions may hold anything. */
const formatted = (errors: ReadonlyArray<GraphQLError>): ReadonlyArray<GraphQLFormattedError> => {
  try {
    // Type boundary: likewise.
    return JSON.parse(JSON.stringify(errors)) as ReadonlyArray<GraphQLFormattedError>
  } catch {
    return errors.map(({ message }) => ({ message }))
  }
}

const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError(error instanceof Error ? error.message : String(error))
