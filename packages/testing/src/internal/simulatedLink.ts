/**
 * A WebSocket of a `SimulatedNetwork`: the client's end of it, the way to the server, and what goes
 * wrong on that way.
 */
import type { Wire, WireEnd, WireListener, WireRequest } from "@fiberline/client/Wire"
import * as Effect from "effect/Effect"
import type { NetworkEvent } from "../SimulatedNetwork.js"
import type { VirtualTime } from "../VirtualTime.js"
import type { Fault } from "../NetworkFaults.js"
import type { Faults } from "./faults.js"
import { Pipe } from "./pipe.js"
import { Reading } from "./reading.js"
import type { ServedLink, Session, SimulatedHost } from "./simulatedHost.js"
import type { SessionLink } from "./simulatedSession.js"
import { isAcknowledgement } from "./spoken.js"

export interface LinkSettings {
  readonly faultWindow: number
  readonly latency: readonly [min: number, max: number]
  readonly readAhead: number
  readonly observe: (event: NetworkEvent) => void
}

const closeCodes = [
  1000, 1001, 1002, 1003, 1005, 1006, 1008, 1009, 1011, 1012, 1013, 3000, 4000, 4400, 4401, 4403,
  4408, 4429, 4500, 4999
] as const

/** In milliseconds. */
const longestBetweenParts = 3000

export class SimulatedLink implements Wire, SessionLink, ServedLink {
  readonly #up: Pipe
  readonly #down: Pipe
  readonly #session: Session
  readonly #reading: Reading
  #state: "Connecting" | "Open" | "Gone" = "Connecting"
  /** The server has sent its acknowledgement. */
  #hasAcknowledged = false
  /** It has reached the client. */
  #isAcknowledged = false
  #isClosing = false
  /** The client will not be told of the end. */
  #isUnclosed = false

  constructor(
    readonly id: number,
    readonly time: VirtualTime,
    readonly faults: Faults,
    readonly host: SimulatedHost,
    readonly settings: LinkSettings,
    readonly request: WireRequest,
    readonly listener: WireListener
  ) {
    this.#up = new Pipe(time, settings.latency)
    this.#down = new Pipe(time, settings.latency)
    this.#reading = new Reading(time, settings.readAhead)
    this.#session = host.serve(request, this)
    this.#connect()
  }

  get isWell(): boolean {
    return (
      this.#isAcknowledged &&
      !this.#reading.isPaused &&
      this.#up.isWell &&
      this.#down.isWell &&
      this.#session.isWell
    )
  }

  get subscribers(): ReadonlyArray<string> {
    return this.#session.subscribers
  }

  // -- the client's end ---------------------------------------------------------------------------

  #connect(): void {
    this.host.links.add(this)
    this.settings.observe({ _tag: "Attempted", link: this.id, host: this.host.name })
    const { dice } = this.time
    const connects = (then: () => void) =>
      this.time.after(dice.between(...this.settings.latency) * 2, then)
    if (!this.host.server.isUp || this.faults.draw("refused")) {
      this.faults.count("refused", this.id)
      connects(() => this.#end({ _tag: "Failed", cause: new Error("ECONNREFUSED") }))
    } else if (this.faults.draw("unanswered")) {
      this.faults.count("unanswered", this.id)
    } else if (this.faults.draw("rejected")) {
      const status = dice.pick([401, 403, 404, 500, 503])
      this.faults.count("rejected", this.id, `with ${status}`)
      const headers = { echo: this.#session.overheard }
      connects(() => this.#end({ _tag: "Rejected", status, headers }))
    } else {
      connects(() => {
        if (this.#state === "Connecting") this.#session.begin()
      })
    }
  }

  send(text: string): void {
    if (this.#state !== "Open") return
    if (this.#isClosing) this.misused(`a frame behind the close frame: ${text}`)
    this.settings.observe({ _tag: "Sent", link: this.id, frame: text })
    this.#up.put(() => {
      if (this.#state === "Open") this.#session.receive(text)
    })
  }

  ping(): void {
    if (this.#state !== "Open") return
    this.#up.put(() => {
      if (this.#state === "Open") this.#session.pinged()
    })
  }

  close(code: number, reason: string): void {
    if (this.#state === "Gone") return
    this.settings.observe({ _tag: "Closing", link: this.id, code })
    if (this.#state !== "Open") return this.terminate()
    this.#isClosing = true
    this.#up.put(() => this.#session.closed(code, reason))
  }

  terminate(): void {
    this.#end({ _tag: "Closed", code: 1006, reason: "" }, "client")
  }

  readonly flow = {
    pause: (): void => {
      if (this.#reading.isPaused || this.#state !== "Open") return
      this.#reading.pause()
      this.#observe("Paused")
    },
    resume: (): void => {
      if (!this.#reading.isPaused) return
      this.#observe("Resumed")
      this.#reading.resume()
    }
  }

  /** Nothing lies waiting that was not handed over: time stands still while the client is busy. */
  readonly settle = Effect.void

  // -- the server's end ---------------------------------------------------------------------------

  accept(subprotocol: string): void {
    if (this.#state !== "Connecting") return
    this.#state = "Open"
    this.#observe("Opened")
    if (this.faults.draw("unclosed")) {
      this.#isUnclosed = true
      this.faults.count("unclosed", this.id)
    }
    this.listener.onOpen(subprotocol)
    for (const [kind, happen] of this.#troubles) {
      if (!this.faults.draw(kind)) continue
      this.time.after(this.time.dice.between(0, this.settings.faultWindow), () => {
        if (this.#state === "Open") happen((detail) => this.faults.count(kind, this.id, detail))
      })
    }
  }

  refuse(end: WireEnd): void {
    if (this.#state === "Connecting") this.#end(end)
  }

  /** Hands a frame to the client, when it has arrived. */
  readonly sendDown = (frame: string): void => {
    const isAck = !this.#hasAcknowledged && isAcknowledgement(frame)
    if (isAck && this.faults.draw("unacknowledged")) {
      return this.faults.count("unacknowledged", this.id)
    }
    this.#hasAcknowledged ||= isAck
    this.#sendParts()
    this.#putDown(() => this.#deliver(frame))
    if (isAck && this.faults.draw("dropped")) {
      this.faults.count("dropped", this.id)
      const code = this.time.dice.pick([1000, 1001, 1006, 1011, 1012])
      this.closeDown(code, this.#session.overheard)
    }
  }

  /** Now and then a few bytes come first, and then the rest takes its time. */
  #sendParts(): void {
    while (this.faults.draw("partial")) {
      this.faults.count("partial", this.id)
      this.#putDown(() => this.#deliverPart())
      this.#down.stall(this.time.dice.between(0, longestBetweenParts))
    }
  }

  readonly pongDown = (): void => this.#putDown(() => this.#deliverPart())

  readonly closeDown = (code: number, reason: string): void => {
    // A reason has 123 bytes (RFC 6455, section 5.5).
    const end: WireEnd = { _tag: "Closed", code, reason: reason.slice(-120) }
    this.#putDown(() => this.#end(end))
  }

  cut(): void {
    this.#end({ _tag: "Closed", code: 1006, reason: "" })
  }

  misused(detail: string): void {
    this.settings.observe({ _tag: "Misused", link: this.id, detail })
  }

  // -- between ------------------------------------------------------------------------------------

  /** What may happen to an open connection; each tells of it before it does it. */
  readonly #troubles: ReadonlyArray<readonly [Fault, (tell: (detail?: string) => void) => void]> = [
    [
      "stalled",
      (tell) => {
        const millis = this.time.dice.between(10, 5000)
        tell(`for ${millis} ms`)
        this.#up.stall(millis)
        this.#down.stall(millis)
      }
    ],
    ["lostUp", (tell) => [tell(), this.#up.lose()]],
    ["lostDown", (tell) => [tell(), this.#down.lose()]],
    ["lostBoth", (tell) => [tell(), this.#loseAll()]],
    ["reset", (tell) => [tell(), this.#end({ _tag: "Failed", cause: new Error("ECONNRESET") })]],
    [
      "frozen",
      (tell) => {
        const millis = this.time.dice.between(100, 60_000)
        tell(`for ${millis} ms`)
        this.#session.freeze(millis)
      }
    ],
    ["killed", (tell) => [tell(), this.host.server.kill()]],
    [
      "closed",
      (tell) => {
        const code = this.time.dice.pick(closeCodes)
        tell(`with ${code}`)
        this.closeDown(code, `because of ${this.#session.overheard}`)
      }
    ],
    ["malformed", (tell) => [tell(), this.sendDown(this.#nonsense)]],
    ["oversized", (tell) => [tell(), this.sendDown("x".repeat(this.request.maxFrameSize + 1))]],
    ["unexpected", (tell) => [tell(), this.#session.sendUnexpected(this.#hasAcknowledged)]]
  ]

  get #nonsense(): string {
    const { overheard } = this.#session
    return this.time.dice.pick([
      "",
      "{",
      "[]",
      "null",
      JSON.stringify({ type: "unknown", overheard }),
      JSON.stringify({ type: "next", id: 1, overheard }),
      JSON.stringify({ type: "next", id: "1", payload: overheard }),
      JSON.stringify({ type: "error", id: "1", payload: overheard }),
      `{"type":"next","__proto__":{"id":"1"}}`
    ])
  }

  #loseAll(): void {
    this.#up.lose()
    this.#down.lose()
  }

  /** To be read by the client when it has arrived. */
  #putDown(read: () => void): void {
    const arrived = this.#reading.sent(() => {
      if (this.#state === "Open") read()
    })
    this.#down.put(arrived)
  }

  #deliverPart(): void {
    this.#observe("HeardPart")
    this.listener.onActivity()
  }

  #deliver(frame: string): void {
    this.settings.observe({ _tag: "Heard", link: this.id, frame })
    if (!this.#isAcknowledged && isAcknowledgement(frame)) {
      this.#isAcknowledged = true
      this.#observe("Acknowledged")
    }
    this.listener.onFrame(frame)
  }

  #end(end: WireEnd, by: "client" | "network" = "network"): void {
    if (this.#state === "Gone") return
    const isTold = !this.#isUnclosed || end._tag !== "Closed"
    if (!isTold && by === "network") {
      // To the client it lives on, and nothing crosses it any more.
      this.#session.end()
      return this.#loseAll()
    }
    this.#state = "Gone"
    this.#isAcknowledged = false
    this.#reading.discard()
    this.#session.end()
    this.host.links.delete(this)
    this.settings.observe({ _tag: "Gone", link: this.id, by })
    if (isTold) this.listener.onEnd(end)
  }

  #observe(tag: "Opened" | "HeardPart" | "Acknowledged" | "Paused" | "Resumed"): void {
    this.settings.observe({ _tag: tag, link: this.id })
  }
}
