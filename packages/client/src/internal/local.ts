/**
 * A connection to a schema in this very process: live once the resolvers' context is there, until it is
 * left. Nothing can lose it.
 *
 * ```
 * scope ── executions        stopped last: at most closeTimeout for sources and resolvers to end
 *       ── the telling       before that: every operation gets the scope's own exit
 *       ── connect           fails when the context does, or takes too long
 * ```
 */
import * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type { GraphQLSchema } from "graphql"
import * as NetworkError from "../NetworkError.js"
import type { Fibers } from "./fibers.js"
import { type Documents, documentsOf } from "./local/documents.js"
import { type Against, Execution, type Listener } from "./local/execution.js"
import { Turns } from "./local/turns.js"
import * as Loss from "./loss.js"
import { evaluate, type Options } from "./options.js"
import { raceFirst, within } from "./race.js"
import { type Connecting, type Restore, run } from "./run.js"
import type { Live, Operations, Transport } from "./transport.js"
import { Verdict } from "./verdict.js"

/** What operations are executed by. */
export interface Local {
  readonly schema: GraphQLSchema
  readonly rootValue: unknown
  /** The resolvers' context, evaluated anew for each connection. */
  readonly context: Effect.Effect<unknown, unknown>
}

/** What stands for the endpoint in an error. */
const endpoint = "(in process)"

export const transport = (options: Options, local: Local, fibers: Fibers): Transport => {
  const documents = documentsOf(local.schema)
  return {
    // Variables are what a server would be sent, whatever the scalars make of them.
    encode: (_id, request) => GraphQLOverHttp.encodeBody(request),
    run: run(
      (operations, clock) =>
        new LocalConnection(options, local, documents, fibers, operations, clock)
    )
  }
}

class LocalConnection implements Connecting {
  readonly carriesOne = false
  readonly endpoint = endpoint
  readonly establishes = false
  readonly canPause = true
  #phase: NetworkError.Phase = "connecting"
  #isEnding = false
  #liveSince: number | undefined = undefined
  #against: Against | undefined = undefined
  /** Those that run, and those that were stopped and have yet to end. */
  readonly #executions = new Map<string, Execution>()
  readonly #turns: Turns
  readonly #over = new Verdict<void, Loss.Failure>()
  /** Decided when it closes and no execution is left. */
  readonly #quiet = new Verdict<void>()

  constructor(
    readonly options: Options,
    readonly local: Local,
    readonly documents: Documents,
    fibers: Fibers,
    readonly operations: Operations,
    readonly clock: Clock.Clock
  ) {
    this.#turns = new Turns(
      (rested) => void fibers.fork(Effect.zipRight(Effect.sleep(0), Effect.sync(rested)))
    )
  }

  get #now(): number {
    return this.clock.unsafeCurrentTimeMillis()
  }

  get phase(): NetworkError.Phase {
    return this.#phase
  }

  get wasLive(): boolean {
    return this.#liveSince !== undefined
  }

  get uptime(): number {
    return this.#liveSince === undefined ? 0 : this.#now - this.#liveSince
  }

  get isReady(): boolean {
    return this.#phase === "live" && !this.#isEnding
  }

  // -- connect ------------------------------------------------------------------------------------

  get connect(): Effect.Effect<void, Loss.Failure> {
    const { connectTimeout } = this.options
    const timeout = new NetworkError.ConnectTimeout({ timeout: Duration.millis(connectTimeout) })
    return raceFirst<void, Loss.Failure, never>(
      Effect.zipRight(this.#over.decided, Effect.interrupt),
      within(connectTimeout, this.#open, () => this.#fails(timeout))
    )
  }

  get #open(): Effect.Effect<void, Loss.Failure> {
    return Effect.map(
      evaluate(this.options, "context", this.local.context, identity, (reason, cause) =>
        this.#fails(reason, cause)
      ),
      (contextValue) => this.#establish(contextValue)
    )
  }

  #establish(contextValue: unknown): void {
    const { documents, local } = this
    this.#against = { documents, rootValue: local.rootValue, contextValue, turns: this.#turns }
    this.#phase = "live"
    this.#liveSince = this.#now
    this.operations.established({})
  }

  #fails(
    reason: NetworkError.Reason,
    cause?: { readonly cause: unknown }
  ): Effect.Effect<never, Loss.Failure> {
    return Effect.fail(Loss.networkFailure(reason, this.#phase, endpoint, cause))
  }

  // -- live ---------------------------------------------------------------------------------------

  live(observe: (live: Live) => void, restore: Restore): Effect.Effect<void, Loss.Failure> {
    observe({ since: this.#liveSince ?? this.#now, ack: {}, roundTrip: undefined })
    return restore(this.#over.decidedAtLast)
  }

  start(id: string, frame: string): void {
    if (!this.isReady || this.#against === undefined) return
    const execution = new Execution(id, this.#against, this.#listener)
    this.#executions.set(id, execution)
    void execution.run(frame)
  }

  stop(id: string): void {
    this.#executions.get(id)?.stop()
  }

  pause(): void {
    this.#turns.pause()
  }

  resume(): void {
    this.#turns.resume()
  }

  readonly #listener: Listener = {
    deliver: (message) => {
      // One that was left behind speaks of what has the same id in the next connection.
      if (this.isReady) this.operations.deliver(message)
    },
    ended: (id) => {
      this.#executions.delete(id)
      if (this.#phase === "closed" && this.#executions.size === 0) this.#quiet.decide(Effect.void)
    }
  }

  // -- close --------------------------------------------------------------------------------------

  leave(): void {
    this.#over.decide(Effect.void)
  }

  readonly unwatch: Effect.Effect<void> = Effect.sync(() => {
    this.#isEnding = true
  })

  /** Waits for whoever executes no longer than `closeTimeout`, and then not at all. */
  get close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#phase = "closed"
      for (const execution of this.#executions.values()) execution.stop()
      if (this.#executions.size === 0) return Effect.void
      return Effect.ensuring(
        raceFirst(this.#quiet.decided, Effect.sleep(this.options.closeTimeout)),
        Effect.sync(() => this.abandon())
      )
    })
  }

  abandon(): void {
    this.#phase = "closed"
    for (const execution of this.#executions.values()) {
      execution.stop()
      execution.abort()
    }
    this.#executions.clear()
  }
}
