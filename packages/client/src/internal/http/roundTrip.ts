/** A request and its whole response: the results that it asked for, or why there are none. */
import * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import type { ExecutionResult, Rejected } from "@fiberline/core/Message"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as NetworkError from "../../NetworkError.js"
import type { Executed } from "../../Middleware.js"
import type { ResponseHead } from "../../OperationError.js"
import * as Loss from "../loss.js"
import { retryOf } from "../recovery.js"
import type { Access } from "./access.js"
import {
  type BrokenOff,
  exchange,
  type Message,
  type NotAnswered,
  type TooLarge
} from "./exchange.js"
import { headOf, rejection, tooLarge, violation, type Where } from "./rejection.js"
import type { Site } from "./streaming.js"

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
        (error) => this.#failure(error, progress)
      )
      const head = (): ResponseHead => headOf(response, this.#where("live"))
      const results = yield* this.#understand(head, body, count, access)
      return { results, head }
    })
  }

  #failure(error: NotAnswered | BrokenOff | TooLarge, progress: Progress): Loss.Failure {
    switch (error._tag) {
      case "NotAnswered": {
        const { cause, isUnsent } = error
        if (isUnsent) progress.notExecuted()
        const reason = isUnsent
          ? new NetworkError.ConnectFailed()
          : new NetworkError.ConnectionLost()
        return this.#lost(reason, "connecting", cause)
      }
      case "BrokenOff":
        return this.#lost(new NetworkError.ConnectionLost(), "live", error.cause)
      case "TooLarge":
        return tooLarge(this.#where("live"))
    }
  }

  #understand(
    head: () => ResponseHead,
    body: GraphQLOverHttp.Response,
    count: number,
    access: Access
  ): Effect.Effect<ReadonlyArray<ExecutionResult>, Loss.Failure> {
    const results = decode(body, count)
    // Credentials are refused by the status, whatever else is said.
    if (body.status !== unauthorized) {
      if (!("_tag" in results)) return Effect.succeed(results)
      if (results._tag === "Rejected") {
        return Effect.fail(violation(results, body.body, this.#where("live")))
      }
    }
    const now = this.clock.unsafeCurrentTimeMillis()
    const failure = rejection(head(), body.body, now, this.#where("live"))
    const { credentials, options } = this.site
    if (retryOf(failure.of(true), options.retry) === "refresh") credentials.refused(access)
    return Effect.fail(failure)
  }

  #where(phase: NetworkError.Phase): Where {
    const { credentials, secrets } = this.site
    return { phase, endpoint: credentials.endpoint, scrub: (text) => secrets.scrub(text) }
  }

  #lost(reason: NetworkError.Reason, phase: NetworkError.Phase, cause: unknown): Loss.Failure {
    return Loss.networkFailure(reason, phase, this.site.credentials.endpoint, { cause })
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

const unauthorized = 401
