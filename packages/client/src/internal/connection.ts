/**
 * A connection: one scope, from the evaluation of its URL to the end of its socket.
 *
 * ```
 * scope ── socket            released last: close frame, at most closeTimeout, then destroyed
 *       ── the telling       before that: every operation gets the scope's own exit
 *       ── reader            fails with what the peer or the socket did
 *       ── establish         fails when opening or acknowledging takes too long
 *          then keepalive    fails when a probe goes unanswered
 * ```
 *
 * The first fiber to fail decides. Its failure interrupts the others and is the scope's exit, so
 * that telling the operations is not a step that another step could skip.
 *
 * Frames are handled synchronously in the socket's callback: decode, look the event up in the
 * table, route. No Effect runs for a message.
 */
import { describe, ours } from "@fiberline/core/CloseCode"
import {
  type ConnectionAction,
  type ConnectionEvent,
  type ConnectionState,
  transitions
} from "@fiberline/core/ConnectionState"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import { Keepalive } from "@fiberline/core/Keepalive"
import type { ClientMessage, JsonObject, Rejected, ServerMessage } from "@fiberline/core/Message"
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as NetworkError from "../NetworkError.js"
import type { Violation } from "../ProtocolError.js"
import type { Wire, WireConstructor, WireEnd, WireListener } from "../Wire.js"
import * as Endpoint from "./endpoint.js"
import * as Loss from "./loss.js"
import type { Options } from "./options.js"
import { reveal, Secrets } from "./secrets.js"

const subprotocol = graphqlTransportWs

/** The operations that a connection serves, as it sees them. */
export interface Operations {
  /** A connection is being made for them. */
  readonly attached: (connection: Connection) => void
  /** The server has acknowledged; what waits may be sent. */
  readonly established: (ack: JsonObject) => void
  /** A message that belongs to one operation. */
  readonly deliver: (message: ServerMessage | Rejected) => void
  /** The connection is over. Called exactly once, before its socket is closed. */
  readonly lost: (loss: Loss.Loss) => void
}

/**
 * Connects and serves the operations until the connection ends. It has no success: it fails with
 * the reason, or is interrupted in order to close.
 */
export const run = (
  options: Options,
  openWire: WireConstructor["Type"],
  operations: Operations
): Effect.Effect<never, Loss.Failure> =>
  Effect.acquireUseRelease(
    Effect.map(Effect.clock, (clock) => {
      const connection = new Connection(options, openWire, operations, clock)
      operations.attached(connection)
      return connection
    }),
    (connection) =>
      Effect.raceFirst(
        connection.reader,
        Effect.zipRight(connection.establish, connection.keepalive)
      ).pipe(Effect.onExit((exit) => Effect.sync(() => operations.lost(connection.lossBy(exit))))),
    (connection) => connection.close
  )

const phases: { readonly [State in ConnectionState]: NetworkError.Phase } = {
  Opening: "connecting",
  Initializing: "acknowledging",
  Acknowledging: "acknowledging",
  Ready: "live",
  Closing: "closed",
  Closed: "closed"
}

/** How much of a bad frame an error shows, and how much of it is searched for secrets before. */
const excerptLength = 200
const scrubbedLength = 64 * 1024

export class Connection {
  #state: ConnectionState = "Opening"
  #endpoint = Endpoint.unresolved
  #wire: Wire | undefined = undefined
  #keepalive: Keepalive | undefined = undefined
  /** What the close frame will say. */
  #closeCode: number = ours.leaving
  readonly #secrets = new Secrets()
  readonly #opened = Deferred.unsafeMake<void>(FiberId.none)
  readonly #acknowledged = Deferred.unsafeMake<void>(FiberId.none)
  readonly #failed = Deferred.unsafeMake<never, Loss.Failure>(FiberId.none)
  readonly #ended = Deferred.unsafeMake<void>(FiberId.none)

  constructor(
    readonly options: Options,
    readonly openWire: WireConstructor["Type"],
    readonly operations: Operations,
    readonly clock: Clock.Clock
  ) {}

  get #now(): number {
    return this.clock.unsafeCurrentTimeMillis()
  }

  get phase(): NetworkError.Phase {
    return phases[this.#state]
  }

  get endpoint(): string {
    return this.#endpoint
  }

  /** Whether operations can be sent. */
  get isReady(): boolean {
    return this.#state === "Ready"
  }

  // -- connect ------------------------------------------------------------------------------------

  /** Opens the socket, introduces us, and ends when the server has acknowledged. */
  get establish(): Effect.Effect<void, Loss.Failure> {
    const { connectTimeout, ackTimeout } = this.options
    return Effect.zipRight(
      within(connectTimeout, this.#open, () =>
        this.#fails(
          "ConnectTimedOut",
          new NetworkError.ConnectTimeout({ timeout: Duration.millis(connectTimeout) })
        )
      ),
      within(ackTimeout, this.#initialize, () =>
        this.#fails(
          "AckTimedOut",
          new NetworkError.AckTimeout({ timeout: Duration.millis(ackTimeout) }),
          { closeCode: ours.ackTimeout }
        )
      )
    )
  }

  get #open(): Effect.Effect<void, Loss.Failure> {
    return Effect.gen(this, function* () {
      const { name, secrets, url } = yield* this.#setting("url", this.options.url, Endpoint.parse)
      this.#endpoint = name
      this.#secrets.add(secrets)
      const headers = yield* this.#setting("headers", this.options.headers, revealHeaders)
      this.#secrets.add(headers)
      this.#wire = this.openWire(
        {
          url,
          subprotocols: [subprotocol.name],
          headers,
          maxFrameSize: this.options.maxFrameSize
        },
        this.#listener
      )
      yield* Deferred.await(this.#opened)
    })
  }

  get #initialize(): Effect.Effect<void, Loss.Failure> {
    return Effect.gen(this, function* () {
      const init = yield* this.#setting(
        "connectionPayload",
        this.options.connectionPayload,
        (value) => {
          const payload = revealPayload(value)
          this.#secrets.add(payload)
          return subprotocol.client.encode({
            _tag: "ConnectionInit",
            ...(payload !== undefined && { payload })
          })
        }
      )
      if (this.#step("InitSent") === "AwaitAck") this.#wire?.send(init)
      yield* Deferred.await(this.#acknowledged)
    })
  }

  /** Evaluates what the user gave us, which may fail, die, hang, or be of no use. */
  #setting<A, B>(
    option: NetworkError.OptionFailed["option"],
    setting: Effect.Effect<A, unknown>,
    use: (value: A) => B
  ): Effect.Effect<B, Loss.Failure> {
    return setting.pipe(
      // Or one that cannot be interrupted would outlast every timeout.
      Effect.disconnect,
      Effect.flatMap((value) => Effect.try({ try: () => use(value), catch: identity })),
      Effect.catchAllCause((cause) =>
        this.#fails("OptionFailed", new NetworkError.OptionFailed({ option }), {
          cause: Cause.squash(cause),
          closeCode: ours.internalClientError
        })
      )
    )
  }

  // -- live ---------------------------------------------------------------------------------------

  /** Fails with what the socket's callbacks found. */
  get reader(): Effect.Effect<never, Loss.Failure> {
    return Deferred.await(this.#failed)
  }

  /** Fails when the peer has been silent for too long. */
  get keepalive(): Effect.Effect<never, Loss.Failure> {
    return Effect.gen(this, function* () {
      const keepalive = this.#keepalive
      if (keepalive === undefined) return yield* this.reader
      while (true) {
        yield* Effect.sleep(keepalive.wait(this.#now))
        const due = keepalive.due(this.#now)
        if (due === "Probe") {
          keepalive.probed(this.#now)
          this.#transmit({ _tag: "Ping" })
        } else if (due === "Dead") {
          // We may have been too busy to read. What lies waiting is a sign of life.
          yield* this.#wire?.settle ?? Effect.void
          if (keepalive.due(this.#now) === "Dead") {
            return yield* this.#fails(
              "KeepaliveTimedOut",
              new NetworkError.KeepaliveTimeout({
                interval: Duration.millis(keepalive.settings.interval),
                timeout: Duration.millis(keepalive.settings.timeout),
                silentFor: Duration.millis(keepalive.silentFor(this.#now))
              })
            )
          }
        }
      }
    })
  }

  /** Sends an operation's frame; one that comes too late for this connection is dropped. */
  send(text: string): void {
    if (this.isReady) this.#wire?.send(text)
  }

  /** Whether reading can be stopped and resumed. */
  get canPause(): boolean {
    return this.#wire?.flow !== undefined
  }

  /** Stops reading. Silence is then our own doing, so the keepalive rests. */
  pause(): void {
    this.#keepalive?.pause()
    this.#wire?.flow?.pause()
  }

  resume(): void {
    this.#keepalive?.resume(this.#now)
    this.#wire?.flow?.resume()
  }

  #transmit(message: ClientMessage): void {
    this.#wire?.send(subprotocol.client.encode(message))
  }

  // -- what the socket tells us -------------------------------------------------------------------

  get #listener(): WireListener {
    return {
      onOpen: (chosen) => this.#onOpen(chosen),
      onActivity: () => this.#keepalive?.heard(this.#now),
      onFrame: (frame) => this.#onFrame(frame),
      onEnd: (end) => this.#onEnd(end)
    }
  }

  #onOpen(chosen: string): void {
    const { phase } = this
    // Some servers name no subprotocol. We offered one, so there is nothing else it could be.
    if (chosen === "" || chosen === subprotocol.name) {
      if (this.#step("SocketOpened") === "Initialize") {
        Deferred.unsafeDone(this.#opened, Effect.void)
      }
    } else if (this.#step("Rejected") === "Reject") {
      this.#violated(phase, {
        violation: "UnexpectedSubprotocol",
        detail: "the server chose a subprotocol that was not offered"
      })
    }
  }

  #onFrame(frame: string | ArrayBuffer): void {
    this.#keepalive?.heard(this.#now)
    const { phase } = this
    // In UTF-16 units, for sockets that do not enforce the limit themselves, in bytes.
    if (typeof frame === "string" && frame.length > this.options.maxFrameSize) {
      if (this.#step("Rejected") === "Reject") this.#violated(phase, tooLarge, ours.messageTooBig)
      return
    }
    const message = subprotocol.client.decode(frame)
    switch (this.#step(message._tag)) {
      case "Deliver":
        return this.operations.deliver(message)
      case "Answer":
        if (message._tag === "Ping") this.#transmit({ ...message, _tag: "Pong" })
        return
      case "Establish":
        if (message._tag === "ConnectionAck") this.#establish(message.payload ?? {})
        return
      case "Reject":
        return this.#violated(phase, {
          ...(message._tag === "Rejected"
            ? { violation: message.reason, detail: message.detail }
            : {
                violation: "UnexpectedMessage",
                detail: `a message "${message._tag}" while ${phase}`
              }),
          ...(typeof frame === "string" && { received: this.#excerpt(frame) })
        })
      default:
        // Ignored: a stray pong, or whatever still arrives while we close.
        return
    }
  }

  #establish(ack: JsonObject): void {
    if (this.options.keepalive) {
      this.#keepalive = new Keepalive(this.options.keepalive, this.#now)
    }
    Deferred.unsafeDone(this.#acknowledged, Effect.void)
    this.operations.established(ack)
  }

  #onEnd(end: WireEnd): void {
    const { phase } = this
    if (this.#step("SocketEnded") === "Fail") {
      Deferred.unsafeDone(this.#failed, Effect.fail(this.#failureBy(end, phase)))
    }
    Deferred.unsafeDone(this.#ended, Effect.void)
  }

  #failureBy(end: WireEnd, phase: NetworkError.Phase): Loss.Failure {
    const opening = phase === "connecting"
    const network = (reason: NetworkError.Reason, cause?: { readonly cause: unknown }) =>
      Loss.networkFailure(reason, phase, this.#endpoint, cause)
    switch (end._tag) {
      case "Rejected":
        return network(
          new NetworkError.HandshakeRejected({
            status: end.status,
            headers: Object.fromEntries(
              Object.entries(end.headers)
                // A cookie is a credential that the server has just made.
                .filter(([name]) => name.toLowerCase() !== "set-cookie")
                .map(([name, value]) => [name, this.#secrets.scrub(value)])
            )
          })
        )
      case "Failed":
        return network(
          opening ? new NetworkError.ConnectFailed() : new NetworkError.ConnectionLost(),
          { cause: end.cause }
        )
      case "Violated":
        return this.#violation(
          end.code === ours.messageTooBig
            ? { ...tooLarge, cause: end.cause }
            : {
                violation: "InvalidFrame",
                detail: "a frame that breaks the WebSocket protocol",
                cause: end.cause
              },
          phase
        )
      case "Closed":
        // 1006 stands for the lack of a close frame.
        return end.code === 1006
          ? network(opening ? new NetworkError.ConnectFailed() : new NetworkError.ConnectionLost())
          : network(
              new NetworkError.ServerClosed({
                code: end.code,
                reason: this.#secrets.scrub(end.reason)
              })
            )
    }
  }

  // -- fail ---------------------------------------------------------------------------------------

  /** Takes the table's transition for an event, and says what it asks for. */
  #step(event: ConnectionEvent): ConnectionAction {
    const { action, to } = transitions[this.#state][event]
    if (action === "Impossible") {
      const defect = new Error(`the event ${event} cannot happen while ${this.#state}`)
      Deferred.unsafeDone(this.#failed, Effect.die(defect))
    }
    this.#state = to
    return action
  }

  /** Fails the fiber that calls it, unless another failure came first. */
  #fails(
    event: ConnectionEvent,
    reason: NetworkError.Reason,
    details: { readonly cause?: unknown; readonly closeCode?: number } = {}
  ): Effect.Effect<never, Loss.Failure> {
    return Effect.suspend(() => {
      const { closeCode = ours.leaving, ...cause } = details
      const { phase } = this
      if (this.#step(event) !== "Fail") return this.reader
      this.#closeCode = closeCode
      return Effect.fail(Loss.networkFailure(reason, phase, this.#endpoint, cause))
    })
  }

  /** Fails the reader: the peer broke the protocol. */
  #violated(
    phase: NetworkError.Phase,
    what: ViolationFields,
    closeCode: number = ours.invalidMessage
  ): void {
    this.#closeCode = closeCode
    Deferred.unsafeDone(this.#failed, Effect.fail(this.#violation(what, phase)))
  }

  #violation(what: ViolationFields, phase: NetworkError.Phase): Loss.Failure {
    return Loss.protocolFailure({ ...what, phase, endpoint: this.#endpoint })
  }

  #excerpt(frame: string): string {
    // Scrubbed before it is cut, or half a secret might remain at the edge.
    return this.#secrets.scrub(frame.slice(0, scrubbedLength)).slice(0, excerptLength)
  }

  // -- close --------------------------------------------------------------------------------------

  /** What the operations are told when the scope ends with this exit. */
  lossBy(exit: Exit.Exit<never, Loss.Failure>): Loss.Loss {
    const cause = Exit.isFailure(exit) ? exit.cause : Cause.empty
    return Option.match(Cause.failureOption(cause), {
      onSome: Loss.fromFailure,
      onNone: () =>
        Cause.isInterruptedOnly(cause)
          ? // Nobody interrupts a connection but its session, which does so to close it.
            Loss.fromFailure(
              Loss.networkFailure(new NetworkError.ClientClosed(), this.phase, this.#endpoint)
            )
          : Loss.fromDefect(Cause.squash(cause))
    })
  }

  /**
   * Ends the connection. Takes at most `closeTimeout`, whatever the peer or a second interrupt does,
   * and when it is done the operating system's socket is gone.
   */
  get close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#step("CloseRequested")
      const wire = this.#wire
      if (wire === undefined) return Effect.void
      const destroy = Effect.sync(() => {
        this.#step("CloseTimedOut")
        wire.terminate()
      })
      if (this.#state !== "Closing") return destroy
      // The peer's answer cannot be read from a paused socket.
      wire.flow?.resume()
      wire.close(this.#closeCode, describe(this.#closeCode).name)
      return Deferred.await(this.#ended).pipe(
        // A finalizer is uninterruptible, and a timeout waits for what it cannot interrupt.
        Effect.interruptible,
        Effect.timeoutOption(this.options.closeTimeout),
        Effect.ensuring(destroy)
      )
    })
  }
}

interface ViolationFields {
  readonly violation: Violation
  readonly detail: string
  readonly received?: string
  readonly cause?: unknown
}

const tooLarge: ViolationFields = {
  violation: "FrameTooLarge",
  detail: "a frame larger than maxFrameSize"
}

/** Runs an effect for at most so many milliseconds, and then the other. */
const within = <A, E, E2>(
  limit: number,
  effect: Effect.Effect<A, E>,
  onTimeout: () => Effect.Effect<A, E2>
): Effect.Effect<A, E | E2> =>
  Effect.flatten(
    Effect.timeoutTo(effect, { duration: limit, onSuccess: Effect.succeed<A>, onTimeout })
  )

const revealHeaders = (headers: {
  readonly [name: string]: string | Redacted.Redacted<string>
}): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Redacted.isRedacted(value) ? Redacted.value(value) : value
    ])
  )

const revealPayload = (value: unknown): JsonObject | undefined => {
  const payload = reveal(value)
  if (payload === undefined || isObject(payload)) return payload
  throw new TypeError("the connection payload must be an object")
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)
