/** One request, and what came of it. */
import type * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import type { Headers as PlatformHeaders } from "@effect/platform/Headers"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Headers } from "../../Middleware.js"
import { revealHeaders, type Secrets } from "../secrets.js"
import type { Access } from "./access.js"

/** The user's client, of which a request ends with its scope, and which traces nothing. */
export type Http = HttpClient.HttpClient.With<HttpClientError.HttpClientError, Scope.Scope>

/** Effect's own span would show the URL, and headers, with all that is confidential in them. */
export const quiet = (client: HttpClient.HttpClient): Http =>
  HttpClient.withScope(HttpClient.withTracerDisabledWhen(client, () => true))

/**
 * `Effect.scoped` for a request that has ended when its effect succeeds. To end it once more would cost a
 * tenth of it.
 */
export const untilDone = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Scope.make(), (scope) =>
      Effect.onExit(restore(Scope.extend(effect, scope)), (exit) =>
        Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit)
      )
    )
  )

export interface Message {
  readonly method: HttpMethod
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body?: HttpBody.HttpBody
}

/** How a request failed before there was a response. */
export class NotAnswered {
  readonly _tag = "NotAnswered"
  constructor(
    /** Whether it is certain that the server has seen nothing of it. */
    readonly isUnsent: boolean,
    readonly cause: unknown
  ) {}
}

/** A body that broke off. */
export class BrokenOff {
  readonly _tag = "BrokenOff"
  constructor(readonly cause: unknown) {}
}

/** A body that is larger than is accepted. */
export class TooLarge {
  readonly _tag = "TooLarge"
}

export interface Exchanged {
  readonly response: HttpClientResponse.HttpClientResponse
  readonly body: GraphQLOverHttp.Response
}

/**
 * Ends with the head of the response. Whoever closes the scope ends the request; whoever is interrupted
 * does not wait for the end of it, which is the user's client's.
 */
export const send = (
  http: Http,
  message: Message
): Effect.Effect<HttpClientResponse.HttpClientResponse, NotAnswered, Scope.Scope> =>
  // Last, for Effect logs what a fiber has failed with.
  Effect.disconnect(sent(http, message))

/** The whole response, unless it is larger than so many bytes. As for `send`, nobody waits for its end. */
export const read = (
  response: HttpClientResponse.HttpClientResponse,
  maxSize: number
): Effect.Effect<GraphQLOverHttp.Response, BrokenOff | TooLarge> =>
  Effect.disconnect(whole(response, maxSize))

/** Both, one after the other, by one fiber instead of two. */
export const exchange = (
  http: Http,
  message: Message,
  maxSize: number,
  onHead: () => void
): Effect.Effect<Exchanged, NotAnswered | BrokenOff | TooLarge, Scope.Scope> =>
  Effect.disconnect(
    Effect.flatMap(sent(http, message), (response) => {
      onHead()
      return Effect.map(whole(response, maxSize), (body) => ({ response, body }))
    })
  )

const sent = (
  http: Http,
  { body, headers, method, url }: Message
): Effect.Effect<HttpClientResponse.HttpClientResponse, NotAnswered, Scope.Scope> =>
  http
    .execute(
      HttpClientRequest.make(method)(url, { headers, ...(body && { body }), acceptJson: false })
    )
    .pipe(
      Effect.catchAll((error) =>
        // To the user's client a status may be an error; here it is an answer.
        error._tag === "ResponseError" && error.reason === "StatusCode"
          ? Effect.succeed(error.response)
          : Effect.fail(
              new NotAnswered(
                error._tag === "RequestError" &&
                  (error.reason !== "Transport" || isUnsent(error.cause)),
                // Not the error itself, which holds the request with all its headers.
                error.cause ?? new Error(`${error._tag} ${error.reason}`)
              )
            )
      )
    )

/** With an access's own headers, which may say otherwise. */
export const headersOf = (
  { headers }: Access,
  ours: { readonly [name: string]: string }
): { readonly [name: string]: string } => ({
  ...ours,
  ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
})

/** With those of one operation, which may say otherwise. What is `Redacted` of them is kept secret. */
export const withOwn = (
  headers: Access["headers"],
  own: Headers | undefined,
  secrets: Secrets
): Access["headers"] => {
  if (own === undefined) return headers
  secrets.addRedacted(own)
  return headersOf({ url: "", headers: revealHeaders(own) }, headers)
}

export const jsonBody = (text: string): HttpBody.HttpBody => HttpBody.text(text, "application/json")

const whole = (
  response: HttpClientResponse.HttpClientResponse,
  maxSize: number
): Effect.Effect<GraphQLOverHttp.Response, BrokenOff | TooLarge> =>
  Effect.suspend(() => {
    // Once: the platform makes them anew for whoever asks.
    const { headers } = response
    return Effect.map(text(response, headers, maxSize), (body) => ({
      status: response.status,
      contentType: headers["content-type"],
      body
    }))
  })

const text = (
  response: HttpClientResponse.HttpClientResponse,
  headers: PlatformHeaders,
  maxSize: number
): Effect.Effect<string, BrokenOff | TooLarge> => {
  const { "content-encoding": encoding, "content-length": length } = headers
  // Read by the runtime at once, where it is known beforehand that this cannot be too much.
  if (encoding === undefined && length !== undefined && Number(length) <= maxSize) {
    return Effect.mapError(response.text, brokenOff)
  }
  return Effect.suspend(() => {
    const decoder = new TextDecoder()
    const parts: Array<string> = []
    let size = 0
    return Stream.runForEach(chunks(response), (chunk) => {
      size += chunk.byteLength
      if (size > maxSize) return Effect.fail(new TooLarge())
      parts.push(decoder.decode(chunk, { stream: true }))
      return Effect.void
    }).pipe(Effect.map(() => parts.join("") + decoder.decode()))
  })
}

/**
 * The body as it arrives. Its errors are made ours before anybody runs it: Effect logs what its own fibers
 * fail with, and the platform's error shows the whole URL.
 */
export const chunks = (
  response: HttpClientResponse.HttpClientResponse
): Stream.Stream<Uint8Array, BrokenOff> =>
  Stream.catchAll(response.stream, (error) =>
    error.reason === "EmptyBody" ? Stream.empty : Stream.fail(brokenOff(error))
  )

const brokenOff = ({ cause }: HttpClientError.ResponseError): BrokenOff => new BrokenOff(cause)

/**
 * Whether the operating system says that there was nobody to send it to. As Node's `fetch` tells it,
 * somewhere among the causes; a browser's says nothing, so that its requests may always have been sent.
 */
const isUnsent = (error: unknown): boolean => {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; depth++) {
    if ("code" in cause && typeof cause.code === "string" && unsent.test(cause.code)) return true
    // Whatever it failed for, such as ETIMEDOUT: there never was a connection.
    if ("syscall" in cause && cause.syscall === "connect") return true
    if (cause instanceof AggregateError) return cause.errors.every(isUnsent)
    cause = cause.cause
  }
  return false
}

/** No such host, no way to it, nobody there, or none whose certificate can be trusted. */
const unsent =
  /^(ENOTFOUND|EAI_\w+|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_\w+|CERT_\w+|UNABLE_TO_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+)$/
