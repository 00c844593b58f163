/**
 * The operations of one session, by id, and the connection that serves them.
 *
 * The registry outlives connections: an operation may wait in it for one to come.
 *
 * Everything here runs synchronously, some of it inside the socket's callback, and a server in
 * memory answers before `send` has returned. So an operation is registered before it is sent.
 */
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type {
  ExecutionResult,
  JsonObject,
  OperationRequest,
  Rejected,
  ServerMessage
} from "@fiberline/core/Message"
import type * as Cause from "effect/Cause"
import type { GraphQLFormattedError } from "graphql"
import type { Phase } from "../NetworkError.js"
import { ProtocolError, type Violation } from "../ProtocolError.js"
import type * as Connection from "./connection.js"
import { unresolved } from "./endpoint.js"
import type { ConnectionError, Loss } from "./loss.js"

/** What an operation does with what happens to it. None of these throws. */
export interface Sink {
  readonly next: (result: ExecutionResult) => void
  readonly failed: (errors: ReadonlyArray<GraphQLFormattedError>) => void
  readonly complete: () => void
  readonly lost: (cause: Cause.Cause<ConnectionError>) => void
}

/** Somebody who waits for the connection itself. */
export interface Waiter {
  readonly established: (ack: JsonObject) => void
  readonly lost: (cause: Cause.Cause<ConnectionError>) => void
}

interface Entry {
  readonly sink: Sink
  /** The frame to send; `undefined` once it is sent. */
  unsent: string | undefined
}

const codec = graphqlTransportWs.client

export class Registry implements Connection.Operations {
  readonly #entries = new Map<string, Entry>()
  readonly #waiters = new Set<Waiter>()
  #connection: Connection.Connection | undefined = undefined
  #ack: JsonObject = {}
  #endpoint = unresolved
  #lastId = 0
  #pressure = 0
  /** Set when no connection will ever come again. */
  #refusal: Loss | undefined = undefined

  /**
   * @param onDemand called when somebody waits for a connection
   */
  constructor(readonly onDemand: () => void) {}

  /** Whether somebody waits for a connection. */
  get hasDemand(): boolean {
    return this.#entries.size > 0 || this.#waiters.size > 0
  }

  // -- for operations -----------------------------------------------------------------------------

  nextId(): string {
    return String(++this.#lastId)
  }

  /** Starts an operation. Throws what `JSON.stringify` throws; then nothing was started. */
  start(id: string, payload: OperationRequest, sink: Sink): void {
    const entry: Entry = { sink, unsent: codec.encode({ _tag: "Subscribe", id, payload }) }
    if (this.#refusal) return sink.lost(this.#refusal.unsent)
    this.#entries.set(id, entry)
    if (this.#connection?.isReady) this.#send(entry, this.#connection)
    else this.onDemand()
  }

  /**
   * Ends an operation from our side, tells the server if it knows of it, and returns whether it did.
   */
  stop(id: string): boolean {
    const entry = this.#entries.get(id)
    this.#entries.delete(id)
    const isSent = entry !== undefined && entry.unsent === undefined
    if (isSent) this.#connection?.send(codec.encode({ _tag: "Complete", id }))
    return isSent
  }

  /** Waits for an acknowledged connection; returns how to stop waiting. */
  wait(waiter: Waiter): () => void {
    if (this.#refusal) waiter.lost(this.#refusal.unsent)
    else if (this.#connection?.isReady) waiter.established(this.#ack)
    else {
      this.#waiters.add(waiter)
      this.onDemand()
    }
    return () => this.#waiters.delete(waiter)
  }

  /** A subscriber's buffer is full, or no longer: the socket is read while none is. */
  press(full: boolean): void {
    this.#pressure += full ? 1 : -1
    if (!this.#connection?.isReady) return
    if (full && this.#pressure === 1) this.#connection.pause()
    if (!full && this.#pressure === 0) this.#connection.resume()
  }

  get canPause(): boolean {
    return this.#connection?.canPause ?? false
  }

  get phase(): Phase {
    return this.#connection?.phase ?? "connecting"
  }

  get endpoint(): string {
    return this.#connection?.endpoint ?? this.#endpoint
  }

  /**
   * Whoever comes from now on is told so at once, and so is who waits while there is no connection
   * whose end would tell them.
   */
  refuse(loss: Loss): void {
    this.#refusal = loss
    if (this.#connection === undefined) this.lost(loss)
  }

  /** An error of the server's that concerns one operation only. */
  violation(violation: Violation, detail: string): ProtocolError {
    const { endpoint, phase } = this
    return new ProtocolError({ violation, detail, phase, endpoint, sent: true })
  }

  // -- for the connection -------------------------------------------------------------------------

  attached(connection: Connection.Connection): void {
    this.#connection = connection
  }

  established(ack: JsonObject): void {
    this.#ack = ack
    if (this.#pressure > 0) this.#connection?.pause()
    for (const entry of this.#entries.values()) this.#send(entry, this.#connection)
    for (const waiter of take(this.#waiters)) waiter.established(ack)
  }

  deliver(message: ServerMessage | Rejected): void {
    switch (message._tag) {
      case "Next":
        return this.#entries.get(message.id)?.sink.next(message.payload)
      case "OperationFailed":
        return this.#remove(message.id)?.failed(message.payload)
      case "Complete":
        return this.#remove(message.id)?.complete()
      default:
        return
    }
  }

  lost(loss: Loss): void {
    const entries = Array.from(this.#entries)
    for (const [id, { unsent }] of entries) {
      // Reaches the server only when we leave a connection that is well.
      if (unsent === undefined) this.#connection?.send(codec.encode({ _tag: "Complete", id }))
    }
    this.#endpoint = this.endpoint
    this.#connection = undefined
    this.#entries.clear()
    for (const [, { sink, unsent }] of entries) {
      sink.lost(unsent === undefined ? loss.sent : loss.unsent)
    }
    for (const waiter of take(this.#waiters)) waiter.lost(loss.unsent)
  }

  #send(entry: Entry, connection: Connection.Connection | undefined): void {
    const frame = entry.unsent
    if (frame === undefined) return
    entry.unsent = undefined
    connection?.send(frame)
  }

  #remove(id: string): Sink | undefined {
    const entry = this.#entries.get(id)
    this.#entries.delete(id)
    return entry?.sink
  }
}

/** Empties a set and returns what was in it. */
const take = <A>(set: Set<A>): ReadonlyArray<A> => {
  const all = Array.from(set)
  set.clear()
  return all
}
