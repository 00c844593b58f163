/** The server's address. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { conceal } from "../conceal.js"
import { interpolate } from "../interpolation.js"
import { UsageError } from "../usage.js"
import { secretsOf } from "./urlSecrets.js"

export interface Endpoint {
  /** Redacted where a part of it came from the environment: then only its origin is ever shown. */
  readonly url: URL | Redacted.Redacted<string>
  /** Without credentials, query and fragment, any of which may be secret. */
  readonly shown: string
  readonly isWebSocket: boolean
  readonly secrets: ReadonlyArray<Redacted.Redacted<string>>
}

export const resolve = (text: string): Effect.Effect<Endpoint, UsageError> =>
  Effect.gen(function* () {
    const { secrets, text: address } = yield* interpolate("the URL", text)
    const url = URL.canParse(address) ? new URL(address) : undefined
    if (!url || !isEndpoint(url)) {
      return yield* new UsageError({
        message: "the URL must begin with ws:, wss:, http: or https:"
      })
    }
    const origin = `${url.protocol}//${url.host}`
    return {
      url: secrets.length > 0 ? Redacted.make(address) : url,
      shown: secrets.length > 0 ? conceal(secrets)(origin) : origin + url.pathname,
      isWebSocket: url.protocol === "ws:" || url.protocol === "wss:",
      secrets: [...secrets, ...secretsOf(url)].map((secret) => Redacted.make(secret))
    }
  })

/** The URL itself. Not for show. */
export const revealed = ({ url }: Pick<Endpoint, "url">): URL =>
  Redacted.isRedacted(url) ? new URL(Redacted.value(url)) : url

/** Whether an argument is the address of a server, rather than the path of a file. */
export const isAddress = (text: string): boolean => /^(ws|http)s?:\/\//i.test(text)

const isEndpoint = ({ host, protocol }: URL): boolean =>
  ["ws:", "wss:", "http:", "https:"].includes(protocol) && host !== ""
