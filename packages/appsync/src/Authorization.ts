/**
 * What AppSync is shown, with every connection, every subscription and every request.
 *
 * Source: AWS AppSync Developer Guide, "Header parameter format based on AppSync API authorization mode".
 *
 * @since 0.1.0
 */
import type { Headers } from "@fiberline/client/Middleware"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

/**
 * What is to be authorized: the POST of a body to a URL. For a connection and for a subscription there is no
 * such request, and AppSync checks the credentials as if there were.
 *
 * @since 0.1.0
 * @category models
 */
export interface Authorized {
  readonly kind: "connection" | "subscription" | "request"
  readonly url: URL
  readonly body: string
}

/**
 * Gives the headers that authorize it. It is run anew for every connection, every subscription that is sent,
 * again over the next connection too, and every query and mutation. What is `Redacted` is kept out of errors.
 *
 * @since 0.1.0
 * @category models
 */
export type Authorization<E = never, R = never> = (
  authorized: Authorized
) => Effect.Effect<Headers, E, R>

/**
 * A credential, or the effect that gets one, which may get another each time. It is kept out of errors, `Redacted`
 * or not.
 *
 * @since 0.1.0
 * @category models
 */
export type Credential<E = never, R = never> =
  string | Redacted.Redacted<string> | Effect.Effect<string | Redacted.Redacted<string>, E, R>

/**
 * By an API key.
 *
 * @since 0.1.0
 * @category constructors
 */
export const apiKey = <E = never, R = never>(key: Credential<E, R>): Authorization<E, R> =>
  byHeader("x-api-key", key)

/**
 * By a token, as it is, without `Bearer`: of a Cognito user pool, of OpenID Connect, or one that a Lambda
 * function checks.
 *
 * @since 0.1.0
 * @category constructors
 */
export const token = <E = never, R = never>(token: Credential<E, R>): Authorization<E, R> =>
  byHeader("Authorization", token)

const byHeader = <E, R>(name: string, credential: Credential<E, R>): Authorization<E, R> => {
  // An object is an effect as well, for it may be `Redacted` or a class of the user's.
  const value = Effect.isEffect(credential) ? credential : Effect.succeed(credential)
  return () =>
    Effect.map(value, (value) => ({
      [name]: Redacted.isRedacted(value) ? value : Redacted.make(value)
    }))
}
