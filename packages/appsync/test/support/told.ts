/** What the servers are told, and what they tell. */
import { assert } from "@effect/vitest"
import type { TestConnection, TestOperation } from "@fiberline/testing/TestServer"
import type * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Either from "effect/Either"

/** The headers that a connection is authorized by. */
export const headerOf = ({ request }: TestConnection): { readonly [name: string]: string } => {
  const [, name = ""] = request.subprotocols
  assert.match(name, /^header-[\w-]+$/)
  const text = Either.getOrThrow(Encoding.decodeBase64UrlString(name.slice("header-".length)))
  // Type boundary: what the client sends is what these tests are about.
  return JSON.parse(text) as { readonly [name: string]: string }
}

/** The headers that a subscription is authorized by. */
export const authorizationOf = ({
  request
}: TestOperation): { readonly [name: string]: string } => {
  const authorization = request.extensions?.["authorization"]
  assert.isObject(authorization)
  // Type boundary: the same.
  return authorization as { readonly [name: string]: string }
}

/** How AppSync refuses a connection. */
export const connectionError = (
  { sendFrame }: TestConnection,
  error: { readonly [member: string]: unknown }
): Effect.Effect<void> =>
  sendFrame(JSON.stringify({ type: "connection_error", payload: { errors: [error] } }))

/** How it ends one for all of its subscriptions, or refuses one of them. */
export const error = (
  { sendFrame }: TestConnection,
  error: { readonly [member: string]: unknown },
  id?: string
): Effect.Effect<void> =>
  sendFrame(JSON.stringify({ type: "error", id, payload: { errors: [error] } }))

export const unauthorized = {
  errorType: "UnauthorizedException",
  message: "You are not authorized to make this call.",
  errorCode: 401
}
