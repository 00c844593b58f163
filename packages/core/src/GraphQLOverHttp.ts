/**
 * GraphQL over HTTP: what a request says, and what a response means.
 *
 * Source: the GraphQL over HTTP draft; RFC 9110 section 10.2.3 for `Retry-After`.
 *
 * The media type decides how a response is read, and the status after it: under
 * `application/graphql-response+json` whatever there is comes from GraphQL, under `application/json`
 * it may be anybody's, such as a proxy's, unless the status is one of success.
 *
 * @since 0.1.0
 */
import { parseHttpDate } from "./internal/httpDate.js"
import { invalidField, isObject, kindOf, notJson, parse, rejected } from "./internal/json.js"
import { essenceOf } from "./internal/mediaType.js"
import { invalidResult, isExecutionResult } from "./internal/result.js"
import type { ExecutionResult, OperationRequest, Rejected } from "./Message.js"

const graphqlResponse = "application/graphql-response+json"
const json = "application/json"

/**
 * The `Accept` of a request.
 *
 * @since 0.1.0
 * @category constants
 */
export const accept: string = `${graphqlResponse}, ${json};q=0.9`

/**
 * The `Content-Type` of a POST.
 *
 * @since 0.1.0
 * @category constants
 */
export const contentType: string = json

/**
 * A response, once its body has been read.
 *
 * @since 0.1.0
 * @category models
 */
export interface Response {
  readonly status: number
  /** The header as it came, parameters included. */
  readonly contentType: string | undefined
  readonly body: string
}

/**
 * A GraphQL response, whatever the status.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly _tag: "Answer"
  readonly result: ExecutionResult
}

/**
 * A status other than one of success, without a GraphQL response.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refused {
  readonly _tag: "Refused"
}

/**
 * A request as it is encoded. Automatic persisted queries leave out the query of an
 * `OperationRequest`.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Omit<OperationRequest, "query"> & { readonly query?: string | undefined }

/**
 * What a response means. Total: it never throws.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = (response: Response): Answer | Refused | Rejected =>
  decodeAs(response, readAnswer)

/**
 * What the response to a batch of `length` requests means: as many results, in their order. Total: it
 * never throws.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeBatch = (
  response: Response,
  length: number
): ReadonlyArray<ExecutionResult> | Refused | Rejected => {
  const answers = decodeAs(response, (value) => readAnswers(value, length))
  return answers._tag === "Answers" ? answers.results : answers
}

/**
 * The body of a POST. Throws what `JSON.stringify` throws.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encodeBody = (request: Request): string => JSON.stringify(parameters(request))

/**
 * The URL of a GET, with the request's parameters after those it has. Throws what `JSON.stringify`
 * throws. A mutation must not be sent by GET.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encodeUrl = (url: string, request: Request): string => {
  const added = Object.entries(parameters(request)).flatMap(([name, value]) => {
    const text = typeof value === "string" ? wellFormed(value) : JSON.stringify(value)
    return text === undefined ? [] : [`${name}=${encodeURIComponent(text)}`]
  })
  const [, address = "", fragment = ""] = /^([^#]*)(.*)$/s.exec(url) ?? []
  const separator = !address.includes("?") ? "?" : /[?&]$/.test(address) ? "" : "&"
  return address + separator + added.join("&") + fragment
}

/**
 * How long a `Retry-After` asks to wait, in milliseconds; never negative. `undefined` where there is
 * none, or none that can be understood.
 *
 * `now` is milliseconds since 1970, for a header that gives a date.
 *
 * @since 0.1.0
 * @category decoding
 */
export const retryAfter = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? ""
  if (/^\d+$/.test(text)) {
    const wait = Number(text) * 1000
    return Number.isFinite(wait) ? wait : undefined
  }
  const date = parseHttpDate(text, now)
  return date === undefined ? undefined : Math.max(0, date - now)
}

interface Answers {
  readonly _tag: "Answers"
  readonly results: ReadonlyArray<ExecutionResult>
}

const refused: Refused = { _tag: "Refused" }

const unexpectedMediaType = rejected(
  "UnexpectedMediaType",
  `the media type is neither ${graphqlResponse} nor ${json}`
)

const decodeAs = <A extends Answer | Answers>(
  { body, contentType = "", status }: Response,
  read: (value: unknown) => A | Rejected
): A | Refused | Rejected => {
  const isSuccess = status >= 200 && status < 300
  switch (essenceOf(contentType)) {
    case graphqlResponse:
      return readBody(body, read)
    case json: {
      // The body of a failure is trusted only where it is beyond doubt that GraphQL wrote it. Many
      // servers send a GraphQL response with a 4xx.
      const answer = readBody(body, read)
      return isSuccess || answer._tag !== "Rejected" ? answer : refused
    }
    // What many servers, and functions in clouds above all, send their JSON as: nothing said of it, or
    // the default. A body that is a GraphQL response beyond doubt is taken for one.
    case "":
    case "text/plain": {
      if (!isSuccess) return refused
      const answer = readBody(body, read)
      return answer._tag === "Rejected" ? unexpectedMediaType : answer
    }
    default:
      return isSuccess ? unexpectedMediaType : refused
  }
}

const readBody = <A>(body: string, read: (value: unknown) => A | Rejected): A | Rejected => {
  const value = parse(body)
  return value === undefined ? notJson(body, "body") : read(value)
}

const readAnswer = (value: unknown): Answer | Rejected => {
  if (!isObject(value)) {
    return rejected("NotAnObject", `a response must be an object, but is ${kindOf(value)}`)
  }
  return isResponse(value) ? { _tag: "Answer", result: value } : invalidResponse(value)
}

const readAnswers = (value: unknown, length: number): Answers | Rejected => {
  if (!Array.isArray(value)) return readOneForAll(value, length)
  if (value.length !== length) {
    return rejected(
      "InvalidField",
      "a batch's response must have as many results as it has requests"
    )
  }
  const results: Array<ExecutionResult> = []
  for (const result of value) {
    const answer = readAnswer(result)
    if (answer._tag === "Rejected") return answer
    results.push(answer.result)
  }
  return { _tag: "Answers", results }
}

/** A batch that was refused as a whole, some servers answer with one response in place of a list. */
const readOneForAll = (value: unknown, length: number): Answers | Rejected => {
  const answer = readAnswer(value)
  if (answer._tag === "Rejected") return answer
  const { data, errors } = answer.result
  return data == null && errors != null && errors.length > 0
    ? { _tag: "Answers", results: Array.from({ length }, () => answer.result) }
    : rejected("InvalidField", "a batch's response must be an array, but is an object")
}

/**
 * More is asked of a body than of a message that says it is a result: many a JSON has a member named
 * `data` or `errors`.
 */
const isResponse = (value: unknown): value is ExecutionResult =>
  isExecutionResult(value) &&
  (value.data === undefined
    ? value.errors != null && value.errors.length > 0
    : value.data === null || isObject(value.data))

const invalidResponse = (value: unknown): Rejected =>
  !isExecutionResult(value)
    ? invalidResult(value)
    : value.data !== undefined
      ? invalidField("data", "an object or null", value.data)
      : rejected("InvalidField", `a response must have "data" or "errors", but has neither`)

/** Exactly what the draft names, and in its place for `query` the persisted document. */
const parameters = ({ documentId, extensions, operationName, query, variables }: Request) =>
  documentId === undefined
    ? { query, operationName, variables, extensions }
    : { documentId, operationName, variables, extensions }

/** With U+FFFD for a lone surrogate, as the body's UTF-8 has it; `encodeURIComponent` would throw. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\uFFFD")
