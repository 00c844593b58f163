/**
 * The one fiber that gives an endpoint's operations their connection.
 *
 * ```
 * idle ── somebody needs a connection ──▶ attempt ──▶ live ── nobody needs it ──▶ idle
 *                                          ▲   │        │
 *                                          │   ▼        ▼
 *                                        wait ◀── failed, lost ──▶ given up: everybody is told
 * ```
 *
 * There is never a second socket: an attempt begins when the connection before it is closed.
 */
import type { JsonObject, Rejected, ServerMessage } from "@fiberline/core/Message"
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as NetworkError from "../NetworkError.js"
import type { NetworkMonitor } from "../NetworkMonitor.js"
import * as Status from "../Status.js"
import type { Fibers } from "./fibers.js"
import * as Loss from "./loss.js"
import type { Options } from "./options.js"
import { raceFirst } from "./race.js"
import { Recovery, retryOf } from "./recovery.js"
import type { Registry } from "./registry.js"
import type { Secrets } from "./secrets.js"
import { Signal } from "./signal.js"
import * as Telemetry from "./telemetry.js"
import type { Link, Live, Opening, Operations, Transport } from "./transport.js"

export class Supervisor implements Operations {
  readonly #recovery: Recovery | undefined
  /** Somebody needs a connection. */
  readonly demand = new Signal()
  /** Nobody needs one any more. */
  readonly #unneeded = new Signal()
  /** The application asks for a new one. */
  readonly #asked = new Signal()
  /** Why the connection is being ended, when it is we who do it. */
  #intent: "close" | "reconnect" = "close"
  #connection: Link | undefined = undefined
  /** Leaves the connection, unless it is needed by then. */
  #leaving: Fiber.RuntimeFiber<void> | undefined = undefined

  constructor(
    readonly options: Options,
    readonly transport: Transport,
    readonly registry: Registry,
    readonly setStatus: (status: Status.Status) => void,
    readonly fibers: Fibers,
    readonly monitor: Option.Option<NetworkMonitor["Type"]>,
    readonly clock: Clock.Clock
  ) {
    this.#recovery = options.reconnect && new Recovery(options.reconnect, options.retry)
    if (options.eager) this.demand.raise()
  }

  // -- the fiber ----------------------------------------------------------------------------------

  /** Gives whoever needs one a connection, for ever. */
  get serve(): Effect.Effect<never> {
    const serve: Effect.Effect<never> = Effect.flatMap(this.demand.raised, () =>
      Effect.flatMap(this.serveOnce, () => serve)
    )
    return serve
  }

  /** Gives a connection until nobody needs one, or none can be had. */
  get serveOnce(): Effect.Effect<void> {
    // Only a bug makes it fail, of which whoever waits is told.
    return Effect.catchAllCause(
      Effect.suspend(() => this.#connectWhileNeeded),
      (cause) => Effect.sync(() => this.registry.lose(Loss.fromDefect(Cause.squash(cause))))
    )
  }

  /** From the first who needs a connection until nobody does, or none can be had. */
  get #connectWhileNeeded(): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      this.#recovery?.reset()
      while (this.#isNeeded) {
        const attempt = (this.#recovery?.failures ?? 0) + 1
        this.setStatus(Status.Connecting({ attempt }))
        const since = this.clock.unsafeCurrentTimeMillis()
        yield* this.#untilOnline
        if (!this.#isNeeded) break
        if (attempt > 1 || this.clock.unsafeCurrentTimeMillis() > since) this.registry.waited()
        const failure = yield* this.#connect(attempt)
        if (failure === undefined) continue
        const next = yield* this.#recover(failure)
        if (next === undefined) {
          // Given up, and so are the demands of all who were told; who has come since is served anew.
          if (!this.registry.hasDemand) this.demand.lower()
          return
        }
        if (this.#isNeeded) yield* this.#waitUntil(next)
      }
      this.registry.forget()
      this.setStatus(Status.Idle())
    })
  }

  get #isNeeded(): boolean {
    return this.options.eager || this.registry.hasDemand
  }

  /** One connection, from its first attempt to its end: why it failed, or nothing if we ended it. */
  #connect(attempt: number): Effect.Effect<Loss.Failure | undefined> {
    return Effect.suspend(() => {
      this.#intent = "close"
      // There was no connection yet that a new one could have been asked for instead of.
      this.#asked.lower()
      return Effect.matchCauseEffect(
        Effect.suspend(() => this.transport.run(this, attempt, (live) => this.#observe(live))),
        {
          onFailure: (cause) =>
            Either.match(Cause.failureOrCause(cause), {
              // Asked for a new one while the failed one was closed: it is made at once.
              onLeft: (failure) => Effect.succeed(this.#isAsked ? undefined : failure),
              onRight: (cause) =>
                Cause.isInterruptedOnly(cause) ? Effect.succeed(undefined) : Effect.failCause(cause)
            }),
          onSuccess: () => Effect.succeed(undefined)
        }
      )
    })
  }

  /** Whether the connection is ended, or would be, for a new one. */
  get #isAsked(): boolean {
    return this.#intent === "reconnect"
  }

  /** The application asks for a new connection. */
  ask(): void {
    this.#intent = "reconnect"
    this.#asked.raise()
    this.#connection?.leave()
  }

  /** Nobody needs the connection any more: it is left once nobody has for `idleTimeout`. */
  idle(): void {
    this.#unneeded.raise()
    const connection = this.#connection
    if (connection === undefined || this.#leaving !== undefined) return
    const { registry } = this
    const leave: Effect.Effect<void> = Effect.suspend(() => {
      const { started } = registry
      return Effect.flatMap(Effect.sleep(this.options.idleTimeout), () => {
        if (this.#isNeeded) return Effect.void
        if (registry.started !== started) return leave
        registry.detach()
        connection.leave()
        return Effect.void
      })
    })
    const leaving = this.fibers.fork(leave)
    this.#leaving = leaving
    leaving.addObserver(() => {
      if (this.#leaving === leaving) this.#leaving = undefined
    })
  }

  /** When to try again; `undefined` if that is given up, which by then everybody has been told. */
  #recover(failure: Loss.Failure): Effect.Effect<number | undefined> {
    return Effect.gen(this, function* () {
      const cause = failure.of(false)
      const recovery = this.#recoveryFrom(cause)
      // Everybody was told when the connection ended; who has come since is served anew.
      if (recovery === undefined) {
        this.setStatus(Status.Failed({ cause }))
        yield* Telemetry.log("a GraphQL connection failed", cause, { attempt: 1 })
        return undefined
      }
      const decision = yield* recovery.decide(cause)
      if (decision._tag === "Retry") {
        const { at, attempt } = decision
        const nextAttemptAt = DateTime.unsafeMake(at)
        this.setStatus(Status.Reconnecting({ attempt, cause, nextAttemptAt }))
        yield* Telemetry.log("a GraphQL connection failed and will be made again", cause, {
          attempt
        })
        return at
      }
      const final = decision.reason
        ? Loss.networkFailure(decision.reason, cause.phase, cause.endpoint, { cause })
        : failure
      this.registry.lose(Loss.fromFailure(final))
      this.setStatus(Status.Failed({ cause: final.of(false) }))
      yield* Telemetry.log("a GraphQL connection failed and is given up", final.of(false), {
        attempt: recovery.failures
      })
      return undefined
    })
  }

  /** What may mend a failure, if anything may. */
  #recoveryFrom(error: Loss.ConnectionError): Recovery | undefined {
    return retryOf(error, this.options.retry) === "never" ? undefined : this.#recovery
  }

  // -- waiting ------------------------------------------------------------------------------------

  /** Cut short when the network comes back, the application asks, or nobody needs it any more. */
  #waitUntil(time: number): Effect.Effect<void> {
    return raceFirst(
      Effect.sleep(Math.max(0, time - this.clock.unsafeCurrentTimeMillis())),
      this.#untilUnneeded,
      this.#asked.raised,
      Option.match(this.monitor, {
        onNone: () => forever,
        // Whether it is online now is the first element; a return is a later one.
        onSome: ({ changes }) => untilTrue(afterFirst(changes))
      })
    )
  }

  get #untilOnline(): Effect.Effect<void> {
    return Option.match(this.monitor, {
      onNone: () => Effect.void,
      onSome: ({ changes }) => raceFirst(untilTrue(changes), this.#untilUnneeded)
    })
  }

  get #untilUnneeded(): Effect.Effect<void> {
    return Effect.flatMap(this.#unneeded.raised, () =>
      this.#isNeeded ? this.#untilUnneeded : Effect.void
    )
  }

  // -- what the connection tells ------------------------------------------------------------------

  get opening(): Effect.Effect<Opening | undefined> {
    return this.registry.opening
  }

  sent(): void {
    this.registry.sent()
  }

  refused(): void {
    this.registry.refused()
  }

  get secrets(): Secrets {
    return this.registry.secrets
  }

  attached(connection: Link): void {
    this.#connection = connection
    this.registry.attached(connection)
    if (!this.#isNeeded) this.idle()
  }

  translate(): void {
    this.registry.translate()
  }

  established(ack: JsonObject): void {
    Telemetry.connected()
    this.registry.established(ack)
  }

  deliver(message: ServerMessage | Rejected): void {
    this.registry.deliver(message)
  }

  /**
   * Tells the operations, in the connection's own exit: those that can wait for the next connection
   * stay, the others get this very failure.
   */
  ended(connection: Link, exit: Exit.Exit<void, Loss.Failure>): void {
    Telemetry.ended(exit, connection.wasLive)
    this.#connection = undefined
    this.#leaving?.unsafeInterruptAsFork(FiberId.none)
    this.#leaving = undefined
    const { options, registry } = this
    // Nobody's any more: whoever waits by now waits for the next.
    if (!registry.isServedBy(connection)) return
    if (registry.hasDelivered || connection.uptime >= options.healthyAfter) this.#recovery?.reset()
    const cause = Exit.isFailure(exit) ? exit.cause : Cause.empty
    const failure = Option.getOrElse(Cause.failureOption(cause), () =>
      Cause.isInterruptedOnly(cause) ? this.#interruption(connection) : undefined
    )
    if (failure === undefined) return registry.lose(Loss.fromDefect(Cause.squash(cause)))
    const error = failure.of(false)
    const loss = Loss.fromFailure(failure)
    const isAsked = error._tag === "NetworkError" && error.reason._tag === "ReconnectRequested"
    if (isAsked || this.#recoveryFrom(error)) {
      // A gap is told to those who had been sent.
      const since = this.clock.unsafeCurrentTimeMillis()
      registry.interrupt(loss, { since, cause: failure.of(true) }, error)
    } else {
      registry.lose(loss)
    }
  }

  /** What an interruption of ours means to those who still use the connection. */
  #interruption({ endpoint, phase }: Link): Loss.Failure {
    const reason =
      this.#intent === "reconnect"
        ? new NetworkError.ReconnectRequested()
        : new NetworkError.ClientClosed()
    return Loss.networkFailure(reason, phase, endpoint)
  }

  // -- status and close ---------------------------------------------------------------------------

  /** Whoever comes from here on is told that the client is closed. */
  refuse(): void {
    const { registry } = this
    this.#intent = "close"
    const reason = new NetworkError.ClientClosed()
    const failure = Loss.networkFailure(reason, "closed", registry.endpoint)
    registry.refuse(Loss.fromFailure(failure))
  }

  /**
   * Interrupts the fiber and waits for its end, which the connection's own close bounds. Should
   * something else keep it, this has a bound of its own, just behind that one.
   */
  stop(fiber: Fiber.RuntimeFiber<void>): Effect.Effect<void> {
    return Fiber.interruptFork(fiber).pipe(
      Effect.zipRight(
        raceFirst(
          Effect.asVoid(Fiber.await(fiber)),
          Effect.sleep(this.options.closeTimeout + grace)
        )
      ),
      Effect.zipRight(Effect.sync(() => this.registry.abandon()))
    )
  }

  #observe({ ack, roundTrip, since }: Live): void {
    if (roundTrip !== undefined) Telemetry.roundTrip(roundTrip)
    this.setStatus(
      Status.Live({
        since: DateTime.unsafeMake(since),
        ack,
        roundTrip: Option.map(Option.fromNullable(roundTrip), Duration.millis)
      })
    )
  }
}

/** Milliseconds that a close which works is left to finish in. */
const grace = 10

const untilTrue = (values: Stream.Stream<boolean>): Effect.Effect<void> =>
  values.pipe(
    Stream.filter((value) => value),
    Stream.runHead,
    Effect.asVoid,
    // Or a stream that cannot be interrupted would keep whoever it races.
    Effect.disconnect
  )

/** Not `Stream.drop`, which brings two kilobytes of Effect into every program's bundle. */
const afterFirst = <A>(values: Stream.Stream<A>): Stream.Stream<A> =>
  Stream.suspend(() => {
    let seen = 0
    return Stream.filter(values, () => seen++ > 0)
  })

/** Waits without the timer that `Effect.never` holds. */
const forever = Effect.async<never>((_resume) => {})
