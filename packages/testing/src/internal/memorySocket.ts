/**
 * A WebSocket in memory: what one end does, the other end sees before the call returns, so that a
 * test in virtual time never waits for anything but the clock.
 */
import type { Wire, WireEnd, WireListener, WireRequest } from "@fiberline/client/Wire"
import * as Effect from "effect/Effect"

/** What the server's end is told. */
export interface Peer {
  readonly onFrame: (text: string) => void
  readonly onPing: () => void
  readonly onClose: (code: number, reason: string) => void
}

export class MemorySocket implements Wire {
  #state: "connecting" | "open" | "closing" | "gone" = "connecting"
  #isSilent = false
  #isPaused = false
  /** What TCP would hold back while the client does not read. */
  readonly #unread: Array<() => void> = []

  constructor(
    readonly request: WireRequest,
    readonly listener: WireListener,
    readonly peer: Peer
  ) {}

  // -- the client's end ---------------------------------------------------------------------------

  readonly send = (text: string): void => {
    if (this.#state === "open" && !this.#isSilent) this.peer.onFrame(text)
  }

  readonly ping = (): void => {
    if (this.#state === "open" && !this.#isSilent) this.peer.onPing()
  }

  readonly close = (code: number, reason: string): void => {
    if (this.#state === "connecting") return this.terminate()
    if (this.#state !== "open") return
    this.#state = "closing"
    if (this.#isSilent) return
    this.peer.onClose(code, reason)
    this.#read(() => this.#end({ _tag: "Closed", code, reason }))
  }

  readonly terminate = (): void => {
    const wasOpen = this.#state === "open" || this.#state === "closing"
    this.#unread.length = 0
    this.#end({ _tag: "Closed", code: 1006, reason: "" })
    if (wasOpen && !this.#isSilent) this.peer.onClose(1006, "")
  }

  readonly flow = {
    pause: (): void => {
      this.#isPaused = true
    },
    resume: (): void => {
      this.#isPaused = false
      for (const read of this.#unread.splice(0)) this.#read(read)
    }
  }

  readonly settle = Effect.void

  // -- the server's end ---------------------------------------------------------------------------

  get isGone(): boolean {
    return this.#state === "gone"
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Frames that the client has not read yet. */
  get unread(): number {
    return this.#unread.length
  }

  open(subprotocol: string): void {
    if (this.#state !== "connecting" || this.#isSilent) return
    this.#state = "open"
    this.listener.onOpen(subprotocol)
  }

  sendToClient(frame: string | ArrayBuffer): void {
    this.#read(() => {
      if (this.#state === "open" || this.#state === "closing") this.listener.onFrame(frame)
    })
  }

  /** Answers a ping frame. */
  pong(): void {
    this.#read(() => this.listener.onActivity())
  }

  endByServer(end: WireEnd): void {
    this.#read(() => this.#end(end))
  }

  /** From here on nothing crosses in either direction, and neither end is told. */
  goSilent(): void {
    this.#isSilent = true
    this.#unread.length = 0
  }

  #read(read: () => void): void {
    if (this.#isSilent) return
    if (this.#isPaused) this.#unread.push(read)
    else read()
  }

  #end(end: WireEnd): void {
    if (this.#state === "gone") return
    this.#state = "gone"
    this.listener.onEnd(end)
  }
}
