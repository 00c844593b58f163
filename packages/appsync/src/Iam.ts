/**
 * Authorization by AWS Identity and Access Management: Signature Version 4.
 *
 * A module of its own, for it needs `@smithy/signature-v4` and `@aws-crypto/sha256-js`, which nobody else does.
 *
 * @since 0.1.0
 */
import { Sha256 } from "@aws-crypto/sha256-js"
import { SignatureV4 } from "@smithy/signature-v4"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Authorization, Authorized } from "./Authorization.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted<string>
  /** Of credentials that expire. */
  readonly sessionToken?: Redacted.Redacted<string> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface IamOptions<E = never, R = never> {
  /** Or the effect that gets them, anew for each signature: it had better keep them while they last. */
  readonly credentials: Credentials | Effect.Effect<Credentials, E, R>
  /** Default: the one in the endpoint's name. A custom domain has none there. */
  readonly region?: string | undefined
}

/**
 * Nothing could be signed: the region is not known, or the signing itself failed, which is the `cause`.
 *
 * @since 0.1.0
 * @category errors
 */
export class SigningFailed extends Data.TaggedError("SigningFailed")<{
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return this.detail
  }
}

/**
 * Signs each connection, each subscription and each request by itself, with the time of Effect's `Clock`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const iam =
  <E = never, R = never>({
    credentials,
    region: given
  }: IamOptions<E, R>): Authorization<E | SigningFailed, R> =>
  (authorized) =>
    Effect.gen(function* () {
      const region = given ?? regionOf(authorized.url)
      if (region === undefined) {
        return yield* new SigningFailed({
          detail: `no region was given, and ${authorized.url.host} names none`
        })
      }
      const known = Effect.isEffect(credentials) ? yield* credentials : credentials
      const millis = yield* Clock.currentTimeMillis
      const headers = yield* Effect.tryPromise({
        try: () => sign(authorized, known, region, new Date(millis)),
        catch: (cause) => new SigningFailed({ detail: "it could not be signed", cause })
      })
      return confidential(headers)
    })

const sign = async (
  { body, kind, url }: Authorized,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  region: string,
  signingDate: Date
): Promise<{ readonly [name: string]: string }> => {
  const signer = new SignatureV4({
    service: "appsync",
    region,
    sha256: Sha256,
    // AppSync knows what the body is.
    applyChecksum: false,
    credentials: {
      accessKeyId,
      secretAccessKey: Redacted.value(secretAccessKey),
      ...(sessionToken && { sessionToken: Redacted.value(sessionToken) })
    }
  })
  const { headers } = await signer.sign(
    {
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: parametersOf(url),
      // Those of a request are the HTTP client's to choose.
      headers: { ...(kind === "request" ? {} : asIfRequested), host: url.host },
      body
    },
    { signingDate }
  )
  const { host: _, ...signed } = headers
  return signed
}

/** With all values of each, for one may be there more than once. */
const parametersOf = ({ searchParams }: URL): { readonly [name: string]: Array<string> } =>
  Object.fromEntries(Array.from(searchParams.keys(), (name) => [name, searchParams.getAll(name)]))

/** With what AppSync takes a connection or a subscription to have been requested. */
const asIfRequested = {
  accept: "application/json, text/javascript",
  "content-encoding": "amz-1.0",
  "content-type": "application/json; charset=UTF-8"
}

/** `id.appsync-api.region.amazonaws.com` */
const regionOf = ({ hostname }: URL): string | undefined =>
  /\.appsync-api\.([^.]+)\.amazonaws\.com(?:\.cn)?$/.exec(hostname)?.[1]

const confidential = (headers: { readonly [name: string]: string }) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      secrets.has(name.toLowerCase()) ? Redacted.make(value) : value
    ])
  )

const secrets: ReadonlySet<string> = /*#__PURE__*/ new Set([
  "authorization",
  "x-amz-security-token"
])
