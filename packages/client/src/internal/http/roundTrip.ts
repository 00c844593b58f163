/** A request and its whole response: the results that it asked for, or why there are none. */
import * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import type { ExecutionResult, Rejected } from "@fiberline/core/Message"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Executed } from "../../Middleware.js"
import type { ResponseHead } from "../../OperationError.js"
import type * as Loss from "../loss.js"
import type { Access } from "./access.js"
import { exchange, type Message } from "./exchange.js"
import { headOf, unauthorized, violation } from "./rejection.js"
import type { Site } from "./site.js"

/** Told how far an operation has come. */
export interface Progress {
  /** From here on the server may execute it. */
  readonly sending: () => void
  /** It is certain that the server has not. */
  readonly notExecuted: () => void
  /** The server answers. */
  readonly answered: () => void
}

export interface Answers {
  /** As many as were asked for, in their order. */
  readonly results: ReadonlyArray<ExecutionResult>
  /** Made when somebody asks for it, which is when there are errors. */
  readonly head: () => ResponseHead
}

/** The one result of a response. */
export class Answered implements Executed {
  constructor(
    readonly result: ExecutionResult,
    readonly head: () => ResponseHead
  ) {}

  get response(): ResponseHead {
    return this.head()
  }
}

export class RoundTrips {
  constructor(
    readonly site: Site,
    readonly clock: Clock.Clock
  ) {}

  /** @param count how many operations the message asks for */
  make(
    access: Access,
    message: Message,
    count: number,
    progress: Progress
  ): Effect.Effect<Answers, Loss.Failure, Scope.Scope> {
    return Effect.gen(this, function* () {
      const { http, options } = this.site
      progress.sending()
      const { body, response } = yield* Effect.mapError(
        exchange(http, message, options.maxFrameSize, () => progress.answered()),
        (error) => {
          if (error._tag !== "NotAnswered") return this.site.unreadable(error, "live")
          if (error.isUnsent) progress.notExecuted()
          return this.site.notAnswered(error, "connecting")
        }
      )
      const results = yield* this.#understand(response, body, count, access)
      return { results, head: () => headOf(response, this.site.where("live")) }
    })
  }

  #understand(
    response: HttpClientResponse.HttpClientResponse,
    body: GraphQLOverHttp.Response,
    count: number,
    access: Access
  ): Effect.Effect<ReadonlyArray<ExecutionResult>, Loss.Failure> {
    const results = decode(body, count)
    if (body.status !== unauthorized) {
      if (!("_tag" in results)) return Effect.succeed(results)
      if (results._tag === "Rejected") {
        return Effect.fail(violation(results, body.body, this.site.where("live")))
      }
    }
    const now = this.clock.unsafeCurrentTimeMillis()
    return Effect.fail(this.site.refusal(response, body.body, access, now, "live"))
  }
}

const decode = (
  response: GraphQLOverHttp.Response,
  count: number
): ReadonlyArray<ExecutionResult> | GraphQLOverHttp.Refused | Rejected => {
  if (count > 1) return GraphQLOverHttp.decodeBatch(response, count)
  const answer = GraphQLOverHttp.decode(response)
  return answer._tag === "Answer" ? [answer.result] : answer
}
