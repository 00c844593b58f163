/**
 * A connection: one scope, from the evaluation of its URL to the end of its socket.
 *
 * ```
 * scope ── socket            released last: close frame, at most closeTimeout, then destroyed
 *       ── the telling       before that: every operation gets the scope's own exit
 *       ── establish         fails when opening or acknowledging takes too long
 *          then keepalive    fails when a probe goes unanswered
 * ```
 *
 * The first to fail decides: one of these fibers, or a callback of the socket's, with what the peer or
 * the socket did. That interrupts the fiber and is the scope's exit, so that telling the operations is
 * not a step that another step could skip.
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
import { Keepalive } from "@fiberline/core/Keepalive"
import type { JsonObject, Rejected, ServerMessage } from "@fiberline/core/Message"
import type { ClientConversation, OptionalMessage, Subprotocol } from "@fiberline/core/Subprotocol"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as NetworkError from "../NetworkError.js"
import type { Wire, WireConstructor, WireEnd, WireListener } from "../Wire.js"
import { disconnectionBy, excerpt, failureBy, refusalBy, tooLarge, type Where } from "./ending.js"
import * as Endpoint from "./endpoint.js"
import * as Loss from "./loss.js"
import { evaluate, type Options } from "./options.js"
import { watch } from "./liveness.js"
import { raceFirst, within } from "./race.js"
import { type Connecting, type Restore, run } from "./run.js"
import { revealHeaders, revealName, revealPayload } from "./secrets.js"
import * as Telemetry from "./telemetry.js"
import type { Live, Operations, Transport } from "./transport.js"
import { Verdict } from "./verdict.js"

/** Operations as messages of a subprotocol, over a WebSocket that they share. */
export const transport = (options: Options, openWire: WireConstructor["Type"]): Transport => {
  // What the server chose last. What is encoded before it could is encoded again if it chooses otherwise.
  let [spoken] = options.subprotocols
  return {
    encode: (id, payload) => spoken.write({ _tag: "Subscribe", id, payload }),
    run: run((operations, clock) => {
      const choose = (chosen: Subprotocol): void => {
        if (chosen === spoken) return
        spoken = chosen
        operations.translate()
      }
      return new Connection(options, openWire, operations, clock, choose)
    })
  }
}

const phases: { readonly [State in ConnectionState]: NetworkError.Phase } = {
  Opening: "connecting",
  Initializing: "acknowledging",
  Acknowledging: "acknowledging",
  Ready: "live",
  Closing: "closed",
  Closed: "closed"
}

class Connection implements Connecting {
  readonly carriesOne = false
  #state: ConnectionState = "Opening"
  /** Those of the state, which is looked up when it changes rather than for each message. */
  #transitions = transitions.Opening
  #endpoint = Endpoint.unresolved
  #wire: Wire | undefined = undefined
  #subprotocol: Subprotocol
  #conversation: ClientConversation
  /** The frame that is being taken, for what an error shows of it. */
  #frame: string | ArrayBuffer | undefined = undefined
  #keepalive: Keepalive | undefined = undefined
  /** Whether the server has shown that it keeps the connection alive by itself. */
  #isKeptAlive = false
  #ack: JsonObject = {}
  #liveSince: number | undefined = undefined
  /** Characters of pings that were answered since all that we sent had last been taken. */
  #unreadPongs = 0
  /** Whether we say good-bye. */
  #isParting = false
  /** What the close frame will say. */
  #closeCode: number = ours.leaving
  readonly #opened = new Verdict<void>()
  readonly #acknowledged = new Verdict<void>()
  /** What ends its life: a failure, or that we leave. */
  readonly #over = new Verdict<void, Loss.Failure>()
  readonly #ended = new Verdict<void>()
  #watcher: Fiber.RuntimeFiber<never, Loss.Failure> | undefined = undefined

  constructor(
    readonly options: Options,
    readonly openWire: WireConstructor["Type"],
    readonly operations: Operations,
    readonly clock: Clock.Clock,
    readonly choose: (subprotocol: Subprotocol) => void
  ) {
    this.#subprotocol = options.subprotocols[0]
    this.#conversation = this.#converse(this.#subprotocol)
  }

  #converse(subprotocol: Subprotocol): ClientConversation {
    return subprotocol.connect({
      send: (frame) => {
        // Once nobody is left, what still arrives is answered by nothing: a frame would come behind our close
        // frame, or have something executed of which nobody wants to know.
        if (!this.#isOver || this.#isParting) this.#write(frame)
      },
      deliver: (message) => this.#deliver(message)
    })
  }

  get #now(): number {
    return this.clock.unsafeCurrentTimeMillis()
  }

  get phase(): NetworkError.Phase {
    return phases[this.#state]
  }

  get endpoint(): string {
    return this.#endpoint
  }

  get wasLive(): boolean {
    return this.#liveSince !== undefined
  }

  /** How long it has been, or was, live, in milliseconds. */
  get uptime(): number {
    return this.#liveSince === undefined ? 0 : this.#now - this.#liveSince
  }

  get #isOver(): boolean {
    return this.#state === "Closing" || this.#state === "Closed"
  }

  /** Whether operations can be sent. */
  get isReady(): boolean {
    return this.#state === "Ready"
  }

  // -- connect ------------------------------------------------------------------------------------

  /** Ends when the server has acknowledged; fails when that takes too long, or the socket does. */
  get connect(): Effect.Effect<void, Loss.Failure> {
    return raceFirst(this.#ending, this.#introduce)
  }

  /** Fails as the connection does, and is interrupted where it was left. */
  get #ending(): Effect.Effect<never, Loss.Failure> {
    return Effect.zipRight(this.#over.decided, Effect.interrupt)
  }

  /** Opens the socket and introduces us. */
  get #introduce(): Effect.Effect<void, Loss.Failure> {
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
      const { name, secrets, url } = yield* this.#setting("url", this.options.url, (value) =>
        Endpoint.parse(value, "ws")
      )
      this.#endpoint = name
      this.operations.secrets.add(secrets)
      yield* Effect.annotateCurrentSpan("url.full", name)
      const headers = yield* this.#setting("headers", this.options.headers, (value) => {
        this.operations.secrets.add(value)
        return revealHeaders(value)
      })
      const { subprotocols } = this.options
      const credentials = yield* this.#setting(
        "subprotocolCredentials",
        this.options.subprotocolCredentials,
        (values) => {
          this.operations.secrets.add(values)
          return values.map(revealName)
        }
      )
      this.#wire = this.openWire(
        {
          url: Endpoint.withParameters(url, subprotocols),
          // One without a name is not offered.
          subprotocols: [...subprotocols.flatMap(({ name }) => name || []), ...credentials],
          headers,
          maxFrameSize: this.options.maxFrameSize
        },
        this.#listener
      )
      yield* this.#opened.decided
    })
  }

  get #initialize(): Effect.Effect<void, Loss.Failure> {
    return Effect.gen(this, function* () {
      const payload = yield* this.#setting(
        "connectionPayload",
        this.options.connectionPayload,
        (value) => {
          const payload = revealPayload(value)
          // As it was given: what is `Redacted` in it is a secret however short.
          this.operations.secrets.add(value)
          // Throws for what cannot be sent, which is too late to find when it is.
          JSON.stringify(payload)
          return payload
        }
      )
      if (this.#step("InitSent") === "AwaitAck") {
        this.#conversation.send({
          _tag: "ConnectionInit",
          ...(payload !== undefined && { payload })
        })
      }
      yield* this.#acknowledged.decided
    })
  }

  #setting<A, B>(
    option: NetworkError.OptionFailed["option"],
    setting: Effect.Effect<A, unknown>,
    use: (value: A) => B
  ): Effect.Effect<B, Loss.Failure> {
    return evaluate(this.options, option, setting, use, (reason, cause) =>
      this.#fails("OptionFailed", reason, { ...cause, closeCode: ours.internalClientError })
    )
  }

  // -- live ---------------------------------------------------------------------------------------

  /** Until the connection is over. Uninterruptible but for the wait itself. */
  live(observe: (live: Live) => void, restore: Restore): Effect.Effect<void, Loss.Failure> {
    const live = { since: this.#liveSince ?? this.#now, ack: this.#ack, roundTrip: undefined }
    observe(live)
    const keepalive = this.#keepalive
    if (keepalive === undefined) return restore(this.#over.decidedAtLast)
    // As in a race: made and started in one instruction.
    return Effect.flatMap(
      Effect.fork(
        Effect.interruptible(
          watch(keepalive, this.clock, {
            probe: () => this.#probe(),
            answered: (roundTrip) => {
              // What is heard without having been asked for measures nothing.
              if (this.#canProbe) observe({ ...live, roundTrip })
            },
            settle: this.settle,
            silent: (reason) => this.#fails("KeepaliveTimedOut", reason)
          })
        )
      ),
      (watcher) => {
        this.#watcher = watcher
        watcher.addObserver((exit) => this.#over.decide(exit))
        return restore(this.#over.decidedAtLast)
      }
    )
  }

  #probe(): void {
    if (this.#has("Ping")) this.#conversation.send({ _tag: "Ping" })
    else this.#wire?.ping?.()
  }

  /** Whether the server can be asked for a sign of life. */
  get #canProbe(): boolean {
    return this.#has("Ping") || this.#wire?.ping !== undefined
  }

  /** Whether the server's silence means something. */
  get #isHeard(): boolean {
    return this.#canProbe || this.#isKeptAlive
  }

  #has(message: OptionalMessage): boolean {
    return !this.#subprotocol.lacks.has(message)
  }

  /** Ends the keepalive. */
  get unwatch(): Effect.Effect<void> {
    return Effect.suspend(() => (this.#watcher ? Fiber.interrupt(this.#watcher) : Effect.void))
  }

  /** Has the connection end, unless it is over already. */
  leave(): void {
    this.#over.decide(Effect.void)
  }

  /** Whether the server says when a subscription is established. */
  get establishes(): boolean {
    return this.#has("Established")
  }

  start(id: string, frame: string): void {
    if (this.isReady) this.#conversation.start(id, frame)
  }

  stop(id: string): void {
    // Not encoded in vain: a lost connection has ten thousand of them ended.
    if (this.isReady) this.#conversation.send({ _tag: "Complete", id })
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
    if (this.#isHeard) this.#keepalive?.resume(this.#now)
    this.#wire?.flow?.resume()
  }

  get settle(): Effect.Effect<void> {
    return Effect.suspend(() => this.#wire?.settle ?? Effect.void)
  }

  #write(text: string): void {
    if (this.options.countMessages) Telemetry.sent(text)
    this.#wire?.send(text)
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
    const { subprotocols } = this.options
    const subprotocol =
      // Some servers name none. Where we offered one, there is nothing else it could be.
      chosen === "" && subprotocols.length === 1
        ? subprotocols[0]
        : subprotocols.find(({ name }) => name === chosen)
    if (subprotocol !== undefined) {
      if (this.#step("SocketOpened") !== "Initialize") return
      this.#speak(subprotocol)
      this.#opened.decide(Effect.void)
    } else if (this.#step("Rejected") === "Reject") {
      this.#violated(phase, {
        violation: "UnexpectedSubprotocol",
        detail:
          chosen === ""
            ? "the server chose none of the subprotocols"
            : "the server chose a subprotocol that was not offered"
      })
    }
  }

  #speak(subprotocol: Subprotocol): void {
    this.choose(subprotocol)
    if (subprotocol === this.#subprotocol) return
    this.#subprotocol = subprotocol
    this.#conversation = this.#converse(subprotocol)
  }

  #onFrame(frame: string | ArrayBuffer): void {
    if (!this.#wire?.showsActivity) this.#keepalive?.heard(this.#now)
    if (this.options.countMessages && typeof frame === "string") Telemetry.received(frame)
    // In UTF-16 units, for sockets that do not enforce the limit themselves, in bytes.
    if (typeof frame === "string" && frame.length > this.options.maxFrameSize) {
      const { phase } = this
      if (this.#step("Rejected") === "Reject") this.#violated(phase, tooLarge, ours.messageTooBig)
      return
    }
    this.#frame = frame
    this.#conversation.receive(frame)
    this.#frame = undefined
  }

  #deliver(message: ServerMessage | Rejected): void {
    const before = this.#state
    switch (this.#step(message._tag)) {
      case "Deliver":
        return this.operations.deliver(message)
      case "Answer":
        if (message._tag === "Ping") this.#answer(message.payload)
        return
      case "Establish":
        if (message._tag === "ConnectionAck") this.#establish(message.payload ?? {})
        return
      case "Watch":
        return this.#keptAlive()
      case "Refuse":
        return this.#refused(message, phases[before])
      case "Reject":
        return this.#violated(phases[before], {
          ...(message._tag === "Rejected"
            ? { violation: message.reason, detail: message.detail }
            : {
                violation: "UnexpectedMessage",
                detail: `a message "${message._tag}" while ${phases[before]}`
              }),
          ...(typeof this.#frame === "string" && { received: excerpt(this.#frame, this) })
        })
      default:
        // Ignored: a stray pong, or whatever still arrives while we close.
        return
    }
  }

  #refused(message: ServerMessage | Rejected, phase: NetworkError.Phase): void {
    const where = this.#where(phase)
    if (message._tag === "ConnectionError") {
      this.#over.decide(Effect.fail(refusalBy(message.payload, where)))
    } else if (message._tag === "Disconnected") {
      this.#over.decide(Effect.fail(disconnectionBy(message, where)))
    }
  }

  #answer(payload: JsonObject | undefined): void {
    // A peer that pings and does not read is given no more pongs than we may hold for it.
    if ((this.#wire?.backlog?.() ?? 0) === 0) this.#unreadPongs = 0
    if (this.#unreadPongs >= this.options.maxFrameSize) return
    // A pong is as long as its ping.
    if (typeof this.#frame === "string") this.#unreadPongs += this.#frame.length
    try {
      this.#conversation.send({ _tag: "Pong", ...(payload && { payload }) })
    } catch {
      // It is nested beyond reason, so that it cannot be written again.
      this.#conversation.send({ _tag: "Pong" })
    }
  }

  #establish(ack: JsonObject): void {
    this.#ack = ack
    this.#liveSince = this.#now
    if (this.options.keepalive) {
      const silence = this.#canProbe ? undefined : this.#subprotocol.silence?.(ack)
      this.#isKeptAlive ||= silence !== undefined
      this.#keepalive = new Keepalive(
        {
          ...this.options.keepalive,
          // What cannot be asked is dead when the server itself says so.
          ...(silence !== undefined && { interval: silence, timeout: 0 }),
          always: this.#subprotocol.expectsPings ?? false
        },
        this.#now
      )
      if (!this.#isHeard) this.#keepalive.pause()
    }
    this.#acknowledged.decide(Effect.void)
    this.operations.established(ack)
  }

  /** The server sends signs of life by itself, so that the lack of them says something. */
  #keptAlive(): void {
    if (this.#isKeptAlive) return
    const rested = !this.#isHeard
    this.#isKeptAlive = true
    if (rested) this.#keepalive?.resume(this.#now)
  }

  #onEnd(end: WireEnd): void {
    const { phase } = this
    if (this.#step("SocketEnded") === "Fail") {
      this.#over.decide(Effect.fail(failureBy(end, this.#where(phase))))
    }
    this.#ended.decide(Effect.void)
  }

  // -- fail ---------------------------------------------------------------------------------------

  /** Takes the table's transition for an event, and says what it asks for. */
  #step(event: ConnectionEvent): ConnectionAction {
    const { action, to } = this.#transitions[event]
    if (action === "Impossible") {
      const defect = new Error(`the event ${event} cannot happen while ${this.#state}`)
      this.#over.decide(Effect.die(defect))
    }
    if (to !== this.#state) {
      this.#state = to
      this.#transitions = transitions[to]
    }
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
      if (this.#step(event) !== "Fail") return this.#ending
      this.#closeCode = closeCode
      return Effect.fail(Loss.networkFailure(reason, phase, this.#endpoint, cause))
    })
  }

  /** Fails the reader: the peer broke the protocol. */
  #violated(
    phase: NetworkError.Phase,
    what: Loss.ViolationFields,
    closeCode: number = ours.invalidMessage
  ): void {
    this.#closeCode = closeCode
    const failure = Loss.protocolFailure({ ...what, phase, endpoint: this.#endpoint })
    this.#over.decide(Effect.fail(failure))
  }

  #where(phase: NetworkError.Phase): Where {
    return { phase, endpoint: this.#endpoint, scrub: (text) => this.scrub(text) }
  }

  /** A text of the peer's without what we sent in confidence. */
  scrub(text: string): string {
    return this.operations.secrets.scrub(text)
  }

  // -- close --------------------------------------------------------------------------------------

  /** Destroys what there is of a socket. */
  abandon(): void {
    this.#step("CloseRequested")
    this.#step("CloseTimedOut")
    this.#wire?.terminate()
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
      if (this.#has("ConnectionTerminate")) {
        this.#isParting = true
        this.#conversation.send({ _tag: "ConnectionTerminate" })
        this.#isParting = false
      }
      wire.close(this.#closeCode, describe(this.#closeCode).name)
      const begun = this.#now
      return raceFirst(this.#ended.decided, Effect.sleep(this.options.closeTimeout)).pipe(
        Effect.ensuring(destroy),
        Effect.zipRight(Effect.sync(() => Telemetry.closed(this.#now - begun)))
      )
    })
  }
}
