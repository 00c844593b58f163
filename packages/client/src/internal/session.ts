/**
 * A session: the one fiber that gives an endpoint's operations their connection.
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
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Subscribable from "effect/Subscribable"
import type { ClientOptions } from "../ClientOptions.js"
import * as NetworkError from "../NetworkError.js"
import { NetworkMonitor } from "../NetworkMonitor.js"
import * as Status from "../Status.js"
import { WireConstructor } from "../Wire.js"
import * as Connection from "./connection.js"
import * as Loss from "./loss.js"
import { type Options, resolve } from "./options.js"
import { raceFirst } from "./race.js"
import { Recovery, retryOf } from "./recovery.js"
import { Registry } from "./registry.js"
import type { Secrets } from "./secrets.js"
import * as Telemetry from "./telemetry.js"
import { Watched } from "./watched.js"

export interface Session {
  readonly options: Options
  readonly registry: Registry
  readonly status: Subscribable.Subscribable<Status.Status>
  /** Replaces the connection, if there is one, by a new one. */
  readonly reconnect: Effect.Effect<void>
}

export const make = <R>(
  clientOptions: ClientOptions<R>
): Effect.Effect<Session, never, R | WireConstructor | Scope.Scope> =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<R | WireConstructor>()
    const { context } = runtime
    const options = resolve(clientOptions, context)
    const clock = yield* Effect.clock
    const status = new Watched<Status.Status>(Status.Idle())
    const monitor = yield* Effect.serviceOption(NetworkMonitor)
    const fibers = new Fibers(runtime)
    const registry = new Registry({
      onDemand: () => supervisor.demand.raise(),
      onIdle: () => supervisor.idle(),
      fork: (effect) => void fibers.fork(effect),
      now: () => clock.unsafeCurrentTimeMillis()
    })
    const supervisor = new Supervisor(
      options,
      Context.get(context, WireConstructor),
      registry,
      status,
      fibers,
      monitor,
      clock
    )
    // One finalizer, for each holds a copy of all that this fiber refers to. Who comes while we close
    // is refused; the supervisor is interrupted, which ends its connection; the client is closed.
    yield* Effect.acquireRelease(
      Effect.sync(() => fibers.start(Effect.suspend(() => supervisor.serve))),
      (fiber) =>
        supervisor.retire.pipe(
          Effect.ensuring(supervisor.stop(fiber)),
          Effect.ensuring(fibers.interrupt),
          Effect.ensuring(Effect.sync(() => status.set(Status.Closed())))
        )
    )

    return {
      options,
      registry,
      status: status.subscribable,
      reconnect: Effect.sync(() => supervisor.ask())
    }
  })

/** The fibers of a session. */
class Fibers {
  readonly #running = new Set<Fiber.RuntimeFiber<unknown>>()

  constructor(readonly runtime: Runtime.Runtime<never>) {}

  /** Starts one that is nobody's child: whoever forks one is held for as long as it runs. */
  start<A>(effect: Effect.Effect<A>): Fiber.RuntimeFiber<A> {
    return Runtime.runFork(this.runtime, Effect.interruptible(effect))
  }

  /** Starts one that ends with the session at the latest. */
  fork<A>(effect: Effect.Effect<A>): Fiber.RuntimeFiber<A> {
    const fiber = this.start(effect)
    this.#running.add(fiber)
    fiber.addObserver(() => this.#running.delete(fiber))
    return fiber
  }

  get interrupt(): Effect.Effect<void> {
    return Effect.suspend(() => Fiber.interruptAll(this.#running))
  }
}

/** What one fiber waits for: raised from anywhere, and lowered by whoever has seen it. */
class Signal {
  #isRaised = false
  #wake: ((go: Effect.Effect<void>) => void) | undefined = undefined

  raise(): void {
    this.#isRaised = true
    this.#wake?.(Effect.void)
    this.#wake = undefined
  }

  lower(): void {
    this.#isRaised = false
    this.#wake = undefined
  }

  /** Waits until it is raised, unless it was, and lowers it. */
  get raised(): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      if (this.#isRaised) resume(Effect.void)
      else this.#wake = resume
    }).pipe(Effect.map(() => this.lower()))
  }
}

class Supervisor implements Connection.Operations {
  readonly #recovery: Recovery | undefined
  /** Somebody needs a connection. */
  readonly demand = new Signal()
  /** Nobody needs one any more. */
  readonly #unneeded = new Signal()
  /** The application asks for a new one. */
  readonly #asked = new Signal()
  /** Why the connection is being ended, when it is we who do it. */
  #intent: "close" | "reconnect" = "close"
  #connection: Connection.Connection | undefined = undefined
  /** Leaves the connection, unless it is needed by then. */
  #leaving: Fiber.RuntimeFiber<void> | undefined = undefined

  constructor(
    readonly options: Options,
    readonly openWire: WireConstructor["Type"],
    readonly registry: Registry,
    readonly status: Watched<Status.Status>,
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
      // Only a bug brings us here. It is told to whoever waits, and the next one is served again.
      Effect.matchCauseEffect(
        Effect.suspend(() => this.#connectWhileNeeded),
        {
          onFailure: (cause) => {
            this.registry.lose(Loss.fromDefect(Cause.squash(cause)))
            return serve
          },
          onSuccess: () => serve
        }
      )
    )
    return serve
  }

  /** From the first who needs a connection until nobody does, or none can be had. */
  get #connectWhileNeeded(): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      this.#recovery?.reset()
      while (this.#isNeeded) {
        const attempt = (this.#recovery?.failures ?? 0) + 1
        this.status.set(Status.Connecting({ attempt }))
        yield* this.#untilOnline
        if (!this.#isNeeded) break
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
      this.status.set(Status.Idle())
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
        Effect.suspend(() =>
          Connection.run(this.options, this.openWire, this, attempt, (live) => this.#observe(live))
        ),
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
        this.status.set(Status.Failed({ cause }))
        yield* Telemetry.log("a GraphQL connection failed", cause, { attempt: 1 })
        return undefined
      }
      const decision = yield* recovery.decide(cause)
      if (decision._tag === "Retry") {
        const { at, attempt } = decision
        const nextAttemptAt = DateTime.unsafeMake(at)
        this.status.set(Status.Reconnecting({ attempt, cause, nextAttemptAt }))
        yield* Telemetry.log("a GraphQL connection failed and will be made again", cause, {
          attempt
        })
        return at
      }
      const final = decision.reason
        ? Loss.networkFailure(decision.reason, cause.phase, cause.endpoint, { cause })
        : failure
      this.registry.lose(Loss.fromFailure(final))
      this.status.set(Status.Failed({ cause: final.of(false) }))
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

  get secrets(): Secrets {
    return this.registry.secrets
  }

  attached(connection: Connection.Connection): void {
    this.#connection = connection
    this.registry.attached(connection)
    if (!this.#isNeeded) this.idle()
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
  ended(connection: Connection.Connection, exit: Exit.Exit<void, Loss.Failure>): void {
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
  #interruption({ endpoint, phase }: Connection.Connection): Loss.Failure {
    const reason =
      this.#intent === "reconnect"
        ? new NetworkError.ReconnectRequested()
        : new NetworkError.ClientClosed()
    return Loss.networkFailure(reason, phase, endpoint)
  }

  // -- status and close ---------------------------------------------------------------------------

  get retire(): Effect.Effect<void> {
    return Effect.sync(() => {
      const { registry } = this
      this.#intent = "close"
      const failure = Loss.networkFailure(
        new NetworkError.ClientClosed(),
        "closed",
        registry.endpoint
      )
      registry.refuse(Loss.fromFailure(failure))
      this.status.set(Status.Closing())
    })
  }

  /**
   * Interrupts the fiber and waits for its end, which the connection's own close bounds. Should
   * something else keep it, this has a bound of its own, just behind that one.
   */
  stop(fiber: Fiber.RuntimeFiber<never>): Effect.Effect<void> {
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

  #observe({ ack, roundTrip, since }: Connection.Live): void {
    if (roundTrip !== undefined) Telemetry.roundTrip(roundTrip)
    this.status.set(
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
