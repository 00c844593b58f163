/**
 * The operations of one session, by id, and the connection that serves them.
 *
 * The registry outlives connections: an operation may wait in it for the first, or for the next.
 *
 * Everything here runs synchronously, some of it inside the socket's callback, and a server in
 * memory answers before `send` has returned. So an operation is registered before it is sent.
 */
import type {
  ExecutionResult,
  JsonObject,
  OperationRequest,
  Rejected,
  ServerMessage
} from "@fiberline/core/Message"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { GraphQLFormattedError } from "graphql"
import type { Headers } from "../Middleware.js"
import { EstablishTimeout, type Phase } from "../NetworkError.js"
import { ProtocolError, type Violation } from "../ProtocolError.js"
import * as Metrics from "../Metrics.js"
import { unresolved } from "./endpoint.js"
import { Establishing } from "./establishing.js"
import * as Loss from "./loss.js"
import type { Secrets } from "./secrets.js"
import { reveal } from "./secrets.js"
import type { Link, Opening, Transport } from "./transport.js"

/** An operation: what was asked, how far it is, and what it does with what happens to it. */
export abstract class Entry {
  readonly id: string
  /** Encoded ahead, which proves that it can be; `undefined` once it is sent. */
  frame: string | undefined = undefined
  /** Whether the current connection knows of it. */
  isSent = false
  /** Whether any connection ever did, or may have. */
  wasSent = false
  /** Whether any connection ever brought it its results. */
  wasServed = false
  /** Whether it has waited for more than a connection, so that what it was encoded with may be out of date. */
  hasWaited = false
  /** Whether the server runs it, as far as the current connection can tell. */
  isEstablished = false
  /** Of this operation alone. Declared, so that nothing is kept of those that have none. */
  declare headers?: Headers | undefined

  constructor(
    readonly registry: Registry,
    readonly request: OperationRequest
  ) {
    this.id = registry.nextId()
  }

  /** How far it is. */
  get progress(): Progress {
    if (!this.registry.has(this)) return "ended"
    return this.isSent ? "active" : this.wasSent ? "reconnecting" : "pending"
  }

  /**
   * Whether it may be sent again after it was sent and its connection lost: a subscription, or a
   * query that its author called idempotent.
   */
  abstract readonly isRepeatable: boolean

  /** Whether its server may have to say that it runs it. */
  abstract readonly isSubscription: boolean

  // What follows is called inside the socket's callback, and must not throw.

  abstract next(result: ExecutionResult): void
  abstract failed(errors: ReadonlyArray<GraphQLFormattedError>): void
  abstract complete(): void
  abstract lost(ending: Loss.Ending): void

  /** Told before it is sent again. */
  resumed?(gap: Interruption): void

  /** The server runs it: told of subscriptions, and again after each interruption. */
  established?(): void

  /** How the frame to send again is made, where that is not the first one. */
  get renew(): Renew | undefined {
    return undefined
  }
}

/**
 * Makes the frame of an operation anew; `undefined` if there is none, because the operation has been ended
 * instead. That it is only while the frame is wanted: its connection may be lost meanwhile.
 */
export type Renew = (isWanted: () => boolean) => Effect.Effect<string | undefined>

/** Somebody who waits for the connection itself. */
export interface Waiter {
  readonly established: (ack: JsonObject) => void
  readonly lost: (ending: Loss.Ending) => void
}

/** A time without a connection. */
export interface Interruption {
  /** When the connection was lost, in milliseconds of the session's clock. */
  readonly since: number
  readonly cause: Loss.ConnectionError
}

/** How far an operation is. */
export type Progress = "pending" | "active" | "reconnecting" | "ended"

export interface RegistryHooks {
  /** Somebody waits for a connection. */
  readonly onDemand: () => void
  /** Nobody needs the connection any more. */
  readonly onIdle: () => void
  /** Runs what an operation must do before it is sent again. */
  readonly fork: (effect: Effect.Effect<void>) => void
  /** The session's clock, in milliseconds. */
  readonly now: () => number
}

export class Registry {
  readonly #entries = new Map<string, Entry>()
  /** Queries that have their result, and whose server has yet to complete them. */
  readonly #answered = new Set<string>()
  readonly #waiters = new Set<Waiter>()
  #connection: Link | undefined = undefined
  /** The current connection, or the last. */
  #spokenTo: Link | undefined = undefined
  #ack: JsonObject = {}
  #lastId = 0
  #pressure = 0
  #hasDelivered = false
  #interruption: Interruption | undefined = undefined
  #lastFailure: Loss.ConnectionError | undefined = undefined
  /** Set when no connection will ever come again. */
  #refusal: Loss.Loss | undefined = undefined
  /** Who is told of that, though nothing of theirs is registered. */
  #onRefusal: Set<(loss: Loss.Loss) => void> | undefined = undefined
  readonly #establishing: Establishing<Entry>

  /** @param establishTimeout what a server that confirms subscriptions has for it, in milliseconds */
  constructor(
    readonly transport: Pick<Transport, "encode">,
    establishTimeout: number,
    readonly hooks: RegistryHooks,
    readonly secrets: Secrets
  ) {
    this.#establishing = new Establishing(establishTimeout, {
      fork: hooks.fork,
      now: hooks.now,
      settle: Effect.suspend(() => this.#connection?.settle ?? Effect.void),
      expired: (entry) => this.#neverEstablished(entry)
    })
  }

  /** Whether somebody needs a connection. */
  get hasDemand(): boolean {
    return this.#entries.size > 0 || this.#waiters.size > 0
  }

  // -- for operations -----------------------------------------------------------------------------

  nextId(): string {
    return String(++this.#lastId)
  }

  /** An operation as it will be sent. What is `Redacted` in its extensions goes to the server and nowhere else. */
  encode(id: string, request: OperationRequest): string {
    const { extensions } = request
    if (extensions === undefined) return this.transport.encode(id, request)
    this.secrets.addRedacted(extensions)
    // Type boundary: an object with what is inside of its values is an object.
    const revealed = reveal(extensions) as JsonObject
    return this.transport.encode(id, { ...request, extensions: revealed })
  }

  /** Starts an operation. Throws what `JSON.stringify` throws; then nothing was started. */
  start(entry: Entry): void {
    entry.frame = this.encode(entry.id, entry.request)
    if (this.#refusal) return entry.lost(this.#refusal.unsent)
    this.#entries.set(entry.id, entry)
    Metrics.activeOperations.unsafeUpdate(1, [])
    if (this.#connection?.isReady) this.#send(entry)
    else this.hooks.onDemand()
  }

  /** Ends an operation from our side. */
  stop(entry: Entry): void {
    if (this.#remove(entry.id) && entry.isSent) this.#connection?.stop(entry.id)
  }

  /** A query has its result: it needs the connection no more, whatever its server still sends. */
  answered({ id }: Entry): void {
    if (this.#remove(id)) this.#answered.add(id)
  }

  has(entry: Entry): boolean {
    return this.#entries.has(entry.id)
  }

  /** Waits for an acknowledged connection; returns how to stop waiting. */
  wait(waiter: Waiter): () => void {
    if (this.#refusal) waiter.lost(this.#refusal.unsent)
    else if (this.#connection?.isReady) waiter.established(this.#ack)
    else {
      this.#waiters.add(waiter)
      this.hooks.onDemand()
    }
    return () => {
      if (this.#waiters.delete(waiter) && !this.hasDemand) this.hooks.onIdle()
    }
  }

  /** Has somebody told when no connection will ever come again; returns how not to be told. */
  watchRefusal(refused: (loss: Loss.Loss) => void): () => void {
    if (this.#refusal) refused(this.#refusal)
    else (this.#onRefusal ??= new Set()).add(refused)
    return () => this.#onRefusal?.delete(refused)
  }

  /** A subscriber's buffer is full, or no longer: the socket is read while none is. */
  press(full: boolean): void {
    this.#pressure += full ? 1 : -1
    if (!this.#connection?.isReady) return
    if (full && this.#pressure === 1) this.#pause()
    if (!full && this.#pressure === 0) this.#read()
  }

  #pause(): void {
    // Where reading goes on, silence is the server's and not our own.
    if (!this.canPause) return
    this.#establishing.pause()
    this.#connection?.pause()
  }

  #read(): void {
    this.#establishing.resume()
    if (this.canPause) this.#connection?.resume()
  }

  /** A subscriber's buffer has dropped a result. */
  dropped(): void {
    Metrics.dropped.unsafeUpdate(1, [])
  }

  get canPause(): boolean {
    return this.#connection?.canPause ?? false
  }

  /** A text of the server's without what it was told in confidence. */
  scrub(text: string): string {
    return this.secrets.scrub(text)
  }

  get phase(): Phase {
    return this.#connection?.phase ?? "connecting"
  }

  get endpoint(): string {
    return this.#spokenTo?.endpoint ?? unresolved
  }

  /**
   * An error of the server's that concerns one operation only. What it is about came over a live
   * connection, whatever has become of that by the time it is read.
   */
  violation(violation: Violation, detail: string): ProtocolError {
    return new ProtocolError({
      violation,
      detail,
      phase: "live",
      endpoint: this.endpoint,
      sent: true
    })
  }

  // -- for the connection -------------------------------------------------------------------------

  /** Whoever needs a connection has waited until one was attempted. */
  waited(): void {
    for (const entry of this.#entries.values()) entry.hasWaited = true
  }

  attached(connection: Link): void {
    this.#connection = connection
    this.#spokenTo = connection
    this.#hasDelivered = false
  }

  /** What was encoded ahead is encoded anew when it is sent. */
  translate(): void {
    for (const entry of this.#entries.values()) entry.frame = undefined
  }

  established(ack: JsonObject): void {
    this.#ack = ack
    this.#establishing.resume()
    if (this.#pressure > 0) this.#pause()
    for (const entry of this.#entries.values()) this.#resume(entry)
    this.forget()
    for (const waiter of take(this.#waiters)) waiter.established(ack)
    if (!this.hasDemand) this.hooks.onIdle()
  }

  deliver(message: ServerMessage | Rejected): void {
    switch (message._tag) {
      case "Next": {
        this.#hasDelivered = true
        const entry = this.#entries.get(message.id)
        if (entry === undefined) return this.#unexpected(message.id)
        // Whoever sends results runs it, whether or not that was said.
        if (!entry.isEstablished) this.#established(entry)
        return entry.next(message.payload)
      }
      case "Result": {
        this.#hasDelivered = true
        this.#entries.get(message.id)?.next(message.payload)
        return this.#last(message.id)?.complete()
      }
      case "Established": {
        const entry = this.#entries.get(message.id)
        return entry && this.#established(entry)
      }
      case "OperationFailed":
        return this.#last(message.id)?.failed(message.payload)
      case "Complete":
        return this.#last(message.id)?.complete()
      default:
        return
    }
  }

  #established(entry: Entry): void {
    entry.isEstablished = true
    this.#establishing.delete(entry)
    entry.established?.()
  }

  /** The server has not said that it runs it: nobody shall wait for that without end. */
  #neverEstablished(entry: Entry): void {
    const timeout = Duration.millis(this.#establishing.timeout)
    const failure = Loss.networkFailure(new EstablishTimeout({ timeout }), "live", this.endpoint)
    this.stop(entry)
    entry.lost(Loss.fromFailure(failure).sent)
  }

  /** A result for nobody. If it is for a query that has one, its server is told to stop. */
  #unexpected(id: string): void {
    if (this.#answered.delete(id)) this.#connection?.stop(id)
  }

  /** The entry that this message is the last for. */
  #last(id: string): Entry | undefined {
    this.#answered.delete(id)
    return this.#remove(id)
  }

  /** For a connection that is opened by its one operation: that, as it is to be sent now. */
  get opening(): Effect.Effect<Opening | undefined> {
    return Effect.suspend(() => {
      const [entry] = this.#entries.values()
      if (entry === undefined) return Effect.succeed(undefined)
      const { id, renew, request } = entry
      return (entry.wasSent || entry.hasWaited) && renew
        ? Effect.map(renew(always), (frame) =>
            frame === undefined ? undefined : { id, frame, headers: entry.headers }
          )
        : Effect.succeed({
            id,
            frame: entry.frame ?? this.encode(id, request),
            headers: entry.headers
          })
    })
  }

  /** What opens its connection may have reached the server. */
  sent(): void {
    for (const entry of this.#entries.values()) {
      entry.isSent = true
      entry.wasSent = true
    }
  }

  /** The server has refused it without a look at it: it may be sent again. */
  refused(): void {
    for (const entry of this.#entries.values()) entry.isSent = false
  }

  // -- for the session ----------------------------------------------------------------------------

  /** What the session is recovering from, if it is. */
  get lastFailure(): Loss.ConnectionError | undefined {
    return this.#lastFailure
  }

  /** How many operations were ever started. */
  get started(): number {
    return this.#lastId
  }

  /** Whether the current connection has brought anybody a result. */
  get hasDelivered(): boolean {
    return this.#hasDelivered
  }

  isServedBy(connection: Link): boolean {
    return this.#connection === connection
  }

  /**
   * Parts with a connection that nobody needs, so that whoever comes from here on waits for the next.
   */
  detach(): void {
    this.#answered.clear()
    this.#connection = undefined
  }

  /** The connection is lost and another will come: who cannot wait for it is told. */
  interrupt(loss: Loss.Loss, interruption: Interruption, failure: Loss.ConnectionError): void {
    // It was lost in the very moment in which we closed: no other will come.
    if (this.#refusal) return this.lose(this.#refusal)
    this.detach()
    this.#interruption ??= interruption
    this.#lastFailure = failure
    const told: Array<Entry> = []
    for (const entry of this.#entries.values()) {
      if (entry.isSent && !entry.isRepeatable) {
        this.#entries.delete(entry.id)
        told.push(entry)
      }
      entry.isSent = false
      entry.isEstablished = false
      entry.hasWaited = true
    }
    this.#establishing.clear()
    Metrics.activeOperations.unsafeUpdate(-told.length, [])
    for (const entry of told) entry.lost(loss.sent)
  }

  /** Nobody waits for the next connection: what the last was lost to is nobody's business. */
  forget(): void {
    this.#interruption = undefined
    this.#lastFailure = undefined
  }

  /** The end of everything, whoever might still think otherwise: no socket, and nobody waiting. */
  abandon(): void {
    this.#spokenTo?.abandon()
    if (this.#refusal) this.lose(this.#refusal)
  }

  /** There is no connection and none will come by itself: everybody is told. */
  lose(loss: Loss.Loss): void {
    const entries = Array.from(this.#entries.values())
    for (const { id, isSent } of entries) {
      // Reaches the server only when we leave a connection that is well.
      if (isSent) this.#connection?.stop(id)
    }
    this.detach()
    this.forget()
    this.#entries.clear()
    this.#establishing.clear()
    Metrics.activeOperations.unsafeUpdate(-entries.length, [])
    for (const entry of entries) entry.lost(entry.wasSent ? loss.sent : loss.unsent)
    for (const waiter of take(this.#waiters)) waiter.lost(loss.unsent)
  }

  /**
   * Whoever comes from now on is told so at once, and so is who waits while there is no connection
   * whose end would tell them. Once it is called, no operation is kept for a next connection.
   */
  refuse(loss: Loss.Loss): void {
    this.#refusal = loss
    if (this.#onRefusal) for (const refused of take(this.#onRefusal)) refused(loss)
    if (this.#connection === undefined) this.lose(loss)
  }

  #resume(entry: Entry): void {
    if (entry.wasServed && this.#interruption) entry.resumed?.(this.#interruption)
    // What opens its connection was sent, and renewed if need be, before that was made.
    if (this.#connection?.carriesOne) return this.#served(entry)
    const renew = entry.wasSent || entry.hasWaited ? entry.renew : undefined
    if (renew === undefined) return this.#send(entry)
    const connection = this.#connection
    // By then it may have been stopped, or its connection lost again.
    const isWanted = () => this.#connection === connection && this.has(entry)
    this.hooks.fork(
      Effect.map(renew(isWanted), (frame) => {
        if (frame === undefined || !isWanted()) return
        entry.frame = frame
        this.#send(entry)
      })
    )
  }

  #send(entry: Entry): void {
    if (entry.isSent) return
    const frame = entry.frame ?? this.encode(entry.id, entry.request)
    this.#served(entry)
    this.#connection?.start(entry.id, frame, entry.headers)
  }

  #served(entry: Entry): void {
    entry.frame = undefined
    entry.isSent = true
    entry.wasSent = true
    entry.wasServed = true
    if (!entry.isSubscription) return
    if (this.#connection?.establishes) this.#establishing.add(entry)
    else this.#established(entry)
  }

  #remove(id: string): Entry | undefined {
    const entry = this.#entries.get(id)
    if (entry !== undefined) {
      this.#entries.delete(id)
      this.#establishing.delete(entry)
      Metrics.activeOperations.unsafeUpdate(-1, [])
      if (!this.hasDemand) this.hooks.onIdle()
    }
    return entry
  }
}

/** A connection that is opened by its one operation ends what makes that, when it is lost. */
const always = () => true

/** Empties a set and returns what was in it. */
const take = <A>(set: Set<A>): ReadonlyArray<A> => {
  const all = Array.from(set)
  set.clear()
  return all
}
