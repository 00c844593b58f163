/**
 * Who asks AWS AppSync: by an API key, by a token, or by IAM with what the environment has of AWS. Keys and
 * tokens are secrets, and are given as headers are.
 */
import * as Options from "@effect/cli/Options"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Authorization from "@fiberline/appsync/Authorization"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Files from "../files.js"
import { interpolate } from "../interpolation.js"
import { UsageError } from "../usage.js"
import type { Credentials } from "./credentials.js"
import { type Endpoint, revealed } from "./endpoint.js"
import * as Iam from "./iam.js"
import type { Choice, Transport } from "./transport.js"

const secret = (name: string, value: string, about: string, more = "") =>
  Options.text(name).pipe(
    Options.withPseudoName(value),
    Options.withDescription(
      `${about} \${NAME} in it is taken from the environment; @file is read.${more}`
    ),
    Options.optional
  )

export const config = {
  apiKey: secret(
    "api-key",
    "<key>",
    "With --transport appsync: an API key.",
    " Without it and --jwt it is IAM, by AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN " +
      "and AWS_REGION of the environment."
  ),
  jwt: secret(
    "jwt",
    "<token>",
    "With --transport appsync: a token of Cognito, of OpenID Connect or for a Lambda function."
  )
}

/** As `@effect/cli` gives them. */
export interface Given {
  readonly transport: Choice
  readonly apiKey: Option.Option<string>
  readonly jwt: Option.Option<string>
}

export interface AppSync {
  readonly authorization: Authorization.Authorization
  /** Everything that must not be seen. */
  readonly secrets: ReadonlyArray<Redacted.Redacted<string>>
  /** What was given as it is, and so in sight of every process of the machine. */
  readonly exposed: ReadonlyArray<string>
}

/** `undefined` where it is something else that is asked. */
export const resolve = (
  { apiKey, jwt, transport }: Given,
  endpoint: Pick<Endpoint, "isWebSocket" | "url">
): Effect.Effect<AppSync | undefined, UsageError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (transport !== "appsync") {
      if (Option.isNone(apiKey) && Option.isNone(jwt)) return undefined
      return yield* new UsageError({
        message: `${Option.isSome(apiKey) ? "--api-key" : "--jwt"} needs --transport appsync`
      })
    }
    if (endpoint.isWebSocket) {
      return yield* new UsageError({
        message: "AppSync's address is the one for queries, https:, by which its WebSocket is found"
      })
    }
    if (Option.isSome(apiKey) && Option.isSome(jwt)) {
      return yield* new UsageError({ message: "--api-key and --jwt are one too many" })
    }
    const authorized = yield* Option.isSome(apiKey)
      ? by("--api-key", "the API key", apiKey.value, Authorization.apiKey)
      : Option.isSome(jwt)
        ? by("--jwt", "the token", jwt.value, Authorization.token)
        : Iam.resolve(revealed(endpoint))
    return { ...authorized, secrets: [...authorized.secrets, ...secretsOf(endpoint.url)] }
  })

/** What else was given has to have somewhere to go. */
export const check = (
  { headers, payload }: Pick<Credentials, "headers" | "payload">,
  transport: Transport
): Effect.Effect<void, UsageError> => {
  if (payload) {
    return new UsageError({ message: "AppSync takes no --payload, but --api-key, --jwt or IAM" })
  }
  return transport === "websocket" && Object.keys(headers).length > 0
    ? new UsageError({
        message: "AppSync's WebSocket takes no --header, but --api-key, --jwt or IAM"
      })
    : Effect.void
}

const by = (
  option: string,
  what: string,
  text: string,
  authorize: (value: Redacted.Redacted<string>) => Authorization.Authorization
): Effect.Effect<AppSync, UsageError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const isFromFile = text.startsWith("@")
    const given = isFromFile
      ? { text: yield* Files.read(text.slice(1), `the file that ${option} names`), secrets: [] }
      : yield* interpolate(option, text)
    const value = given.text.trim()
    // It goes into a header.
    if (!/^[\x20-\x7e]+$/.test(value)) {
      return yield* new UsageError({ message: `${option} must be a line of ASCII` })
    }
    const credential = Redacted.make(value)
    return {
      authorization: authorize(credential),
      secrets: [credential, ...given.secrets.map((secret) => Redacted.make(secret))],
      exposed: isFromFile || given.secrets.length > 0 ? [] : [what]
    }
  })

/** The WebSocket has another URL, with parts of the one that came from the environment. */
const secretsOf = (url: Endpoint["url"]): ReadonlyArray<Redacted.Redacted<string>> =>
  Redacted.isRedacted(url)
    ? new URL(Redacted.value(url)).pathname
        .split("/")
        .filter((part) => part !== "graphql")
        .map((part) => Redacted.make(part))
    : []
