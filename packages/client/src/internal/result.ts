/**
 * From an execution result to what the caller asked for: errors thrown or inline, data decoded or as
 * it came.
 */
import type { ExecutionResult, JsonObject } from "@fiberline/core/Message"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import type * as Tracer from "effect/Tracer"
import type { GraphQLFormattedError } from "graphql"
import type { Document, Result } from "../Operation.js"
import {
  DecodeError,
  type GraphQLError,
  OperationError,
  type ResponseHead
} from "../OperationError.js"
import type { ProtocolError } from "../ProtocolError.js"
import type { Reporter } from "./backend.js"
import { explain, isOperation } from "./document.js"
import { isObject } from "./json.js"
import { isEither, map, mapError, type Step } from "./step.js"

export type ErrorMode = "throw" | "inline"

/** The result that stands for an operation which was not executed at all. */
export const notExecuted = (errors: ReadonlyArray<GraphQLFormattedError>): ExecutionResult => ({
  data: null,
  errors
})

/** Reads one result: an `Either`, unless a Schema needs more. */
export type Read = (
  result: ExecutionResult,
  /** What it came in, where that had no other. */
  answer?: { readonly response?: ResponseHead | undefined }
) => Step<unknown, OperationError | DecodeError | ProtocolError>

/** The same as part of a span, which only what runs in a fiber can see. */
export const readWithin =
  (read: Read, span: Tracer.Span): Read =>
  (result) => {
    const step = read(result)
    return isEither(step) ? step : Effect.withParentSpan(step, span)
  }

/** The same with data that does not fit in its place among the elements: `Left`, as the others are `Right`. */
export const readEither =
  (read: Read): Read =>
  (result) => {
    const step = read(result)
    if (!isEither(step)) {
      return Effect.catchTag(
        Effect.map(step, (element): unknown => Either.right(element)),
        "DecodeError",
        (error) => Effect.succeed(Either.left(error))
      )
    }
    return Either.isLeft(step) && step.left._tag !== "DecodeError" ? step : Either.right(step)
  }

export const reader = (
  document: Document,
  mode: ErrorMode,
  reporter: Reporter,
  operationName?: string
): Read => {
  const decode = isOperation(document)
    ? decodeBy(document, operationName ?? document.operationName)
    : Either.right<unknown>
  const scrub: Scrub = (text) => reporter.scrub(text)
  const noData = () =>
    Either.left(reporter.violation("NoData", "a result with neither data nor errors"))
  return mode === "throw"
    ? (result, answer) => {
        if (hasErrors(result)) return Either.left(toError(result, scrub, answer?.response))
        return result.data === undefined ? noData() : decode(result.data)
      }
    : (result) => {
        if (result.data != null)
          return mapError(
            map(decode(result.data), (data) => inline(result, data, scrub)),
            (error) => besideErrors(error, result, scrub)
          )
        return result.data === undefined && !hasErrors(result)
          ? noData()
          : Either.right(inline(result, null, scrub))
      }
}

/**
 * A Schema, and the explanation of why data does not fit it, goes as deep as the server nests its data.
 * A stack that is too small for it is no defect of the program's.
 */
const decodeBy = (document: Decodes, operationName: string | undefined) => {
  const error = (issue: Pick<DecodeError, "issue" | "path">): DecodeError =>
    new DecodeError({ ...issue, ...(operationName !== undefined && { operationName }) })
  const explained = (issue: ParseResult.ParseIssue): DecodeError => error(explain(issue))
  const tooDeep = () => error({ issue: "the data is nested too deeply", path: [] })
  return (data: unknown): Step<unknown, DecodeError> => {
    try {
      const decoded = mapError(document.decode(data), explained)
      return isEither(decoded)
        ? decoded
        : Effect.catchSomeDefect(decoded, (defect) =>
            isOverflow(defect) ? Option.some(Effect.fail(tooDeep())) : Option.none()
          )
    } catch (defect) {
      if (isOverflow(defect)) return Either.left(tooDeep())
      throw defect
    }
  }
}

interface Decodes {
  readonly decode: (data: unknown) => Step<unknown, ParseResult.ParseIssue>
}

/** The same error with what the server said of the data. */
const besideErrors = (error: DecodeError, result: ExecutionResult, scrub: Scrub): DecodeError => {
  if (!hasErrors(result)) return error
  const { issue, operationName, path } = error
  return new DecodeError({
    issue,
    path,
    ...(operationName !== undefined && { operationName }),
    errors: toGraphQLErrors(result.errors, scrub)
  })
}

/** As V8 and JavaScriptCore call it, or SpiderMonkey. */
const isOverflow = (defect: unknown): boolean =>
  defect instanceof Error && /call stack size exceeded|too much recursion/i.test(defect.message)

// Some servers write `"errors": null` or `[]` for "none".
const hasErrors = (result: ExecutionResult): boolean => (result.errors?.length ?? 0) > 0

/** Takes what was said in confidence out of what the server says. */
type Scrub = (text: string) => string

const toError = (
  result: ExecutionResult,
  scrub: Scrub,
  response: ResponseHead | undefined
): OperationError =>
  new OperationError({
    errors: toGraphQLErrors(result.errors, scrub),
    ...(result.data != null && { data: result.data }),
    ...(response && { response })
  })

const inline = (result: ExecutionResult, data: unknown, scrub: Scrub): Result<unknown> => ({
  data,
  errors: toGraphQLErrors(result.errors, scrub),
  ...(result.extensions != null && { extensions: result.extensions })
})

const toGraphQLErrors = (
  errors: ReadonlyArray<GraphQLFormattedError> | null | undefined,
  scrub: Scrub
): ReadonlyArray<GraphQLError> => (errors ?? []).map((error) => toGraphQLError(error, scrub))

/**
 * Keeps what is well-formed. Servers are known to leave out or misshape everything but the message,
 * and an error about an error helps nobody.
 */
const toGraphQLError = (error: GraphQLFormattedError, scrub: Scrub): GraphQLError => {
  const {
    extensions,
    locations,
    path
  }: { readonly [field in keyof GraphQLFormattedError]: unknown } = error
  return {
    message: scrub(error.message),
    ...(Array.isArray(locations) && { locations: locations.filter(isLocation) }),
    ...(Array.isArray(path) && { path: path.filter(isPathSegment) }),
    ...(isObject(extensions) && scrubbed(extensions, scrub))
  }
}

/** The extensions with every string and key in them scrubbed; none if they are nested beyond reason. */
const scrubbed = (extensions: JsonObject, scrub: Scrub): { readonly extensions?: JsonObject } => {
  try {
    // Type boundary: an object goes in, and scrubbing changes nothing but strings and keys.
    const copy = JSON.parse(JSON.stringify(extensions), (_, inside: unknown) =>
      typeof inside === "string"
        ? scrub(inside)
        : isObject(inside)
          ? // `fromEntries` defines its properties, so that even `__proto__` is one like any other.
            Object.fromEntries(Object.entries(inside).map(([key, value]) => [scrub(key), value]))
          : inside
    ) as JsonObject
    return { extensions: copy }
  } catch {
    return {}
  }
}

const isLocation = (value: unknown): value is { readonly line: number; readonly column: number } =>
  typeof value === "object" &&
  value !== null &&
  "line" in value &&
  typeof value.line === "number" &&
  "column" in value &&
  typeof value.column === "number"

const isPathSegment = (value: unknown): value is string | number =>
  typeof value === "string" || typeof value === "number"
