/** What a response says that is not the result that was asked for. */
import * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import type { Rejected } from "@fiberline/core/Message"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Duration from "effect/Duration"
import { RequestRejected } from "../../NetworkError.js"
import type { ResponseHead } from "../../OperationError.js"
import { excerpt, visibleHeaders, type Where } from "../ending.js"
import * as Loss from "../loss.js"

/** Refuses the credentials, whatever else is said. */
export const unauthorized = 401

/** How much of a body an error shows. */
const bodyLength = 2000

export const headOf = (
  { headers, status }: HttpClientResponse.HttpClientResponse,
  { scrub }: Where
): ResponseHead => ({ status, headers: visibleHeaders({ ...headers }, scrub) })

/** A status of failure, and how long the server asks to wait, from `now`. */
export const rejection = (
  { headers, status }: ResponseHead,
  body: string,
  now: number,
  where: Where
): Loss.Failure => {
  const retryAfter = GraphQLOverHttp.retryAfter(headers["retry-after"], now)
  const reason = new RequestRejected({
    status,
    headers,
    body: excerpt(body, where, bodyLength),
    ...(retryAfter !== undefined && { retryAfter: Duration.millis(retryAfter) })
  })
  return Loss.networkFailure(reason, where.phase, where.endpoint)
}

/** A response, or a part of one, that is not what the protocol has. */
export const violation = (
  { detail, reason }: Rejected,
  received: string,
  where: Where
): Loss.Failure =>
  Loss.protocolFailure({
    violation: reason,
    detail,
    received: excerpt(received, where),
    phase: where.phase,
    endpoint: where.endpoint
  })

export const tooLarge = ({ endpoint, phase }: Where): Loss.Failure =>
  Loss.protocolFailure({
    violation: "ResponseTooLarge",
    detail: "a response, or a part of one, larger than maxResponseSize",
    phase,
    endpoint
  })
