import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { encodeBase64 } from "effect/Encoding"
import * as Exit from "effect/Exit"
import * as NetworkError from "../../NetworkError.js"
import * as Endpoint from "../endpoint.js"
import type { Fibers } from "../fibers.js"
import * as Loss from "../loss.js"
import { evaluate, type Options } from "../options.js"
import { within } from "../race.js"
import { revealHeaders, type Secrets } from "../secrets.js"
import { Verdict } from "../verdict.js"

/** What requests are sent with. */
export interface Access {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
}

/**
 * The URL and the headers: evaluated when the first request needs them, and kept until the server has
 * refused them or the application asks. However many requests wait for them, they are evaluated once.
 */
export class Credentials {
  #evaluation: Verdict<Access, Loss.Failure> | undefined = undefined
  #current: Access | undefined = undefined
  #endpoint = Endpoint.unresolved

  constructor(
    readonly options: Options,
    readonly secrets: Secrets,
    readonly fibers: Fibers
  ) {}

  /** The part of the URL that may be shown. */
  get endpoint(): string {
    return this.#endpoint
  }

  /** Takes at most `connectTimeout`. */
  get access(): Effect.Effect<Access, Loss.Failure> {
    return Effect.suspend(() => {
      if (this.#current) return Effect.succeed(this.#current)
      // Nobody's own: whoever began it may leave, and the others still wait.
      return (this.#evaluation ??= this.#evaluate()).decided
    })
  }

  /** The server does not take them. Whoever comes later has them evaluated anew. */
  refused(access: Access): void {
    if (this.#current === access) this.forget()
  }

  forget(): void {
    this.#current = undefined
    this.#evaluation = undefined
  }

  #evaluate(): Verdict<Access, Loss.Failure> {
    const evaluation = new Verdict<Access, Loss.Failure>()
    const { connectTimeout } = this.options
    const timeout = new NetworkError.ConnectTimeout({ timeout: Duration.millis(connectTimeout) })
    const evaluated = within(connectTimeout, this.#settings, () => this.#fails(timeout))
    this.fibers.fork(
      Effect.map(Effect.exit(evaluated), (exit) => {
        // Unless it is outdated, because somebody has had all of it forgotten.
        if (this.#evaluation === evaluation) {
          this.#evaluation = undefined
          if (Exit.isSuccess(exit)) this.#current = exit.value
        }
        evaluation.decide(exit)
      })
    )
    return evaluation
  }

  get #settings(): Effect.Effect<Access, Loss.Failure> {
    return Effect.gen(this, function* () {
      const { headers, url } = this.options
      const endpoint = yield* this.#setting("url", url, (value) => Endpoint.parse(value, "http"))
      this.#endpoint = endpoint.name
      this.secrets.add(endpoint.secrets)
      const revealed = yield* this.#setting("headers", headers, (value) => {
        this.secrets.add(value)
        return sendable(revealHeaders(value))
      })
      return withoutUserinfo(endpoint.url, revealed)
    })
  }

  #setting<A, B>(
    option: NetworkError.OptionFailed["option"],
    setting: Effect.Effect<A, unknown>,
    use: (value: A) => B
  ): Effect.Effect<B, Loss.Failure> {
    return evaluate(this.options, option, setting, use, (reason, cause) =>
      this.#fails(reason, cause)
    )
  }

  #fails(
    reason: NetworkError.Reason,
    cause?: { readonly cause: unknown }
  ): Effect.Effect<never, Loss.Failure> {
    return Effect.fail(Loss.networkFailure(reason, "connecting", this.#endpoint, cause))
  }
}

/** `fetch` refuses a URL with a user and password in it, which are what a header would say. */
const withoutUserinfo = (href: string, headers: Access["headers"]): Access => {
  const url = new URL(href)
  if (url.username === "" && url.password === "") return { url: href, headers }
  const credentials = Endpoint.userinfo(url)
  url.username = ""
  url.password = ""
  return {
    url: url.href,
    headers: { authorization: `Basic ${encodeBase64(credentials)}`, ...headers }
  }
}

/** Throws what shows no value. `fetch` would throw one that does: a token with a line's end in it, say. */
const sendable = (headers: Access["headers"]): Access["headers"] => {
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeaderName.test(name)) throw new TypeError("a header with a name that none can have")
    // `fetch` takes off the line ends around it.
    if (!isHeaderValue.test(value.trim())) {
      throw new TypeError(`the header "${name}" has a value that none can have`)
    }
  }
  return headers
}

/** RFC 9110, section 5.1. */
const isHeaderName = /^[\w!#$%&'*+.^`|~-]+$/

/** RFC 9110, section 5.5. */
const isHeaderValue = /^[\t\x20-\x7E\x80-\xFF]*$/
