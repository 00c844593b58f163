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
import type { SimulatedServer } from "./simulatedServer.js"
import { type SessionLink, SimulatedSession } from "./simulatedSession.js"

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

const ack = `"type":"connection_ack"`

export class SimulatedLink implements Wire, SessionLink {
  readonly #up: Pipe
  readonly #down: Pipe
  readonly #session: SimulatedSession
  #state: "Connecting" | "Open" | "Gone" = "Connecting"
  #isAcknowledged = false
  #isPaused = false
  /** How many frames are still handed over although it is paused. */
  #readAhead = 0
  #pausedAt = 0
  #isReading = false
  /** The client will not be told of the end. */
  #isUnclosed = false
  #unread: Array<() => void> = []
  #onGone = (): void => {}

  constructor(
    readonly id: number,
    readonly time: VirtualTime,
    readonly faults: Faults,
    server: SimulatedServer,
    readonly settings: LinkSettings,
    readonly request: WireRequest,
    readonly listener: WireListener
  ) {
    this.#up = new Pipe(time, settings.latency)
    this.#down = new Pipe(time, settings.latency)
    const confidences = `${request.url} ${Object.values(request.headers).join(" ")}`
    this.#session = new SimulatedSession(server, faults, this, confidences)
  }

  get isWell(): boolean {
    return (
      this.#isAcknowledged &&
      !this.#isPaused &&
      this.#up.isWell &&
      this.#down.isWell &&
      this.#session.isWell
    )
  }

  get subscribers(): ReadonlyArray<string> {
    return this.#session.subscribers
  }

  begin(onGone: () => void): void {
    this.#onGone = onGone
    this.#observe("Attempted")
    const { dice } = this.time
    const connects = (then: () => void) =>
      this.time.after(dice.between(...this.settings.latency) * 2, then)
    if (!this.#session.server.isUp || this.faults.draw("refused")) {
      this.faults.count("refused", this.id)
      connects(() => this.#end({ _tag: "Failed", cause: new Error("ECONNREFUSED") }))
    } else if (this.faults.draw("unanswered")) {
      this.faults.count("unanswered", this.id)
    } else if (this.faults.draw("rejected")) {
      const status = dice.pick([401, 403, 404, 500, 503])
      this.faults.count("rejected", this.id, `with ${status}`)
      const headers = { echo: this.#session.overheard }
      connects(() => this.#end({ _tag: "Rejected", status, headers }))
    } else connects(() => this.#open())
  }

  // -- the client's end ---------------------------------------------------------------------------

  send(text: string): void {
    if (this.#state !== "Open") return
    this.settings.observe({ _tag: "Sent", link: this.id, frame: text })
    this.#up.put(() => {
      if (this.#state === "Open") this.#session.heed(() => this.#session.receive(text))
    })
  }

  close(code: number): void {
    if (this.#state === "Gone") return
    this.settings.observe({ _tag: "Closing", link: this.id, code })
    if (this.#state !== "Open") return this.terminate()
    this.#up.put(() =>
      this.#session.heed(() =>
        this.#down.put(() => this.#end({ _tag: "Closed", code, reason: "" }))
      )
    )
  }

  terminate(): void {
    this.#end({ _tag: "Closed", code: 1006, reason: "" }, "client")
  }

  readonly flow = {
    pause: (): void => {
      if (this.#isPaused || this.#state !== "Open") return
      this.#isPaused = true
      this.#pausedAt = this.time.now()
      // The rest of what had been read when the client asked, and nothing that comes later.
      this.#readAhead = this.#isReading ? this.time.dice.between(0, this.settings.readAhead) : 0
      this.#observe("Paused")
    },
    resume: (): void => {
      if (!this.#isPaused) return
      this.#isPaused = false
      this.#observe("Resumed")
      this.#readOn()
    }
  }

  /** Nothing lies waiting that was not handed over: time stands still while the client is busy. */
  readonly settle = Effect.void

  // -- the server's end ---------------------------------------------------------------------------

  /** Hands a frame to the client, when it has arrived. */
  readonly sendDown = (frame: string): void => {
    this.#down.put(() => this.#arrived(() => this.#deliver(frame)))
  }

  readonly closeDown = (code: number, reason: string): void => {
    // A reason has 123 bytes (RFC 6455, section 5.5).
    const end: WireEnd = { _tag: "Closed", code, reason: reason.slice(-120) }
    this.#down.put(() => this.#arrived(() => this.#end(end)))
  }

  cut(): void {
    this.#end({ _tag: "Closed", code: 1006, reason: "" })
  }

  misused(detail: string): void {
    this.settings.observe({ _tag: "Misused", link: this.id, detail })
  }

  // -- between ------------------------------------------------------------------------------------

  #open(): void {
    if (this.#state !== "Connecting") return
    this.#state = "Open"
    this.#observe("Opened")
    if (this.faults.draw("unclosed")) {
      this.#isUnclosed = true
      this.faults.count("unclosed", this.id)
    }
    this.listener.onOpen(this.request.subprotocols[0] ?? "")
    for (const [kind, happen] of this.#troubles) {
      if (!this.faults.draw(kind)) continue
      this.time.after(this.time.dice.between(0, this.settings.faultWindow), () => {
        if (this.#state === "Open") happen((detail) => this.faults.count(kind, this.id, detail))
      })
    }
  }

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
    ["killed", (tell) => [tell(), this.#session.server.kill()]],
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
    ["unexpected", (tell) => [tell(), this.sendDown(this.#session.unexpected)]]
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
      JSON.stringify({ type: "error", id: "1", payload: { message: overheard } }),
      `{"type":"next","__proto__":{"id":"1"}}`
    ])
  }

  #loseAll(): void {
    this.#up.lose()
    this.#down.lose()
  }

  /** It has reached the client's machine, which reads it when it reads. */
  #arrived(read: () => void): void {
    if (this.#state !== "Open") return
    if (!this.#isHandedOver) this.#unread.push(read)
    else {
      if (this.#isPaused) this.#readAhead--
      read()
    }
  }

  get #isHandedOver(): boolean {
    return !this.#isPaused || (this.#readAhead > 0 && this.#pausedAt === this.time.now())
  }

  /** Until it is paused again, by what it reads. */
  #readOn(): void {
    let next: (() => void) | undefined
    while (this.#isHandedOver && (next = this.#unread.shift())) this.#arrived(next)
  }

  #deliver(frame: string): void {
    if (this.faults.draw("partial")) {
      this.faults.count("partial", this.id)
      this.listener.onActivity()
    }
    this.settings.observe({ _tag: "Heard", link: this.id, frame })
    if (frame.includes(ack)) {
      this.#isAcknowledged = true
      this.#observe("Acknowledged")
    }
    this.#isReading = true
    this.listener.onFrame(frame)
    this.#isReading = false
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
    this.#unread = []
    this.#session.end()
    this.#onGone()
    this.settings.observe({ _tag: "Gone", link: this.id, by })
    if (isTold) this.listener.onEnd(end)
  }

  #observe(tag: "Attempted" | "Opened" | "Acknowledged" | "Paused" | "Resumed"): void {
    this.settings.observe({ _tag: tag, link: this.id })
  }
}
