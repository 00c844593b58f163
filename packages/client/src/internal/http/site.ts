/** What a client's requests and streams share, and what they make of a server that fails them. */
import type { Retry } from "@fiberline/core/CloseCode"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as NetworkError from "../../NetworkError.js"
import type { Where } from "../ending.js"
import * as Loss from "../loss.js"
import type { Options } from "../options.js"
import { retryOf } from "../recovery.js"
import type { Secrets } from "../secrets.js"
import type { Access, Credentials } from "./access.js"
import type { BrokenOff, Http, NotAnswered, TooLarge } from "./exchange.js"
import { headOf, rejection, tooLarge } from "./rejection.js"

export class Site {
  constructor(
    readonly options: Options,
    readonly http: Http,
    readonly credentials: Credentials,
    readonly secrets: Secrets
  ) {}

  where(phase: NetworkError.Phase): Where {
    const { credentials, secrets } = this
    return { phase, endpoint: credentials.endpoint, scrub: (text) => secrets.scrub(text) }
  }

  /** Whether trying again can help. */
  retryOf(error: Loss.ConnectionError): Retry {
    return retryOf(error, this.options.retry)
  }

  failure(
    reason: NetworkError.Reason,
    phase: NetworkError.Phase,
    cause?: { readonly cause: unknown }
  ): Loss.Failure {
    return Loss.networkFailure(reason, phase, this.credentials.endpoint, cause)
  }

  /** Why there was no response. */
  notAnswered({ cause, isUnsent }: NotAnswered, phase: NetworkError.Phase): Loss.Failure {
    const reason = isUnsent ? new NetworkError.ConnectFailed() : new NetworkError.ConnectionLost()
    return this.failure(reason, phase, { cause })
  }

  /** Why there is no whole body. */
  unreadable(error: BrokenOff | TooLarge, phase: NetworkError.Phase): Loss.Failure {
    return error._tag === "TooLarge"
      ? tooLarge(this.where(phase))
      : this.failure(new NetworkError.ConnectionLost(), phase, { cause: error.cause })
  }

  /** A response that refuses the request. Where that is for its credentials, they are used no more. */
  refusal(
    response: HttpClientResponse.HttpClientResponse,
    body: string,
    access: Access,
    now: number,
    phase: NetworkError.Phase
  ): Loss.Failure {
    const where = this.where(phase)
    const failure = rejection(headOf(response, where), body, now, where)
    if (this.retryOf(failure.of(true)) === "refresh") this.credentials.refused(access)
    return failure
  }
}
