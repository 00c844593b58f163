/** Authorizes each operation by itself. */
import type * as Middleware from "@fiberline/client/Middleware"
import { NetworkError, Unauthorized } from "@fiberline/client/NetworkError"
import { dataOf } from "@fiberline/core/AppSync"
import type { Retry } from "@fiberline/core/CloseCode"
import { encodeBody } from "@fiberline/core/GraphQLOverHttp"
import { retryOf } from "@fiberline/core/UpgradeStatus"
import * as Effect from "effect/Effect"
import type { Authorization } from "../Authorization.js"

/** Whether connecting, or asking, again can help, by close code or status. */
export type Retries = { readonly [code: number]: Retry }

/**
 * What a client does by itself that has this around it: it would send what was refused with the same credentials,
 * for they are the operation's and not the client's.
 */
export const withoutRefresh = (retries: Retries): Retries =>
  Object.fromEntries(
    Object.entries({ ...refusals, ...retries }).map(([code, retry]) => [
      code,
      retry === "refresh" ? "never" : retry
    ])
  )

const refusals: Retries = { 401: "refresh", 403: "refresh", 407: "refresh" }

/** @param retries `false` where nothing is tried again */
export const authorizing = <E>(
  endpoint: URL,
  authorize: Authorization<E>,
  retries: Retries | false
): Middleware.Middleware<E> => {
  const prepare = (request: Middleware.Request): Effect.Effect<Middleware.Request, E> => {
    const isSubscription = request.transport === "websocket"
    const body = encoded(() => (isSubscription ? dataOf(request) : encodeBody(request)))
    // Nor will it be sent.
    if (body === undefined) return Effect.succeed(request)
    return isSubscription
      ? Effect.map(authorize({ kind: "subscription", url: endpoint, body }), (headers) => ({
          ...request,
          extensions: {
            ...request.extensions,
            authorization: { host: endpoint.host, ...headers }
          }
        }))
      : Effect.map(authorize({ kind: "request", url: endpoint, body }), (headers) => ({
          ...request,
          headers: { ...request.headers, ...headers }
        }))
  }

  const statusOfRefusal = (error: Middleware.Failure): number | undefined => {
    if (!retries || error._tag !== "NetworkError" || error.reason._tag !== "RequestRejected") {
      return undefined
    }
    const { status } = error.reason
    return (retries[status] ?? retryOf(status)) === "refresh" ? status : undefined
  }

  return {
    prepare,
    around: (next) => (request) => {
      const send = (onRefusal: OnRefusal<E>): Effect.Effect<Middleware.Executed, Failure<E>> =>
        Effect.flatMap(prepare(request), (authorized) =>
          Effect.catchAll(next(authorized), (error): ReturnType<OnRefusal<E>> => {
            const status = statusOfRefusal(error)
            return status === undefined ? Effect.fail(error) : onRefusal(error, status)
          })
        )
      return send(() => send(refusedTwice))
    }
  }
}

/** Nothing of what cannot be encoded, which the client finds by itself. */
const encoded = (encode: () => string): string | undefined => {
  try {
    return encode()
  } catch {
    return undefined
  }
}

type Failure<E> = Middleware.Failure | E

type OnRefusal<E> = (
  error: Middleware.Failure,
  status: number
) => Effect.Effect<Middleware.Executed, Failure<E>>

const refusedTwice: OnRefusal<never> = (cause, code) =>
  Effect.fail(
    cause._tag === "NetworkError"
      ? new NetworkError({
          reason: new Unauthorized({ code }),
          phase: cause.phase,
          endpoint: cause.endpoint,
          sent: cause.sent,
          cause
        })
      : cause
  )
