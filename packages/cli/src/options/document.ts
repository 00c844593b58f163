/** The document to execute: an argument, a file, or standard input. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type { Kind } from "@fiberline/client/Operation"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { type DocumentNode, GraphQLError, Kind as NodeKind, parse } from "graphql"
import * as Files from "../files.js"
import { Input } from "../input.js"
import { printable } from "../printable.js"
import { Status } from "../status.js"
import { UsageError } from "../usage.js"

export interface DocumentOptions {
  readonly argument: string | undefined
  readonly file: string | undefined
  readonly operationName: string | undefined
}

/** As it was written, so that the server counts lines as its author does. */
export const resolve = (
  kind: Kind,
  options: DocumentOptions
): Effect.Effect<string, UsageError, FileSystem.FileSystem | Input | Status> =>
  Effect.gen(function* () {
    const text = yield* source(options)
    if (text.trim() === "") return yield* missing
    yield* check(kind, yield* parsed(text), options.operationName)
    return text
  })

const missing = new UsageError({
  message: "there is no document: it is an argument, a --file, or comes by standard input"
})

const source = ({ argument, file }: DocumentOptions) =>
  Effect.gen(function* () {
    if (argument !== undefined && file !== undefined) {
      return yield* new UsageError({
        message: "the document is given both as argument and by --file"
      })
    }
    if (file !== undefined && file !== "-") return yield* Files.read(file)
    if (argument !== undefined && argument !== "-") return argument
    const { isTerminal, text } = yield* Input
    // With a dash somebody means to type it.
    if (isTerminal && argument === undefined && file === undefined) {
      return yield* missing
    }
    // It may be that nobody is ever going to write it.
    const { tell } = yield* Status
    const notice = tell("note", "reading the document from standard input")
    const telling = yield* Effect.fork(Effect.delay(notice, "1 second"))
    return yield* Effect.ensuring(text, Fiber.interrupt(telling))
  })

const parsed = (text: string): Effect.Effect<DocumentNode, UsageError> =>
  Effect.try({
    try: () => parse(text),
    catch: (error) => {
      const [at] = error instanceof GraphQLError ? (error.locations ?? []) : []
      const where = at ? `, line ${at.line}, column ${at.column}` : ""
      // Without the token itself: of a header without quotes, the document is what follows its name.
      const why = (error instanceof Error ? error.message : "").replace(
        /\b(Name|Int|Float|String|BlockString) ".*"/gs,
        "$1"
      )
      return new UsageError({ message: `the document cannot be parsed${where}: ${printable(why)}` })
    }
  })

const check = (
  kind: Kind,
  { definitions }: DocumentNode,
  name: string | undefined
): Effect.Effect<void, UsageError> => {
  const operations = definitions.flatMap((definition) =>
    definition.kind === NodeKind.OPERATION_DEFINITION ? [definition] : []
  )
  const named =
    name === undefined
      ? operations
      : operations.filter((operation) => operation.name?.value === name)
  const [operation, second] = named
  const wrong = (message: string) => new UsageError({ message })
  if (operations.length === 0) return wrong("the document has no operation")
  if (!operation) return wrong("the document has no operation of that name")
  if (second && name === undefined) {
    return wrong("the document has several operations: --operation-name says which")
  }
  return operation.operation === kind
    ? Effect.void
    : wrong(
        `the operation is a ${operation.operation}: ${commands[operation.operation]} executes it`
      )
}

const commands: { readonly [K in Kind]: string } = {
  query: "fiberline query",
  mutation: "fiberline mutate",
  subscription: "fiberline subscribe"
}
