/** A connection that somebody else's server serves: everything is passed on, when it is heeded. */
import type { Wire, WireConstructor, WireEnd, WireRequest } from "@fiberline/client/Wire"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { Attention } from "./attention.js"
import type { Session } from "./simulatedHost.js"
import type { ServerSession, SimulatedServer } from "./simulatedServer.js"
import type { SessionLink } from "./simulatedSession.js"
import { offered, unexpected } from "./spoken.js"

export class ForeignSession implements Session, ServerSession {
  readonly subscribers: ReadonlyArray<string> = []
  readonly #attention: Attention
  #wire: Wire | undefined = undefined
  #subprotocol: Subprotocol = graphqlTransportWs
  #payload = ""

  constructor(
    readonly server: SimulatedServer,
    readonly openWire: WireConstructor["Type"],
    readonly request: WireRequest,
    readonly link: SessionLink,
    readonly confidences: string
  ) {
    this.#attention = new Attention(server.time)
    server.sessions.add(this)
  }

  get overheard(): string {
    return `${this.confidences} ${this.#payload}`
  }

  get isWell(): boolean {
    return this.#attention.isWell
  }

  begin(): void {
    this.#wire = this.openWire(this.request, {
      onOpen: (subprotocol) => {
        this.#subprotocol =
          offered(this.request).find(({ name }) => name === subprotocol) ?? graphqlTransportWs
        this.#attention.heed(() => this.link.accept(subprotocol))
      },
      onActivity: () => {},
      // Nobody sends binary frames in this protocol, and a link carries text.
      onFrame: (frame) => this.#attention.heed(() => this.link.sendDown(String(frame))),
      onEnd: (end) => this.#attention.heed(() => this.#ended(end))
    })
  }

  receive(frame: string): void {
    this.#payload ||= frame
    this.#attention.heed(() => this.#wire?.send(frame))
  }

  pinged(): void {
    // As any WebSocket does, whatever is behind it.
    this.#attention.heed(() => this.link.pongDown())
  }

  sendUnexpected(isAcknowledged: boolean): void {
    this.#subprotocol
      .accept({ send: this.link.sendDown, deliver: () => {} })
      .send(unexpected(isAcknowledged))
  }

  closed(code: number, reason: string): void {
    this.#attention.heed(() => this.#wire?.close(code, reason))
  }

  freeze(millis: number): void {
    this.#attention.freeze(millis)
  }

  flush(): void {}

  cut(): void {
    this.link.cut()
  }

  end(): void {
    this.#attention.end()
    this.server.sessions.delete(this)
    this.#wire?.terminate()
  }

  #ended(end: WireEnd): void {
    if (end._tag === "Closed") this.link.closeDown(end.code, end.reason)
    else this.link.refuse(end)
  }
}
