/**
 * A connection that is the body of a response, which brings results until it says that there are no
 * more. Whatever else ends it is a loss.
 *
 * ```
 * scope ── request           released last: aborted, at most closeTimeout
 *       ── the telling       before that: every operation gets the scope's own exit
 *       ── open              fails when there is no response in time, or another than was asked for
 *          then reader       fails when the body breaks off
 *           and keepalive    fails when the body is silent
 * ```
 */
import type * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import { Keepalive } from "@fiberline/core/Keepalive"
import type { Complete, Next, OperationFailed } from "@fiberline/core/Message"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Clock from "effect/Clock"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Headers } from "../../Middleware.js"
import * as NetworkError from "../../NetworkError.js"
import type { Where } from "../ending.js"
import { watch } from "../liveness.js"
import type * as Loss from "../loss.js"
import { raceFirst, within } from "../race.js"
import { type Connecting, type Restore, run } from "../run.js"
import type { Live, Operations, Transport } from "../transport.js"
import { Verdict } from "../verdict.js"
import type { Access } from "./access.js"
import { chunks, type Message, type NotAnswered, read, send } from "./exchange.js"
import type { Reader } from "./format.js"
import { tooLarge, violation } from "./rejection.js"
import type { Site } from "./site.js"

/** The life of such a connection, in a scope that its request lives in. */
export const runStreaming =
  (
    make: (
      operations: Operations,
      clock: Clock.Clock,
      scope: Scope.CloseableScope
    ) => StreamingConnection
  ): Transport["run"] =>
  (operations, attempt, observe) =>
    Effect.flatMap(Scope.make(), (scope) =>
      run((operations, clock) => make(operations, clock, scope))(operations, attempt, observe)
    )

export abstract class StreamingConnection implements Connecting {
  abstract readonly carriesOne: boolean
  readonly establishes = false
  readonly canPause = true
  #phase: NetworkError.Phase = "connecting"
  #isEnding = false
  #liveSince: number | undefined = undefined
  #response: HttpClientResponse.HttpClientResponse | undefined = undefined
  #reader: Reader | undefined = undefined
  #keepalive: Keepalive | undefined = undefined
  #watcher: Fiber.Fiber<unknown, unknown> | undefined = undefined
  #reading: Fiber.Fiber<unknown, unknown> | undefined = undefined
  /** Decided when reading may go on; `undefined` while nobody stops it. */
  #paused: Verdict<void> | undefined = undefined
  readonly #over = new Verdict<void, Loss.Failure>()

  constructor(
    readonly site: Site,
    readonly operations: Operations,
    readonly clock: Clock.Clock,
    /** What the request lives in. */
    readonly scope: Scope.CloseableScope
  ) {}

  /** Ends when there is a body to read, which by then it has said by `establish`. */
  protected abstract readonly open: Effect.Effect<void, Loss.Failure>

  /** Told of each message, once it was delivered. */
  protected abstract delivered(message: Next | Complete | OperationFailed): void

  abstract start(id: string, frame: string, headers: Headers | undefined): void

  abstract stop(id: string): void

  get phase(): NetworkError.Phase {
    return this.#phase
  }

  get endpoint(): string {
    return this.site.credentials.endpoint
  }

  get wasLive(): boolean {
    return this.#liveSince !== undefined
  }

  get uptime(): number {
    return this.#liveSince === undefined ? 0 : this.now - this.#liveSince
  }

  get isReady(): boolean {
    return this.#phase === "live" && !this.#isEnding
  }

  protected get now(): number {
    return this.clock.unsafeCurrentTimeMillis()
  }

  protected get where(): Where {
    return this.site.where(this.#phase)
  }

  // -- connect ------------------------------------------------------------------------------------

  get connect(): Effect.Effect<void, Loss.Failure> {
    const { connectTimeout } = this.site.options
    const timeout = new NetworkError.ConnectTimeout({ timeout: Duration.millis(connectTimeout) })
    return raceFirst<void, Loss.Failure, never>(
      Effect.zipRight(this.#over.decided, Effect.interrupt),
      within(connectTimeout, this.open, () => Effect.fail(this.failure(timeout)))
    )
  }

  /** Sends a request that lives as long as the connection does. */
  protected send(
    message: Message
  ): Effect.Effect<HttpClientResponse.HttpClientResponse, NotAnswered> {
    return Scope.extend(send(this.site.http, message), this.scope)
  }

  /** The whole body of a response that is no stream. */
  protected readWhole(
    response: HttpClientResponse.HttpClientResponse
  ): Effect.Effect<GraphQLOverHttp.Response, Loss.Failure> {
    return Effect.mapError(read(response, this.site.options.maxFrameSize), (error) =>
      this.site.unreadable(error, this.#phase)
    )
  }

  /** A response that refuses what was sent with these credentials. */
  protected refusal(
    response: HttpClientResponse.HttpClientResponse,
    body: string,
    access: Access
  ): Loss.Failure {
    return this.site.refusal(response, body, access, this.now, this.#phase)
  }

  /** There is a response, whatever it says. */
  protected answered(): void {
    this.#phase = "live"
  }

  /** The response is what was asked for; its body brings the results. */
  protected establish(response: HttpClientResponse.HttpClientResponse, reader: Reader): void {
    this.#response = response
    this.#reader = reader
    this.#liveSince = this.now
    const { keepalive } = this.site.options
    if (keepalive) this.#keepalive = new Keepalive(keepalive, this.now)
    this.operations.established({})
  }

  // -- live ---------------------------------------------------------------------------------------

  live(observe: (live: Live) => void, restore: Restore): Effect.Effect<void, Loss.Failure> {
    observe({ since: this.#liveSince ?? this.now, ack: {}, roundTrip: undefined })
    return Effect.gen(this, function* () {
      this.#reading = yield* this.#begin(this.#read)
      if (this.#keepalive) {
        this.#watcher = yield* this.#begin(
          watch(this.#keepalive, this.clock, {
            // Whoever only listens has nothing to ask with.
            probe: () => {},
            answered: () => {},
            settle: Effect.repeatN(Effect.sleep(0), 1),
            silent: (reason) => Effect.fail(this.failure(reason))
          })
        )
      }
      return yield* restore(this.#over.decidedAtLast)
    })
  }

  /** Makes and starts a fiber, in one instruction, whose failure is the connection's. */
  #begin(
    effect: Effect.Effect<never, Loss.Failure>
  ): Effect.Effect<Fiber.RuntimeFiber<never, Loss.Failure>> {
    return Effect.map(Effect.fork(Effect.interruptible(effect)), (fiber) => {
      fiber.addObserver((exit) => this.#over.decide(exit))
      return fiber
    })
  }

  get #read(): Effect.Effect<never, Loss.Failure> {
    const lost = (cause?: { readonly cause: unknown }) =>
      this.failure(new NetworkError.ConnectionLost(), cause)
    const body = this.#response ? chunks(this.#response) : Stream.empty
    const read = Stream.runForEach(body, (chunk) => {
      this.#heard(chunk)
      return this.#paused?.decided ?? Effect.void
    })
    return Effect.zipRight(
      Effect.mapError(read, ({ cause }) => lost({ cause })),
      // An end that nobody has spoken of.
      Effect.suspend(() => Effect.fail(lost()))
    )
  }

  #heard(chunk: Uint8Array): void {
    const reader = this.#reader
    if (reader === undefined || this.#over.isDecided) return
    this.#keepalive?.heard(this.now)
    for (const { message, text } of reader.push(chunk)) {
      if (message._tag === "Rejected") return this.fail(violation(message, text, this.where))
      this.operations.deliver(message)
      this.delivered(message)
      if (this.#over.isDecided) return
    }
    if (reader.isTooLarge) this.fail(tooLarge(this.where))
  }

  pause(): void {
    this.#keepalive?.pause()
    this.#paused ??= new Verdict()
  }

  resume(): void {
    this.#keepalive?.resume(this.now)
    this.#paused?.decide(Effect.void)
    this.#paused = undefined
  }

  // -- end ----------------------------------------------------------------------------------------

  protected failure(
    reason: NetworkError.Reason,
    cause?: { readonly cause: unknown }
  ): Loss.Failure {
    return this.site.failure(reason, this.#phase, cause)
  }

  protected fail(failure: Loss.Failure): void {
    this.failCause(Cause.fail(failure))
  }

  protected failCause(cause: Cause.Cause<Loss.Failure>): void {
    this.#over.decide(Effect.failCause(cause))
  }

  /** Runs an effect for no longer than the connection lasts: `undefined` if that was too short. */
  protected whileThere<A>(effect: Effect.Effect<A>): Effect.Effect<A | undefined> {
    const over = Effect.as(Effect.exit(this.#over.decided), undefined)
    return raceFirst<A | undefined, never, never>(over, effect)
  }

  leave(): void {
    this.#over.decide(Effect.void)
  }

  get unwatch(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#isEnding = true
      return this.#watcher ? Fiber.interrupt(this.#watcher) : Effect.void
    })
  }

  abandon(): void {
    Runtime.runFork(Runtime.defaultRuntime)(this.#abort)
  }

  /** Aborts the request, and with it all there is of a socket; whoever reads may still clean up. */
  get #abort(): Effect.Effect<void> {
    return Scope.close(this.scope, Exit.void)
  }

  get close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#phase = "closed"
      // Also where the connection did not end by itself.
      this.leave()
      const reading = this.#reading
      // Disconnected: a body that cannot be cancelled is left to whoever made it.
      const ended = Effect.disconnect(
        Effect.zipRight(this.#abort, reading ? Fiber.interrupt(reading) : Effect.void)
      )
      return raceFirst(Effect.asVoid(ended), Effect.sleep(this.site.options.closeTimeout))
    })
  }
}
