/**
 * Queries and mutations over HTTP: a request each, or one for several, which is sent again where that cannot
 * do harm.
 *
 * What was never sent is sent again, and so is what its author called idempotent, what the server
 * refused the credentials of (once, with new ones), and what it asked to be sent again later.
 */
import * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as NetworkError from "../../NetworkError.js"
import type { EncodeError } from "../../OperationError.js"
import type { Executed } from "../../Middleware.js"
import type { Execution } from "../backend.js"
import { notJson } from "../document.js"
import type { Fibers } from "../fibers.js"
import * as Loss from "../loss.js"
import type { Outgoing, Send } from "../middleware.js"
import { raceFirst } from "../race.js"
import { Recovery } from "../recovery.js"
import type { Verdict } from "../verdict.js"
import type { Access } from "./access.js"
import { Batches, type BatchSettings } from "./batch.js"
import { headersOf, jsonBody, type Message, untilDone, withOwn } from "./exchange.js"
import { PersistedQueries } from "./persisted.js"
import { Answered, type Answers, type Progress, RoundTrips } from "./roundTrip.js"
import type { Site } from "./site.js"
import { Form } from "./upload.js"

export interface RequestOptions {
  readonly method: "GET" | "POST"
  readonly persistedQueries: boolean
  readonly batch: BatchSettings | undefined
}

type Failed = Loss.Failure | EncodeError

export class Requests {
  readonly roundTrips: RoundTrips
  readonly persisted: PersistedQueries | undefined
  readonly batches: Batches | undefined

  constructor(
    readonly site: Site,
    readonly requestOptions: RequestOptions,
    readonly clock: Clock.Clock,
    fibers: Fibers,
    /** Fails once the client is closed. */
    readonly closed: Verdict<never, Loss.Failure>
  ) {
    const { batch, persistedQueries } = requestOptions
    this.roundTrips = new RoundTrips(site, clock)
    this.persisted = persistedQueries ? new PersistedQueries() : undefined
    this.batches = batch && new Batches(this.roundTrips, fibers, batch)
  }

  execute(execution: Execution): Effect.Effect<Executed, Loss.ConnectionError | EncodeError> {
    return Effect.suspend(() => {
      // Or it would be begun before it lost the race.
      if (this.closed.isDecided) return unsent(this.closed.decided)
      const { around, timeout } = execution
      // Several where there is middleware, which may send it again.
      const courses: Array<Course> = []
      const begin = (outgoing?: Outgoing): Course => {
        const course = new Course(this, { ...execution, ...outgoing }, deadline)
        courses.push(course)
        return course
      }
      const deadline = this.clock.unsafeCurrentTimeMillis() + timeout
      const send: Send = (outgoing) => Effect.suspend(() => begin(outgoing).outcome)
      return raceFirst<Executed, Failed | Loss.ConnectionError, never>(
        around ? around(send) : begin().run,
        this.closed.decided,
        Effect.zipRight(
          Effect.sleep(timeout),
          Effect.suspend(() =>
            Effect.fail(
              (courses.at(-1) ?? begin()).failure(
                new NetworkError.OperationTimeout({ timeout: Duration.millis(timeout) })
              )
            )
          )
        )
      ).pipe(
        Effect.mapError((error) =>
          error instanceof Loss.Failure ? error.of(courses.some(({ wasSent }) => wasSent)) : error
        )
      )
    })
  }
}

const unsent = (closed: Effect.Effect<never, Loss.Failure>) =>
  Effect.mapError(closed, (failure) => failure.of(false))

/** How one of them goes, from its first attempt to its last. */
class Course implements Progress {
  /** Whether a server may have executed it. */
  wasSent = false
  #wasSentBefore = false
  #phase: NetworkError.Phase = "connecting"
  #lastFailure: Loss.ConnectionError | undefined = undefined
  readonly #form: Form | undefined
  readonly #recovery: Recovery | undefined

  constructor(
    readonly requests: Requests,
    readonly execution: Execution,
    readonly deadline: number
  ) {
    const { reconnect, retry } = requests.site.options
    this.#form = Form.of(execution.request)
    this.#recovery = reconnect && new Recovery(reconnect, retry)
  }

  get #now(): number {
    return this.requests.clock.unsafeCurrentTimeMillis()
  }

  get run(): Effect.Effect<Executed, Failed> {
    return Effect.catchAll(this.#attempt, (failure) =>
      failure instanceof Loss.Failure ? this.#recover(failure) : Effect.fail(failure)
    )
  }

  /** The same as others are told of it. */
  get outcome(): ReturnType<Send> {
    return Effect.mapError(this.run, (failure) =>
      failure instanceof Loss.Failure ? failure.of(this.wasSent) : failure
    )
  }

  failure(reason: NetworkError.Reason, cause: unknown = this.#lastFailure): Loss.Failure {
    const { endpoint } = this.requests.site.credentials
    // By default, why it was not sent until now.
    return Loss.networkFailure(reason, this.#phase, endpoint, cause === undefined ? {} : { cause })
  }

  // -- progress -----------------------------------------------------------------------------------

  sending(): void {
    this.#phase = "connecting"
    this.#wasSentBefore = this.wasSent
    this.wasSent = true
  }

  notExecuted(): void {
    this.wasSent = this.#wasSentBefore
  }

  answered(): void {
    this.#phase = "live"
  }

  // -- an attempt ---------------------------------------------------------------------------------

  get #attempt(): Effect.Effect<Executed, Failed> {
    return Effect.suspend(() => {
      this.#phase = "connecting"
      const { persisted, site } = this.requests
      const { request } = this.execution
      return Effect.flatMap(site.credentials.access, (access) => {
        if (this.#form) return this.#upload(access, this.#form)
        const send = (request: GraphQLOverHttp.Request, isPost: boolean) =>
          this.#send(access, request, isPost ? "POST" : this.#method)
        return persisted ? persisted.execute(request, send, this) : send(request, false)
      })
    })
  }

  get #method(): "GET" | "POST" {
    const { kind, method = this.requests.requestOptions.method } = this.execution
    return kind === "query" ? method : "POST"
  }

  #send(
    access: Access,
    request: GraphQLOverHttp.Request,
    method: "GET" | "POST"
  ): Effect.Effect<Executed, Failed> {
    const { batches } = this.requests
    const { headers: own } = this.execution
    return Effect.flatMap(this.#traceHeaders, (trace) => {
      // What has headers of its own cannot share a request.
      if (batches && method === "POST" && !own && batches.take(this.execution.kind)) {
        return batches.execute(access, request, trace, this)
      }
      const message = Effect.try({
        try: () => this.#withOwn(messageOf(access, request, method, trace)),
        catch: notJson
      })
      return untilDone(Effect.flatMap(message, (message) => this.#exchange(access, message)))
    })
  }

  #upload(access: Access, form: Form): Effect.Effect<Executed, Failed> {
    return Effect.gen(this, function* () {
      const trace = yield* this.#traceHeaders
      const { body, failed } = yield* form.body
      const message = this.#withOwn({
        method: "POST",
        url: access.url,
        headers: headersOf(access, { accept: GraphQLOverHttp.accept, ...preflight, ...trace }),
        body
      })
      const answered = this.#exchange(access, message)
      if (failed === undefined) return yield* answered
      const unreadable = Effect.mapError(failed, (cause) =>
        this.failure(new NetworkError.UploadFailed(), cause)
      )
      return yield* raceFirst<Executed, Loss.Failure, Scope.Scope>(answered, unreadable)
    }).pipe(Effect.scoped)
  }

  #withOwn(message: Message): Message {
    const { headers } = this.execution
    return { ...message, headers: withOwn(message.headers, headers, this.requests.site.secrets) }
  }

  #exchange(access: Access, message: Message): Effect.Effect<Executed, Loss.Failure, Scope.Scope> {
    return Effect.flatMap(this.requests.roundTrips.make(access, message, 1, this), onlyOne)
  }

  get #traceHeaders(): Effect.Effect<{ readonly [name: string]: string }> {
    return this.requests.site.options.propagateTrace
      ? Effect.map(
          Effect.option(Effect.currentSpan),
          Option.match({ onNone: () => ({}), onSome: HttpTraceContext.toHeaders })
        )
      : Effect.succeed({})
  }

  // -- another attempt ----------------------------------------------------------------------------

  #recover(failure: Loss.Failure): Effect.Effect<Executed, Failed> {
    const error = failure.of(this.wasSent)
    const recovery = this.#recovery
    if (recovery === undefined || !this.#mayRepeat(error)) return Effect.fail(failure)
    this.#lastFailure = error
    return Effect.flatMap(recovery.decide(error), (decision) => {
      if (decision._tag === "GiveUp") {
        return Effect.fail(decision.reason ? this.failure(decision.reason) : failure)
      }
      // New credentials are tried at once.
      const isRefresh = this.requests.site.retryOf(error) === "refresh"
      const wait = isRefresh ? 0 : Math.max(0, decision.at - this.#now)
      // Whoever waits would be told no more by then than can be told now.
      return this.#now + wait >= this.deadline
        ? Effect.fail(failure)
        : Effect.zipRight(
            Effect.sleep(wait),
            Effect.suspend(() => this.run)
          )
    })
  }

  /** Whether it cannot be executed twice, or may be. */
  #mayRepeat(error: Loss.ConnectionError): boolean {
    if (this.#form && !this.#form.isReadable) return false
    switch (this.requests.site.retryOf(error)) {
      case "never":
        return false
      case "refresh":
        return true
      default:
        return !this.wasSent || this.execution.isRepeatable || isPutOff(error)
    }
  }
}

const messageOf = (
  access: Access,
  request: GraphQLOverHttp.Request,
  method: "GET" | "POST",
  trace: Message["headers"]
): Message => {
  const isGet = method === "GET"
  return {
    method,
    url: isGet ? GraphQLOverHttp.encodeUrl(access.url, request) : access.url,
    headers: headersOf(access, {
      accept: GraphQLOverHttp.accept,
      ...(isGet && preflight),
      ...trace
    }),
    ...(!isGet && { body: jsonBody(GraphQLOverHttp.encodeBody(request)) })
  }
}

const onlyOne = ({ head, results: [result] }: Answers): Effect.Effect<Executed> =>
  result
    ? Effect.succeed(new Answered(result, head))
    : Effect.dieMessage("a request for one result has none")

/** Whether the server has not executed it, and says when it will. */
const isPutOff = (error: Loss.ConnectionError): boolean =>
  error._tag === "NetworkError" &&
  error.reason._tag === "RequestRejected" &&
  error.reason.retryAfter !== undefined &&
  busy.has(error.reason.status)

/** "Too Many Requests" and "Service Unavailable" (RFC 6585, section 4; RFC 9110, section 15.6.4). */
const busy = new Set([429, 503])

/** For servers that answer no request that a form on a foreign page could send. */
export const preflight = { "apollo-require-preflight": "true" }
