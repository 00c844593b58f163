/**
 * All subscriptions over one response: graphql-sse's single connection mode, for servers and proxies that
 * allow only so many connections.
 *
 * A stream is reserved, opened, and then told of each operation by a request of its own.
 *
 * Source: graphql-sse PROTOCOL.md, "Single connection mode".
 */
import * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import { tokenHeader } from "@fiberline/core/GraphQLSse"
import type { ExecutionResult, OperationRequest } from "@fiberline/core/Message"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type * as Clock from "effect/Clock"
import type { Headers } from "../../Middleware.js"
import * as NetworkError from "../../NetworkError.js"
import type { Fibers } from "../fibers.js"
import type * as Loss from "../loss.js"
import { within } from "../race.js"
import type { Operations, Transport } from "../transport.js"
import type { Access } from "./access.js"
import { headersOf, jsonBody, send, withOwn } from "./exchange.js"
import { singleEvents } from "./format.js"
import { unauthorized, violation } from "./rejection.js"
import type { Site } from "./site.js"
import { runStreaming, StreamingConnection } from "./streaming.js"

export const transport = (site: Site, fibers: Fibers): Transport => ({
  encode,
  run: runStreaming(
    (operations, clock, scope) => new SingleConnection(site, fibers, operations, clock, scope)
  )
})

const encode = (id: string, request: OperationRequest): string =>
  GraphQLOverHttp.encodeBody({
    ...request,
    extensions: { ...request.extensions, operationId: id }
  })

class SingleConnection extends StreamingConnection {
  readonly carriesOne = false
  #access: Access | undefined = undefined
  #token = ""
  /** The operations that the server has yet to take on. */
  readonly #beginning = new Map<string, Fiber.Fiber<boolean | undefined>>()

  constructor(
    site: Site,
    readonly fibers: Fibers,
    operations: Operations,
    clock: Clock.Clock,
    scope: Scope.CloseableScope
  ) {
    super(site, operations, clock, scope)
  }

  protected override get open(): Effect.Effect<void, Loss.Failure> {
    return Effect.gen(this, function* () {
      const access = yield* this.site.credentials.access
      yield* Effect.annotateCurrentSpan("url.full", this.endpoint)
      this.#access = access
      this.#token = yield* this.#reserve(access)
      const response = yield* this.#request("GET", access, {
        accept: singleEvents.accept,
        [token]: this.#token
      })
      const contentType = response.headers["content-type"] ?? ""
      const reader = singleEvents.reader(contentType, this.site.options.maxFrameSize)
      if (response.status !== ok || reader === undefined) {
        return yield* this.#refused(response, access)
      }
      this.answered()
      this.establish(response, reader)
    })
  }

  /** Asks for a stream of our own. */
  #reserve(access: Access): Effect.Effect<string, Loss.Failure> {
    return Effect.gen(this, function* () {
      // Its handler compares the whole header with what it knows.
      const response = yield* this.#request("PUT", access, { accept: "text/plain" })
      if (response.status !== created) return yield* this.#refused(response, access)
      const { body } = yield* this.readWhole(response)
      const reserved = body.trim()
      if (!isToken.test(reserved)) return yield* Effect.fail(violation(noToken, body, this.where))
      // Whoever has it has the stream.
      this.site.secrets.add(reserved)
      return reserved
    })
  }

  #request(
    method: HttpMethod,
    access: Access,
    headers: { readonly [name: string]: string }
  ): Effect.Effect<HttpClientResponse.HttpClientResponse, Loss.Failure> {
    return Effect.mapError(
      this.send({ method, url: access.url, headers: headersOf(access, headers) }),
      (error) => this.site.notAnswered(error, this.phase)
    )
  }

  #refused(
    response: HttpClientResponse.HttpClientResponse,
    access: Access
  ): Effect.Effect<never, Loss.Failure> {
    return Effect.flatMap(this.readWhole(response), ({ body }) =>
      Effect.fail(
        response.status >= ok && response.status < redirects
          ? violation(noStream, body, this.where)
          : this.refusal(response, body, access)
      )
    )
  }

  // -- operations ---------------------------------------------------------------------------------

  override start(id: string, frame: string, headers: Headers | undefined): void {
    const access = this.#access
    if (!this.isReady || access === undefined) return
    const beginning = this.fibers.fork(this.whileThere(this.#begin(id, frame, access, headers)))
    this.#beginning.set(id, beginning)
    beginning.addObserver(() => this.#beginning.delete(id))
  }

  override stop(id: string): void {
    // A stream that ends takes all of them with it.
    if (!this.isReady) return
    // Or it might hear that it is to stop before it hears of the operation, which would then go on.
    const beginning = this.#beginning.get(id)
    const isTakenOn = beginning ? Fiber.join(beginning) : Effect.succeed(true)
    this.fibers.fork(
      this.whileThere(
        Effect.flatMap(isTakenOn, (taken) => (taken === true ? this.#end(id) : Effect.void))
      )
    )
  }

  /** Asks for no more of it. Whether the server has heard that, its results are for nobody. */
  #end(id: string): Effect.Effect<void> {
    const end = Effect.suspend(() => {
      const { headers = {}, url = "" } = this.#access ?? {}
      const address = new URL(url)
      address.searchParams.set("operationId", id)
      return send(this.site.http, {
        method: "DELETE",
        url: address.href,
        headers: headersOf({ headers, url }, { [token]: this.#token })
      })
    })
    return within(
      this.site.options.connectTimeout,
      Effect.ignore(Effect.sandbox(Effect.scoped(end))),
      () => Effect.void
    )
  }

  /**
   * Whether the server has taken it on. Its results come over the stream, perhaps before this is
   * answered; here it is only refused.
   */
  #begin(
    id: string,
    frame: string,
    access: Access,
    own: Headers | undefined
  ): Effect.Effect<boolean> {
    const { connectTimeout } = this.site.options
    const begin = Effect.gen(this, function* () {
      const response = yield* Effect.mapError(
        send(this.site.http, {
          method: "POST",
          url: access.url,
          headers: withOwn(
            headersOf(access, { accept: "application/json", [token]: this.#token }),
            own,
            this.site.secrets
          ),
          body: jsonBody(frame)
        }),
        (error) => this.site.notAnswered(error, this.phase)
      )
      if (response.status === accepted) return true
      const body = yield* this.readWhole(response)
      const answer = GraphQLOverHttp.decode(body)
      switch (response.status) {
        case unauthorized:
          return yield* Effect.fail(this.refusal(response, body.body, access))
        case noLongerThere: {
          const cause = this.refusal(response, body.body, access).of(true)
          return yield* Effect.fail(this.failure(new NetworkError.ConnectionLost(), { cause }))
        }
      }
      switch (answer._tag) {
        case "Answer":
          this.#answer(id, answer.result)
          return false
        case "Refused":
          return yield* Effect.fail(this.refusal(response, body.body, access))
        case "Rejected":
          return yield* Effect.fail(violation(answer, body.body, this.where))
      }
    }).pipe(Effect.scoped)
    // Without its answer nobody knows what the server knows: then the stream is lost.
    return within(connectTimeout, begin, () =>
      Effect.fail(
        this.failure(new NetworkError.ConnectTimeout({ timeout: Duration.millis(connectTimeout) }))
      )
    ).pipe(
      Effect.catchAllCause((cause) =>
        Effect.sync(() => {
          if (!Cause.isInterruptedOnly(cause)) this.failCause(cause)
          return false
        })
      )
    )
  }

  /** In place of taking it on. */
  #answer(id: string, result: ExecutionResult): void {
    // The operation may be the next connection's by now.
    if (!this.isReady) return
    const { errors } = result
    if (errors && errors.length > 0) {
      this.operations.deliver({ _tag: "OperationFailed", id, payload: errors })
    } else {
      this.operations.deliver({ _tag: "Next", id, payload: result })
      this.operations.deliver({ _tag: "Complete", id })
    }
  }

  protected override delivered(): void {
    // What ends one of them does not end the stream.
  }
}

const token = tokenHeader.toLowerCase()

const ok = 200
const created = 201
const accepted = 202
const redirects = 300
/** The server knows of no stream with this token: it was started anew. */
const noLongerThere = 404

/** What a header can have. */
const isToken = /^[\x21-\x7E]+$/

const noToken = {
  _tag: "Rejected",
  reason: "InvalidField",
  detail: "the response to a reservation must be a token"
} as const

const noStream = {
  _tag: "Rejected",
  reason: "UnexpectedMediaType",
  detail: "the response to a reservation is no event stream"
} as const
