/**
 * A session: an endpoint's operations, and the one fiber that gives them their connection.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Subscribable from "effect/Subscribable"
import { NetworkMonitor } from "../NetworkMonitor.js"
import * as Status from "../Status.js"
import { Fibers } from "./fibers.js"
import type { Options } from "./options.js"
import { Registry } from "./registry.js"
import { Secrets } from "./secrets.js"
import { Supervisor } from "./supervisor.js"
import type { Transport } from "./transport.js"
import { Watched } from "./watched.js"

export interface Session {
  readonly options: Options
  readonly registry: Registry
  readonly status: Subscribable.Subscribable<Status.Status>
  /** Replaces the connection, if there is one, by a new one. */
  readonly reconnect: Effect.Effect<void>
}

/** What a session needs of the program that it is in. */
export interface Host {
  readonly fibers: Fibers
  readonly clock: Clock.Clock
  readonly monitor: Option.Option<NetworkMonitor["Type"]>
}

export const host: Effect.Effect<Host> = Effect.gen(function* () {
  return {
    fibers: new Fibers(yield* Effect.runtime()),
    clock: yield* Effect.clock,
    monitor: yield* Effect.serviceOption(NetworkMonitor)
  }
})

/** The parts of a session, of which nothing runs yet. */
export const assemble = (
  options: Options,
  transport: Transport,
  { clock, fibers, monitor }: Host,
  setStatus: (status: Status.Status) => void,
  secrets: Secrets,
  onDemand = () => {}
): { readonly registry: Registry; readonly supervisor: Supervisor } => {
  const hooks = {
    onDemand: () => {
      supervisor.demand.raise()
      onDemand()
    },
    onIdle: () => supervisor.idle(),
    fork: (effect: Effect.Effect<void>) => void fibers.fork(effect),
    now: () => clock.unsafeCurrentTimeMillis()
  }
  const registry = new Registry(transport, options.ackTimeout, hooks, secrets)
  const supervisor = new Supervisor(options, transport, registry, setStatus, fibers, monitor, clock)
  return { registry, supervisor }
}

/** A session whose operations share their connection, and their secrets with whoever reads their results. */
export const make = (
  options: Options,
  transport: Transport,
  secrets = new Secrets()
): Effect.Effect<Session, never, Scope.Scope> =>
  Effect.gen(function* () {
    const surroundings = yield* host
    const { fibers } = surroundings
    const status = new Watched<Status.Status>(Status.Idle())
    const { registry, supervisor } = assemble(
      options,
      transport,
      surroundings,
      (value) => status.set(value),
      secrets
    )
    // One finalizer, for each holds a copy of all that this fiber refers to. Who comes while we close
    // is refused; the supervisor is interrupted, which ends its connection; the client is closed.
    yield* Effect.acquireRelease(
      Effect.sync(() => fibers.start(Effect.suspend(() => supervisor.serve))),
      (fiber) =>
        Effect.sync(() => {
          supervisor.refuse()
          status.set(Status.Closing())
        }).pipe(
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
