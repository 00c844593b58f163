/** What the end of a socket means to those who used it, and what an error shows of what a peer sent. */
import { ours } from "@fiberline/core/CloseCode"
import type { Disconnected, JsonObject } from "@fiberline/core/Message"
import * as NetworkError from "../NetworkError.js"
import type { WireEnd } from "../Wire.js"
import { isObject } from "./json.js"
import * as Loss from "./loss.js"

/** Where a connection was when it failed. */
export interface Where {
  readonly phase: NetworkError.Phase
  readonly endpoint: string
  /** Takes what was said in confidence out of what the peer says. */
  readonly scrub: (text: string) => string
}

export const tooLarge: Loss.ViolationFields = {
  violation: "FrameTooLarge",
  detail: "a frame larger than maxFrameSize"
}

/** Stands for the lack of a close frame (RFC 6455, section 7.1.5). */
const noCloseFrame = 1006

export const failureBy = (end: WireEnd, { endpoint, phase, scrub }: Where): Loss.Failure => {
  const network = (reason: NetworkError.Reason, cause?: { readonly cause: unknown }) =>
    Loss.networkFailure(reason, phase, endpoint, cause)
  const cut =
    phase === "connecting" ? new NetworkError.ConnectFailed() : new NetworkError.ConnectionLost()
  switch (end._tag) {
    case "Rejected":
      return network(
        new NetworkError.HandshakeRejected({
          status: end.status,
          headers: visibleHeaders(end.headers, scrub)
        })
      )
    case "Failed":
      return network(cut, { cause: end.cause })
    case "Violated":
      return Loss.protocolFailure({
        ...(end.code === ours.messageTooBig ? tooLarge : invalidFrame),
        phase,
        endpoint,
        cause: end.cause
      })
    case "Closed":
      return end.code === noCloseFrame
        ? network(cut)
        : network(new NetworkError.ServerClosed({ code: end.code, reason: scrub(end.reason) }))
  }
}

/** A refusal in the words of a subprotocol, which every server puts elsewhere. */
export const refusalBy = (
  payload: JsonObject = {},
  { endpoint, phase, scrub }: Where
): Loss.Failure => {
  const { errors, message } = payload
  const [first]: ReadonlyArray<unknown> = Array.isArray(errors) ? errors : []
  const said = [message, ...(isObject(first) ? [first.message, first.errorType] : [])].find(
    (text) => typeof text === "string"
  )
  const detail = excerpt(said ?? "", { scrub }, detailLength)
  return Loss.networkFailure(new NetworkError.ConnectionRejected({ detail }), phase, endpoint)
}

/** An end that the server announces in the words of a subprotocol. */
export const disconnectionBy = (
  { detail, retry }: Disconnected,
  { endpoint, phase, scrub }: Where
): Loss.Failure =>
  Loss.networkFailure(
    new NetworkError.ServerDisconnected({
      detail: excerpt(detail, { scrub }, detailLength),
      retry
    }),
    phase,
    endpoint
  )

/** How much of its words an error shows. */
const detailLength = 2000

const invalidFrame: Loss.ViolationFields = {
  violation: "InvalidFrame",
  detail: "a frame that breaks the WebSocket protocol"
}

/** A response's headers as an error shows them. */
export const visibleHeaders = (
  headers: { readonly [name: string]: string },
  scrub: (text: string) => string
): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(headers)
      // A cookie is a credential that the server has just made.
      .filter(([name]) => name.toLowerCase() !== "set-cookie")
      .map(([name, value]) => [name, scrub(value)])
  )

/** How much of what a peer sent an error shows, and how much of it is searched for secrets before. */
const excerptLength = 200
const scrubbedLength = 64 * 1024

/** Scrubbed before it is cut, or half a secret might remain at the edge. */
export const excerpt = (
  text: string,
  where: Pick<Where, "scrub">,
  length = excerptLength
): string => where.scrub(text.slice(0, scrubbedLength)).slice(0, length)
