/** A subscription over a response of its own. */
import * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import type { Complete, Next, OperationFailed } from "@fiberline/core/Message"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Clock from "effect/Clock"
import type * as Loss from "../loss.js"
import type { Opening, Operations, Transport } from "../transport.js"
import type { Access } from "./access.js"
import { headersOf, jsonBody, type NotAnswered, withOwn } from "./exchange.js"
import type { Format } from "./format.js"
import { unauthorized, violation } from "./rejection.js"
import type { Site } from "./site.js"
import { runStreaming, StreamingConnection } from "./streaming.js"

export const transport = (site: Site, format: (id: string) => Format): Transport => ({
  encode: (_id, request) => GraphQLOverHttp.encodeBody(request),
  run: runStreaming(
    (operations, clock, scope) => new ResponseConnection(site, format, operations, clock, scope)
  )
})

class ResponseConnection extends StreamingConnection {
  readonly carriesOne = true

  constructor(
    site: Site,
    readonly format: (id: string) => Format,
    operations: Operations,
    clock: Clock.Clock,
    scope: Scope.CloseableScope
  ) {
    super(site, operations, clock, scope)
  }

  protected override get open(): Effect.Effect<void, Loss.Failure> {
    return Effect.gen(this, function* () {
      const { credentials, options } = this.site
      const access = yield* credentials.access
      yield* Effect.annotateCurrentSpan("url.full", this.endpoint)
      const opening = yield* this.operations.opening
      if (opening === undefined) return this.leave()
      const format = this.format(opening.id)
      const response = yield* this.#request(access, opening, format)
      this.answered()
      // What is said in the protocol is heard whatever the status, but for one that refuses to speak.
      const reader =
        response.status === unauthorized
          ? undefined
          : format.reader(response.headers["content-type"] ?? "", options.maxFrameSize)
      if (reader) return this.establish(response, reader)
      yield* this.#readAnswer(response, access, opening)
    })
  }

  #request(
    access: Access,
    { frame, headers }: Opening,
    { accept }: Format
  ): Effect.Effect<HttpClientResponse.HttpClientResponse, Loss.Failure> {
    return this.send({
      method: "POST",
      url: access.url,
      headers: withOwn(headersOf(access, { accept }), headers, this.site.secrets),
      body: jsonBody(frame)
    }).pipe(
      // It may have arrived, even if we left before there was an answer.
      Effect.onExit((exit) =>
        Effect.sync(() => {
          if (!isUnsent(exit)) this.operations.sent()
        })
      ),
      Effect.mapError((error) => this.site.notAnswered(error, this.phase))
    )
  }

  /** The response is no stream: the operation's one answer, or a refusal. */
  #readAnswer(
    response: HttpClientResponse.HttpClientResponse,
    access: Access,
    { id }: Opening
  ): Effect.Effect<void, Loss.Failure> {
    return Effect.gen(this, function* () {
      const body = yield* this.readWhole(response)
      const answer = GraphQLOverHttp.decode(body)
      if (answer._tag === "Refused" || body.status === unauthorized) {
        const failure = this.refusal(response, body.body, access)
        if (this.site.retryOf(failure.of(true)) === "refresh") this.operations.refused()
        return yield* Effect.fail(failure)
      }
      if (answer._tag === "Rejected") {
        return yield* Effect.fail(violation(answer, body.body, this.where))
      }
      const { data, errors } = answer.result
      if (data == null && errors) {
        this.operations.deliver({ _tag: "OperationFailed", id, payload: errors })
      } else {
        this.operations.deliver({ _tag: "Next", id, payload: answer.result })
        this.operations.deliver({ _tag: "Complete", id })
      }
      this.leave()
    })
  }

  protected override delivered(message: Next | Complete | OperationFailed): void {
    if (message._tag !== "Next") this.leave()
  }

  override start(): void {
    // It opened the connection.
  }

  override stop(): void {
    this.leave()
  }
}

const isUnsent = (exit: Exit.Exit<unknown, NotAnswered>): boolean =>
  Exit.isFailure(exit) &&
  Option.match(Cause.failureOption(exit.cause), {
    onNone: () => false,
    onSome: (error) => error.isUnsent
  })
